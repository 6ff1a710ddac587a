// Sizes that pass through a float on their way (interpolate, math.floor(x * 0.5)).
//
// Integer-valued results are brought back to integer expressions wherever double arithmetic is
// exact: sums and products of sizes with short binary fractions, and rounded quotients, are exact
// as long as all values stay below 2**53.
#include <algorithm>
#include <bit>
#include <cmath>
#include <optional>

#include "diag/diagnostic.h"
#include "symbolic/build.h"
#include "symbolic/node.h"

namespace tx::symbolic {
namespace {

/// numerator / 2**shift
struct Dyadic {
  Expr numerator;
  int shift = 0;
};

constexpr int kMaxShift = 20;
constexpr double kMaxNumerator = 1 << 20;

std::optional<Dyadic> dyadic_of_real(double value) {
  int shift = 0;
  while (value != std::floor(value) && shift < kMaxShift) {
    value *= 2;
    ++shift;
  }
  if (value != std::floor(value) || std::fabs(value) > kMaxNumerator) return std::nullopt;
  return Dyadic{Expr(static_cast<int64_t>(value)), shift};
}

std::optional<Dyadic> dyadic(const Expr& e) {
  switch (e.op()) {
    case Op::Real: return dyadic_of_real(e.real_value());
    case Op::ToFloat: return Dyadic{e.operands()[0], 0};
    case Op::TrueDiv: {
      const Expr &a = e.operands()[0], &b = e.operands()[1];
      if (is_real(a) || !b.is_constant() || b.value() <= 0 || b.value() > (1 << kMaxShift) ||
          !std::has_single_bit(static_cast<uint64_t>(b.value()))) {
        return std::nullopt;
      }
      return Dyadic{a, std::countr_zero(static_cast<uint64_t>(b.value()))};
    }
    case Op::FloatAdd:
    case Op::FloatMul: {
      const auto a = dyadic(e.operands()[0]), b = dyadic(e.operands()[1]);
      if (!a || !b) return std::nullopt;
      if (e.op() == Op::FloatMul) return Dyadic{a->numerator * b->numerator, a->shift + b->shift};
      const int shift = std::max(a->shift, b->shift);
      const auto scaled = [&](const Dyadic& d) {
        return d.numerator * Expr(int64_t{1} << (shift - d.shift));
      };
      return Dyadic{scaled(*a) + scaled(*b), shift};
    }
    default: return std::nullopt;
  }
}

std::optional<double> number(const Expr& e) {
  if (e.is_constant()) return static_cast<double>(e.value());
  if (e.op() == Op::Real) return e.real_value();
  return std::nullopt;
}

Expr to_float(const Expr& e) {
  if (is_real(e)) return e;
  if (e.is_constant()) return Expr::real(static_cast<double>(e.value()));
  return make_raw(Op::ToFloat, {e});
}

Expr integer(double value) {
  if (!(value >= -9223372036854775808.0 && value < 9223372036854775808.0)) {
    diag::fail(diag::Code::TX2009, "a float that is not an integer of 64 bits: " +
                                       Expr::real(value).text());
  }
  return Expr(static_cast<int64_t>(value));
}

Expr true_div(const Expr& a, const Expr& b) {
  const std::optional<double> x = number(a), y = number(b);
  if (y == 0.0) diag::fail(diag::Code::TX2009, "division by zero: " + a.text() + "/0");
  if (x && y) return Expr::real(*x / *y);
  if (y == 1.0) return to_float(a);
  if (a == b) return Expr::real(1);
  return make_raw(Op::TrueDiv, {a, b});
}

Expr float_pair(Op op, const Expr& left, const Expr& right) {
  Expr a = to_float(left), b = to_float(right);
  if (a.op() == Op::Real && b.op() == Op::Real) {
    const double x = a.real_value(), y = b.real_value();
    return Expr::real(op == Op::FloatAdd ? x + y : x * y);
  }
  // Addition and multiplication of two floats commute exactly (they do not associate): the
  // constant goes in front of a product and behind a sum, as it is printed.
  const bool swap = op == Op::FloatMul ? b.op() == Op::Real : a.op() == Op::Real;
  if (swap) std::swap(a, b);
  const Expr neutral = Expr::real(op == Op::FloatAdd ? 0 : 1);
  if (a == neutral) return b;
  if (b == neutral) return a;
  const auto x = dyadic(a), y = dyadic(b);
  if (x && y && x->shift == 0 && y->shift == 0) {
    return to_float(op == Op::FloatAdd ? x->numerator + y->numerator
                                       : x->numerator * y->numerator);
  }
  return make_raw(op, {a, b});
}

Expr round(Op op, const Expr& e) {
  if (!is_real(e)) return e;
  if (e.op() == Op::Real) {
    const double v = e.real_value();
    return integer(op == Op::Floor ? std::floor(v) : op == Op::Ceil ? std::ceil(v) : std::trunc(v));
  }
  const auto exact = dyadic(e);
  if (exact && exact->shift == 0) return exact->numerator;
  if (op == Op::Trunc) return make_raw(op, {e});
  if (exact) {
    const Expr divisor(int64_t{1} << exact->shift);
    return op == Op::Floor ? floor_div(exact->numerator, divisor)
                           : ceil_div(exact->numerator, divisor);
  }
  if (e.op() == Op::TrueDiv && !is_real(e.operands()[0]) && e.operands()[1].is_constant()) {
    const Expr &a = e.operands()[0], &b = e.operands()[1];
    return op == Op::Floor ? floor_div(a, b) : ceil_div(a, b);
  }
  return make_raw(op, {e});
}

}  // namespace

Expr make_real(Op op, const std::vector<Expr>& operands) {
  switch (op) {
    case Op::ToFloat: return to_float(operands.at(0));
    case Op::TrueDiv: return true_div(operands.at(0), operands.at(1));
    case Op::FloatAdd:
    case Op::FloatMul: {
      Expr result = to_float(operands.at(0));
      for (size_t i = 1; i < operands.size(); ++i) result = float_pair(op, result, operands[i]);
      return result;
    }
    default: return round(op, operands.at(0));
  }
}

bool is_real(const Expr& e) {
  switch (e.op()) {
    case Op::Real:
    case Op::ToFloat:
    case Op::TrueDiv:
    case Op::FloatAdd:
    case Op::FloatMul: return true;
    default: return false;
  }
}

}  // namespace tx::symbolic
