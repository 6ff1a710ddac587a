// Samples: sizes that satisfy everything known, the example's among them (private to
// lib/symbolic).
//
// In:  the symbols with their ranges and example values, the conditions that hold, the facts.
// Out: whether a question has different answers at two of them. Then nothing can decide it, and
//      no proof has to be tried.
// Holds: a sample lies within the ranges and satisfies every condition.
#pragma once
#include <optional>
#include <unordered_map>
#include <vector>

#include "symbolic/evaluate_at.h"
#include "symbolic/expr.h"
#include "symbolic/facts.h"
#include "symbolic/interval.h"

namespace tx::symbolic {

class Samples {
 public:
  struct Size {
    Expr symbol;
    Interval range;
    std::optional<int64_t> hint;
  };

  /// Looks for samples anew.
  void find(const std::vector<Size>& sizes, const std::vector<Expr>& conditions,
            const Facts& facts);
  /// Drops the samples that do not satisfy one more condition. Returns how many are left.
  size_t keep(const Expr& condition);

  enum class Answers { None, AllTrue, AllFalse, Both };
  /// What `condition` is at the samples at which it has an answer.
  Answers ask(const Expr& condition) const;

 private:
  using Point = std::unordered_map<Expr, int64_t>;
  std::vector<Point> points_;
};

}  // namespace tx::symbolic
