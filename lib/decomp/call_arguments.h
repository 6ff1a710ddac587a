// The arguments of a call in a graph as LibTorch's values.
#pragma once
#include <ATen/core/function_schema.h>
#include <ATen/core/stack.h>

#include <functional>

#include "ir/graph.h"

namespace tx::decomp {

/// What a node's value is on LibTorch's side: a tensor, a list of tensors or a (symbolic) number.
using ValueOf = std::function<c10::IValue(ir::NodeId)>;

/// All arguments of `node` in the order of the schema, defaults filled in. Throws
/// std::invalid_argument when the call does not fit the schema.
torch::jit::Stack call_arguments(const ir::Node& node, const c10::FunctionSchema& schema,
                                 const ValueOf& value_of);

}  // namespace tx::decomp
