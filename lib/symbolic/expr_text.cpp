// Expr::text: the spelling of torch's graph annotations, which is sympy's with torch's operators.
#include <charconv>
#include <cmath>
#include <string>

#include "symbolic/expr.h"
#include "symbolic/node.h"

namespace tx::symbolic {
namespace {

std::string real_text(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  // Python's repr: the shortest digits that read back, positional for exponents in [-4, 16).
  char buffer[64];
  const double magnitude = std::fabs(value);
  const bool positional = magnitude == 0 || (magnitude >= 1e-4 && magnitude < 1e16);
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value,
                                 positional ? std::chars_format::fixed
                                            : std::chars_format::scientific);
  std::string text(buffer, end.ptr);
  if (positional && text.find('.') == std::string::npos) text += ".0";
  return text;
}

bool is_atom(const Expr& e) {
  switch (e.op()) {
    case Op::Constant: return e.value() >= 0;
    case Op::Real: return e.real_value() >= 0;
    case Op::Add:
    case Op::Mul:
    case Op::FloatAdd:
    case Op::FloatMul: return false;
    default: return true;
  }
}

/// In parentheses unless it is one symbol, number or call; a division brings its own.
std::string atom_text(const Expr& e) { return is_atom(e) ? e.text() : "(" + e.text() + ")"; }

/// A factor of a product or term of a sum: torch puts a second pair around // and one around Mod.
std::string factor_text(const Expr& e) {
  const Op op = e.op();
  if (op == Op::Add || op == Op::FloatAdd || op == Op::FloorDiv || op == Op::Mod) {
    return "(" + e.text() + ")";
  }
  return e.text();
}

std::string product_text(const std::vector<Expr>& factors) {
  std::string text;
  size_t i = 0;
  if (factors[0].is_constant() && factors[0].value() == -1) {
    text = "-";
    i = 1;
  }
  const size_t first = i;
  while (i < factors.size()) {
    size_t same = 1;
    while (i + same < factors.size() && factors[i + same] == factors[i]) ++same;
    if (i != first) text += "*";
    text += factor_text(factors[i]);
    if (same > 1) text += "**" + std::to_string(same);
    i += same;
  }
  return text;
}

std::string sum_text(const std::vector<Expr>& terms) {
  // sympy's special case: 2 - s0, not -s0 + 2.
  if (terms.size() == 2 && terms[1].is_constant() && terms[1].value() > 0 &&
      terms[0].op() == Op::Mul && terms[0].operands().size() == 2 &&
      terms[0].operands()[0].is_constant() && terms[0].operands()[0].value() < 0) {
    return terms[1].text() + " - " + terms[0].text().substr(1);
  }
  std::string text;
  for (const Expr& term : terms) {
    const std::string part = factor_text(term);
    if (text.empty()) {
      text = part;
    } else if (part[0] == '-') {
      text += " - " + part.substr(1);
    } else {
      text += " + " + part;
    }
  }
  return text;
}

std::string call_text(const char* name, const std::vector<Expr>& operands) {
  std::string text = std::string(name) + "(";
  for (size_t i = 0; i < operands.size(); ++i) {
    if (i) text += ", ";
    text += operands[i].text();
  }
  return text + ")";
}

std::string order_text(const Expr& a, const Expr& b, bool strict) {
  // A constant is printed on the right: s0 > 10, not 10 < s0.
  if (a.is_constant() || a.op() == Op::Real) return b.text() + (strict ? " > " : " >= ") + a.text();
  return a.text() + (strict ? " < " : " <= ") + b.text();
}

std::string junction_text(const std::vector<Expr>& operands, const char* separator) {
  std::string text;
  for (const Expr& e : operands) {
    if (!text.empty()) text += separator;
    const bool call = e.op() == Op::Eq || e.op() == Op::Ne;
    text += call ? e.text() : "(" + e.text() + ")";
  }
  return text;
}

}  // namespace

std::string Expr::text() const {
  const std::vector<Expr>& x = operands();
  switch (op()) {
    case Op::Constant: return std::to_string(value());
    case Op::Symbol: return name();
    case Op::Real: return real_text(real_value());
    case Op::Add: return sum_text(x);
    case Op::Mul: return product_text(x);
    case Op::FloorDiv: return "(" + atom_text(x[0]) + "//" + atom_text(x[1]) + ")";
    case Op::Mod: return call_text("Mod", x);
    case Op::Min: return call_text("Min", x);
    case Op::Max: return call_text("Max", x);
    case Op::False: return "False";
    case Op::True: return "True";
    case Op::Eq: return call_text("Eq", x);
    case Op::Ne: return call_text("Ne", x);
    case Op::Lt: return order_text(x[0], x[1], true);
    case Op::Le: return order_text(x[0], x[1], false);
    case Op::And: return junction_text(x, " & ");
    case Op::Or: return junction_text(x, " | ");
    case Op::Not: return "~(" + x[0].text() + ")";
    case Op::ToFloat: return call_text("ToFloat", x);
    case Op::TrueDiv:
      return call_text(is_real(x[0]) || is_real(x[1]) ? "FloatTrueDiv" : "IntTrueDiv", x);
    case Op::FloatAdd: return sum_text(x);
    case Op::FloatMul: return factor_text(x[0]) + "*" + factor_text(x[1]);
    case Op::Floor: return call_text("FloorToInt", x);
    case Op::Ceil: return call_text("CeilToInt", x);
    case Op::Trunc: return call_text("TruncToInt", x);
  }
  return {};
}

}  // namespace tx::symbolic
