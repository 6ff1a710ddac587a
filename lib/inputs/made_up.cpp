#include "inputs/made_up.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Functions.h>

namespace tx::inputs {
namespace {

bool is_made_of_numbers(at::ScalarType dtype) {
  return at::isFloatingType(dtype) || at::isComplexType(dtype) ||
         at::isIntegralType(dtype, /*includeBool=*/true);
}

}  // namespace

at::Tensor make_up(const MadeUp& spec, uint64_t seed) {
  const auto dtype = static_cast<at::ScalarType>(spec.tensor.dtype);
  if (!is_made_of_numbers(dtype)) {
    throw std::runtime_error("there is no made-up data of dtype " +
                             std::string(ir::torch_name(spec.tensor.dtype)));
  }
  const at::IntArrayRef sizes = spec.tensor.sizes;
  if (spec.fill == MadeUp::Fill::Zeros) return at::zeros(sizes, dtype);
  if (spec.fill == MadeUp::Fill::Ones) return at::ones(sizes, dtype);
  const at::Generator generator = at::detail::createCPUGenerator(seed);
  // Not every dtype has kernels for random numbers: make them in a wide one, then convert.
  if (at::isFloatingType(dtype)) {
    const auto wide = dtype == at::kDouble ? at::kDouble : at::kFloat;
    at::Tensor values = at::empty(sizes, wide);
    if (spec.reals) {
      values.uniform_(spec.reals->first, spec.reals->second, generator);
    } else {
      values.normal_(0, 1, generator);
    }
    return values.to(dtype);
  }
  if (at::isComplexType(dtype)) {
    const auto wide = dtype == at::kComplexDouble ? at::kComplexDouble : at::kComplexFloat;
    return at::empty(sizes, wide).normal_(0, 1, generator).to(dtype);
  }
  const auto [low, high] = spec.integers.value_or(std::pair<int64_t, int64_t>{0, 1});
  at::Tensor values = at::empty(sizes, at::kLong);
  // The end is not included, and the largest integer has nothing after it.
  const std::optional<int64_t> end =
      high == INT64_MAX ? std::nullopt : std::optional<int64_t>(high + 1);
  return values.random_(low, end, generator).to(dtype);
}

}  // namespace tx::inputs
