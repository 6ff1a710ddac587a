// The overloads and arguments that torch's Python binding picks where TorchScript picks others.
//
// `x + 1` is aten::add.Scalar in TorchScript and aten.add.Tensor with a number in a graph of
// torch.export. Only calls of the user's program are translated; those inside LibTorch's composite
// kernels are the same for both.
#pragma once
#include <ATen/core/stack.h>
#include <torch/csrc/jit/ir/ir.h>

namespace tx::capture::torchscript {

/// Makes the call with Python's overload when it is another one. False: the call is still to be made,
/// with the arguments as they are on the stack now.
bool call_as_python_does(const torch::jit::Node& node, torch::jit::Stack& stack);

}  // namespace tx::capture::torchscript
