// The smallest value of a sum, where terms move together (part of interval.h).
//
// Two readings are tried. In the first the factors of the terms (symbols, divisions) are taken for
// independent numbers, each within its own bounds: a sum that only grows with one of them is
// smallest at its lower end, so one factor after the other is replaced by an end. In the second
// divisions are first replaced by what they are a fraction of, b * (a // b) in [a - b + 1, a].
#include <algorithm>

#include "diag/diagnostic.h"
#include "symbolic/interval.h"

namespace tx::symbolic {
namespace {

constexpr Wide kModerate = Wide(1) << 31;
constexpr size_t kMaxFactors = 6;
/// Divisions that are replaced one after the other.
constexpr int kDivisions = 4;
/// How deep the sign of a slope is looked into.
constexpr int kSlopeDepth = 2;
/// Polynomials looked at for one bound; more are not worth an answer.
constexpr int kEffort = 120;

bool infinite(Wide v) { return v <= -kInfinity || v >= kInfinity; }
bool moderate(Wide v) { return v < kModerate && v > -kModerate; }
/// Whether replacing factors by moderate numbers keeps coefficients far from the ends of Wide.
bool moderate(const Polynomial& p) {
  return std::all_of(p.terms().begin(), p.terms().end(), [](const Term& t) {
    return moderate(t.coefficient) && t.atoms.size() <= kMaxFactors;
  });
}

/// `p` with every occurrence of the factor `x` replaced by `x + shift` or, without `keep`, by
/// `shift`.
Polynomial replace_factor(const Polynomial& p, const Expr& x, Wide shift, bool keep) {
  Polynomial result;
  for (const Term& term : p.terms()) {
    Polynomial part;
    Term others{{}, term.coefficient};
    size_t power = 0;
    for (const Expr& atom : term.atoms) {
      if (atom == x) {
        ++power;
      } else {
        others.atoms.push_back(atom);
      }
    }
    part.add_term(std::move(others));
    if (power > 0) {
      Polynomial value;
      if (keep) value.add_term({{x}, 1});
      if (shift != 0) value.add_term({{}, shift});
      for (size_t i = 0; i < power; ++i) part = part.times(value);
    }
    result.add(part);
  }
  return result;
}

/// The factors that stand in more than one term: only these make a bound term by term inexact.
std::vector<Expr> shared_factors(const Polynomial& p) {
  std::vector<Expr> seen, shared;
  for (const Term& term : p.terms()) {
    const Expr* previous = nullptr;
    for (const Expr& atom : term.atoms) {
      if (previous && *previous == atom) continue;
      previous = &atom;
      if (std::find(seen.begin(), seen.end(), atom) == seen.end()) {
        seen.push_back(atom);
      } else if (std::find(shared.begin(), shared.end(), atom) == shared.end()) {
        shared.push_back(atom);
      }
    }
  }
  return shared;
}

class LowerBound {
 public:
  explicit LowerBound(Estimator& estimator) : estimator_(estimator) {}

  Wide of(const Polynomial& p) {
    Wide best = independent(p, kSlopeDepth);
    Polynomial scaled = p;
    Wide factor = 1;
    for (int i = 0; i < kDivisions && replace_division(scaled, factor); ++i) {
      const Wide bound = independent(scaled, kSlopeDepth);
      if (infinite(bound)) continue;
      best = std::max(best, -floor_div(-bound, factor));
    }
    return best;
  }

 private:
  /// A bound where factors are independent of each other.
  Wide independent(Polynomial p, int depth) {
    Wide best = estimator_.sum(p).lo;
    while (effort_ > 0 && moderate(p)) {
      std::optional<Polynomial> next;
      for (const Expr& x : shared_factors(p)) {
        next = at_smallest_end(p, x, depth);
        if (next) break;
      }
      if (!next) break;
      p = std::move(*next);
      best = std::max(best, estimator_.sum(p).lo);
    }
    return best;
  }

  /// `p` at the end of x at which it is smallest, if that end is known.
  std::optional<Polynomial> at_smallest_end(const Polynomial& p, const Expr& x, int depth) {
    const Interval range = estimator_.terms(x);
    Polynomial slope = replace_factor(p, x, 1, /*keep=*/true);
    slope.add(p, -1);
    effort_ -= 1;
    if (moderate(range.lo) && never_negative(slope, depth)) {
      return replace_factor(p, x, range.lo, /*keep=*/false);
    }
    if (moderate(range.hi)) {
      Polynomial falling;
      falling.add(slope, -1);
      if (never_negative(falling, depth)) return replace_factor(p, x, range.hi, /*keep=*/false);
    }
    return std::nullopt;
  }

  bool never_negative(const Polynomial& p, int depth) {
    if (estimator_.sum(p).lo >= 0) return true;
    return depth > 0 && independent(p, depth - 1) >= 0;
  }

  /// Replaces one division by a positive constant in one term of `p`, so that
  /// (factor after) * (value before) >= (factor before) * p after. A division that shares no
  /// symbol with another factor is better bounded by itself.
  bool replace_division(Polynomial& p, Wide& factor) {
    if (!moderate(p) || effort_ <= 0) return false;
    for (const Term& term : p.terms()) {
      for (size_t k = 0; k < term.atoms.size(); ++k) {
        const Expr& atom = term.atoms[k];
        if (atom.op() != Op::FloorDiv || !atom.operands()[1].is_constant()) continue;
        const Wide divisor = atom.operands()[1].value();
        if (divisor <= 0 || !moderate(divisor) || !moderate(divisor * factor)) continue;
        if (!depends_on_others(p, atom)) continue;
        Term others{term.atoms, 1};
        others.atoms.erase(others.atoms.begin() + static_cast<std::ptrdiff_t>(k));
        if (estimator_.product(others.atoms).lo < 0) continue;
        effort_ -= 1;
        const Wide coefficient = term.coefficient;
        Polynomial numerator(atom.operands()[0]);
        if (coefficient > 0) numerator.add_term({{}, 1 - divisor});
        Polynomial scaled;
        scaled.add(p, divisor);
        scaled.add_term({term.atoms, -coefficient * divisor});
        Polynomial rest;
        rest.add_term(std::move(others));
        scaled.add(numerator.times(rest), coefficient);
        p = std::move(scaled);
        factor *= divisor;
        return true;
      }
    }
    return false;
  }

  static bool depends_on_others(const Polynomial& p, const Expr& division) {
    const std::vector<Expr> symbols = division.free_symbols();
    for (const Term& term : p.terms()) {
      for (const Expr& atom : term.atoms) {
        if (atom == division) continue;
        if (atom.is_symbol()) {
          if (std::find(symbols.begin(), symbols.end(), atom) != symbols.end()) return true;
          continue;
        }
        for (const Expr& symbol : atom.free_symbols()) {
          if (std::find(symbols.begin(), symbols.end(), symbol) != symbols.end()) return true;
        }
      }
    }
    return false;
  }

  Estimator& estimator_;
  int effort_ = kEffort;
};

}  // namespace

Wide lower_bound(const Polynomial& p, Estimator& estimator) {
  if (p.terms().size() < 2) return estimator.sum(p).lo;
  try {
    return LowerBound(estimator).of(p);
  } catch (const diag::Failure&) {
    // A coefficient that leaves 128 bits: no bound is seen.
    return -kInfinity;
  }
}

}  // namespace tx::symbolic
