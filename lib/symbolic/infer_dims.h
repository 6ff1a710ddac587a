// InferDims: dimensions proposed from several sets of example inputs.
//
// In:  the leaves of the example inputs, their sizes in each set, and the dimensions that the user
//      gave.
// Out: values of --dynamic for the axes whose sizes differ between the sets.
// Holds: axes that agree with each other in all sets share one dimension. A derived dimension
//        (k*d, d+c) is proposed only where three different sizes show it. Whatever does not differ is
//        static; what the user gave is not proposed again.
#pragma once
#include <string>
#include <vector>

#include "symbolic/dim_bind.h"

namespace tx::symbolic {

/// `leaves`: of the set that is exported. `others`: the sizes of the same leaves in the other sets,
/// nothing for leaves that are no tensors. Throws diag::Failure (TX2008) when an axis that differs
/// has the size 0 or 1 in the exported set.
std::vector<std::string> infer_dims(
    const std::vector<InputLeaf>& leaves,
    const std::vector<std::vector<std::optional<std::vector<int64_t>>>>& others,
    const std::vector<BoundAxis>& given);

}  // namespace tx::symbolic
