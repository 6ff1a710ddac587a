#include "symbolic/polynomial.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>

#include "diag/diagnostic.h"
#include "symbolic/node.h"

namespace tx::symbolic {
namespace {

/// Lexicographic, a longer monomial before its prefix: s0**2, s0*s1, s0, s1, 1.
int compare_monomials(const std::vector<Expr>& a, const std::vector<Expr>& b) {
  const size_t shared = std::min(a.size(), b.size());
  for (size_t i = 0; i < shared; ++i) {
    if (a[i] == b[i]) continue;
    return compare(a[i], b[i]);
  }
  return a.size() == b.size() ? 0 : (a.size() > b.size() ? -1 : 1);
}

bool before(const Term& a, const Term& b) { return compare_monomials(a.atoms, b.atoms) < 0; }

std::vector<Expr> merge_atoms(const std::vector<Expr>& a, const std::vector<Expr>& b) {
  std::vector<Expr> all;
  all.reserve(a.size() + b.size());
  std::merge(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(all),
             [](const Expr& x, const Expr& y) { return compare(x, y) < 0; });
  return all;
}

/// The atoms of `a` without those of `b`, when `b` divides `a`.
std::optional<std::vector<Expr>> remove_atoms(std::vector<Expr> a, const std::vector<Expr>& b) {
  for (const Expr& atom : b) {
    auto found = std::find(a.begin(), a.end(), atom);
    if (found == a.end()) return std::nullopt;
    a.erase(found);
  }
  return a;
}

Wide checked_multiply(Wide a, Wide b) {
  Wide result;
  if (__builtin_mul_overflow(a, b, &result)) {
    diag::fail(diag::Code::TX2009, "a size expression does not fit into 64 bits");
  }
  return result;
}

Wide checked_add(Wide a, Wide b) {
  Wide result;
  if (__builtin_add_overflow(a, b, &result)) {
    diag::fail(diag::Code::TX2009, "a size expression does not fit into 64 bits");
  }
  return result;
}

Term term_of(const Expr& e) {
  if (e.is_constant()) return {{}, e.value()};
  if (e.op() != Op::Mul) return {{e}, 1};
  const std::vector<Expr>& factors = e.operands();
  if (factors.front().is_constant()) {
    return {{factors.begin() + 1, factors.end()}, factors.front().value()};
  }
  return {factors, 1};
}

Expr term_expr(const Term& term) {
  if (!fits_int64(term.coefficient)) {
    diag::fail(diag::Code::TX2009, "a size expression does not fit into 64 bits");
  }
  const Expr coefficient(static_cast<int64_t>(term.coefficient));
  if (term.atoms.empty()) return coefficient;
  if (term.coefficient == 1 && term.atoms.size() == 1) return term.atoms.front();
  std::vector<Expr> factors;
  factors.reserve(term.atoms.size() + 1);
  if (term.coefficient != 1) factors.push_back(coefficient);
  factors.insert(factors.end(), term.atoms.begin(), term.atoms.end());
  return make_raw(Op::Mul, std::move(factors));
}

}  // namespace

bool fits_int64(Wide value) {
  return value >= std::numeric_limits<int64_t>::min() &&
         value <= std::numeric_limits<int64_t>::max();
}

Wide gcd(Wide a, Wide b) {
  if (a < 0) a = -a;
  if (b < 0) b = -b;
  while (b != 0) a = std::exchange(b, a % b);
  return a;
}

Wide floor_div(Wide a, Wide b) {
  const Wide quotient = a / b;
  return quotient - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0);
}

Wide mod(Wide a, Wide b) { return a - floor_div(a, b) * b; }

Polynomial::Polynomial(const Expr& e) {
  if (e.op() == Op::Add) {
    terms_.reserve(e.operands().size());
    // The operands of a canonical sum are in term order already.
    for (const Expr& operand : e.operands()) terms_.push_back(term_of(operand));
  } else if (e != Expr(0)) {
    terms_.push_back(term_of(e));
  }
}

bool Polynomial::is_constant() const {
  return terms_.empty() || (terms_.size() == 1 && terms_.front().atoms.empty());
}

Wide Polynomial::constant_part() const {
  return !terms_.empty() && terms_.back().atoms.empty() ? terms_.back().coefficient : 0;
}

Wide Polynomial::content(bool with_constant) const {
  Wide divisor = 0;
  for (const Term& term : terms_) {
    if (with_constant || !term.atoms.empty()) divisor = gcd(divisor, term.coefficient);
  }
  return divisor;
}

void Polynomial::add_term(Term term) {
  if (term.coefficient == 0) return;
  auto at = std::lower_bound(terms_.begin(), terms_.end(), term, before);
  if (at == terms_.end() || at->atoms != term.atoms) {
    terms_.insert(at, std::move(term));
    return;
  }
  at->coefficient = checked_add(at->coefficient, term.coefficient);
  if (at->coefficient == 0) terms_.erase(at);
}

void Polynomial::add(const Polynomial& other, Wide factor) {
  for (const Term& term : other.terms_) {
    add_term({term.atoms, checked_multiply(term.coefficient, factor)});
  }
}

Polynomial Polynomial::times(const Polynomial& other) const {
  Polynomial product;
  for (const Term& a : terms_) {
    for (const Term& b : other.terms_) {
      product.terms_.push_back(
          {merge_atoms(a.atoms, b.atoms), checked_multiply(a.coefficient, b.coefficient)});
    }
  }
  product.normalize();
  return product;
}

void Polynomial::normalize() {
  std::sort(terms_.begin(), terms_.end(), before);
  std::vector<Term> merged;
  for (Term& term : terms_) {
    if (!merged.empty() && merged.back().atoms == term.atoms) {
      merged.back().coefficient = checked_add(merged.back().coefficient, term.coefficient);
    } else {
      merged.push_back(std::move(term));
    }
  }
  std::erase_if(merged, [](const Term& term) { return term.coefficient == 0; });
  terms_ = std::move(merged);
}

void Polynomial::divide_exactly(Wide divisor) {
  for (Term& term : terms_) term.coefficient /= divisor;
}

std::optional<Polynomial> Polynomial::exact_quotient(const Polynomial& divisor) const {
  if (divisor.terms_.empty()) return std::nullopt;
  const Term& lead = divisor.terms_.front();
  Polynomial rest = *this;
  Polynomial quotient;
  // Each step removes the leading term and adds only later ones, so this ends.
  while (!rest.terms_.empty()) {
    const Term& head = rest.terms_.front();
    std::optional<std::vector<Expr>> atoms = remove_atoms(head.atoms, lead.atoms);
    if (!atoms || head.coefficient % lead.coefficient != 0) return std::nullopt;
    Polynomial step;
    step.add_term({std::move(*atoms), head.coefficient / lead.coefficient});
    rest.add(step.times(divisor), -1);
    quotient.add(step);
  }
  return quotient;
}

Expr Polynomial::expr() const {
  if (terms_.empty()) return Expr(0);
  if (terms_.size() == 1) return term_expr(terms_.front());
  std::vector<Expr> operands;
  operands.reserve(terms_.size());
  for (const Term& term : terms_) operands.push_back(term_expr(term));
  return make_raw(Op::Add, std::move(operands));
}

}  // namespace tx::symbolic
