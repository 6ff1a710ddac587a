// LibTorch's own warnings are about its API, not about the user's model: while one of these lives,
// they are not written to stderr.
#pragma once
#include <c10/util/Exception.h>

namespace tx::driver {

class QuietLibTorch {
 public:
  QuietLibTorch() : scope_(&handler_) {}

 private:
  struct Handler final : c10::WarningHandler {
    void process(const c10::Warning&) override {}
  };
  Handler handler_;
  c10::WarningUtils::WarningHandlerGuard scope_;
};

}  // namespace tx::driver
