#include "symbolic/facts.h"

#include <algorithm>
#include <string>
#include <utility>

#include "symbolic/node.h"

namespace tx::symbolic {
namespace {

/// a // k for a positive constant k, everything that k divides taken out of the numerator.
Expr normal_floor_div(const Expr& a, int64_t k) {
  Polynomial quotient, rest;
  const Polynomial numerator(a);
  for (const Term& term : numerator.terms()) {
    quotient.add_term({term.atoms, floor_div(term.coefficient, k)});
    rest.add_term({term.atoms, mod(term.coefficient, k)});
  }
  // (g*a + c) // (g*k) is (a + c//g) // k.
  const Wide shared = gcd(rest.content(false), k);
  if (shared > 1) {
    const Wide constant = rest.constant_part();
    rest.add_term({{}, floor_div(constant, shared) * shared - constant});
    rest.divide_exactly(shared);
    quotient.add(Polynomial(floor_div(rest.expr(), Expr(static_cast<int64_t>(k / shared)))));
  } else {
    quotient.add(Polynomial(floor_div(rest.expr(), Expr(k))));
  }
  return quotient.expr();
}

/// The inverse of a modulo m, which are coprime.
Wide inverse(Wide a, Wide m) {
  Wide old_r = mod(a, m), r = m, old_s = 1, s = 0;
  while (r != 0) {
    const Wide q = old_r / r;
    old_r = std::exchange(r, old_r - q * r);
    old_s = std::exchange(s, old_s - q * s);
  }
  return mod(old_s, m);
}

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

struct Linear {
  Expr symbol;
  Wide slope = 0;
  Wide constant = 0;
};

std::optional<Linear> linear_in_one_symbol(const Polynomial& p) {
  const std::vector<Term>& terms = p.terms();
  if (terms.empty() || terms.size() > 2) return std::nullopt;
  if (terms[0].atoms.size() != 1 || !terms[0].atoms[0].is_symbol()) return std::nullopt;
  if (terms.size() == 2 && !terms[1].atoms.empty()) return std::nullopt;
  return Linear{terms[0].atoms[0], terms[0].coefficient, p.constant_part()};
}

}  // namespace

Expr normal_form(const Expr& e) {
  if (e.operands().empty()) return e;
  std::vector<Expr> operands;
  operands.reserve(e.operands().size());
  for (const Expr& operand : e.operands()) operands.push_back(normal_form(operand));
  if ((e.op() == Op::FloorDiv || e.op() == Op::Mod) && operands[1].is_constant() &&
      operands[1].value() > 1) {
    const Expr quotient = normal_floor_div(operands[0], operands[1].value());
    return e.op() == Op::FloorDiv ? quotient : operands[0] - operands[1] * quotient;
  }
  return make(e.op(), std::move(operands));
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
  Facts before;
  before.witnesses_ = witnesses_;
  before.owners_ = owners_;
  if (add_witnesses(condition)) {
    witnesses_ = std::move(before.witnesses_);
    owners_ = std::move(before.owners_);
    return false;
  }
  add(condition);
  return true;
}

bool NonNegative::shares_symbols_with(const std::vector<Expr>& others) const {
  return std::any_of(symbols.begin(), symbols.end(), [&](const Expr& symbol) {
    return std::find(others.begin(), others.end(), symbol) != others.end();
  });
}

const Witness* Facts::witness(const Expr& symbol) const {
  auto found = witnesses_.find(symbol);
  return found == witnesses_.end() ? nullptr : &found->second;
}

const Expr* Facts::owner(const Expr& witness) const {
  auto found = owners_.find(witness);
  return found == owners_.end() ? nullptr : &found->second;
}

Expr Facts::rewrite(const Expr& e) const {
  if (witnesses_.empty()) return normal_form(e);
  return normal_form(e.substitute([&](const Expr& symbol) -> std::optional<Expr> {
    const Witness* w = witness(symbol);
    if (!w) return std::nullopt;
    return Expr(w->modulus) * w->symbol + Expr(w->offset);
  }));
}

Interval Facts::range(const Expr& symbol, const RangeOf& range_of) const {
  const Expr* original = owner(symbol);
  if (!original) return range_of(symbol);
  const Witness& w = *witness(*original);
  const Interval range = range_of(*original);
  return {range.lo <= -kInfinity ? -kInfinity : -floor_div(w.offset - range.lo, Wide(w.modulus)),
          range.hi >= kInfinity ? kInfinity : floor_div(range.hi - w.offset, Wide(w.modulus))};
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
  const Expr normalized = normalize_inequality(p);
  nonnegative_.push_back({normalized, normalized.free_symbols()});
}

bool Facts::add_witness(const Expr& zero) {
  // `zero` is t * (a % k) + r, where a % k is written a - k * (a // k).
  const Polynomial p(zero);
  const Term* division = nullptr;
  for (const Term& term : p.terms()) {
    for (const Expr& atom : term.atoms) {
      if (atom.is_symbol()) continue;
      if (division || term.atoms.size() != 1 || atom.op() != Op::FloorDiv ||
          !atom.operands()[1].is_constant()) {
        return false;
      }
      division = &term;
    }
  }
  if (!division) return false;
  const Polynomial numerator(division->atoms[0].operands()[0]);
  const Wide k = division->atoms[0].operands()[1].value();
  if (k <= 1 || division->coefficient % k != 0) return false;
  const Wide t = -(division->coefficient / k);
  Polynomial rest = p;
  rest.add_term({division->atoms, -division->coefficient});
  rest.add(numerator, -t);
  if (!rest.is_constant() || rest.constant_part() % t != 0) return false;
  const auto linear = linear_in_one_symbol(numerator);
  if (!linear) return false;

  // slope * x == target (mod k)
  const Wide target = -rest.constant_part() / t - linear->constant;
  const Wide shared = gcd(linear->slope, k);
  if (target % shared != 0) return false;
  const Wide modulus = k / shared;
  if (modulus <= 1) return false;
  const Wide offset =
      mod(mod(target / shared, modulus) * inverse(linear->slope / shared, modulus), modulus);

  const Expr* original = owner(linear->symbol);
  const Expr x = original ? *original : linear->symbol;
  const Witness known = original ? *witness(x) : Witness{};
  const Wide combined = modulus * known.modulus;
  if (combined > (Wide(1) << 40)) return false;
  Witness next;
  next.modulus = static_cast<int64_t>(combined);
  next.offset = static_cast<int64_t>(offset * known.modulus + known.offset);
  next.symbol = Expr::symbol("_" + std::to_string(next.modulus) + "_" + x.name());
  owners_.erase(linear->symbol);
  owners_.insert_or_assign(next.symbol, x);
  witnesses_.insert_or_assign(x, next);
  return true;
}

}  // namespace tx::symbolic
