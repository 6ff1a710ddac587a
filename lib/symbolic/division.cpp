// Integer division, remainder, minimum and maximum in canonical form.
#include <algorithm>
#include <optional>
#include <utility>

#include "diag/diagnostic.h"
#include "symbolic/build.h"
#include "symbolic/node.h"
#include "symbolic/polynomial.h"

namespace tx::symbolic {
namespace {

[[noreturn]] void fail_zero_division(const Expr& a, const char* op) {
  diag::fail(diag::Code::TX2009, "integer division or modulo by zero: " + a.text() + op + "0");
}

/// `numerator` = quotient * divisor + rest, where the quotient takes the terms that the divisor
/// divides one by one; a divisor of several terms has to divide the whole.
struct Split {
  Polynomial quotient;
  Polynomial rest;
};

Split split(const Polynomial& numerator, const Polynomial& divisor) {
  if (divisor.terms().size() > 1) {
    if (auto exact = numerator.exact_quotient(divisor)) return {std::move(*exact), {}};
    return {{}, numerator};
  }
  Split result;
  for (const Term& term : numerator.terms()) {
    Polynomial single;
    single.add_term(term);
    if (auto exact = single.exact_quotient(divisor)) {
      result.quotient.add(*exact);
    } else {
      result.rest.add_term(term);
    }
  }
  return result;
}

Expr negated(const Expr& e) { return Expr(0) - e; }

}  // namespace

Expr floor_div(const Expr& a, const Expr& b) {
  if (b.is_constant()) {
    const int64_t d = b.value();
    if (d == 0) fail_zero_division(a, "//");
    if (d == 1) return a;
    if (a.is_constant()) {
      const Wide quotient = floor_div(Wide(a.value()), Wide(d));
      if (fits_int64(quotient)) return Expr(static_cast<int64_t>(quotient));
      diag::fail(diag::Code::TX2009, "a size expression does not fit into 64 bits");
    }
    if (d < 0) return floor_div(negated(a), negated(b));
  }
  if (a == Expr(0)) return a;
  Polynomial divisor(b);
  Split parts = split(Polynomial(a), divisor);
  if (parts.rest.terms().empty()) return parts.quotient.expr();

  // (4*s + 2)//6 is (2*s + 1)//3.
  const Wide shared = gcd(parts.rest.content(true), divisor.content(true));
  if (shared > 1) {
    parts.rest.divide_exactly(shared);
    divisor.divide_exactly(shared);
  }
  const Expr top = parts.rest.expr();
  const Expr bottom = divisor.expr();
  Expr rest;
  if (top.is_constant() && bottom.is_constant()) {
    rest = floor_div(top, bottom);
  } else if (top.op() == Op::FloorDiv && bottom.is_constant() &&
             top.operands()[1].is_constant()) {
    // (x//a)//b is x//(a*b); a is positive in canonical form, and so is b here.
    rest = floor_div(top.operands()[0], top.operands()[1] * bottom);
  } else {
    rest = make_raw(Op::FloorDiv, {top, bottom});
  }
  if (parts.quotient.terms().empty()) return rest;
  parts.quotient.add(Polynomial(rest));
  return parts.quotient.expr();
}

Expr ceil_div(const Expr& a, const Expr& b) {
  if (b.is_constant() && b.value() < 0) return ceil_div(negated(a), negated(b));
  if (a.is_constant() && b.is_constant()) return negated(floor_div(negated(a), b));
  return floor_div(a + b - Expr(1), b);
}

Expr mod(const Expr& a, const Expr& b) {
  if (b.is_constant()) {
    const int64_t d = b.value();
    if (d == 0) fail_zero_division(a, "%");
    if (d == 1 || d == -1) return Expr(0);
    if (a.is_constant()) return Expr(static_cast<int64_t>(mod(Wide(a.value()), Wide(d))));
  }
  const Split parts = split(Polynomial(a), Polynomial(b));
  if (parts.rest.terms().empty()) return Expr(0);
  const Expr rest = parts.rest.expr();
  if (rest.is_constant() && b.is_constant()) return mod(rest, b);
  if (rest.op() == Op::Mod && b.is_constant() && rest.operands()[1].is_constant()) {
    // (x % m) % k is x % k when k divides m, and x % m when 0 < m <= k.
    const int64_t m = rest.operands()[1].value(), k = b.value();
    if (k > 0 && m > 0 && m <= k) return rest;
    if (m % k == 0) return mod(rest.operands()[0], b);
  }
  return make_raw(Op::Mod, {rest, b});
}

Expr make_extremum(Op op, std::vector<Expr> operands) {
  std::vector<Expr> flat;
  for (const Expr& e : operands) {
    if (e.op() == op) {
      flat.insert(flat.end(), e.operands().begin(), e.operands().end());
    } else {
      flat.push_back(e);
    }
  }
  // Of two operands with a constant difference one is always the answer.
  std::vector<Expr> kept;
  for (const Expr& candidate : flat) {
    bool dominated = false;
    for (Expr& other : kept) {
      Polynomial difference(candidate);
      difference.add(Polynomial(other), -1);
      if (!difference.is_constant()) continue;
      dominated = true;
      const Wide d = difference.constant_part();
      if (op == Op::Max ? d > 0 : d < 0) other = candidate;
      break;
    }
    if (!dominated) kept.push_back(candidate);
  }
  if (kept.size() == 1) return kept.front();
  std::sort(kept.begin(), kept.end(), [](const Expr& a, const Expr& b) {
    if (a.is_constant() != b.is_constant()) return a.is_constant();
    return compare(a, b) < 0;
  });
  return make_raw(op, std::move(kept));
}

}  // namespace tx::symbolic
