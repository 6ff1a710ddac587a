// Values as Python prints them, for `run` without --outputs.
#pragma once
#include <ATen/core/ivalue.h>

#include <string>

namespace tx::driver {

/// Tensors with their elements as torch prints them, tuples, lists and dicts with Python's brackets;
/// ends with a line end.
std::string value_text(const c10::IValue& value);

}  // namespace tx::driver
