// Sizes that depend on data.
#pragma once
#include "shapes/common.h"

namespace tx::shapes {

/// The number of elements that some question picks out of a tensor of sizes `counted`: a new
/// data-dependent symbol between `least` and their number.
Expr data_dependent_count(const Call& c, const Sizes& counted, int64_t least = 0);

}  // namespace tx::shapes
