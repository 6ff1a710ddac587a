// Polynomial: an integer expression as a sum of terms, the working form of Expr's arithmetic
// (private to lib/symbolic).
//
// Holds: terms have different monomials and coefficients other than 0, and stand in the order in
//        which they are printed: lexicographic with higher powers first, the constant last.
// Coefficients are 128 bits wide, so that differences of any two 64-bit expressions are exact.
#pragma once
#include <optional>
#include <vector>

#include "symbolic/expr.h"

namespace tx::symbolic {

using Wide = __int128;

struct Term {
  std::vector<Expr> atoms;  ///< factors in compare() order, with repetition; empty: the constant
  Wide coefficient = 0;
};

class Polynomial {
 public:
  Polynomial() = default;
  /// Of an integer expression.
  explicit Polynomial(const Expr& e);

  const std::vector<Term>& terms() const { return terms_; }
  bool is_constant() const;
  Wide constant_part() const;
  /// The greatest common divisor of the coefficients; 0 of the zero polynomial.
  Wide content(bool with_constant) const;

  /// Adds `factor * other`.
  void add(const Polynomial& other, Wide factor = 1);
  void add_term(Term term);
  Polynomial times(const Polynomial& other) const;
  /// Divides every coefficient; the caller knows that `divisor` divides them.
  void divide_exactly(Wide divisor);
  /// The polynomial q with q * divisor == *this, when there is one.
  std::optional<Polynomial> exact_quotient(const Polynomial& divisor) const;

  /// The canonical expression. Throws diag::Failure (TX2009) when a coefficient needs more than 64
  /// bits.
  Expr expr() const;

 private:
  void normalize();
  std::vector<Term> terms_;
};

Wide gcd(Wide a, Wide b);
/// Python's // and %, for divisors other than 0.
Wide floor_div(Wide a, Wide b);
Wide mod(Wide a, Wide b);
bool fits_int64(Wide value);

}  // namespace tx::symbolic
