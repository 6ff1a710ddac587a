#include "inputs/made_up_like.h"

#include <ATen/Functions.h>

#include <algorithm>
#include <numeric>

namespace tx::inputs {
namespace {

/// The tensor's dimensions from the one that varies slowest.
std::vector<int64_t> memory_order(const at::Tensor& tensor) {
  std::vector<int64_t> order(static_cast<size_t>(tensor.dim()));
  std::iota(order.begin(), order.end(), int64_t{0});
  std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
    // The stride of a dimension of one element says nothing.
    if (tensor.size(a) < 2 || tensor.size(b) < 2) return false;
    return tensor.stride(a) > tensor.stride(b);
  });
  return order;
}

at::Tensor values(const at::Tensor& example, at::IntArrayRef sizes, at::Generator generator) {
  const at::ScalarType dtype = example.scalar_type();
  // Not every dtype has kernels for random numbers: make them in a wide one, then convert.
  if (at::isFloatingType(dtype)) {
    const auto wide = dtype == at::kDouble ? at::kDouble : at::kFloat;
    return at::empty(sizes, wide).normal_(0, 1, generator).to(dtype);
  }
  if (at::isComplexType(dtype)) {
    const auto wide = dtype == at::kComplexDouble ? at::kComplexDouble : at::kComplexFloat;
    return at::empty(sizes, wide).normal_(0, 1, generator).to(dtype);
  }
  if (dtype == at::kBool) return at::empty(sizes, at::kLong).random_(0, 2, generator).to(dtype);
  if (example.numel() == 0) return at::zeros(sizes, dtype);
  const at::Tensor wide = example.to(at::kLong);
  const int64_t low = wide.min().item<int64_t>(), high = wide.max().item<int64_t>();
  // The end is not included, and the largest integer has nothing after it.
  const std::optional<int64_t> end =
      high == INT64_MAX ? std::nullopt : std::optional<int64_t>(high + 1);
  return at::empty(sizes, at::kLong).random_(low, end, generator).to(dtype);
}

}  // namespace

at::Tensor made_up_like(const at::Tensor& example, const std::vector<int64_t>& sizes,
                        at::Generator generator) {
  const std::vector<int64_t> order = memory_order(example);
  std::vector<int64_t> in_memory, back(order.size());
  for (size_t i = 0; i < order.size(); ++i) {
    in_memory.push_back(sizes.at(static_cast<size_t>(order[i])));
    back[static_cast<size_t>(order[i])] = static_cast<int64_t>(i);
  }
  return values(example, in_memory, std::move(generator)).permute(back);
}

}  // namespace tx::inputs
