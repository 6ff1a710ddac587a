#include "decomp/keep_whole.h"

#include <algorithm>
#include <unordered_set>

#include "capture/overrides/table.h"
#include "decomp/operator_names.h"
#include "decomp/plan.h"

namespace tx::decomp {
namespace {

bool touches_memory(const c10::FunctionSchema& schema) {
  const auto aliases = [](const c10::Argument& argument) { return argument.alias_info() != nullptr; };
  return std::any_of(schema.arguments().begin(), schema.arguments().end(), aliases) ||
         std::any_of(schema.returns().begin(), schema.returns().end(), aliases);
}

class Keeper final : public capture::Expander {
 public:
  explicit Keeper(const std::vector<std::string>& names) {
    for (const std::string& name : names) {
      for (const c10::OperatorHandle& op : find_operators(name)) {
        if (is_composite(op) && !touches_memory(op.schema())) kept_.insert(&op.schema());
      }
    }
  }

  bool expand(const c10::OperatorHandle& op, torch::jit::Stack& stack) override {
    if (!kept_.contains(&op.schema())) return false;
    capture::record_whole(op, stack);
    return true;
  }

 private:
  std::unordered_set<const c10::FunctionSchema*> kept_;
};

}  // namespace

std::unique_ptr<capture::Expander> keep_whole(const std::vector<std::string>& names) {
  return std::make_unique<Keeper>(names);
}

}  // namespace tx::decomp
