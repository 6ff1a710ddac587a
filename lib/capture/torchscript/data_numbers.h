// Numbers that depend on data.
//
// Where the program has an int, a float or a bool that comes from the values of a tensor, the walker
// holds a tensor without dimensions: int64, float64 or bool. Arithmetic on it is arithmetic on
// tensors; conditions on it decide which way the program goes.
#pragma once
#include <ATen/core/ivalue.h>
#include <torch/csrc/jit/ir/ir.h>

#include <optional>
#include <vector>

#include "capture/tracer.h"

namespace tx::capture::torchscript {

/// int, float, bool or Scalar; an Optional of one counts too.
bool is_number_type(const c10::TypePtr& type);
/// Whether `value`, where the program has `type`, is a number that depends on data.
inline bool is_data_number(const c10::IValue& value, const c10::TypePtr& type) {
  return value.isTensor() && is_number_type(type);
}

/// A number, symbolic or plain, as such a tensor.
at::Tensor to_data_number(Tracer& tracer, const c10::IValue& number);
/// What int(tensor), float(tensor) or tensor.item() give where the program has `type`: the only
/// element, a float in double precision.
at::Tensor data_number_in(const at::Tensor& tensor, const c10::TypePtr& type);
/// What bool(tensor) gives: its only element as a bool.
at::Tensor truth_tensor(const at::Tensor& tensor);

/// The result of `node`, where numbers that depend on data are among its operands, and it is
/// arithmetic or takes tensors in their places; nothing for other nodes.
std::optional<c10::IValue> run_on_data_numbers(Tracer& tracer, const torch::jit::Node& node,
                                               const std::vector<c10::IValue>& inputs);

}  // namespace tx::capture::torchscript
