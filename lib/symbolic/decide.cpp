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

/// Whether the answer `wanted` is worth a proof.
bool may_be(Samples::Answers answers, bool wanted) {
  return answers == Samples::Answers::None ||
         answers == (wanted ? Samples::Answers::AllTrue : Samples::Answers::AllFalse);
}

Samples::Answers opposite(Samples::Answers answers) {
  switch (answers) {
    case Samples::Answers::AllTrue: return Samples::Answers::AllFalse;
    case Samples::Answers::AllFalse: return Samples::Answers::AllTrue;
    default: return answers;
  }
}

std::optional<bool> negated(std::optional<bool> answer) {
  return answer ? std::optional<bool>(!*answer) : std::nullopt;
}

}  // namespace

std::optional<bool> Decider::decide(const Expr& condition) {
  if (condition.is_true()) return true;
  if (condition.is_false()) return false;
  try {
    return truth(condition);
  } catch (const diag::Failure&) {
    // A rewriting that divides by zero or leaves 64 bits proves nothing.
    return std::nullopt;
  }
}

Decider::Answers Decider::at_samples(const Expr& condition) const {
  return samples_ ? samples_->ask(condition) : Answers::None;
}

std::optional<bool> Decider::truth(const Expr& condition) {
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
  const Answers expected = at_samples(condition);
  if (expected == Answers::Both) return std::nullopt;
  if (is_relation(condition)) {
    if (auto answer = relation(condition, expected)) return answer;
  }
  return by_cases(condition, expected);
}

std::optional<bool> Decider::relation(const Expr& condition, Answers expected) {
  if (!on_integers(condition)) return estimator_.decide_real(condition);
  const Expr& left = condition.operands()[0];
  const Expr& right = condition.operands()[1];
  // As it was asked: what the ranges say of a symbol may be lost on its witness.
  const Expr asked = right - left;
  if (auto answer = by_terms(condition.op(), asked)) return answer;
  const Expr refined = refine(right) - refine(left);
  if (refined != asked) {
    if (auto answer = by_terms(condition.op(), refined)) return answer;
  }
  const Expr rewritten = facts_.rewrite(refined);
  if (auto answer = compared(condition.op(), rewritten, expected)) return answer;
  if (!facts_.has_witnesses()) return std::nullopt;
  return compared(condition.op(), normal_form(asked), expected);
}

/// Whether 0 `op` p, as far as bounds term by term say.
std::optional<bool> Decider::by_terms(Op op, const Expr& p) {
  const Interval range = estimator_.terms(p);
  switch (op) {
    case Op::Eq:
    case Op::Ne:
      if (!range.contains(0)) return op == Op::Ne;
      break;
    default: {
      const Wide least = op == Op::Lt ? 1 : 0;
      if (range.lo >= least) return true;
      if (range.hi < least) return false;
    }
  }
  return std::nullopt;
}

/// The same by all means.
std::optional<bool> Decider::compared(Op op, const Expr& p, Answers expected) {
  switch (op) {
    case Op::Eq: return zero(p, expected);
    case Op::Ne: return negated(zero(p, opposite(expected)));
    case Op::Le: return nonnegative(p, expected);
    default: return nonnegative(p - Expr(1), expected);
  }
}

std::optional<bool> Decider::zero(const Expr& p, Answers expected) {
  if (p.is_constant()) return p.value() == 0;
  Polynomial reduced(p);
  if (reduced.constant_part() % reduced.content(false) != 0) return false;
  // A factor that is never 0 does not matter.
  if (reduced.constant_part() == 0) {
    const std::vector<Expr> factors = reduced.terms().front().atoms;
    for (const Expr& factor : factors) {
      if (estimator_.terms(factor).contains(0)) continue;
      if (auto quotient = reduced.exact_quotient(Polynomial(factor))) reduced = *quotient;
    }
  }
  const Expr equation = normalize_equation(reduced.expr());
  if (equation.is_constant()) return equation.value() == 0;
  if (facts_.is_zero(equation)) return true;
  if (facts_.is_nonzero(equation)) return false;
  const Interval simple = estimator_.terms(equation);
  if (!simple.contains(0)) return false;
  if (simple.is_point()) return true;
  if (may_be(expected, false)) {
    if (estimator_.lower(equation) > 0 || estimator_.upper(equation) < 0) return false;
    const Polynomial polynomial(equation);
    for (const NonNegative& fact : facts_.nonnegative()) {
      if (!fact.shares_monomial_with(polynomial)) continue;
      // equation = fact + d with d > 0, or -equation = fact + d
      if (estimator_.lower(equation - fact.polynomial) > 0) return false;
      if (estimator_.lower(-equation - fact.polynomial) > 0) return false;
    }
  }
  if (may_be(expected, true) && estimator_.lower(equation) == 0 &&
      estimator_.upper(equation) == 0) {
    return true;
  }
  return quotient_is(equation);
}

std::optional<bool> Decider::nonnegative(const Expr& p, Answers expected) {
  if (p.is_constant()) return p.value() >= 0;
  const Expr yes = normalize_inequality(p);
  const Interval simple = estimator_.terms(yes);
  if (simple.lo >= 0) return true;
  if (simple.hi < 0) return false;
  const auto follows = [this](const Expr& e) {
    if (estimator_.lower(e) >= 0) return true;
    const Polynomial polynomial(e);
    for (const NonNegative& fact : facts_.nonnegative()) {
      if (!fact.shares_monomial_with(polynomial)) continue;
      if (estimator_.lower(e - fact.polynomial) >= 0) return true;
    }
    return false;
  };
  if (may_be(expected, true) && follows(yes)) return true;
  if (may_be(expected, false) && follows(normalize_inequality(-p - Expr(1)))) return false;
  // s0*s1 - s0 >= 0 is s1 - 1 >= 0 for positive s0.
  const Polynomial whole(yes);
  if (whole.constant_part() == 0) {
    const std::vector<Expr> factors = whole.terms().front().atoms;
    for (const Expr& factor : factors) {
      if (estimator_.terms(factor).lo <= 0) continue;
      if (auto quotient = whole.exact_quotient(Polynomial(factor))) {
        return nonnegative(quotient->expr(), expected);
      }
    }
  }
  return std::nullopt;
}

std::optional<bool> Decider::quotient_is(const Expr& p) {
  // a // b == q says q*b <= a < q*b + b, for positive b.
  const Polynomial equation(p);
  if (equation.terms().size() > 2) return std::nullopt;
  if (equation.terms().front().atoms.size() != 1) return std::nullopt;
  const Term& first = equation.terms().front();
  const Expr& division = first.atoms[0];
  if (division.op() != Op::FloorDiv || first.coefficient != 1) return std::nullopt;
  if (equation.terms().size() == 2 && !equation.terms()[1].atoms.empty()) return std::nullopt;
  const Expr &a = division.operands()[0], &b = division.operands()[1];
  if (estimator_.lower(b) < 1) return std::nullopt;
  const Expr rest = a + Expr(static_cast<int64_t>(equation.constant_part())) * b;
  const auto low = nonnegative(facts_.rewrite(rest), Answers::None);
  if (low == false) return false;
  const auto high = nonnegative(facts_.rewrite(b - Expr(1) - rest), Answers::None);
  if (high == false) return false;
  if (low && high) return true;
  return std::nullopt;
}

std::optional<bool> Decider::by_cases(const Expr& condition, Answers expected) {
  const std::vector<Expr> symbols = condition.free_symbols();
  if (symbols.size() != 1) return std::nullopt;
  const Expr& x = symbols[0];
  const Witness* witness = facts_.witness(x);
  const Wide step = witness && witness->low == witness->high ? witness->modulus : 1;
  Interval range = given_(x);
  if (range.lo <= kNoLowerBound || range.lo > range.hi) return std::nullopt;
  if (step > 1) range.lo += mod(witness->low - range.lo, step);
  const bool complete = range.hi - range.lo < kAllCases * step;
  const Wide last = complete ? range.hi : range.lo + (kCases - 1) * step;
  std::optional<bool> answer;
  if (expected != Answers::None) answer = expected == Answers::AllTrue;
  for (Wide v = range.lo; v <= last; v += step) {
    if (witness && !witness->admits(v)) continue;
    const auto here = truth_at(
        condition, [&](const Expr&) { return std::optional<int64_t>(static_cast<int64_t>(v)); });
    if (!here || (answer && *answer != *here)) return std::nullopt;
    answer = here;
  }
  if (complete) return answer;
  if (!answer || !is_relation(condition)) return std::nullopt;
  Decider tail(facts_, [&](const Expr& symbol) {
    return symbol == x ? Interval{last + 1, range.hi} : given_(symbol);
  });
  return tail.relation(condition, expected) == answer ? answer : std::nullopt;
}

Expr Decider::refine(const Expr& e) {
  if (e.operands().empty()) return e;
  if (auto known = refined_.find(e); known != refined_.end()) return known->second;
  const auto result = [&]() -> Expr {
    try {
      return refine_compound(e);
    } catch (const diag::Failure&) {
      return e;
    }
  };
  return refined_.emplace(e, result()).first->second;
}

Expr Decider::refine_compound(const Expr& e) {
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
      if (estimator_.lower(floor) >= 0) return floor;
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

Expr Decider::refine_extremum(Op op, const std::vector<Expr>& operands) {
  const Expr whole = make(op, operands);
  if (whole.op() != op) return whole;
  std::vector<Expr> kept = whole.operands();
  for (size_t i = 0; i < kept.size() && kept.size() > 1;) {
    bool dropped = false;
    for (size_t j = 0; j < kept.size() && !dropped; ++j) {
      if (i == j) continue;
      const Expr p = op == Op::Max ? kept[j] - kept[i] : kept[i] - kept[j];
      dropped = nonnegative(facts_.rewrite(p), Answers::None) == true;
    }
    if (dropped) {
      kept.erase(kept.begin() + static_cast<std::ptrdiff_t>(i));
    } else {
      ++i;
    }
  }
  return make(op, std::move(kept));
}

Expr Decider::refine_division(Op op, const Expr& a, const Expr& b) {
  if (estimator_.upper(a) < estimator_.lower(b) && estimator_.lower(a) >= 0) {
    return op == Op::FloorDiv ? Expr(0) : a;
  }
  const Expr whole = make(op, {a, b});
  if (whole.op() == Op::Mod && b.is_constant()) {
    const Expr known = facts_.rewrite(whole);
    if (known.is_constant()) return known;
  }
  return whole;
}

/// Whether facts and bounds say that `divisor` divides `numerator`; asked of every size, so it
/// tries no proof.
bool Decider::divides(const Expr& numerator, const Expr& divisor) {
  const Expr remainder = facts_.rewrite(mod(numerator, divisor));
  if (remainder.is_constant()) return remainder.value() == 0;
  return facts_.is_zero(normalize_equation(remainder)) ||
         estimator_.terms(remainder) == Interval{0, 0};
}

Expr Decider::refine_sum(const Expr& e) {
  // 8 * (s // 8) is s where 8 is known to divide s.
  const Polynomial sum(e);
  for (const Term& term : sum.terms()) {
    for (size_t i = 0; i < term.atoms.size(); ++i) {
      const Expr& atom = term.atoms[i];
      if (atom.op() != Op::FloorDiv || !atom.operands()[1].is_constant()) continue;
      const Wide k = atom.operands()[1].value();
      if (k <= 0 || term.coefficient % k != 0) continue;
      if (!divides(atom.operands()[0], atom.operands()[1])) continue;
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
