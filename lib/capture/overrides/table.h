// Overrides: what replaces LibTorch's kernel of a composite operator during capture, always on.
//
// torch.export replaces the same kernels in Python. An override makes the calls that should be in
// the graph; they pass through the layers below.
#pragma once
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/stack.h>

#include <string>
#include <unordered_map>

namespace tx::capture {

/// Replaces the arguments on the stack by the results and returns true, or leaves the stack alone
/// and returns false when LibTorch's kernel is right for these arguments.
using Override = bool (*)(const c10::OperatorHandle& op, torch::jit::Stack& stack);

/// Operator ("aten::dropout", with ".overload" where it has one) -> override.
using OverrideTable = std::unordered_map<std::string, Override>;

/// The override of an operator, or null.
Override find_override(const c10::OperatorHandle& op);

/// Calls the recorder with `op` itself, as one node, on arguments that are functional tensors: for
/// composite operators that stay whole in the graph.
void record_whole(const c10::OperatorHandle& op, torch::jit::Stack& stack);

}  // namespace tx::capture
