// The part of a symbol's range in which conditions on it alone can hold (private to lib/symbolic).
#pragma once
#include <optional>
#include <vector>

#include "symbolic/expr.h"
#include "symbolic/interval.h"

namespace tx::symbolic {

/// `range` without the ends at which a condition fails; ends are cut only where the condition then
/// holds on all that is left. `hint` satisfies every condition.
Interval trim(const std::vector<Expr>& conditions, const Expr& symbol, Interval range, Wide hint);

/// The one value of a small range that satisfies all conditions, if it is only one.
std::optional<int64_t> only_value(const std::vector<Expr>& conditions, const Interval& range);

}  // namespace tx::symbolic
