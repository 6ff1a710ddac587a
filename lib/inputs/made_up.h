// Made-up data: the same for the same seed, on every run.
#pragma once
#include <cstdint>

#include <ATen/core/Tensor.h>

#include "inputs/source.h"

namespace tx::inputs {

/// Floats and complex numbers are normal, or uniform in the given range; integers are 0 or 1, or
/// uniform in the given range with both ends; bools are either with the same chance.
/// Throws std::runtime_error when there is not enough memory or no such tensor.
at::Tensor make_up(const MadeUp& spec, uint64_t seed);

}  // namespace tx::inputs
