#include "symbolic/interval.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>

#include "symbolic/node.h"

namespace tx::symbolic {
namespace {

Wide clamp(Wide v) { return std::clamp(v, -kInfinity, kInfinity); }
bool infinite(Wide v) { return v <= -kInfinity || v >= kInfinity; }

Wide add_bound(Wide a, Wide b, Wide unbounded) {
  if (a == unbounded || b == unbounded) return unbounded;
  return clamp(a + b);
}

Interval plus(const Interval& a, const Interval& b) {
  return {add_bound(a.lo, b.lo, -kInfinity), add_bound(a.hi, b.hi, kInfinity)};
}

Wide multiply_bound(Wide a, Wide b) {
  Wide product;
  if (a == 0 || b == 0) return 0;
  if (__builtin_mul_overflow(a, b, &product)) return (a < 0) == (b < 0) ? kInfinity : -kInfinity;
  return infinite(a) || infinite(b) ? ((a < 0) == (b < 0) ? kInfinity : -kInfinity)
                                    : clamp(product);
}

Interval hull(std::initializer_list<Wide> corners) {
  return {std::min(corners), std::max(corners)};
}

Interval times(const Interval& a, const Interval& b) {
  return hull({multiply_bound(a.lo, b.lo), multiply_bound(a.lo, b.hi), multiply_bound(a.hi, b.lo),
               multiply_bound(a.hi, b.hi)});
}

/// a // b for a divisor interval of positive numbers.
Interval divide_positive(const Interval& a, const Interval& b) {
  const auto quotient = [](Wide x, Wide y) -> Wide {
    if (infinite(x)) return x;
    if (infinite(y)) return x < 0 ? -1 : 0;
    return floor_div(x, y);
  };
  // The quotient moves away from zero as the divisor shrinks.
  return {quotient(a.lo, a.lo < 0 ? b.lo : b.hi), quotient(a.hi, a.hi < 0 ? b.hi : b.lo)};
}

Interval negate(const Interval& a) { return {-a.hi, -a.lo}; }

Interval unite(const Interval& a, const Interval& b) {
  return {std::min(a.lo, b.lo), std::max(a.hi, b.hi)};
}

Interval divide(const Interval& a, const Interval& b) {
  const Interval positive{std::max<Wide>(b.lo, 1), b.hi};
  const Interval negative{b.lo, std::min<Wide>(b.hi, -1)};
  const bool has_positive = positive.lo <= positive.hi, has_negative = negative.lo <= negative.hi;
  if (!has_positive && !has_negative) return {};
  if (!has_negative) return divide_positive(a, positive);
  const Interval mirrored = divide_positive(negate(a), negate(negative));
  return has_positive ? unite(divide_positive(a, positive), mirrored) : mirrored;
}

Interval remainder(const Interval& a, const Interval& b) {
  Interval result{std::min<Wide>(b.lo + 1, 0), std::max<Wide>(b.hi - 1, 0)};
  if (infinite(b.lo)) result.lo = -kInfinity;
  if (infinite(b.hi)) result.hi = kInfinity;
  if (a.lo >= 0 && b.lo > 0) {
    if (a.hi < b.lo) return a;
    result.hi = std::min(result.hi, a.hi);
  }
  return result;
}

// ---- floats ------------------------------------------------------------------------------------

/// Rounding is monotone, so operations on the ends bound the rounded results in between.
struct RealInterval {
  double lo = -HUGE_VAL, hi = HUGE_VAL;
};

double end_of(Wide v) {
  return v >= kInfinity ? HUGE_VAL : (v <= -kInfinity ? -HUGE_VAL : static_cast<double>(v));
}

RealInterval corners(double a, double b, double c, double d) {
  if (std::isnan(a) || std::isnan(b) || std::isnan(c) || std::isnan(d)) return {};
  return {std::min({a, b, c, d}), std::max({a, b, c, d})};
}

RealInterval real_bounds(const Expr& e, Estimator& estimator) {
  if (!is_real(e)) {
    const Interval i = estimator.bounds(e);
    return {end_of(i.lo), end_of(i.hi)};
  }
  if (e.op() == Op::Real) return {e.real_value(), e.real_value()};
  const RealInterval a = real_bounds(e.operands()[0], estimator);
  if (e.op() == Op::ToFloat) return a;
  const RealInterval b = real_bounds(e.operands()[1], estimator);
  switch (e.op()) {
    case Op::FloatAdd:
      return std::isnan(a.lo + b.lo) || std::isnan(a.hi + b.hi)
                 ? RealInterval{}
                 : RealInterval{a.lo + b.lo, a.hi + b.hi};
    case Op::FloatMul: return corners(a.lo * b.lo, a.lo * b.hi, a.hi * b.lo, a.hi * b.hi);
    default:
      if (b.lo <= 0 && b.hi >= 0) return {};
      return corners(a.lo / b.lo, a.lo / b.hi, a.hi / b.lo, a.hi / b.hi);
  }
}

Wide rounded(Op op, double v) {
  if (v > 1e28) return kInfinity;
  if (v < -1e28) return -kInfinity;
  return static_cast<Wide>(op == Op::Floor ? std::floor(v)
                                           : op == Op::Ceil ? std::ceil(v) : std::trunc(v));
}

// ---- integers ----------------------------------------------------------------------------------

Interval power(const Interval& base, size_t exponent) {
  Interval result = base;
  for (size_t i = 1; i < exponent; ++i) result = times(result, base);
  if (exponent % 2 == 0 && result.lo < 0) result.lo = 0;
  return result;
}

}  // namespace

std::string Range::text() const {
  const std::string low = min == kNoLowerBound ? "-9223372036854775807" : std::to_string(min);
  return "[" + low + ", " + std::to_string(max == kNoBound ? kNoBound - 1 : max) + "]";
}

Interval to_interval(const Range& range) {
  return {range.min == kNoLowerBound ? -kInfinity : Wide(range.min),
          range.max == kNoBound ? kInfinity : Wide(range.max)};
}

Range to_range(const Interval& interval) {
  return {interval.lo < kNoLowerBound ? kNoLowerBound : static_cast<int64_t>(interval.lo),
          interval.hi >= kNoBound ? kNoBound : static_cast<int64_t>(interval.hi)};
}

Interval Estimator::product(const std::vector<Expr>& factors) {
  Interval result{1, 1};
  for (size_t i = 0; i < factors.size();) {
    size_t same = 1;
    while (i + same < factors.size() && factors[i + same] == factors[i]) ++same;
    result = times(result, power(terms(factors[i]), same));
    i += same;
  }
  return result;
}

Interval Estimator::sum(const Polynomial& p) {
  Interval sum{0, 0};
  for (const Term& term : p.terms()) {
    sum = plus(sum, times({term.coefficient, term.coefficient}, product(term.atoms)));
  }
  return sum;
}

Interval Estimator::terms(const Expr& e) {
  if (e.is_constant()) return {e.value(), e.value()};
  if (auto known = terms_.find(e); known != terms_.end()) return known->second;
  const Interval result = terms_of(e);
  terms_.emplace(e, result);
  return result;
}

Interval Estimator::terms_of(const Expr& e) {
  const std::vector<Expr>& x = e.operands();
  switch (e.op()) {
    case Op::Symbol: return range_of_(e);
    case Op::Add:
    case Op::Mul: return sum(Polynomial(e));
    case Op::FloorDiv: return divide(bounds(x[0]), bounds(x[1]));
    case Op::Mod: return remainder(bounds(x[0]), bounds(x[1]));
    case Op::Min:
    case Op::Max: {
      Interval result = bounds(x[0]);
      for (size_t i = 1; i < x.size(); ++i) {
        const Interval next = bounds(x[i]);
        result = e.op() == Op::Min
                     ? Interval{std::min(result.lo, next.lo), std::min(result.hi, next.hi)}
                     : Interval{std::max(result.lo, next.lo), std::max(result.hi, next.hi)};
      }
      return result;
    }
    case Op::Floor:
    case Op::Ceil:
    case Op::Trunc: {
      const RealInterval r = real_bounds(x[0], *this);
      return {rounded(e.op(), r.lo), rounded(e.op(), r.hi)};
    }
    default: return {};
  }
}

Wide Estimator::lower(const Expr& e) {
  const Interval simple = terms(e);
  if (e.op() != Op::Add || simple.is_point()) return simple.lo;
  if (auto known = lower_.find(e); known != lower_.end()) return known->second;
  const Wide result = std::max(simple.lo, lower_bound(Polynomial(e), *this));
  lower_.emplace(e, result);
  return result;
}

Wide Estimator::upper(const Expr& e) {
  const Interval simple = terms(e);
  if (e.op() != Op::Add || simple.is_point()) return simple.hi;
  if (auto known = upper_.find(e); known != upper_.end()) return known->second;
  Polynomial negative;
  negative.add(Polynomial(e), -1);
  const Wide result = std::min(simple.hi, -lower_bound(negative, *this));
  upper_.emplace(e, result);
  return result;
}

Interval bounds(const Expr& e, const RangeOf& range_of) { return Estimator(range_of).bounds(e); }

std::optional<bool> Estimator::decide_real(const Expr& comparison) {
  const RealInterval a = real_bounds(comparison.operands()[0], *this);
  const RealInterval b = real_bounds(comparison.operands()[1], *this);
  switch (comparison.op()) {
    case Op::Lt:
      if (a.hi < b.lo) return true;
      if (a.lo >= b.hi) return false;
      return std::nullopt;
    case Op::Le:
      if (a.hi <= b.lo) return true;
      if (a.lo > b.hi) return false;
      return std::nullopt;
    case Op::Eq:
    case Op::Ne:
      if (a.hi < b.lo || a.lo > b.hi) return comparison.op() == Op::Ne;
      return std::nullopt;
    default: return std::nullopt;
  }
}

}  // namespace tx::symbolic
