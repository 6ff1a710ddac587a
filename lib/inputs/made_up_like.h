// Tensors of other sizes that look like an example.
#pragma once
#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace tx::inputs {

/// A dense tensor of `sizes` with the dtype of `example` and its dimensions in the same order in
/// memory. Floats and complex numbers are normal, integers between the example's smallest and
/// largest element, bools either. An example without elements gives zeros. Throws c10::Error for a
/// dtype that has no such data or when there is not enough memory.
at::Tensor made_up_like(const at::Tensor& example, const std::vector<int64_t>& sizes,
                        at::Generator generator);

}  // namespace tx::inputs
