#include "symbolic/expr.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "diag/diagnostic.h"
#include "symbolic/build.h"
#include "symbolic/node.h"
#include "symbolic/polynomial.h"

namespace tx::symbolic {
namespace {

Expr add_all(const std::vector<Expr>& operands) {
  if (operands.size() == 2) return operands[0] + operands[1];
  Polynomial sum;
  for (const Expr& e : operands) sum.add(Polynomial(e));
  return sum.expr();
}

Expr multiply_all(const std::vector<Expr>& operands) {
  Expr product(1);
  for (const Expr& e : operands) product = product * e;
  return product;
}

void collect_symbols(const Expr& e, std::unordered_set<Expr>& seen, std::vector<Expr>& symbols) {
  if (e.is_symbol()) {
    if (seen.insert(e).second) symbols.push_back(e);
    return;
  }
  if (e.operands().empty() || !seen.insert(e).second) return;
  for (const Expr& operand : e.operands()) collect_symbols(operand, seen, symbols);
}

using ValueOf = std::function<std::optional<Expr>(const Expr&)>;

Expr substitute_in(const Expr& e, const ValueOf& value_of, std::unordered_map<Expr, Expr>& done) {
  if (e.is_symbol()) return value_of(e).value_or(e);
  if (e.operands().empty()) return e;
  if (auto found = done.find(e); found != done.end()) return found->second;
  std::vector<Expr> operands;
  operands.reserve(e.operands().size());
  bool changed = false;
  for (const Expr& operand : e.operands()) {
    operands.push_back(substitute_in(operand, value_of, done));
    changed |= operands.back() != operand;
  }
  Expr result = changed ? make(e.op(), std::move(operands)) : e;
  done.emplace(e, result);
  return result;
}

}  // namespace

Expr::Expr(int64_t value) : node_(intern_constant(value)) {}
Expr Expr::symbol(std::string_view name) { return Expr(intern_symbol(name)); }
Expr Expr::boolean(bool value) {
  static const Expr no = make_raw(Op::False, {});
  static const Expr yes = make_raw(Op::True, {});
  return value ? yes : no;
}
Expr Expr::real(double value) { return Expr(intern_real(value)); }

Op Expr::op() const { return node_->op; }
const std::vector<Expr>& Expr::operands() const { return node_->operands; }
int64_t Expr::value() const { return node_->value; }
double Expr::real_value() const { return node_->real; }
const std::string& Expr::name() const { return node_->name; }

std::vector<Expr> Expr::free_symbols() const {
  std::vector<Expr> symbols;
  if (is_constant()) return symbols;
  std::unordered_set<Expr> seen;
  collect_symbols(*this, seen, symbols);
  std::sort(symbols.begin(), symbols.end(),
            [](const Expr& a, const Expr& b) { return compare(a, b) < 0; });
  return symbols;
}

Expr Expr::substitute(const ValueOf& value_of) const {
  if (is_constant()) return *this;
  std::unordered_map<Expr, Expr> done;
  return substitute_in(*this, value_of, done);
}

Expr make_raw(Op op, std::vector<Expr> operands) { return Expr(intern(op, std::move(operands))); }

Expr make(Op op, std::vector<Expr> operands) {
  switch (op) {
    case Op::Constant:
    case Op::Symbol:
    case Op::Real: diag::fail(diag::Code::TX0070, "a leaf expression is not made of operands");
    case Op::Add: return add_all(operands);
    case Op::Mul: return multiply_all(operands);
    case Op::FloorDiv: return floor_div(operands.at(0), operands.at(1));
    case Op::Mod: return mod(operands.at(0), operands.at(1));
    case Op::Min:
    case Op::Max: return make_extremum(op, std::move(operands));
    case Op::False: return Expr::boolean(false);
    case Op::True: return Expr::boolean(true);
    case Op::Eq:
    case Op::Ne:
    case Op::Lt:
    case Op::Le: return make_comparison(op, operands.at(0), operands.at(1));
    case Op::And:
    case Op::Or: return make_junction(op, std::move(operands));
    case Op::Not: return logical_not(operands.at(0));
    case Op::ToFloat:
    case Op::TrueDiv:
    case Op::FloatAdd:
    case Op::FloatMul:
    case Op::Floor:
    case Op::Ceil:
    case Op::Trunc: return make_real(op, operands);
  }
  diag::fail(diag::Code::TX0070, "an expression with an unknown operator");
}

Expr operator+(const Expr& a, const Expr& b) {
  if (a.is_constant() && b.is_constant()) {
    int64_t sum;
    if (!__builtin_add_overflow(a.value(), b.value(), &sum)) return Expr(sum);
  }
  Polynomial result(a);
  result.add(Polynomial(b));
  return result.expr();
}

Expr operator-(const Expr& a, const Expr& b) {
  if (a.is_constant() && b.is_constant()) {
    int64_t difference;
    if (!__builtin_sub_overflow(a.value(), b.value(), &difference)) return Expr(difference);
  }
  if (a == b) return Expr(0);
  Polynomial result(a);
  result.add(Polynomial(b), -1);
  return result.expr();
}

Expr operator-(const Expr& a) { return Expr(0) - a; }

Expr operator*(const Expr& a, const Expr& b) {
  if (a.is_constant() && b.is_constant()) {
    int64_t product;
    if (!__builtin_mul_overflow(a.value(), b.value(), &product)) return Expr(product);
  }
  return Polynomial(a).times(Polynomial(b)).expr();
}

Expr min(const Expr& a, const Expr& b) {
  if (a.is_constant() && b.is_constant()) return a.value() <= b.value() ? a : b;
  return make_extremum(Op::Min, {a, b});
}

Expr max(const Expr& a, const Expr& b) {
  if (a.is_constant() && b.is_constant()) return a.value() >= b.value() ? a : b;
  return make_extremum(Op::Max, {a, b});
}

int compare_names(std::string_view a, std::string_view b) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  size_t i = 0, j = 0;
  while (i < a.size() && j < b.size()) {
    if (digit(a[i]) && digit(b[j])) {
      size_t i_end = i, j_end = j;
      while (i_end < a.size() && digit(a[i_end])) ++i_end;
      while (j_end < b.size() && digit(b[j_end])) ++j_end;
      std::string_view x = a.substr(i, i_end - i), y = b.substr(j, j_end - j);
      x.remove_prefix(std::min(x.find_first_not_of('0'), x.size()));
      y.remove_prefix(std::min(y.find_first_not_of('0'), y.size()));
      if (x.size() != y.size()) return x.size() < y.size() ? -1 : 1;
      if (int order = x.compare(y); order != 0) return order < 0 ? -1 : 1;
      i = i_end;
      j = j_end;
    } else if (a[i] != b[j]) {
      return a[i] < b[j] ? -1 : 1;
    } else {
      ++i;
      ++j;
    }
  }
  if (i < a.size() || j < b.size()) return i < a.size() ? 1 : -1;
  // Names that differ in leading zeros only.
  const int order = a.compare(b);
  return order < 0 ? -1 : (order > 0 ? 1 : 0);
}

int compare(const Expr& a, const Expr& b) {
  if (a == b) return 0;
  const auto rank = [](const Expr& e) {
    if (e.is_symbol()) return 0;
    return e.is_constant() || e.op() == Op::Real ? 1000 : 1 + static_cast<int>(e.op());
  };
  if (int x = rank(a), y = rank(b); x != y) return x < y ? -1 : 1;
  if (a.is_symbol()) return compare_names(a.name(), b.name());
  if (a.is_constant() && b.is_constant()) return a.value() < b.value() ? -1 : 1;
  if (a.op() == Op::Real || b.op() == Op::Real) {
    const double x = a.op() == Op::Real ? a.real_value() : static_cast<double>(a.value());
    const double y = b.op() == Op::Real ? b.real_value() : static_cast<double>(b.value());
    if (x != y) return x < y ? -1 : 1;
    return a.identity()->hash < b.identity()->hash ? -1 : 1;
  }
  const std::vector<Expr>&xs = a.operands(), &ys = b.operands();
  for (size_t i = 0; i < std::min(xs.size(), ys.size()); ++i) {
    if (int order = compare(xs[i], ys[i]); order != 0) return order;
  }
  return xs.size() < ys.size() ? -1 : 1;
}

}  // namespace tx::symbolic
