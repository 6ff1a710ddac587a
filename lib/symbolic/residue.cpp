#include "symbolic/residue.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "symbolic/node.h"

namespace tx::symbolic {
namespace {

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

/// A term `coefficient * (numerator // divisor)`.
struct Division {
  Expr atom;
  Wide coefficient = 0;
  Wide divisor = 1;
  Linear numerator;
};

/// The divisions of `p` when they stand alone in their terms, have a constant divisor and are of
/// one symbol; other terms have symbols as factors only.
std::optional<std::vector<Division>> divisions_of(const Polynomial& p) {
  std::vector<Division> result;
  for (const Term& term : p.terms()) {
    for (const Expr& atom : term.atoms) {
      if (atom.is_symbol()) continue;
      if (term.atoms.size() != 1 || atom.op() != Op::FloorDiv ||
          !atom.operands()[1].is_constant() || atom.operands()[1].value() <= 1) {
        return std::nullopt;
      }
      const auto numerator = linear_in_one_symbol(Polynomial(atom.operands()[0]));
      if (!numerator) return std::nullopt;
      result.push_back({atom, term.coefficient, atom.operands()[1].value(), *numerator});
    }
  }
  return result;
}

/// p is t * (a % k) + rest, where a % k is written a - k * (a // k).
std::optional<Residue> of_one_division(const Polynomial& p, const Division& division) {
  const Wide k = division.divisor;
  if (division.coefficient % k != 0) return std::nullopt;
  const Wide t = -(division.coefficient / k);
  Polynomial rest = p;
  rest.add_term({{division.atom}, -division.coefficient});
  rest.add(Polynomial(division.atom.operands()[0]), -t);
  if (!rest.is_constant() || rest.constant_part() % t != 0) return std::nullopt;
  const Wide remainder = -rest.constant_part() / t;
  if (remainder < 0 || remainder >= k) return std::nullopt;  // no size satisfies it
  // slope * x == target (mod k)
  const Linear& numerator = division.numerator;
  const Wide target = remainder - numerator.constant;
  const Wide shared = gcd(numerator.slope, k);
  if (target % shared != 0) return std::nullopt;
  const Wide modulus = k / shared;
  if (modulus <= 1) return std::nullopt;
  const Wide offset =
      mod(mod(target / shared, modulus) * inverse(numerator.slope / shared, modulus), modulus);
  return Residue{numerator.symbol, modulus, offset, offset};
}

/// p is t * ((x + c) // j - k * ((x + d) // (j*k))) + rest, where j divides d - c.
std::optional<Residue> of_two_divisions(const Polynomial& p, const Division& fine,
                                        const Division& coarse) {
  if (fine.numerator.slope != 1 || coarse.numerator.slope != 1) return std::nullopt;
  if (fine.numerator.symbol != coarse.numerator.symbol) return std::nullopt;
  const Wide j = fine.divisor, modulus = coarse.divisor;
  if (modulus <= j || modulus % j != 0) return std::nullopt;
  const Wide k = modulus / j, t = fine.coefficient;
  if (coarse.coefficient != -t * k) return std::nullopt;
  if (p.terms().size() > 3 || (p.terms().size() == 3 && !p.terms()[2].atoms.empty())) {
    return std::nullopt;
  }
  const Wide difference = coarse.numerator.constant - fine.numerator.constant;
  if (difference % j != 0 || p.constant_part() % t != 0) return std::nullopt;
  // With y = (x + c) // j + (d - c) // j, p says y % k == o.
  const Wide o = difference / j - p.constant_part() / t;
  if (o < 0 || o >= k) return std::nullopt;
  const Wide high = mod(j * o + j - 1 - coarse.numerator.constant, modulus);
  return Residue{fine.numerator.symbol, modulus, high - (j - 1), high};
}

}  // namespace

std::optional<Residue> residue_of(const Polynomial& zero) {
  const auto divisions = divisions_of(zero);
  if (!divisions) return std::nullopt;
  if (divisions->size() == 1) return of_one_division(zero, divisions->front());
  if (divisions->size() != 2) return std::nullopt;
  const Division &a = (*divisions)[0], &b = (*divisions)[1];
  return a.divisor < b.divisor ? of_two_divisions(zero, a, b) : of_two_divisions(zero, b, a);
}

namespace {

/// More divisions in one equation are left alone, and larger divisors.
constexpr size_t kMaxDivisions = 4;
constexpr int64_t kMaxDivisor = 1 << 20;

/// The terms of `p` that have all of `chosen` and none of `excluded` as factors, without them.
Polynomial coefficient_of(const Polynomial& p, const std::vector<Expr>& chosen,
                          const std::vector<Expr>& all) {
  Polynomial result;
  for (const Term& term : p.terms()) {
    Term rest{{}, term.coefficient};
    size_t found = 0;
    bool fits = true;
    for (const Expr& atom : term.atoms) {
      if (std::find(all.begin(), all.end(), atom) == all.end()) {
        rest.atoms.push_back(atom);
      } else {
        fits &= std::find(chosen.begin(), chosen.end(), atom) != chosen.end();
        ++found;
      }
    }
    if (fits && found == chosen.size()) result.add_term(std::move(rest));
  }
  return result;
}

std::vector<Expr> divisions_in(const Polynomial& p) {
  std::vector<Expr> result;
  for (const Term& term : p.terms()) {
    for (const Expr& atom : term.atoms) {
      if (atom.op() == Op::FloorDiv && atom.operands()[1].is_constant() &&
          atom.operands()[1].value() > 1 && atom.operands()[1].value() <= kMaxDivisor &&
          std::find(result.begin(), result.end(), atom) == result.end()) {
        result.push_back(atom);
      }
    }
  }
  return result;
}

/// One of the quotients y = numerator // divisor of a product.
struct Quotient {
  Expr atom;
  Expr numerator;
  int64_t divisor = 1;
};

/// The ways to read a division in `p`: (x // 12) is also (x // 4) // 3 where x // 4 stands in `p`.
std::vector<Quotient> readings(const Expr& y, const std::vector<Expr>& all) {
  const Expr& x = y.operands()[0];
  const int64_t k = y.operands()[1].value();
  std::vector<Quotient> result{{y, x, k}};
  for (const Expr& fine : all) {
    const int64_t j = fine.operands()[1].value();
    if (fine.operands()[0] == x && j < k && k % j == 0) result.push_back({y, fine, k / j});
  }
  return result;
}

/// Reads `p` as c * (product of (y + shift)) - c / (product of k) * (product of a), where each y is
/// a // k and each a stands for the shifted numerator.
std::optional<Expr> divisible(const Polynomial& p, const std::vector<Quotient>& quotients) {
  std::vector<Expr> divisions;
  for (const Quotient& q : quotients) divisions.push_back(q.atom);
  const Polynomial lead = coefficient_of(p, divisions, divisions);
  if (lead.terms().empty()) return std::nullopt;
  Polynomial floors = lead, numerators = lead;
  Wide scale = 1;
  std::optional<Expr> result;
  for (const Quotient& y : quotients) {
    std::vector<Expr> others = divisions;
    std::erase(others, y.atom);
    const auto shift = coefficient_of(p, others, divisions).exact_quotient(lead);
    if (!shift || !shift->is_constant() || !fits_int64(shift->constant_part())) {
      return std::nullopt;
    }
    const Wide c = shift->constant_part();
    Polynomial quotient(y.atom), numerator(y.numerator);
    quotient.add_term({{}, c});
    numerator.add_term({{}, c * y.divisor});
    floors = floors.times(quotient);
    numerators = numerators.times(numerator);
    scale *= y.divisor;
    const Expr part = eq(mod(numerator.expr(), Expr(y.divisor)), Expr(0));
    result = result ? logical_and(*result, part) : part;
  }
  // scale * (p - floors) + numerators == 0
  Polynomial rest = p;
  rest.add(floors, -1);
  Polynomial check = numerators;
  check.add(rest, scale);
  if (!check.terms().empty()) return std::nullopt;
  return result;
}

/// Tries every combination of readings.
std::optional<Expr> divisible(const Polynomial& p, const std::vector<Expr>& divisions,
                              const std::vector<Expr>& all, std::vector<Quotient> chosen) {
  if (chosen.size() == divisions.size()) return divisible(p, chosen);
  for (Quotient& reading : readings(divisions[chosen.size()], all)) {
    std::vector<Quotient> next = chosen;
    next.push_back(std::move(reading));
    if (auto found = divisible(p, divisions, all, std::move(next))) return found;
  }
  return std::nullopt;
}

/// Whether `fine` is a part of the division `coarse`: of its numerator, or (x // 4) of (x // 12).
bool is_inside(const Expr& fine, const Expr& coarse) {
  if (fine == coarse) return false;
  const std::vector<Expr>& x = coarse.operands();
  if (fine.operands()[0] == x[0]) return x[1].value() % fine.operands()[1].value() == 0;
  const std::vector<Expr> inside = divisions_in(Polynomial(x[0]));
  return std::find(inside.begin(), inside.end(), fine) != inside.end();
}

}  // namespace

std::optional<Expr> as_divisibility(const Expr& equation) {
  if (equation.op() != Op::Eq) return std::nullopt;
  const Expr &left = equation.operands()[0], &right = equation.operands()[1];
  if (is_real(left) || is_real(right) || is_boolean(left) || is_boolean(right)) {
    return std::nullopt;
  }
  Polynomial p(left);
  p.add(Polynomial(right), -1);
  const std::vector<Expr> all = divisions_in(p);
  if (all.size() > 2 * kMaxDivisions) return std::nullopt;
  // Divisions may also be part of the divided sizes: only the coarse ones count as quotients.
  std::vector<Expr> coarse = all;
  std::erase_if(coarse, [&](const Expr& y) {
    return std::any_of(all.begin(), all.end(), [&](const Expr& z) { return is_inside(y, z); });
  });
  if (coarse.size() < 2 || coarse.size() > kMaxDivisions) return std::nullopt;
  return divisible(p, coarse, all, {});
}

}  // namespace tx::symbolic
