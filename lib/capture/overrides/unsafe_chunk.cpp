// unsafe_chunk, which the recurrent cells call: LibTorch's kernel asks for all sizes as plain numbers.
#include <ATen/WrapDimUtils.h>
#include <ATen/ops/unsafe_split.h>

#include "capture/overrides/families.h"

namespace tx::capture {
namespace {

// unsafe_chunk(Tensor self, int chunks, int dim=0) -> Tensor[]
bool unsafe_chunk(const c10::OperatorHandle&, torch::jit::Stack& stack) {
  const int64_t chunks = stack[stack.size() - 2].toInt();
  const at::Tensor self = stack[stack.size() - 3].toTensor();
  // LibTorch's kernel says what is wrong with these, and how an empty tensor is chunked.
  if (self.dim() == 0 || chunks <= 0) return false;
  const int64_t dim = at::maybe_wrap_dim(stack.back().toInt(), self.dim());
  const c10::SymInt size = self.sym_size(dim);
  if (size == 0) return false;
  torch::jit::drop(stack, 3);
  stack.emplace_back(at::unsafe_split_symint(self, (size + (chunks - 1)) / chunks, dim));
  return true;
}

}  // namespace

void register_unsafe_chunk(OverrideTable& table) { table["aten::unsafe_chunk"] = unsafe_chunk; }

}  // namespace tx::capture
