// TorchScript's operations on sizes and other numbers that hold symbols.
//
// LibTorch's implementations of these take plain numbers. Here they take SymInt, SymFloat and SymBool
// values and lists of them; what is not here gets the value at the example inputs, which the ShapeEnv
// records as a specialisation.
#pragma once
#include <ATen/core/ivalue.h>
#include <torch/csrc/jit/ir/ir.h>

#include <optional>
#include <vector>

namespace tx::capture::torchscript {

/// Whether a value is, or is a list that holds, a symbolic number.
bool is_symbolic(const c10::IValue& value);

/// The result of `node` on these inputs, or nothing when it is none of the operations here.
std::optional<c10::IValue> run_symbolic(const torch::jit::Node& node,
                                        const std::vector<c10::IValue>& inputs);

/// Whether an operation moves values into or out of a list or a dict, which hold symbols and numbers
/// that depend on data like anything else.
bool is_container_operation(const torch::jit::Node& node);

/// A list that a program has put symbols into, as operators take it; other values as they are.
c10::IValue as_argument(const c10::IValue& value);

/// Whether the arguments of an operator keep their symbols: they go into SymInt or Scalar slots of
/// the dispatcher, or to tensors.
bool takes_symbols(const torch::jit::Node& node);

/// The value at the example inputs, recorded as a specialisation.
c10::IValue specialize(const c10::IValue& value);

/// A list of ints and SymInts as operators take it.
c10::IValue int_list(std::vector<c10::IValue> items);

}  // namespace tx::capture::torchscript
