// Decider: answers questions from ranges and facts alone (private to lib/symbolic).
//
// Holds: an answer is right for every size within the ranges that satisfies the facts; a question
//        that it cannot answer stays open.
// What it has found out stays with it: ask the same Decider as long as ranges and facts are the
// same. A question costs little when it is open at the samples or decided by bounds; only what
// is left is proved by facts and by cases.
#pragma once
#include <optional>
#include <unordered_map>

#include "symbolic/expr.h"
#include "symbolic/facts.h"
#include "symbolic/interval.h"
#include "symbolic/samples.h"

namespace tx::symbolic {

class Decider {
 public:
  /// `facts` and `samples` have to outlive the Decider; without samples every question is tried.
  Decider(const Facts& facts, RangeOf range_of, const Samples* samples = nullptr)
      : facts_(facts),
        samples_(samples),
        given_(range_of),
        estimator_([&facts, range_of = std::move(range_of)](const Expr& symbol) {
          return facts.range(symbol, range_of);
        }) {}

  std::optional<bool> decide(const Expr& condition);
  /// `e` without what the ranges make superfluous: operands of Min and Max, divisions of small
  /// numbers, parts of conditions that are decided.
  Expr refine(const Expr& e);

 private:
  using Answers = Samples::Answers;

  Answers at_samples(const Expr& condition) const;
  std::optional<bool> truth(const Expr& condition);
  std::optional<bool> relation(const Expr& condition, Answers expected);
  std::optional<bool> by_terms(Op op, const Expr& p);
  std::optional<bool> compared(Op op, const Expr& p, Answers expected);
  std::optional<bool> zero(const Expr& p, Answers expected);
  std::optional<bool> nonnegative(const Expr& p, Answers expected);
  std::optional<bool> by_cases(const Expr& condition, Answers expected);
  std::optional<bool> quotient_is(const Expr& p);
  Expr refine_compound(const Expr& e);
  Expr refine_extremum(Op op, const std::vector<Expr>& operands);
  Expr refine_division(Op op, const Expr& a, const Expr& b);
  Expr refine_sum(const Expr& e);
  bool divides(const Expr& numerator, const Expr& divisor);

  const Facts& facts_;
  const Samples* samples_;
  RangeOf given_;         ///< of the symbols of questions
  Estimator estimator_;   ///< knows the symbols of witnesses, too
  std::unordered_map<Expr, Expr> refined_;
};

}  // namespace tx::symbolic
