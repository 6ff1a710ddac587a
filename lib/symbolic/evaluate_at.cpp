#include "symbolic/evaluate_at.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace tx::symbolic {
namespace {

std::optional<Wide> integer(const Number& v) {
  if (const Wide* i = std::get_if<Wide>(&v)) return *i;
  return std::nullopt;
}

double real(const Number& v) {
  if (const Wide* i = std::get_if<Wide>(&v)) return static_cast<double>(*i);
  if (const double* d = std::get_if<double>(&v)) return *d;
  return std::get<bool>(v) ? 1 : 0;
}

template <class T>
bool relation(Op op, T a, T b) {
  switch (op) {
    case Op::Eq: return a == b;
    case Op::Ne: return a != b;
    case Op::Lt: return a < b;
    default: return a <= b;
  }
}

std::optional<Number> checked(Wide v) {
  if (!fits_int64(v)) return std::nullopt;
  return Number(v);
}

std::optional<Number> combine(Op op, const Number& left, const Number& right) {
  switch (op) {
    case Op::TrueDiv:
      if (real(right) == 0) return std::nullopt;
      return real(left) / real(right);
    case Op::FloatAdd: return real(left) + real(right);
    case Op::FloatMul: return real(left) * real(right);
    case Op::Eq:
    case Op::Ne:
    case Op::Lt:
    case Op::Le:
      if (integer(left) && integer(right)) return relation(op, *integer(left), *integer(right));
      return relation(op, real(left), real(right));
    default: break;
  }
  const std::optional<Wide> a = integer(left), b = integer(right);
  if (!a || !b) return std::nullopt;
  switch (op) {
    case Op::Add: return checked(*a + *b);
    case Op::Mul: return checked(*a * *b);
    case Op::FloorDiv: return *b == 0 ? std::nullopt : checked(floor_div(*a, *b));
    case Op::Mod: return *b == 0 ? std::nullopt : checked(mod(*a, *b));
    case Op::Min: return std::min(*a, *b);
    case Op::Max: return std::max(*a, *b);
    default: return std::nullopt;
  }
}

std::optional<Number> rounded(Op op, double v) {
  v = op == Op::Floor ? std::floor(v) : op == Op::Ceil ? std::ceil(v) : std::trunc(v);
  if (!(v > -9.3e18 && v < 9.3e18)) return std::nullopt;
  return checked(static_cast<Wide>(v));
}

}  // namespace

std::optional<Number> evaluate_at(const Expr& e, const ValueAt& value_of) {
  const std::vector<Expr>& x = e.operands();
  switch (e.op()) {
    case Op::Constant: return Number(Wide(e.value()));
    case Op::Real: return Number(e.real_value());
    case Op::True: return Number(true);
    case Op::False: return Number(false);
    case Op::Symbol: {
      const std::optional<int64_t> value = value_of(e);
      if (!value) return std::nullopt;
      return Number(Wide(*value));
    }
    case Op::And:
    case Op::Or: {
      for (const Expr& part : x) {
        const std::optional<Number> v = evaluate_at(part, value_of);
        if (!v) return std::nullopt;
        if (std::get<bool>(*v) == (e.op() == Op::Or)) return v;
      }
      return Number(e.op() == Op::And);
    }
    default: break;
  }
  std::optional<Number> result = evaluate_at(x[0], value_of);
  if (!result) return std::nullopt;
  switch (e.op()) {
    case Op::Not: return Number(!std::get<bool>(*result));
    case Op::ToFloat: return Number(real(*result));
    case Op::Floor:
    case Op::Ceil:
    case Op::Trunc: return rounded(e.op(), real(*result));
    default: break;
  }
  for (size_t i = 1; i < x.size() && result; ++i) {
    const std::optional<Number> next = evaluate_at(x[i], value_of);
    if (!next) return std::nullopt;
    result = combine(e.op(), *result, *next);
  }
  return result;
}

std::optional<int64_t> integer_at(const Expr& e, const ValueAt& value_of) {
  const std::optional<Number> v = evaluate_at(e, value_of);
  if (!v || !integer(*v)) return std::nullopt;
  return static_cast<int64_t>(*integer(*v));
}

std::optional<bool> truth_at(const Expr& e, const ValueAt& value_of) {
  const std::optional<Number> v = evaluate_at(e, value_of);
  if (!v) return std::nullopt;
  if (const bool* b = std::get_if<bool>(&*v)) return *b;
  return std::nullopt;
}

}  // namespace tx::symbolic
