// Numeric evaluation of an expression at given symbol values, with Python's semantics.
//
// In:  an expression and a value for each of its symbols.
// Out: the number or truth value; nothing where Python would raise an error.
// Holds: no expression is made and nothing is thrown, so it is cheap enough for every run.
#pragma once
#include <functional>
#include <optional>
#include <variant>

#include "symbolic/expr.h"
#include "symbolic/polynomial.h"

namespace tx::symbolic {

using Number = std::variant<Wide, double, bool>;
using ValueAt = std::function<std::optional<int64_t>(const Expr& symbol)>;

/// The value, or nothing where a symbol has none, a divisor is 0 or an integer leaves 64 bits.
std::optional<Number> evaluate_at(const Expr& e, const ValueAt& value_of);
std::optional<int64_t> integer_at(const Expr& e, const ValueAt& value_of);
std::optional<bool> truth_at(const Expr& e, const ValueAt& value_of);

}  // namespace tx::symbolic
