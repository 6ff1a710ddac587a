// group_norm of a channels-last tensor whose batch is dynamic.
//
// LibTorch's kernel makes its input contiguous in the memory format that the strides suggest. For a
// batch of one they suggest what they like, so the program would be left with a tensor that
// native_group_norm refuses; contiguous ones are contiguous for every batch.
#include "capture/overrides/families.h"

namespace tx::capture {
namespace {

// group_norm(Tensor input, int num_groups, Tensor? weight=None, Tensor? bias=None, float eps=1e-05,
//            bool cudnn_enabled=True) -> Tensor
bool group_norm(const c10::OperatorHandle&, torch::jit::Stack& stack) {
  c10::IValue& input = stack[stack.size() - 6];
  const at::Tensor tensor = input.toTensor();
  const bool dynamic_batch = tensor.dim() > 0 && tensor.sym_size(0).is_heap_allocated();
  if (dynamic_batch && !tensor.is_contiguous_or_false()) input = tensor.contiguous();
  return false;
}

}  // namespace

void register_group_norm(OverrideTable& table) { table["aten::group_norm"] = group_norm; }

}  // namespace tx::capture
