// Constructors of canonical expressions, one group per file (private to lib/symbolic).
#pragma once
#include <vector>

#include "symbolic/expr.h"

namespace tx::symbolic {

/// Min or Max: flattened, one constant at most and in front, dominated operands dropped.
Expr make_extremum(Op op, std::vector<Expr> operands);
/// Eq, Ne, Lt or Le of two integers, two floats or two truth values.
Expr make_comparison(Op op, const Expr& a, const Expr& b);
/// And or Or: flattened, in the given order, without repetition.
Expr make_junction(Op op, std::vector<Expr> operands);
/// ToFloat, TrueDiv, FloatAdd, FloatMul, Floor, Ceil or Trunc.
Expr make_real(Op op, const std::vector<Expr>& operands);

}  // namespace tx::symbolic
