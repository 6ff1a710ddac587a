#include "runtime/evaluate.h"

#include "symbolic/evaluate_at.h"

namespace tx::runtime {
namespace {

using symbolic::Expr;
using symbolic::Op;
using Wide = __int128;

bool fits(Wide value) { return value <= INT64_MAX && value >= INT64_MIN; }

symbolic::ValueAt look_up(const SymbolValues& values) {
  return [&values](const Expr& symbol) -> std::optional<int64_t> {
    const auto found = values.find(symbol.name());
    return found == values.end() ? std::nullopt : std::optional<int64_t>(found->second);
  };
}

}  // namespace

std::optional<int64_t> evaluate_integer(const Expr& expression, const SymbolValues& values) {
  return symbolic::integer_at(expression, look_up(values));
}

std::optional<bool> evaluate_condition(const Expr& condition, const SymbolValues& values) {
  return symbolic::truth_at(condition, look_up(values));
}

std::optional<LinearForm> linear_form(const Expr& expression, const std::string& symbol,
                                      const SymbolValues& values) {
  if (std::optional<int64_t> constant = evaluate_integer(expression, values)) {
    return LinearForm{0, *constant};
  }
  switch (expression.op()) {
    case Op::Symbol:
      return expression.name() == symbol ? std::optional<LinearForm>({1, 0}) : std::nullopt;
    case Op::Add:
    case Op::Mul: {
      Wide factor = 0, offset = expression.op() == Op::Add ? 0 : 1;
      for (const Expr& operand : expression.operands()) {
        const std::optional<LinearForm> part = linear_form(operand, symbol, values);
        if (!part) return std::nullopt;
        if (expression.op() == Op::Add) {
          factor += part->factor;
          offset += part->offset;
        } else if (factor == 0 || part->factor == 0) {
          factor = factor * part->offset + offset * part->factor;
          offset *= part->offset;
        } else {
          return std::nullopt;  // a square
        }
        if (!fits(factor) || !fits(offset)) return std::nullopt;
      }
      return LinearForm{static_cast<int64_t>(factor), static_cast<int64_t>(offset)};
    }
    default:
      return std::nullopt;
  }
}

bool solve_symbols(const std::vector<SizeEquation>& equations, SymbolValues& values) {
  bool solvable = true;
  for (bool progress = true; progress;) {
    progress = false;
    for (const SizeEquation& equation : equations) {
      std::vector<std::string> unknown;
      for (const symbolic::Expr& symbol : equation.expression->free_symbols()) {
        if (!values.contains(symbol.name())) unknown.push_back(symbol.name());
      }
      if (unknown.size() != 1) continue;
      const auto form = linear_form(*equation.expression, unknown[0], values);
      if (!form || form->factor == 0) continue;
      int64_t rest = 0;
      if (__builtin_sub_overflow(equation.size, form->offset, &rest) || rest % form->factor != 0) {
        solvable = false;
        continue;
      }
      values[unknown[0]] = rest / form->factor;
      progress = true;
    }
  }
  return solvable;
}

}  // namespace tx::runtime
