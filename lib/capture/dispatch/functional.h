// Functional tensors: LibTorch's wrappers around traced tensors, which take mutation and aliasing out.
#pragma once
#include <ATen/core/Tensor.h>
#include <ATen/core/ivalue.h>

namespace tx::capture {

/// A functional tensor around a traced one.
at::Tensor to_functional(const at::Tensor& traced);
/// The traced tensor in a functional one, with pending updates applied; others as they are.
at::Tensor from_functional(const at::Tensor& tensor);

/// What a functional tensor and its views share.
const c10::Storage& memory_of(const at::Tensor& functional);
/// The traced tensor that a functional tensor is, or is a view of, as it stands now.
const at::Tensor& base_of(const at::Tensor& functional);
/// Replaces all elements of a functional tensor by those of a traced one of the same type.
void overwrite(const at::Tensor& functional, const at::Tensor& traced);

/// The same for the tensors in a value, those in lists included.
c10::IValue to_functional(const c10::IValue& value);
c10::IValue from_functional(const c10::IValue& value);

}  // namespace tx::capture
