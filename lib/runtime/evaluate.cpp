#include "runtime/evaluate.h"

#include <cmath>
#include <variant>

namespace tx::runtime {
namespace {

using symbolic::Expr;
using symbolic::Op;

/// Wide enough for the product of two sizes; a longer product that does not fit is left undecided.
using Wide = __int128;
using Number = std::variant<Wide, double, bool>;
using Result = std::optional<Number>;

double real(const Number& n) {
  if (const auto* wide = std::get_if<Wide>(&n)) return static_cast<double>(*wide);
  if (const auto* value = std::get_if<double>(&n)) return *value;
  return std::get<bool>(n);
}

Wide wide(const Number& n) {
  if (const auto* value = std::get_if<Wide>(&n)) return *value;
  if (const auto* value = std::get_if<double>(&n)) return static_cast<Wide>(*value);
  return std::get<bool>(n);
}

bool truth(const Number& n) {
  if (const auto* value = std::get_if<bool>(&n)) return *value;
  return real(n) != 0;
}

bool fits(Wide value) { return value <= INT64_MAX && value >= INT64_MIN; }

Wide floor_quotient(Wide a, Wide b) { return a / b - (a % b != 0 && (a < 0) != (b < 0)); }

Result integer_op(Op op, Wide a, Wide b) {
  Wide r = 0;
  switch (op) {
    case Op::Add: return __builtin_add_overflow(a, b, &r) ? Result() : Result(r);
    case Op::Mul: return __builtin_mul_overflow(a, b, &r) ? Result() : Result(r);
    case Op::FloorDiv: return b == 0 ? Result() : Result(floor_quotient(a, b));
    case Op::Mod: return b == 0 ? Result() : Result(a - floor_quotient(a, b) * b);
    case Op::Min: return std::min(a, b);
    default: return std::max(a, b);
  }
}

bool compare(Op op, const Number& a, const Number& b) {
  const bool integers = !std::holds_alternative<double>(a) && !std::holds_alternative<double>(b);
  const int order = integers ? (wide(a) > wide(b)) - (wide(a) < wide(b))
                             : (real(a) > real(b)) - (real(a) < real(b));
  switch (op) {
    case Op::Eq: return order == 0;
    case Op::Ne: return order != 0;
    case Op::Lt: return order < 0;
    default: return order <= 0;
  }
}

Result to_integer(double value) {
  if (!(std::fabs(value) < 9.2e18)) return {};
  return Number(static_cast<Wide>(value));
}

class Evaluator {
 public:
  explicit Evaluator(const SymbolValues& values) : values_(values) {}

  Result run(const Expr& e) const {
    switch (e.op()) {
      case Op::Constant: return Number(Wide(e.value()));
      case Op::Symbol: return symbol(e.name());
      case Op::True: return Number(true);
      case Op::False: return Number(false);
      case Op::Real: return Number(e.real_value());
      default: break;
    }
    std::vector<Number> operands;
    for (const Expr& operand : e.operands()) {
      Result value = run(operand);
      if (!value) return {};
      operands.push_back(*value);
    }
    return apply(e.op(), operands);
  }

 private:
  Result symbol(const std::string& name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? Result() : Result(Number(Wide(found->second)));
  }

  static Result apply(Op op, const std::vector<Number>& v) {
    switch (op) {
      case Op::Add: case Op::Mul: case Op::FloorDiv: case Op::Mod: case Op::Min: case Op::Max: {
        Result result = v.at(0);
        for (size_t i = 1; i < v.size() && result; ++i) {
          result = integer_op(op, wide(*result), wide(v[i]));
        }
        return result;
      }
      case Op::Eq: case Op::Ne: case Op::Lt: case Op::Le:
        return Number(compare(op, v.at(0), v.at(1)));
      case Op::And:
        return Number(std::all_of(v.begin(), v.end(), truth));
      case Op::Or:
        return Number(std::any_of(v.begin(), v.end(), truth));
      case Op::Not: return Number(!truth(v.at(0)));
      case Op::ToFloat: return Number(real(v.at(0)));
      case Op::TrueDiv:
        return real(v.at(1)) == 0 ? Result() : Result(Number(real(v[0]) / real(v[1])));
      case Op::FloatAdd: case Op::FloatMul: {
        double result = real(v.at(0));
        for (size_t i = 1; i < v.size(); ++i) {
          result = op == Op::FloatAdd ? result + real(v[i]) : result * real(v[i]);
        }
        return Number(result);
      }
      case Op::Floor: return to_integer(std::floor(real(v.at(0))));
      case Op::Ceil: return to_integer(std::ceil(real(v.at(0))));
      case Op::Trunc: return to_integer(std::trunc(real(v.at(0))));
      default: return {};
    }
  }

  const SymbolValues& values_;
};

}  // namespace

std::optional<int64_t> evaluate_integer(const Expr& expression, const SymbolValues& values) {
  const Result result = Evaluator(values).run(expression);
  if (!result || std::holds_alternative<double>(*result)) return std::nullopt;
  const Wide value = wide(*result);
  if (!fits(value)) return std::nullopt;
  return static_cast<int64_t>(value);
}

std::optional<bool> evaluate_condition(const Expr& condition, const SymbolValues& values) {
  const Result result = Evaluator(values).run(condition);
  return result ? std::optional<bool>(truth(*result)) : std::nullopt;
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

}  // namespace tx::runtime
