// Whether something contains a number of some kind: a size, a stride, a symbolic number, an item.
#pragma once
#include <ATen/core/ivalue.h>

#include <functional>

#include "ir/types.h"

namespace tx::capture {

using IsSought = std::function<bool(const ir::Expr&)>;

/// Sizes and strides of a type.
bool holds_number(const ir::Type& type, const IsSought& is_sought);
/// Symbolic numbers, and sizes and strides of traced tensors; lists are looked into.
bool holds_number(const c10::IValue& value, const IsSought& is_sought);

}  // namespace tx::capture
