// torch.equal and torch.allclose: bools that the values of two tensors decide.
#pragma once
#include <ATen/core/Tensor.h>
#include <torch/csrc/jit/ir/ir.h>

#include <optional>
#include <vector>

namespace tx::capture::torchscript {

/// The answer of aten::equal or aten::allclose as a bool tensor without dimensions; sizes that decide
/// it become guards. Nothing for other operators, and where the model itself would fail.
std::optional<c10::IValue> compare_tensors(const torch::jit::Node& node,
                                           const std::vector<c10::IValue>& inputs);

}  // namespace tx::capture::torchscript
