// Operators that the code of an archive calls and LibTorch does not know.
#pragma once
#include <torch/csrc/jit/ir/ir.h>

#include <string>
#include <vector>

namespace tx::archive {

/// Their names ("torchvision::nms") in the order of their first call in the code. It exists where
/// LibTorch refuses to load the archive too; nothing of a file that is no archive of torch.
std::vector<std::string> unknown_operators(const std::string& path);

/// Operators in the place of unknown ones, so that an archive loads and a capture finds every break of
/// the model and not only the first unknown operator. They cannot be run.
class StandIns {
 public:
  /// Registers one for each name, as long as the object lives. It takes any positional arguments and
  /// gives a tensor.
  explicit StandIns(std::vector<std::string> names);
  ~StandIns();
  StandIns(const StandIns&) = delete;
  StandIns& operator=(const StandIns&) = delete;

  const std::vector<std::string>& names() const { return names_; }

 private:
  std::vector<std::string> names_;
  std::vector<c10::FunctionSchema> schemas_;
};

bool calls_stand_in(const torch::jit::Node& node);

}  // namespace tx::archive
