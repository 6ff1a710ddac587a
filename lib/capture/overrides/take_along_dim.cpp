// take_along_dim with symbolic sizes: LibTorch's kernel broadcasts plain ones.
#include <ATen/ExpandUtils.h>
#include <ATen/WrapDimUtils.h>
#include <ATen/ops/gather.h>
#include <ATen/ops/remainder.h>

#include "capture/overrides/families.h"

namespace tx::capture {
namespace {

using at::Tensor;

// `tensor` broadcast to the sizes of `other` in all dimensions but `dim`.
Tensor expand_except(const Tensor& tensor, const Tensor& other, int64_t dim) {
  auto wanted = other.sym_sizes().vec();
  wanted[static_cast<size_t>(dim)] = tensor.sym_size(dim);
  return tensor.expand_symint(at::infer_size_symint(wanted, tensor.sym_sizes()));
}

// take_along_dim(Tensor self, Tensor indices, int? dim=None) -> Tensor
bool take_along_dim(const c10::OperatorHandle&, torch::jit::Stack& stack) {
  Tensor self = stack[stack.size() - 3].toTensor();
  Tensor indices = stack[stack.size() - 2].toTensor();
  const c10::IValue& axis = stack.back();
  // The kernel says what is wrong with these.
  if (self.dim() != indices.dim() || indices.scalar_type() != at::kLong) return false;
  int64_t dim = 0;
  if (axis.isNone()) {
    self = self.view(-1);
    indices = indices.view(-1);
  } else {
    dim = at::maybe_wrap_dim(axis.toInt(), self.dim());
    const Tensor expanded = expand_except(self, indices, dim);
    // An index may count from the end.
    indices = at::remainder(expand_except(indices, self, dim), self.sym_size(dim));
    self = expanded;
  }
  torch::jit::drop(stack, 3);
  stack.emplace_back(at::gather(self, dim, indices));
  return true;
}

}  // namespace

void register_take_along_dim(OverrideTable& table) { table["aten::take_along_dim"] = take_along_dim; }

}  // namespace tx::capture
