// Values of the IR as LibTorch's values, and back.
//
// In:  dtypes, devices, constants and weights of an ir::Program; c10::IValues.
// Out: the same in LibTorch's types; weights are tensors over the program's own bytes, no copy.
// Holds: the numbers of dtypes, layouts and memory formats are LibTorch's. Every tensor of a weight
//        keeps the storage's owner alive; tied weights are tensors over one at::Storage.
#pragma once
#include <ATen/core/Tensor.h>
#include <ATen/core/ivalue.h>

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "ir/program.h"

namespace tx::runtime {

at::ScalarType to_torch(ir::DType dtype);
at::Layout to_torch(ir::Layout layout);
at::MemoryFormat to_torch(ir::MemoryFormat format);
/// Fails (TX4010) when LibTorch knows no such device.
c10::Device to_torch(const ir::Device& device);

/// Empty for the dtypes, layouts and formats that a program cannot hold.
std::optional<ir::DType> from_torch(at::ScalarType dtype);
std::optional<ir::Layout> from_torch(at::Layout layout);
std::optional<ir::MemoryFormat> from_torch(at::MemoryFormat format);
ir::Device from_torch(const c10::Device& device);

/// A constant without a schema that says more: dtypes, layouts and formats become their numbers,
/// as in boxed calls; a list becomes a list of its elements' kind, a tuple a tuple. The argument
/// must hold no NodeRef.
c10::IValue to_ivalue(const ir::Argument& constant);
/// A number, string, bool, None, device, or list and tuple of those; empty for anything else.
std::optional<ir::Argument> to_argument(const c10::IValue& value);

/// Static type of a strided tensor. Empty when its dtype has no place in a program.
std::optional<ir::TensorType> type_of(const at::Tensor& tensor);
/// Types of tensors, tuples, lists of tensors, numbers and None; empty for anything else.
std::optional<ir::Type> type_of(const c10::IValue& value);

/// The tensors of a program's weights, by name. Fails (TX4002) when a weight does not lie inside
/// its storage or has a dtype that needs more than bytes (quantised).
std::unordered_map<std::string, at::Tensor> weight_tensors(const ir::Program& program);

/// What a value is, for messages: "a tensor", "an int", "None", "a list".
std::string kind_of(const c10::IValue& value);
/// Python's name of its type: "<class 'NoneType'>", "<class 'int'>".
std::string python_class(const c10::IValue& value);
/// Python's str() of a constant: "3", "1.5", "True", "a".
std::string python_str(const c10::IValue& value);

}  // namespace tx::runtime
