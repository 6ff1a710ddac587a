#include "symbolic/facts.h"

#include <algorithm>
#include <functional>
#include <string>
#include <utility>

#include "symbolic/node.h"
#include "symbolic/residue.h"

namespace tx::symbolic {
namespace {

/// Divisors of one division are multiplied up to this size.
constexpr Wide kMaxDivisor = Wide(1) << 40;
/// Larger intervals of rests are not looked into.
constexpr int64_t kMaxRests = 4096;

bool compares_integers(const Expr& condition) {
  switch (condition.op()) {
    case Op::Eq:
    case Op::Ne:
    case Op::Lt:
    case Op::Le: break;
    default: return false;
  }
  const Expr &a = condition.operands()[0], &b = condition.operands()[1];
  return !is_real(a) && !is_real(b) && !is_boolean(a) && !is_boolean(b);
}

/// Writes expressions in normal form.
class NormalForm {
 public:
  using Memo = std::unordered_map<Expr, Expr>;
  /// What stands for a symbol, and the bounds of a rest; both know nothing of other symbols.
  using ValueOf = std::function<std::optional<Expr>(const Expr& symbol)>;
  using RestOf = std::function<std::optional<Interval>(const Expr& symbol)>;

  NormalForm(Memo& memo, ValueOf value_of, RestOf rest_of)
      : memo_(memo), value_of_(std::move(value_of)), rest_of_(std::move(rest_of)) {}

  Expr of(const Expr& e) {
    if (e.is_symbol()) return value_of_(e).value_or(e);
    if (e.operands().empty()) return e;
    if (auto known = memo_.find(e); known != memo_.end()) return known->second;
    const Expr result = compound(e);
    memo_.emplace(e, result);
    return result;
  }

 private:
  Expr compound(const Expr& e) {
    std::vector<Expr> operands;
    operands.reserve(e.operands().size());
    bool changed = false;
    for (const Expr& operand : e.operands()) {
      operands.push_back(of(operand));
      changed |= operands.back() != operand;
    }
    if ((e.op() == Op::FloorDiv || e.op() == Op::Mod) && operands[1].is_constant() &&
        operands[1].value() > 1) {
      const Expr quotient = divided(Polynomial(operands[0]), operands[1].value());
      return e.op() == Op::FloorDiv ? quotient : operands[0] - operands[1] * quotient;
    }
    return changed ? make(e.op(), std::move(operands)) : e;
  }

  /// a // k for a positive constant k, everything that k divides taken out of the numerator.
  Expr divided(const Polynomial& a, Wide k) {
    Polynomial quotient, firm, loose;
    for (const Term& term : a.terms()) {
      Wide whole = floor_div(term.coefficient, k), part = mod(term.coefficient, k);
      if (is_loose(term)) {
        // Small numbers of either sign keep the bounds of the loose part tight.
        if (!term.atoms.empty() && part > k / 2) {
          part -= k;
          whole += 1;
        }
        loose.add_term({term.atoms, part});
      } else {
        firm.add_term({term.atoms, part});
      }
      quotient.add_term({term.atoms, whole});
    }
    // (g*a + rest) // (g*m) is (a + rest//g) // m.
    const Wide g = gcd(firm.content(true), k);
    const Interval range = bounds_of(loose);
    if (g > 1 && floor_div(range.lo, g) == floor_div(range.hi, g)) {
      Polynomial rest = firm;
      rest.divide_exactly(g);
      rest.add_term({{}, floor_div(range.lo, g)});
      quotient.add(g == k ? rest : Polynomial(divided(rest, k / g)));
    } else {
      firm.add(loose);
      quotient.add(Polynomial(single(firm, k)));
    }
    return quotient.expr();
  }

  /// (x // j + c) // k is (x + c*j) // (j*k).
  Expr single(const Polynomial& a, Wide k) {
    const std::vector<Term>& terms = a.terms();
    const bool of_division = !terms.empty() && terms.size() <= 2 && terms[0].coefficient == 1 &&
                             terms[0].atoms.size() == 1 &&
                             terms[0].atoms[0].op() == Op::FloorDiv &&
                             terms[0].atoms[0].operands()[1].is_constant() &&
                             (terms.size() == 1 || terms[1].atoms.empty());
    if (of_division) {
      const std::vector<Expr>& inner = terms[0].atoms[0].operands();
      const Wide j = inner[1].value();
      if (j > 0 && j * k <= kMaxDivisor) {
        Polynomial numerator(inner[0]);
        numerator.add_term({{}, a.constant_part() * j});
        return divided(numerator, j * k);
      }
    }
    return floor_div(a.expr(), Expr(static_cast<int64_t>(k)));
  }

  bool is_loose(const Term& term) const {
    if (term.atoms.empty()) return true;
    return term.atoms.size() == 1 && term.atoms[0].is_symbol() &&
           rest_of_(term.atoms[0]).has_value();
  }

  Interval bounds_of(const Polynomial& loose) const {
    Interval sum{0, 0};
    for (const Term& term : loose.terms()) {
      const Interval range = term.atoms.empty() ? Interval{1, 1} : *rest_of_(term.atoms[0]);
      const Wide a = term.coefficient * range.lo, b = term.coefficient * range.hi;
      sum = {sum.lo + std::min(a, b), sum.hi + std::max(a, b)};
    }
    return sum;
  }

  Memo& memo_;
  ValueOf value_of_;
  RestOf rest_of_;
};

}  // namespace

Expr normal_form(const Expr& e) {
  NormalForm::Memo memo;
  return NormalForm(memo, [](const Expr&) { return std::nullopt; },
                    [](const Expr&) { return std::nullopt; })
      .of(e);
}

Expr normalize_equation(const Expr& p) {
  Polynomial result(p);
  if (result.terms().empty()) return p;
  const Wide sign = result.terms().front().coefficient < 0 ? -1 : 1;
  result.divide_exactly(sign * result.content(true));
  return result.expr();
}

Expr normalize_inequality(const Expr& p) {
  Polynomial result(p);
  const Wide content = result.content(false);
  if (content <= 1) return p;
  const Wide constant = result.constant_part();
  result.add_term({{}, floor_div(constant, content) * content - constant});
  result.divide_exactly(content);
  return result.expr();
}

void Facts::rebuild(const std::vector<Expr>& conditions) {
  *this = Facts();
  for (const Expr& condition : conditions) add_witnesses(condition);
  for (const Expr& condition : conditions) add(condition);
}

bool Facts::extend(const Expr& condition) {
  const auto witnesses = witnesses_;
  const auto owners = owners_;
  if (add_witnesses(condition)) {
    witnesses_ = witnesses;
    owners_ = owners;
    rewritten_.clear();
    return false;
  }
  add(condition);
  return true;
}

bool NonNegative::shares_monomial_with(const Polynomial& p) const {
  return std::any_of(p.terms().begin(), p.terms().end(), [&](const Term& term) {
    return !term.atoms.empty() &&
           std::find(monomials.begin(), monomials.end(), term.atoms) != monomials.end();
  });
}

const Witness* Facts::witness(const Expr& symbol) const {
  auto found = witnesses_.find(symbol);
  return found == witnesses_.end() ? nullptr : &found->second;
}

Expr Facts::rewrite(const Expr& e) const {
  return NormalForm(
             rewritten_,
             [this](const Expr& symbol) -> std::optional<Expr> {
               const Witness* w = witness(symbol);
               return w ? std::optional<Expr>(w->value()) : std::nullopt;
             },
             [this](const Expr& symbol) -> std::optional<Interval> {
               auto owner = owners_.find(symbol);
               if (owner == owners_.end()) return std::nullopt;
               const Witness& w = witnesses_.at(owner->second);
               if (w.rest != symbol) return std::nullopt;
               return Interval{w.low, w.high};
             })
      .of(e);
}

Interval Facts::range(const Expr& symbol, const RangeOf& range_of) const {
  auto owner = owners_.find(symbol);
  if (owner == owners_.end()) return range_of(symbol);
  const Witness& w = witnesses_.at(owner->second);
  if (w.rest == symbol) return {w.low, w.high};
  const Interval range = range_of(owner->second);
  return {range.lo <= -kInfinity ? -kInfinity : -floor_div(w.high - range.lo, Wide(w.modulus)),
          range.hi >= kInfinity ? kInfinity : floor_div(range.hi - w.low, Wide(w.modulus))};
}

bool Facts::add_witnesses(const Expr& condition) {
  if (condition.op() == Op::And) {
    bool added = false;
    for (const Expr& part : condition.operands()) added |= add_witnesses(part);
    return added;
  }
  if (condition.op() != Op::Eq || !compares_integers(condition)) return false;
  const Expr p = rewrite(condition.operands()[1] - condition.operands()[0]);
  return !p.is_constant() && add_witness(p);
}

void Facts::add(const Expr& condition) {
  if (condition.op() == Op::And) {
    for (const Expr& part : condition.operands()) add(part);
    return;
  }
  holds_.insert(condition);
  if (!compares_integers(condition)) return;
  const Expr p = rewrite(condition.operands()[1] - condition.operands()[0]);
  if (p.is_constant()) return;
  switch (condition.op()) {
    case Op::Eq:
      zero_.insert(normalize_equation(p));
      add_nonnegative(p);
      add_nonnegative(-p);
      break;
    case Op::Ne: nonzero_.insert(normalize_equation(p)); break;
    case Op::Lt: add_nonnegative(p - Expr(1)); break;
    default: add_nonnegative(p); break;
  }
}

void Facts::add_nonnegative(const Expr& p) {
  NonNegative fact{normalize_inequality(p), {}};
  const Polynomial polynomial(fact.polynomial);
  for (const Term& term : polynomial.terms()) {
    if (!term.atoms.empty()) fact.monomials.push_back(term.atoms);
  }
  nonnegative_.push_back(std::move(fact));
}

bool Facts::add_witness(const Expr& zero) {
  const auto found = residue_of(Polynomial(zero));
  if (!found || found->modulus > kMaxDivisor) return false;
  Witness next;
  next.modulus = static_cast<int64_t>(found->modulus);
  next.low = static_cast<int64_t>(found->low);
  next.high = static_cast<int64_t>(found->high);
  return refine_witness(found->symbol, next);
}

/// Takes what is found out about `part`, a symbol or the quotient or rest of one, into the
/// symbol's witness. Returns whether that changed something.
bool Facts::refine_witness(const Expr& part, const Witness& found) {
  const auto owner = owners_.find(part);
  const Expr x = owner == owners_.end() ? part : owner->second;
  Witness next = found;
  if (owner != owners_.end()) {
    const Witness& known = witnesses_.at(x);
    if (part == known.rest) {
      // The rests that are left have to be an interval again.
      next = known;
      if (next.high - next.low > kMaxRests) return false;
      while (next.low <= next.high && !found.admits(next.low)) ++next.low;
      while (next.high >= next.low && !found.admits(next.high)) --next.high;
      if (next.low > next.high) return false;
      for (int64_t v = next.low; v <= next.high; ++v) {
        if (!found.admits(v)) return false;
      }
      if (next.low == known.low && next.high == known.high) return false;
    } else {
      // x = M*q + r with q = m*v + o
      const Wide modulus = Wide(known.modulus) * found.modulus;
      if (found.low != found.high || modulus > kMaxDivisor) return false;
      next.modulus = static_cast<int64_t>(modulus);
      next.low = known.low + known.modulus * found.low;
      next.high = known.high + known.modulus * found.low;
    }
    owners_.erase(known.quotient);
    owners_.erase(known.rest);
  }
  const int64_t shift = static_cast<int64_t>(floor_div(Wide(next.high), Wide(next.modulus))) *
                        next.modulus;
  next.low -= shift;
  next.high -= shift;
  const std::string name = std::to_string(next.modulus) + "_" + x.name();
  next.quotient = Expr::symbol("_" + name);
  next.rest = Expr(next.low);
  if (next.low != next.high) {
    next.rest = Expr::symbol("_" + std::to_string(next.high) + "_of_" + name);
    owners_.insert_or_assign(next.rest, x);
  }
  owners_.insert_or_assign(next.quotient, x);
  witnesses_.insert_or_assign(x, next);
  rewritten_.clear();
  return true;
}

}  // namespace tx::symbolic
