// Interval: bounds of an expression that follow from bounds of its symbols (private to
// lib/symbolic).
//
// Holds: every value that the expression takes for symbol values within their intervals lies in
//        the answer; the answer may be wider. Division by zero has no value.
#pragma once
#include <functional>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "symbolic/expr.h"
#include "symbolic/polynomial.h"
#include "symbolic/range.h"

namespace tx::symbolic {

inline constexpr Wide kInfinity = Wide(1) << 96;

struct Interval {
  Wide lo = -kInfinity;  ///< -kInfinity: no bound
  Wide hi = kInfinity;   ///< kInfinity: no bound
  bool operator==(const Interval&) const = default;
  bool is_point() const { return lo == hi; }
  bool contains(Wide v) const { return lo <= v && v <= hi; }
};

Interval to_interval(const Range& range);
Range to_range(const Interval& interval);

using RangeOf = std::function<Interval(const Expr& symbol)>;

/// Bounds of expressions under fixed ranges of the symbols. Remembers what it has computed, so
/// that an expression that is part of many questions costs once.
class Estimator {
 public:
  explicit Estimator(RangeOf range_of) : range_of_(std::move(range_of)) {}

  /// Bounds of an integer expression, term by term.
  Interval terms(const Expr& e);
  /// Bounds that also see how the terms move together: by monotony in each factor, and by
  /// a - b + 1 <= b * (a // b) <= a.
  Wide lower(const Expr& e);
  Wide upper(const Expr& e);
  Interval bounds(const Expr& e) { return {lower(e), upper(e)}; }
  /// Whether a comparison with a float side holds for all values (true), for none (false).
  std::optional<bool> decide_real(const Expr& comparison);

  /// Bounds of a product of factors.
  Interval product(const std::vector<Expr>& factors);
  Interval sum(const Polynomial& p);

 private:
  Interval terms_of(const Expr& e);

  RangeOf range_of_;
  std::unordered_map<Expr, Interval> terms_;
  std::unordered_map<Expr, Wide> lower_, upper_;
};

/// The bounds of one expression.
Interval bounds(const Expr& e, const RangeOf& range_of);
/// The smallest value of a sum as far as Estimator::lower sees it; -kInfinity when it sees none.
Wide lower_bound(const Polynomial& p, Estimator& estimator);

}  // namespace tx::symbolic
