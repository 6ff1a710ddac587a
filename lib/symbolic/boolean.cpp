// Comparisons and logic in canonical form. Comparisons keep the two sides they were asked with
// (only a constant goes to the right of Eq and Ne), because messages print them.
#include <algorithm>
#include <optional>

#include "diag/diagnostic.h"
#include "symbolic/build.h"
#include "symbolic/node.h"
#include "symbolic/polynomial.h"

namespace tx::symbolic {
namespace {

template <class T>
bool holds(Op op, const T& a, const T& b) {
  switch (op) {
    case Op::Eq: return a == b;
    case Op::Ne: return a != b;
    case Op::Lt: return a < b;
    default: return a <= b;
  }
}

std::optional<double> number(const Expr& e) {
  if (e.is_constant()) return static_cast<double>(e.value());
  if (e.op() == Op::Real) return e.real_value();
  return std::nullopt;
}

Expr ordered(Op op, const Expr& a, const Expr& b) {
  const bool swap = (op == Op::Eq || op == Op::Ne) && (a.is_constant() || a.op() == Op::Real);
  return swap ? make_raw(op, {b, a}) : make_raw(op, {a, b});
}

Expr compare_integers(Op op, const Expr& a, const Expr& b) {
  Polynomial difference(a);
  difference.add(Polynomial(b), -1);
  if (difference.is_constant()) {
    return Expr::boolean(holds<Wide>(op, difference.constant_part(), 0));
  }
  // 2*s == 4*t + 1 has no integer solution.
  if ((op == Op::Eq || op == Op::Ne) &&
      difference.constant_part() % difference.content(false) != 0) {
    return Expr::boolean(op == Op::Ne);
  }
  return ordered(op, a, b);
}

}  // namespace

Expr make_comparison(Op op, const Expr& a, const Expr& b) {
  if (a.is_constant() && b.is_constant()) return Expr::boolean(holds(op, a.value(), b.value()));
  if (is_boolean(a) || is_boolean(b)) {
    if (a == b) return Expr::boolean(op == Op::Eq || op == Op::Le);
    if (op != Op::Eq && op != Op::Ne) {
      diag::fail(diag::Code::TX0070, "truth values have no order");
    }
    if (a.is_true() || b.is_true()) {
      const Expr& other = a.is_true() ? b : a;
      return op == Op::Eq ? other : logical_not(other);
    }
    if (a.is_false() || b.is_false()) {
      const Expr& other = a.is_false() ? b : a;
      return op == Op::Eq ? logical_not(other) : other;
    }
    return make_raw(op, {a, b});
  }
  if (!is_real(a) && !is_real(b)) return compare_integers(op, a, b);
  const std::optional<double> x = number(a), y = number(b);
  if (x && y) return Expr::boolean(holds(op, *x, *y));
  if (a.op() == Op::ToFloat && b.op() == Op::ToFloat) {
    return compare_integers(op, a.operands()[0], b.operands()[0]);
  }
  return ordered(op, a, b);
}

Expr make_junction(Op op, std::vector<Expr> operands) {
  const Expr absorbing = Expr::boolean(op == Op::Or);
  std::vector<Expr> kept;
  const auto add = [&](const Expr& e) {
    if (std::find(kept.begin(), kept.end(), e) == kept.end()) kept.push_back(e);
  };
  for (const Expr& e : operands) {
    if (e == absorbing) return e;
    if (e.is_true() || e.is_false()) continue;
    if (e.op() == op) {
      for (const Expr& part : e.operands()) add(part);
    } else {
      add(e);
    }
  }
  for (const Expr& e : kept) {
    if (std::find(kept.begin(), kept.end(), logical_not(e)) != kept.end()) return absorbing;
  }
  if (kept.empty()) return Expr::boolean(op == Op::And);
  return kept.size() == 1 ? kept.front() : make_raw(op, std::move(kept));
}

Expr eq(const Expr& a, const Expr& b) { return make_comparison(Op::Eq, a, b); }
Expr ne(const Expr& a, const Expr& b) { return make_comparison(Op::Ne, a, b); }
Expr lt(const Expr& a, const Expr& b) { return make_comparison(Op::Lt, a, b); }
Expr le(const Expr& a, const Expr& b) { return make_comparison(Op::Le, a, b); }
Expr logical_and(const Expr& a, const Expr& b) { return make_junction(Op::And, {a, b}); }
Expr logical_or(const Expr& a, const Expr& b) { return make_junction(Op::Or, {a, b}); }

Expr logical_not(const Expr& a) {
  switch (a.op()) {
    case Op::True: return Expr::boolean(false);
    case Op::False: return Expr::boolean(true);
    case Op::Not: return a.operands()[0];
    case Op::Eq: return make_raw(Op::Ne, a.operands());
    case Op::Ne: return make_raw(Op::Eq, a.operands());
    case Op::Lt:
    case Op::Le: {
      // With NaN, not (a < b) is more than b <= a.
      const Expr &x = a.operands()[0], &y = a.operands()[1];
      if (is_real(x) || is_real(y)) return make_raw(Op::Not, {a});
      return make_raw(a.op() == Op::Lt ? Op::Le : Op::Lt, {y, x});
    }
    case Op::And:
    case Op::Or: {
      std::vector<Expr> parts;
      for (const Expr& e : a.operands()) parts.push_back(logical_not(e));
      return make_raw(a.op() == Op::And ? Op::Or : Op::And, std::move(parts));
    }
    default: return make_raw(Op::Not, {a});
  }
}

bool is_boolean(const Expr& e) {
  switch (e.op()) {
    case Op::False:
    case Op::True:
    case Op::Eq:
    case Op::Ne:
    case Op::Lt:
    case Op::Le:
    case Op::And:
    case Op::Or:
    case Op::Not: return true;
    default: return false;
  }
}

}  // namespace tx::symbolic
