// Facts: what recorded guards say, in the form in which questions are compared with it (private to
// lib/symbolic).
//
// In:  conditions that hold, over symbols that have no replacement.
// Out: polynomials that are 0, not 0 or at least 0; symbols with a known remainder as multiples of
//      a witness: from s % 8 == 1 follows s = 8*w + 1, from ((s + 3) // 4) % 8 == 0 follows
//      s = 32*w + r with r between -3 and 0.
#pragma once
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "symbolic/expr.h"
#include "symbolic/interval.h"
#include "symbolic/polynomial.h"

namespace tx::symbolic {

/// x = modulus * quotient + rest, where low <= rest <= high, 0 <= high < modulus and
/// high - low < modulus.
struct Witness {
  Expr quotient;
  Expr rest;              ///< a symbol, or the constant where low == high
  int64_t modulus = 1;
  int64_t low = 0, high = 0;

  bool admits(Wide value) const { return mod(high - value, Wide(modulus)) <= high - low; }
  Expr value() const { return Expr(modulus) * quotient + rest; }
};

/// The form in which integer expressions are compared: % written with //, coefficients and
/// constants under // reduced modulo the divisor, divisions of divisions made one. Independent of
/// ranges.
Expr normal_form(const Expr& e);
/// Divided by the common factor of its coefficients, the first coefficient positive; equal for
/// polynomials that are 0 together.
Expr normalize_equation(const Expr& p);
/// p >= 0 with the common factor of the coefficients divided out and the constant rounded.
Expr normalize_inequality(const Expr& p);

/// A normalised polynomial that is at least 0.
struct NonNegative {
  Expr polynomial;
  std::vector<std::vector<Expr>> monomials;  ///< without the constant
  bool shares_monomial_with(const Polynomial& p) const;
};

class Facts {
 public:
  /// Replaces everything known by what `conditions` say.
  void rebuild(const std::vector<Expr>& conditions);
  /// Adds one condition. Returns false, with nothing changed, when it gives a symbol a known
  /// remainder: then everything has to be rebuilt.
  bool extend(const Expr& condition);

  bool holds(const Expr& condition) const { return holds_.contains(condition); }
  bool is_zero(const Expr& normalized) const { return zero_.contains(normalized); }
  bool is_nonzero(const Expr& normalized) const { return nonzero_.contains(normalized); }
  const std::vector<NonNegative>& nonnegative() const { return nonnegative_; }
  const Witness* witness(const Expr& symbol) const;
  bool has_witnesses() const { return !witnesses_.empty(); }
  /// `e` with each symbol of known remainder written by its witness, in normal form.
  Expr rewrite(const Expr& e) const;
  /// Bounds of a symbol, or of a witness's quotient or rest.
  Interval range(const Expr& symbol, const RangeOf& range_of) const;

 private:
  void add(const Expr& condition);
  bool add_witnesses(const Expr& condition);
  bool add_witness(const Expr& zero);
  bool refine_witness(const Expr& part, const Witness& found);
  void add_nonnegative(const Expr& p);

  std::unordered_set<Expr> holds_, zero_, nonzero_;
  std::vector<NonNegative> nonnegative_;
  std::unordered_map<Expr, Witness> witnesses_;
  std::unordered_map<Expr, Expr> owners_;  ///< of quotients and rests: the symbol they belong to
  mutable std::unordered_map<Expr, Expr> rewritten_;
};

}  // namespace tx::symbolic
