// The output size of a resampling by a scale factor.
#pragma once
#include "symbolic/expr.h"

namespace tx::shapes {

/// floor(size * factor), as torch computes it; `factor` is a number or a real constant. A whole
/// factor stays in integers.
symbolic::Expr scaled_size(const symbolic::Expr& size, const symbolic::Expr& factor);

}  // namespace tx::shapes
