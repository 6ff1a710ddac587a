#include "symbolic/guard_text.h"

#include <vector>

#include "symbolic/node.h"

namespace tx::symbolic {
namespace {

class Writer {
 public:
  explicit Writer(const NameOf& name_of) : name_of_(name_of) {}

  std::string condition(const Expr& e) const {
    const std::vector<Expr>& x = e.operands();
    switch (e.op()) {
      case Op::Eq: return side(x[0]) + " == " + side(x[1]);
      case Op::Ne: return "Ne(" + side(x[0]) + ", " + side(x[1]) + ")";
      case Op::Lt: return order(x[0], x[1], " < ", " > ");
      case Op::Le: return order(x[0], x[1], " <= ", " >= ");
      case Op::And: return junction(x, " and ");
      case Op::Or: return junction(x, " or ");
      case Op::Not: return "not (" + condition(x[0]) + ")";
      default: return number(e);
    }
  }

 private:
  std::string number(const Expr& e) const {
    const std::vector<Expr>& x = e.operands();
    switch (e.op()) {
      case Op::Symbol: return name_of_(e);
      case Op::Add:
      case Op::FloatAdd: return sum(x);
      case Op::Mul:
      case Op::FloatMul: return joined(x, "*");
      case Op::FloorDiv: return "(" + operand(x[0]) + " // " + operand(x[1]) + ")";
      case Op::Mod: return "(" + operand(x[0]) + " % " + operand(x[1]) + ")";
      case Op::TrueDiv: return "(" + operand(x[0]) + " / " + operand(x[1]) + ")";
      case Op::Min: return "min(" + list(x) + ")";
      case Op::Max: return "max(" + list(x) + ")";
      case Op::ToFloat: return "float(" + number(x[0]) + ")";
      case Op::Floor: return "math.floor(" + number(x[0]) + ")";
      case Op::Ceil: return "math.ceil(" + number(x[0]) + ")";
      case Op::Trunc: return "math.trunc(" + number(x[0]) + ")";
      default: return e.text();
    }
  }

  /// A sum with its constant in front, as the guard printer of torch has it.
  std::string sum(const std::vector<Expr>& terms) const {
    const bool constant_last = terms.back().is_constant();
    std::string text = constant_last ? operand(terms.back()) : "";
    for (size_t i = 0; i + (constant_last ? 1 : 0) < terms.size(); ++i) {
      if (!text.empty()) text += " + ";
      text += number(terms[i]);
    }
    return text;
  }

  std::string joined(const std::vector<Expr>& factors, const char* separator) const {
    std::string text;
    for (const Expr& e : factors) {
      if (!text.empty()) text += separator;
      text += operand(e);
    }
    return text;
  }

  std::string list(const std::vector<Expr>& operands) const {
    std::string text;
    for (const Expr& e : operands) {
      if (!text.empty()) text += ", ";
      text += number(e);
    }
    return text;
  }

  /// In parentheses when it is a sum, a product or negative.
  std::string operand(const Expr& e) const {
    const Op op = e.op();
    const bool compound = op == Op::Add || op == Op::Mul || op == Op::FloatAdd ||
                          op == Op::FloatMul || (e.is_constant() && e.value() < 0);
    return compound ? "(" + number(e) + ")" : number(e);
  }

  /// A side of == and !=: compound sides stand in parentheses, negative constants do not.
  std::string side(const Expr& e) const {
    return e.is_constant() ? e.text() : (is_boolean(e) ? condition(e) : operand(e));
  }

  std::string order(const Expr& a, const Expr& b, const char* op, const char* flipped) const {
    if (a.is_constant() || a.op() == Op::Real) return number(b) + flipped + number(a);
    return number(a) + op + number(b);
  }

  std::string junction(const std::vector<Expr>& parts, const char* separator) const {
    std::string text;
    for (const Expr& part : parts) {
      if (!text.empty()) text += separator;
      const bool nested = part.op() == Op::And || part.op() == Op::Or;
      text += nested ? "(" + condition(part) + ")" : condition(part);
    }
    return text;
  }

  const NameOf& name_of_;
};

}  // namespace

std::string guard_text(const Expr& e, const NameOf& name_of) {
  return Writer(name_of).condition(e);
}

std::string dim_text(const std::string& name, const Range& range) {
  std::string text = "Dim('" + name + "'";
  if (range.min != 2 && range.min != kNoLowerBound) text += ", min=" + std::to_string(range.min);
  if (range.max != kNoBound) text += ", max=" + std::to_string(range.max);
  return text + ")";
}

}  // namespace tx::symbolic
