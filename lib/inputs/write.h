// Writes values in torch.save's format.
//
// In:  tensors, numbers, strings, None, and tuples, lists and dicts of them.
// Out: a zip file that torch.load reads, also with weights_only=True, and that read.h reads.
// Holds: a named tuple is written as a tuple, because torch.load would need its class. Tensors that
//        share a storage share it in the file. The file gets its name when it is complete.
#pragma once
#include <string>

#include <ATen/core/ivalue.h>

namespace tx::inputs {

/// Throws diag::Failure (TX0014) when the file cannot be written or a value has no place in it.
void write_values(const c10::IValue& value, const std::string& path);

}  // namespace tx::inputs
