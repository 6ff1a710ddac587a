// Type promotion: torch's rules for the dtype of a result from those of the operands.
#pragma once
#include <vector>

#include "shapes/common.h"

namespace tx::shapes {

/// The common dtype of two tensors of the same standing.
DType promote(const Call& c, DType a, DType b);
/// The dtype of the given arguments together: tensors with dimensions outrank 0-d tensors, and
/// those outrank plain numbers, unless the lower rank is of a higher kind. Arguments that are
/// neither tensor nor number do not count.
DType result_type(const Call& c, const std::vector<size_t>& slots);
DType complex_of(DType dtype);
DType real_of(DType dtype);
/// float32 for integers and bool, `dtype` otherwise.
DType float_of(DType dtype);

}  // namespace tx::shapes
