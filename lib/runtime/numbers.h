// Numbers of a program: Python's arithmetic on sizes and what is computed from them.
//
// In:  the target of a call that no dispatcher knows ("operator.floordiv", "torch.sym_max",
//      "math.trunc") and its arguments, which are int, float or bool.
// Out: the number that Python gives.
// Holds: ints do not wrap around: a result beyond 64 bits throws, as do division by zero and values
//        that are no numbers (std::runtime_error, Python's wording).
#pragma once
#include <ATen/core/ivalue.h>

#include <span>
#include <string_view>

namespace tx::runtime {

struct NumberFunction {
  std::string_view target;
  size_t num_arguments;
  c10::IValue (*call)(std::span<const c10::IValue>);
};

/// Null when `target` is no such function.
const NumberFunction* find_number_function(std::string_view target);

}  // namespace tx::runtime
