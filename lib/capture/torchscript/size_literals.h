// torch.tensor and torch.as_tensor of numbers that dynamic sizes decide.
#pragma once
#include <ATen/core/ivalue.h>

#include "capture/tracer.h"

namespace tx::capture::torchscript {

/// Whether a number, or a list of (lists of) numbers, holds a symbol.
bool holds_symbol(const c10::IValue& numbers);

/// The tensor that torch.tensor makes of such numbers, one `scalar_tensor` for each; `dtype` is None
/// or what the program asks for. torch.export records the same calls.
at::Tensor tensor_of_sizes(Tracer& tracer, const c10::IValue& numbers, const c10::IValue& dtype);

}  // namespace tx::capture::torchscript
