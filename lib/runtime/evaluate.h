// Values of expressions over the sizes of one run.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "symbolic/expr.h"

namespace tx::runtime {

/// Symbol name -> its value in this run.
using SymbolValues = std::unordered_map<std::string, int64_t>;

/// The value of an integer expression; empty when a symbol has no value (data-dependent ones), the
/// result has more than 64 bits or a divisor is 0.
std::optional<int64_t> evaluate_integer(const symbolic::Expr& expression,
                                        const SymbolValues& values);
/// The same for a boolean expression.
std::optional<bool> evaluate_condition(const symbolic::Expr& condition, const SymbolValues& values);

/// `factor * symbol + offset`.
struct LinearForm {
  int64_t factor, offset;
};
/// `expression` as a linear form of `symbol`, all other symbols having values; empty when it is
/// none.
std::optional<LinearForm> linear_form(const symbolic::Expr& expression, const std::string& symbol,
                                      const SymbolValues& values);

/// A size of one run and what the program has for it.
struct SizeEquation {
  const symbolic::Expr* expression;
  int64_t size;
};
/// Gives values to symbols that no size is on its own, from `2*s0` and the like, as far as each
/// equation leaves one unknown. False: an equation has no solution in whole numbers.
bool solve_symbols(const std::vector<SizeEquation>& equations, SymbolValues& values);

}  // namespace tx::runtime
