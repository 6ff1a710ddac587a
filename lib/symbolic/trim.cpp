#include "symbolic/trim.h"

#include <algorithm>

#include "symbolic/decide.h"
#include "symbolic/evaluate_at.h"
#include "symbolic/facts.h"

namespace tx::symbolic {
namespace {

/// How many values at an end are tried one by one.
constexpr Wide kMaxSteps = 4096;

bool holds_at(const Expr& condition, Wide v) {
  return truth_at(condition, [v](const Expr&) {
           return std::optional<int64_t>(static_cast<int64_t>(v));
         }) == true;
}

std::optional<bool> on(const Expr& condition, const Interval& range) {
  const Facts nothing;
  return Decider(nothing, [&range](const Expr&) { return range; }).decide(condition);
}

/// The smallest end h >= hint for which the condition is known to fail on all of (h, range.hi].
Wide cut_tail(const Expr& condition, const Interval& range, Wide hint) {
  const auto fails_above = [&](Wide h) {
    return h < range.hi && on(condition, {h + 1, range.hi}) == false;
  };
  Wide high = std::max<Wide>(hint, 1);
  while (!fails_above(high)) {
    if (high >= range.hi || high > (Wide(1) << 40)) return range.hi;
    high *= 2;
  }
  Wide low = hint - 1;  // the condition holds at the hint, so it does not fail above hint - 1
  while (high - low > 1) {
    const Wide middle = low + (high - low) / 2;
    (fails_above(middle) ? high : low) = middle;
  }
  return high;
}

std::optional<Interval> trim_one(const Expr& condition, Interval range, Wide hint) {
  for (Wide steps = 0; range.lo < hint && !holds_at(condition, range.lo); ++range.lo) {
    if (++steps > kMaxSteps) return std::nullopt;
  }
  range.hi = cut_tail(condition, range, hint);
  if (range.hi < kInfinity) {
    for (Wide steps = 0; range.hi > hint && !holds_at(condition, range.hi); --range.hi) {
      if (++steps > kMaxSteps) return std::nullopt;
    }
  }
  if (on(condition, range) != true) return std::nullopt;
  return range;
}

}  // namespace

Interval trim(const std::vector<Expr>& conditions, const Expr& symbol, Interval range, Wide hint) {
  if (!range.contains(hint)) return range;
  // A condition may be solvable only after another one has cut the range.
  for (int round = 0; round < 2; ++round) {
    for (const Expr& condition : conditions) {
      if (condition.free_symbols() != std::vector<Expr>{symbol}) continue;
      if (const auto cut = trim_one(condition, range, hint)) range = *cut;
    }
  }
  return range;
}

std::optional<int64_t> only_value(const std::vector<Expr>& conditions, const Interval& range) {
  if (range.hi - range.lo > kMaxSteps) return std::nullopt;
  std::optional<int64_t> found;
  for (Wide v = range.lo; v <= range.hi; ++v) {
    const bool all = std::all_of(conditions.begin(), conditions.end(),
                                 [&](const Expr& c) { return holds_at(c, v); });
    if (!all) continue;
    if (found) return std::nullopt;
    found = static_cast<int64_t>(v);
  }
  return found;
}

}  // namespace tx::symbolic
