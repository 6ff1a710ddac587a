// What an equation says about the remainder of one symbol (private to lib/symbolic).
#pragma once
#include <optional>

#include "symbolic/expr.h"
#include "symbolic/polynomial.h"

namespace tx::symbolic {

/// symbol = modulus * q + r for some integer q and some r with low <= r <= high, where
/// 0 <= high < modulus and high - low < modulus.
struct Residue {
  Expr symbol;
  Wide modulus = 1;
  Wide low = 0, high = 0;
};

/// The remainder that `zero` == 0 fixes, for a polynomial in normal form (see facts.h):
/// t * (a*x + b) % k == c, or t * ((x + b) // j) % k == c.
std::optional<Residue> residue_of(const Polynomial& zero);

/// A product that equals the product of its factors' multiples says that each factor is one:
/// a*b == 64 * (a // 8) * (b // 8) becomes a % 8 == 0 and b % 8 == 0, which implies it for all
/// values and is implied by it for positive ones. Nothing where `equation` has not that form, with
/// at least two divisions.
std::optional<Expr> as_divisibility(const Expr& equation);

}  // namespace tx::symbolic
