#include "capture/torchscript/tensor_comparisons.h"

#include <ATen/ops/eq.h>
#include <ATen/ops/isclose.h>

namespace tx::capture::torchscript {
namespace {

bool same_sizes(const at::Tensor& a, const at::Tensor& b) {
  if (a.dim() != b.dim()) return false;
  for (int64_t i = 0; i < a.dim(); ++i) {
    if (!a.sym_size(i).sym_eq(b.sym_size(i)).guard_bool(__FILE__, __LINE__)) return false;
  }
  return true;
}

}  // namespace

std::optional<c10::IValue> compare_tensors(const torch::jit::Node& node,
                                           const std::vector<c10::IValue>& inputs) {
  static const auto allclose = c10::Symbol::fromQualString("aten::allclose");
  const bool exact = node.kind() == c10::aten::equal;
  if (!exact && node.kind() != allclose) return std::nullopt;
  const at::Tensor& a = inputs[0].toTensor();
  const at::Tensor& b = inputs[1].toTensor();
  if (a.scalar_type() != b.scalar_type()) return std::nullopt;
  if (exact) return same_sizes(a, b) ? c10::IValue(at::eq(a, b).all()) : c10::IValue(false);
  return c10::IValue(
      at::isclose(a, b, inputs[2].toDouble(), inputs[3].toDouble(), inputs[4].toBool()).all());
}

}  // namespace tx::capture::torchscript
