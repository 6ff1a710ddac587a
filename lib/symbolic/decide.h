// Decider: answers questions from ranges and facts alone (private to lib/symbolic).
//
// Holds: an answer is right for every size within the ranges that satisfies the facts; a question
//        that it cannot answer stays open.
#pragma once
#include <optional>

#include "symbolic/expr.h"
#include "symbolic/facts.h"
#include "symbolic/interval.h"

namespace tx::symbolic {

class Decider {
 public:
  Decider(const Facts& facts, RangeOf range_of)
      : facts_(facts), range_of_([&facts, range_of = std::move(range_of)](const Expr& symbol) {
          return facts.range(symbol, range_of);
        }) {}

  std::optional<bool> decide(const Expr& condition) const;
  /// `e` without what the ranges make superfluous: operands of Min and Max, divisions of small
  /// numbers, parts of conditions that are decided.
  Expr refine(const Expr& e) const;

 private:
  std::optional<bool> truth(const Expr& condition) const;
  std::optional<bool> relation(const Expr& condition) const;
  std::optional<bool> zero(const Expr& p) const;
  std::optional<bool> nonnegative(const Expr& p) const;
  std::optional<bool> by_cases(const Expr& condition) const;
  std::optional<bool> quotient_is(const Expr& p) const;
  Expr refine_compound(const Expr& e) const;
  Expr refine_extremum(Op op, const std::vector<Expr>& operands) const;
  Expr refine_division(Op op, const Expr& a, const Expr& b) const;
  Expr refine_sum(const Expr& e) const;

  const Facts& facts_;
  RangeOf range_of_;
};

}  // namespace tx::symbolic
