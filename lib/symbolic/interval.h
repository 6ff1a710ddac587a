// Interval: bounds of an expression that follow from bounds of its symbols (private to
// lib/symbolic).
//
// Holds: every value that the expression takes for symbol values within their intervals lies in
//        the answer; the answer may be wider. Division by zero has no value.
#pragma once
#include <functional>

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

/// Bounds of an integer expression, term by term.
Interval term_bounds(const Expr& e, const RangeOf& range_of);
/// Bounds of an integer expression: term by term, by monotony in each symbol, and by
/// a - b + 1 <= b * (a // b) <= a.
Interval bounds(const Expr& e, const RangeOf& range_of);
/// Whether a comparison with a float side holds for all values (true), for none (false).
std::optional<bool> decide_real(const Expr& comparison, const RangeOf& range_of);

}  // namespace tx::symbolic
