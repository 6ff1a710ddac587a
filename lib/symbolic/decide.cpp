#include "symbolic/decide.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "diag/diagnostic.h"
#include "symbolic/evaluate_at.h"
#include "symbolic/node.h"

namespace tx::symbolic {
namespace {

/// Values of a lone symbol that are tried one by one before the rest of its range.
constexpr int64_t kCases = 16;
/// Ranges up to this size are tried completely.
constexpr int64_t kAllCases = 128;

bool is_relation(const Expr& e) {
  return e.op() == Op::Eq || e.op() == Op::Ne || e.op() == Op::Lt || e.op() == Op::Le;
}

bool on_integers(const Expr& e) {
  return std::none_of(e.operands().begin(), e.operands().end(),
                      [](const Expr& x) { return is_real(x) || is_boolean(x); });
}

std::optional<bool> sign_of(const Interval& i) {
  if (i.lo >= 0) return true;
  if (i.hi < 0) return false;
  return std::nullopt;
}

}  // namespace

std::optional<bool> Decider::decide(const Expr& condition) const {
  if (condition.is_true()) return true;
  if (condition.is_false()) return false;
  try {
    return truth(condition);
  } catch (const diag::Failure&) {
    // A rewriting that divides by zero or leaves 64 bits proves nothing.
    return std::nullopt;
  }
}

std::optional<bool> Decider::truth(const Expr& condition) const {
  switch (condition.op()) {
    case Op::True: return true;
    case Op::False: return false;
    case Op::Not: {
      const std::optional<bool> inner = truth(condition.operands()[0]);
      if (inner) return !*inner;
      break;
    }
    case Op::And:
    case Op::Or: {
      const bool absorbing = condition.op() == Op::Or;
      bool all = true;
      for (const Expr& part : condition.operands()) {
        const std::optional<bool> answer = truth(part);
        if (answer == absorbing) return absorbing;
        all &= answer.has_value();
      }
      if (all) return !absorbing;
      break;
    }
    default: break;
  }
  if (facts_.holds(condition)) return true;
  if (facts_.holds(logical_not(condition))) return false;
  if (is_relation(condition)) {
    if (auto answer = relation(condition)) return answer;
  }
  return by_cases(condition);
}

std::optional<bool> Decider::relation(const Expr& condition) const {
  if (!on_integers(condition)) return decide_real(condition, range_of_);
  const Expr a = refine(condition.operands()[0]), b = refine(condition.operands()[1]);
  const Expr p = facts_.rewrite(b - a);
  switch (condition.op()) {
    case Op::Eq: return zero(p);
    case Op::Ne: {
      const std::optional<bool> answer = zero(p);
      return answer ? std::optional<bool>(!*answer) : std::nullopt;
    }
    case Op::Le: return nonnegative(p);
    default: return nonnegative(p - Expr(1));
  }
}

std::optional<bool> Decider::zero(const Expr& p) const {
  if (p.is_constant()) return p.value() == 0;
  Polynomial reduced(p);
  if (reduced.constant_part() % reduced.content(false) != 0) return false;
  // A factor that is never 0 does not matter.
  if (reduced.constant_part() == 0) {
    const std::vector<Expr> factors = reduced.terms().front().atoms;
    for (const Expr& factor : factors) {
      const Interval range = bounds(factor, range_of_);
      if (range.lo <= 0 && range.hi >= 0) continue;
      if (auto quotient = reduced.exact_quotient(Polynomial(factor))) reduced = *quotient;
    }
  }
  const Expr equation = normalize_equation(reduced.expr());
  if (equation.is_constant()) return equation.value() == 0;
  if (facts_.is_zero(equation)) return true;
  if (facts_.is_nonzero(equation)) return false;
  if (!term_bounds(equation, range_of_).contains(0)) return false;
  const Interval range = bounds(equation, range_of_);
  if (!range.contains(0)) return false;
  if (range.is_point()) return true;
  const std::vector<Expr> symbols = equation.free_symbols();
  for (const NonNegative& fact : facts_.nonnegative()) {
    if (!fact.shares_symbols_with(symbols)) continue;
    // equation = fact + d with d > 0, or -equation = fact + d
    if (bounds(equation - fact.polynomial, range_of_).lo > 0) return false;
    if (bounds(-equation - fact.polynomial, range_of_).lo > 0) return false;
  }
  return quotient_is(equation);
}

std::optional<bool> Decider::nonnegative(const Expr& p) const {
  if (p.is_constant()) return p.value() >= 0;
  const Expr yes = normalize_inequality(p);
  if (auto answer = sign_of(term_bounds(yes, range_of_))) return answer;
  if (auto answer = sign_of(bounds(yes, range_of_))) return answer;
  const Expr no = normalize_inequality(-p - Expr(1));
  const std::vector<Expr> symbols = yes.free_symbols();
  for (const NonNegative& fact : facts_.nonnegative()) {
    if (!fact.shares_symbols_with(symbols)) continue;
    if (bounds(yes - fact.polynomial, range_of_).lo >= 0) return true;
    if (bounds(no - fact.polynomial, range_of_).lo >= 0) return false;
  }
  // s0*s1 - s0 >= 0 is s1 - 1 >= 0 for positive s0.
  const Polynomial whole(yes);
  if (whole.constant_part() == 0) {
    const std::vector<Expr> factors = whole.terms().front().atoms;
    for (const Expr& factor : factors) {
      if (bounds(factor, range_of_).lo <= 0) continue;
      if (auto quotient = whole.exact_quotient(Polynomial(factor))) {
        return nonnegative(quotient->expr());
      }
    }
  }
  return std::nullopt;
}

std::optional<bool> Decider::quotient_is(const Expr& p) const {
  // a // b == q says q*b <= a < q*b + b, for positive b.
  const Polynomial equation(p);
  if (equation.terms().size() > 2) return std::nullopt;
  if (equation.terms().front().atoms.size() != 1) return std::nullopt;
  const Term& first = equation.terms().front();
  const Expr& division = first.atoms[0];
  if (division.op() != Op::FloorDiv || first.coefficient != 1) return std::nullopt;
  if (equation.terms().size() == 2 && !equation.terms()[1].atoms.empty()) return std::nullopt;
  const Expr &a = division.operands()[0], &b = division.operands()[1];
  if (bounds(b, range_of_).lo < 1) return std::nullopt;
  const Expr rest = a + Expr(static_cast<int64_t>(equation.constant_part())) * b;
  const std::optional<bool> low = nonnegative(facts_.rewrite(rest));
  const std::optional<bool> high = nonnegative(facts_.rewrite(b - Expr(1) - rest));
  if (low == false || high == false) return false;
  if (low && high) return true;
  return std::nullopt;
}

std::optional<bool> Decider::by_cases(const Expr& original) const {
  const Expr condition = facts_.rewrite(original);
  const std::vector<Expr> symbols = condition.free_symbols();
  if (symbols.size() != 1) return std::nullopt;
  const Expr& x = symbols[0];
  const Interval range = range_of_(x);
  if (range.lo <= kNoLowerBound || range.lo > range.hi) return std::nullopt;
  const bool complete = range.hi - range.lo < kAllCases;
  const Wide last = complete ? range.hi : range.lo + kCases - 1;
  std::optional<bool> answer;
  for (Wide v = range.lo; v <= last; ++v) {
    const auto here = truth_at(
        condition, [&](const Expr&) { return std::optional<int64_t>(static_cast<int64_t>(v)); });
    if (!here || (answer && *answer != *here)) return std::nullopt;
    answer = here;
  }
  if (complete) return answer;
  if (!is_relation(condition)) return std::nullopt;
  Decider tail(*this);
  tail.range_of_ = [&](const Expr& symbol) {
    return symbol == x ? Interval{last + 1, range.hi} : range_of_(symbol);
  };
  return tail.relation(condition) == answer ? answer : std::nullopt;
}

Expr Decider::refine(const Expr& e) const {
  if (e.operands().empty()) return e;
  try {
    return refine_compound(e);
  } catch (const diag::Failure&) {
    return e;
  }
}

Expr Decider::refine_compound(const Expr& e) const {
  std::vector<Expr> operands;
  operands.reserve(e.operands().size());
  bool changed = false;
  for (const Expr& operand : e.operands()) {
    operands.push_back(refine(operand));
    changed |= operands.back() != operand;
  }
  switch (e.op()) {
    case Op::Min:
    case Op::Max: return refine_extremum(e.op(), operands);
    case Op::FloorDiv:
    case Op::Mod: return refine_division(e.op(), operands[0], operands[1]);
    case Op::Add:
    case Op::Mul: return refine_sum(changed ? make(e.op(), std::move(operands)) : e);
    case Op::Trunc: {
      const Expr floor = make(Op::Floor, {operands[0]});
      if (bounds(floor, range_of_).lo >= 0) return floor;
      break;
    }
    case Op::And:
    case Op::Or: {
      std::vector<Expr> open;
      for (const Expr& part : operands) {
        const std::optional<bool> answer = decide(part);
        open.push_back(answer ? Expr::boolean(*answer) : part);
      }
      return make(e.op(), std::move(open));
    }
    default: break;
  }
  return changed ? make(e.op(), std::move(operands)) : e;
}

Expr Decider::refine_extremum(Op op, const std::vector<Expr>& operands) const {
  const Expr whole = make(op, operands);
  if (whole.op() != op) return whole;
  std::vector<Expr> kept = whole.operands();
  for (size_t i = 0; i < kept.size() && kept.size() > 1;) {
    bool dropped = false;
    for (size_t j = 0; j < kept.size() && !dropped; ++j) {
      if (i == j) continue;
      const Expr p = op == Op::Max ? kept[j] - kept[i] : kept[i] - kept[j];
      dropped = nonnegative(facts_.rewrite(p)) == true;
    }
    if (dropped) {
      kept.erase(kept.begin() + static_cast<std::ptrdiff_t>(i));
    } else {
      ++i;
    }
  }
  return make(op, std::move(kept));
}

Expr Decider::refine_division(Op op, const Expr& a, const Expr& b) const {
  const Interval top = bounds(a, range_of_), bottom = bounds(b, range_of_);
  if (top.lo >= 0 && top.hi < bottom.lo) return op == Op::FloorDiv ? Expr(0) : a;
  const Expr whole = make(op, {a, b});
  if (whole.op() == Op::Mod && b.is_constant()) {
    const Expr known = facts_.rewrite(whole);
    if (known.is_constant()) return known;
  }
  return whole;
}

Expr Decider::refine_sum(const Expr& e) const {
  // 8 * (s // 8) is s where 8 is known to divide s.
  const Polynomial sum(e);
  for (const Term& term : sum.terms()) {
    for (size_t i = 0; i < term.atoms.size(); ++i) {
      const Expr& atom = term.atoms[i];
      if (atom.op() != Op::FloorDiv || !atom.operands()[1].is_constant()) continue;
      const Wide k = atom.operands()[1].value();
      if (k <= 0 || term.coefficient % k != 0) continue;
      const Expr remainder = mod(atom.operands()[0], atom.operands()[1]);
      if (zero(facts_.rewrite(remainder)) != true) continue;
      Term others{term.atoms, term.coefficient / k};
      others.atoms.erase(others.atoms.begin() + static_cast<std::ptrdiff_t>(i));
      Polynomial factor;
      factor.add_term(std::move(others));
      Polynomial result = sum;
      result.add_term({term.atoms, -term.coefficient});
      result.add(factor.times(Polynomial(atom.operands()[0])));
      return refine_sum(result.expr());
    }
  }
  return e;
}

}  // namespace tx::symbolic
