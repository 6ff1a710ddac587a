// Questions by which torch.nn's attention layers choose a fast path of inference. A program has the
// path that is taken while gradients are recorded, as with torch.export, and that path alone.
#include "capture/overrides/families.h"

namespace tx::capture {
namespace {

// _nested_tensor_from_mask_left_aligned(Tensor t, Tensor mask) -> bool
bool not_aligned(const c10::OperatorHandle&, torch::jit::Stack& stack) {
  torch::jit::drop(stack, 2);
  stack.emplace_back(false);
  return true;
}

}  // namespace

void register_fast_path(OverrideTable& table) {
  table["aten::_nested_tensor_from_mask_left_aligned"] = not_aligned;
}

}  // namespace tx::capture
