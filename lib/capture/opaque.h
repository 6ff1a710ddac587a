// Opaque values: what stands for a result that is not known after a graph break.
//
// Capture goes on after a break to find the others. What an opaque value is used for gives opaque
// values again and is not reported: it may be fine once the break is mended.
#pragma once
#include <ATen/core/ivalue.h>

namespace tx::capture {

c10::IValue opaque_value();
bool is_opaque(const c10::IValue& value);
/// Whether `value` is opaque or a container with such a value in it. Objects are not looked into.
bool holds_opaque(const c10::IValue& value);

/// What a variable holds that the program gives no value on this path, and does not read either.
c10::IValue uninitialized_value();
bool is_uninitialized(const c10::IValue& value);

/// What a list or dict holds of which nothing is known, not even how many items it has.
c10::IValue unknown_items();
/// Whether a list or dict holds those.
bool has_unknown_items(const c10::IValue& container);

}  // namespace tx::capture
