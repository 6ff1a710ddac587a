// Copies a value with other tensors in it.
#pragma once
#include <ATen/core/ivalue.h>

#include <functional>

namespace tx::inputs {

/// `value` with every tensor replaced by what `convert` gives for it, visited in the order of
/// flatten(). Containers are new ones of the same types; other values are shared.
c10::IValue map_tensors(const c10::IValue& value,
                        const std::function<at::Tensor(const at::Tensor&)>& convert);

}  // namespace tx::inputs
