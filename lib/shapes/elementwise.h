// TensorIterator: sizes and strides of element-wise results.
#pragma once
#include <vector>

#include "shapes/common.h"

namespace tx::shapes {

/// The common size of two operands; unequal sizes, none of them known to be 1, become equality
/// guards, last dimension first.
Sizes broadcast(const Call& c, const Sizes& a, const Sizes& b);

/// The result of an element-wise operator over `operands`. `with_numbers`: plain numbers take part
/// as 0-d operands, which rules out the fast path of same-shaped operands. `common`: the dtype the
/// operands are converted to first; a converted operand counts with the strides of its dense copy.
TensorType elementwise(const Call& c, DType dtype, const std::vector<const TensorType*>& operands,
                       bool with_numbers = false, std::optional<DType> common = std::nullopt);
/// The strides of that result for a shape already known.
Sizes iterator_strides(const Call& c, const Sizes& shape,
                       const std::vector<const TensorType*>& operands, bool with_numbers = false);

}  // namespace tx::shapes
