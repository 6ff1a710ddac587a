// Recording of guards, and what follows from them: narrower ranges and replacements.
#include <algorithm>
#include <tuple>
#include <utility>

#include "symbolic/env_state.h"
#include "symbolic/node.h"
#include "symbolic/residue.h"

namespace tx::symbolic {
namespace {

/// Larger equations are not solved.
constexpr size_t kMaxSolvedSymbols = 5;

std::string bound_text(Wide v) {
  if (v >= kInfinity) return "int_oo";
  if (v <= -kInfinity) return "-int_oo";
  return std::to_string(static_cast<int64_t>(v));
}

bool only_symbols(const Polynomial& p) {
  for (const Term& term : p.terms()) {
    for (const Expr& atom : term.atoms) {
      if (!atom.is_symbol()) return false;
    }
  }
  return true;
}

/// The value of `x` in p == 0, when x stands alone in one term and divides out.
std::optional<Expr> solve_for(const Polynomial& p, const Expr& x) {
  const Term* with_x = nullptr;
  for (const Term& term : p.terms()) {
    const auto count = std::count(term.atoms.begin(), term.atoms.end(), x);
    if (count == 0) continue;
    if (with_x || term.atoms.size() != 1) return std::nullopt;
    with_x = &term;
  }
  if (!with_x) return std::nullopt;
  const Wide slope = with_x->coefficient;
  Polynomial rest = p;
  rest.add_term({{x}, -slope});
  for (const Term& term : rest.terms()) {
    if (term.coefficient % slope != 0) return std::nullopt;
  }
  rest.divide_exactly(-slope);
  return rest.expr();
}

Interval intersect(const Interval& a, const Interval& b) {
  return {std::max(a.lo, b.lo), std::min(a.hi, b.hi)};
}

/// Bounds of x from slope * x + rest >= 0.
Interval bound_from(Wide slope, const Interval& rest) {
  if (rest.hi >= kInfinity) return {};
  if (slope > 0) return {-floor_div(rest.hi, slope), kInfinity};
  return {-kInfinity, floor_div(rest.hi, -slope)};
}

}  // namespace

std::string ShapeEnv::State::asked_at() const {
  std::string text;
  if (provenance.place.known()) {
    text += " at " + provenance.place.file + ":" + std::to_string(provenance.place.line);
  }
  if (!provenance.function.empty()) text += " in " + provenance.function;
  if (!provenance.op.empty()) text += " (" + provenance.op + ")";
  return text;
}

void ShapeEnv::State::record(const Expr& asked) {
  // What says the same of positive sizes, in a form that later questions can use.
  const auto divisible = as_divisibility(asked);
  const Expr condition = divisible && truth_at(*divisible, hints()) == true ? *divisible : asked;
  log(Event::Eval, "eval " + condition.text() + " [guard added]" + asked_at());
  guards.push_back({condition, provenance});
  conditions.push_back(condition);
  consequences(condition, guards.size() - 1);
  learnt(&condition);
}

void ShapeEnv::State::record_runtime_assert(const Expr& condition) {
  log(Event::RuntimeAssert, "runtime_assert " + condition.text() + " [guard added]");
  runtime_asserts.push_back({condition, provenance});
  conditions.push_back(condition);
  consequences(condition, kNoGuard);
  learnt(&condition);
}

void ShapeEnv::State::consequences(const Expr& condition, size_t cause) {
  if (condition.op() == Op::And) {
    for (const Expr& part : condition.operands()) consequences(replaced(part), cause);
    return;
  }
  if (condition.op() != Op::Eq && condition.op() != Op::Lt && condition.op() != Op::Le) return;
  const Expr &a = condition.operands()[0], &b = condition.operands()[1];
  if (is_real(a) || is_real(b) || is_boolean(a) || is_boolean(b)) return;
  switch (condition.op()) {
    case Op::Eq: equality(a, b, cause); break;
    case Op::Le: inequality(b - a, cause); break;
    default: inequality(b - a - Expr(1), cause); break;
  }
}

void ShapeEnv::State::equality(const Expr& a, const Expr& b, size_t cause) {
  Polynomial p(a);
  p.add(Polynomial(b), -1);
  if (!only_symbols(p) || p.terms().empty()) return;
  // s0*s1 == 8*s0 says s1 == 8, because s0 is not 0.
  if (p.constant_part() == 0) {
    const std::vector<Expr> factors = p.terms().front().atoms;
    for (const Expr& factor : factors) {
      if (assumed(factor).lo < 1) continue;
      auto quotient = p.exact_quotient(Polynomial(factor));
      if (!quotient || quotient->is_constant()) continue;
      if (exact(factor).lo < 1) {
        SymbolState& state = state_of(factor);
        state.needs_at_least = std::max<int64_t>(state.needs_at_least, 1);
      }
      p = std::move(*quotient);
    }
  }
  std::vector<Expr> symbols = p.expr().free_symbols();
  if (symbols.size() > kMaxSolvedSymbols) return;
  // torch's order: data-dependent symbols first, then by hint and name, descending.
  // Of data-dependent ones the younger goes: it may be one of a branch.
  const auto key = [this](const Expr& s) {
    const std::optional<int64_t> hint = hint_of(s);
    return std::make_tuple(!hint, hint.value_or(0), hint ? 0 : s.name().size(), s.name());
  };
  std::sort(symbols.begin(), symbols.end(),
            [&](const Expr& x, const Expr& y) { return key(x) > key(y); });
  for (const Expr& x : symbols) {
    if (const auto value = solve_for(p, x)) {
      replace(x, *value, "solve", cause);
      return;
    }
  }
}

void ShapeEnv::State::inequality(const Expr& e, size_t cause) {
  const Polynomial p(e);
  std::vector<Term> linear;
  for (const Term& term : p.terms()) {
    if (term.atoms.empty()) continue;
    if (term.atoms.size() != 1 || !term.atoms[0].is_symbol()) return;
    linear.push_back(term);
  }
  if (linear.size() > 2) return;
  if (linear.size() == 2 && (gcd(linear[0].coefficient, 0) != 1 ||
                             gcd(linear[1].coefficient, 0) != 1)) {
    return;
  }
  for (const Term& term : linear) {
    const Expr& x = term.atoms[0];
    Polynomial others = p;
    others.add_term({term.atoms, -term.coefficient});
    const Expr rest = others.expr();
    const auto bound = [&](const RangeOf& range_of) {
      return bound_from(term.coefficient, Estimator(range_of).terms(rest));
    };
    narrow(x, {bound([this](const Expr& s) { return exact(s); }),
               bound([this](const Expr& s) { return assumed(s); })},
           {cause, cause});
  }
}

void ShapeEnv::State::narrow(const Expr& symbol, const Bounds& bounds, Causes causes) {
  auto found = by_symbol.find(symbol);
  if (found == by_symbol.end()) return;
  SymbolState& state = *found->second;
  if (state.replacement) return;
  const Interval exact_range = intersect(state.exact, bounds.exact);
  const Interval assumed_range = intersect(state.assumed, bounds.assumed);
  // An example outside of the range the user gave to a hint contradicts every guard.
  if (exact_range.lo > exact_range.hi || assumed_range.lo > assumed_range.hi) return;
  if (assumed_range.lo > state.assumed.lo) state.causes.lower = causes.lower;
  if (assumed_range.hi < state.assumed.hi) state.causes.upper = causes.upper;
  state.exact = exact_range;
  state.assumed = assumed_range;
  if (exact_range.is_point() && fits_int64(exact_range.lo)) {
    replace(symbol, Expr(static_cast<int64_t>(exact_range.lo)), "range_refined_to_singleton",
            exact_range.lo == bounds.exact.lo ? causes.lower : causes.upper);
  }
}

void ShapeEnv::State::narrow_by_replacement(const SymbolState& state) {
  // value = slope * y + constant lies in the range of the symbol that it replaces. With several
  // symbols in the value the range stays a condition.
  const Polynomial value(*state.replacement);
  if (value.is_constant()) return;
  const Term& first = value.terms().front();
  if (value.terms().size() > 2 || first.atoms.size() != 1 || !first.atoms[0].is_symbol()) return;
  if (value.terms().size() == 2 && !value.terms()[1].atoms.empty()) return;
  const Wide slope = first.coefficient, constant = value.constant_part();
  const auto bound = [&](const Interval& range) {
    Interval result;
    if (range.lo > -kInfinity) {
      result = bound_from(slope, {constant - range.lo, constant - range.lo});
    }
    if (range.hi < kInfinity) {
      result = intersect(result, bound_from(-slope, {range.hi - constant, range.hi - constant}));
    }
    return result;
  };
  Causes causes = state.causes;
  if (causes.lower == kNoGuard) causes.lower = state.replacement_cause;
  if (causes.upper == kNoGuard) causes.upper = state.replacement_cause;
  if (slope < 0) std::swap(causes.lower, causes.upper);
  narrow(first.atoms[0], {bound(state.exact), bound(state.assumed)}, causes);
  auto target = by_symbol.find(first.atoms[0]);
  if (target != by_symbol.end() && *state.replacement == first.atoms[0]) {
    target->second->needs_at_least = std::max(target->second->needs_at_least, state.needs_at_least);
  }
}

void ShapeEnv::State::replace(const Expr& symbol, const Expr& value, const char* reason,
                              size_t cause) {
  auto found = by_symbol.find(symbol);
  if (found == by_symbol.end() || found->second->replacement) return;
  SymbolState& state = *found->second;
  state.replacement = value;
  replacements_changed = true;
  replaced_memo.clear();
  state.replacement_cause = cause;
  for (SymbolState& other : symbols) {
    if (&other != &state && other.replacement) other.replacement = replaced(*other.replacement);
  }
  narrow_by_replacement(state);
  const Interval range = bounds(value, [this](const Expr& s) { return assumed(s); });
  log(Event::SetReplacement, "set_replacement " + symbol.name() + " = " + value.text() + " (" +
                                 reason + ") VR[" + bound_text(range.lo) + ", " +
                                 bound_text(range.hi) + "]");
}

}  // namespace tx::symbolic
