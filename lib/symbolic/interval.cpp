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

RealInterval real_bounds(const Expr& e, const RangeOf& range_of) {
  if (!is_real(e)) {
    const Interval i = bounds(e, range_of);
    return {end_of(i.lo), end_of(i.hi)};
  }
  if (e.op() == Op::Real) return {e.real_value(), e.real_value()};
  const RealInterval a = real_bounds(e.operands()[0], range_of);
  if (e.op() == Op::ToFloat) return a;
  const RealInterval b = real_bounds(e.operands()[1], range_of);
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

Interval product_bounds(const std::vector<Expr>& factors, const RangeOf& range_of) {
  Interval result{1, 1};
  for (size_t i = 0; i < factors.size();) {
    size_t same = 1;
    while (i + same < factors.size() && factors[i + same] == factors[i]) ++same;
    result = times(result, power(term_bounds(factors[i], range_of), same));
    i += same;
  }
  return result;
}

Interval polynomial_bounds(const Polynomial& p, const RangeOf& range_of) {
  Interval sum{0, 0};
  for (const Term& term : p.terms()) {
    sum = plus(sum, times({term.coefficient, term.coefficient},
                          product_bounds(term.atoms, range_of)));
  }
  return sum;
}

/// `p` with every occurrence of the atom `x` replaced.
Polynomial replace_atom(const Polynomial& p, const Expr& x, const Polynomial& value) {
  Polynomial result;
  for (const Term& term : p.terms()) {
    Term others{{}, term.coefficient};
    size_t power = 0;
    for (const Expr& atom : term.atoms) {
      if (atom == x) {
        ++power;
      } else {
        others.atoms.push_back(atom);
      }
    }
    Polynomial part;
    part.add_term(std::move(others));
    for (size_t i = 0; i < power; ++i) part = part.times(value);
    result.add(part);
  }
  return result;
}

std::vector<Expr> atoms_of(const Polynomial& p) {
  std::vector<Expr> atoms;
  for (const Term& term : p.terms()) {
    for (const Expr& atom : term.atoms) {
      if (std::find(atoms.begin(), atoms.end(), atom) == atoms.end()) atoms.push_back(atom);
    }
  }
  return atoms;
}

bool depends_on(const Expr& e, const Expr& symbol) {
  if (e == symbol) return true;
  return std::any_of(e.operands().begin(), e.operands().end(),
                     [&](const Expr& x) { return depends_on(x, symbol); });
}

constexpr Wide kModerate = Wide(1) << 31;

/// Whether products with another moderate number cannot leave the exact range of Wide; other
/// polynomials stay with term bounds.
bool moderate(const Polynomial& p) {
  return std::all_of(p.terms().begin(), p.terms().end(), [](const Term& t) {
    return t.coefficient < kModerate && t.coefficient > -kModerate && t.atoms.size() <= 3;
  });
}
bool moderate(Wide v) { return v < kModerate && v > -kModerate; }

Wide lower_bound(const Polynomial& p, const RangeOf& range_of, int depth);

/// A bound by the end of the range at which a monotone polynomial is smallest.
Wide monotone_lower_bound(const Polynomial& p, const RangeOf& range_of, int depth) {
  Wide best = -kInfinity;
  const std::vector<Expr> atoms = atoms_of(p);
  for (const Expr& x : atoms) {
    if (!x.is_symbol()) continue;
    const bool inside_others = std::any_of(atoms.begin(), atoms.end(), [&](const Expr& atom) {
      return atom != x && depends_on(atom, x);
    });
    if (inside_others) continue;
    const Interval range = range_of(x);
    Polynomial step = replace_atom(p, x, Polynomial(x + Expr(1)));
    step.add(p, -1);
    const Interval slope = polynomial_bounds(step, range_of);
    const auto at = [&](Wide end) {
      Polynomial value;
      value.add_term({{}, end});
      return lower_bound(replace_atom(p, x, value), range_of, depth - 1);
    };
    if (slope.lo >= 0 && moderate(range.lo)) best = std::max(best, at(range.lo));
    if (slope.hi <= 0 && moderate(range.hi)) best = std::max(best, at(range.hi));
  }
  return best;
}

/// A bound by b * (a // b) in [a - b + 1, a], for the divisions by a positive constant.
Wide linearized_lower_bound(const Polynomial& p, const RangeOf& range_of, int depth) {
  for (size_t i = 0; i < p.terms().size(); ++i) {
    const Term& term = p.terms()[i];
    for (const Expr& atom : term.atoms) {
      if (atom.op() != Op::FloorDiv || !atom.operands()[1].is_constant()) continue;
      const Wide divisor = atom.operands()[1].value();
      Term others{{}, 1};
      bool removed = false;
      for (const Expr& factor : term.atoms) {
        if (factor == atom && !removed) {
          removed = true;
        } else {
          others.atoms.push_back(factor);
        }
      }
      if (divisor <= 0 || !moderate(divisor)) continue;
      if (product_bounds(others.atoms, range_of).lo < 0) continue;
      Polynomial scaled, rest;
      for (size_t k = 0; k < p.terms().size(); ++k) {
        if (k != i) rest.add_term(p.terms()[k]);
      }
      scaled.add(rest, divisor);
      Polynomial numerator(atom.operands()[0]);
      if (term.coefficient > 0) numerator.add_term({{}, 1 - divisor});
      Polynomial factor;
      factor.add_term(std::move(others));
      scaled.add(numerator.times(factor), term.coefficient);
      const Wide bound = lower_bound(scaled, range_of, depth - 1);
      if (infinite(bound)) return bound;
      return -floor_div(-bound, divisor);
    }
  }
  return -kInfinity;
}

Wide lower_bound(const Polynomial& p, const RangeOf& range_of, int depth) {
  Wide best = polynomial_bounds(p, range_of).lo;
  if (depth == 0 || p.terms().size() < 2 || !moderate(p)) return best;
  best = std::max(best, monotone_lower_bound(p, range_of, depth));
  return std::max(best, linearized_lower_bound(p, range_of, depth));
}

constexpr int kDepth = 4;

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

Interval term_bounds(const Expr& e, const RangeOf& range_of) {
  const std::vector<Expr>& x = e.operands();
  switch (e.op()) {
    case Op::Constant: return {e.value(), e.value()};
    case Op::Symbol: return range_of(e);
    case Op::Add:
    case Op::Mul: return polynomial_bounds(Polynomial(e), range_of);
    case Op::FloorDiv: return divide(bounds(x[0], range_of), bounds(x[1], range_of));
    case Op::Mod: return remainder(bounds(x[0], range_of), bounds(x[1], range_of));
    case Op::Min:
    case Op::Max: {
      Interval result = bounds(x[0], range_of);
      for (size_t i = 1; i < x.size(); ++i) {
        const Interval next = bounds(x[i], range_of);
        result = e.op() == Op::Min
                     ? Interval{std::min(result.lo, next.lo), std::min(result.hi, next.hi)}
                     : Interval{std::max(result.lo, next.lo), std::max(result.hi, next.hi)};
      }
      return result;
    }
    case Op::Floor:
    case Op::Ceil:
    case Op::Trunc: {
      const RealInterval r = real_bounds(x[0], range_of);
      return {rounded(e.op(), r.lo), rounded(e.op(), r.hi)};
    }
    default: return {};
  }
}

Interval bounds(const Expr& e, const RangeOf& range_of) {
  Interval result = term_bounds(e, range_of);
  if (e.op() != Op::Add || result.is_point()) return result;
  const Polynomial p(e);
  Polynomial negative;
  negative.add(p, -1);
  result.lo = std::max(result.lo, lower_bound(p, range_of, kDepth));
  result.hi = std::min(result.hi, -lower_bound(negative, range_of, kDepth));
  return result;
}

std::optional<bool> decide_real(const Expr& comparison, const RangeOf& range_of) {
  const RealInterval a = real_bounds(comparison.operands()[0], range_of);
  const RealInterval b = real_bounds(comparison.operands()[1], range_of);
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
