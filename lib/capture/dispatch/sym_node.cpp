#include "capture/dispatch/sym_node.h"

#include <cmath>

namespace tx::capture {
namespace {

using symbolic::Expr;
using symbolic::Op;

thread_local symbolic::ShapeEnv* current_env = nullptr;

enum class Kind { Int, Float, Bool };

class ExprNode final : public c10::SymNodeImpl {
 public:
  ExprNode(Expr expr, Kind kind) : expr_(std::move(expr)), kind_(kind) {}
  const Expr& expr() const { return expr_; }

  bool is_int() override { return kind_ == Kind::Int; }
  bool is_float() override { return kind_ == Kind::Float; }
  bool is_bool() override { return kind_ == Kind::Bool; }

  c10::SymNode add(const c10::SymNode& other) override { return arithmetic(other, Op::Add, Op::FloatAdd); }
  c10::SymNode sub(const c10::SymNode& other) override {
    const Expr right = of(other);
    if (kind_ == Kind::Float) {
      return number(make(Op::FloatAdd, {expr_, make(Op::FloatMul, {Expr::real(-1.0), right})}),
                    Kind::Float);
    }
    return number(expr_ - right, Kind::Int);
  }
  c10::SymNode mul(const c10::SymNode& other) override { return arithmetic(other, Op::Mul, Op::FloatMul); }
  c10::SymNode truediv(const c10::SymNode& other) override { return float_truediv(other); }
  c10::SymNode float_truediv(const c10::SymNode& other) override {
    return number(make(Op::TrueDiv, {as_float(expr_, kind_), as_float(of(other), kind_of(other))}),
                  Kind::Float);
  }
  c10::SymNode int_truediv(const c10::SymNode& other) override { return float_truediv(other); }
  c10::SymNode floordiv(const c10::SymNode& other) override {
    return number(floor_div(expr_, of(other)), Kind::Int);
  }
  c10::SymNode int_floordiv(const c10::SymNode& other) override { return floordiv(other); }
  c10::SymNode mod(const c10::SymNode& other) override {
    return number(symbolic::mod(expr_, of(other)), Kind::Int);
  }
  c10::SymNode eq(const c10::SymNode& other) override { return truth(symbolic::eq(expr_, of(other))); }
  c10::SymNode ne(const c10::SymNode& other) override { return truth(symbolic::ne(expr_, of(other))); }
  c10::SymNode gt(const c10::SymNode& other) override { return truth(symbolic::gt(expr_, of(other))); }
  c10::SymNode lt(const c10::SymNode& other) override { return truth(symbolic::lt(expr_, of(other))); }
  c10::SymNode le(const c10::SymNode& other) override { return truth(symbolic::le(expr_, of(other))); }
  c10::SymNode ge(const c10::SymNode& other) override { return truth(symbolic::ge(expr_, of(other))); }
  // A power (the root of a head's size) is no number that a program can compute: it is taken at the
  // sizes of the example, which are fixed by that.
  c10::SymNode pow(const c10::SymNode& other) override {
    return wrap_float(std::pow(number_of(*this), number_of(*other)));
  }
  c10::SymNode ceil() override {
    return kind_ == Kind::Int ? clone() : number(make(Op::Ceil, {expr_}), Kind::Int);
  }
  c10::SymNode floor() override {
    return kind_ == Kind::Int ? clone() : number(make(Op::Floor, {expr_}), Kind::Int);
  }
  c10::SymNode neg() override { return number(-expr_, kind_); }
  c10::SymNode sym_min(const c10::SymNode& other) override {
    return number(symbolic::min(expr_, of(other)), kind_);
  }
  c10::SymNode sym_max(const c10::SymNode& other) override {
    return number(symbolic::max(expr_, of(other)), kind_);
  }
  c10::SymNode sym_or(const c10::SymNode& other) override {
    return truth(logical_or(expr_, of(other)));
  }
  c10::SymNode sym_and(const c10::SymNode& other) override {
    return truth(logical_and(expr_, of(other)));
  }
  c10::SymNode sym_not() override { return truth(logical_not(expr_)); }
  // Layout questions come as sizes followed by strides of the same tensor.
  c10::SymNode is_contiguous(c10::ArrayRef<c10::SymNode> sizes,
                             c10::ArrayRef<c10::SymNode> strides) override {
    return truth(contiguous_in_order(sizes, strides, natural_order(sizes.size())));
  }
  c10::SymNode is_channels_last_contiguous_2d(c10::ArrayRef<c10::SymNode> sizes,
                                              c10::ArrayRef<c10::SymNode> strides) override {
    return truth(contiguous_in_order(sizes, strides, {1, 3, 2, 0}));
  }
  c10::SymNode is_channels_last_contiguous_3d(c10::ArrayRef<c10::SymNode> sizes,
                                              c10::ArrayRef<c10::SymNode> strides) override {
    return truth(contiguous_in_order(sizes, strides, {1, 4, 3, 2, 0}));
  }
  c10::SymNode is_channels_last_strides_2d(c10::ArrayRef<c10::SymNode> sizes,
                                           c10::ArrayRef<c10::SymNode> strides) override {
    return is_channels_last_contiguous_2d(sizes, strides);
  }
  c10::SymNode is_channels_last_strides_3d(c10::ArrayRef<c10::SymNode> sizes,
                                           c10::ArrayRef<c10::SymNode> strides) override {
    return is_channels_last_contiguous_3d(sizes, strides);
  }
  c10::SymNode is_non_overlapping_and_dense(c10::ArrayRef<c10::SymNode> sizes,
                                            c10::ArrayRef<c10::SymNode> strides) override {
    return is_contiguous(sizes, strides);
  }
  c10::SymNode clone() override { return number(expr_, kind_); }
  c10::SymNode sym_float() override { return number(as_float(expr_, kind_), Kind::Float); }
  c10::SymNode wrap_int(int64_t value) override { return number(Expr(value), Kind::Int); }
  c10::SymNode wrap_float(double value) override { return number(Expr::real(value), Kind::Float); }
  c10::SymNode wrap_bool(bool value) override { return truth(Expr::boolean(value)); }

  int64_t guard_int(const char*, int64_t) override {
    const Expr known = env().simplify(expr_);
    return known.is_constant() ? known.value() : env().specialize(known);
  }
  double guard_float(const char*, int64_t) override {
    // A float that holds a symbol is fixed by fixing its symbols.
    const Expr value = env().simplify(expr_.substitute(
        [](const Expr& e) -> std::optional<Expr> { return Expr(env().specialize(e)); }));
    TORCH_INTERNAL_ASSERT(value.op() == Op::Real, value.text());
    return value.real_value();
  }
  bool guard_bool(const char*, int64_t) override { return env().evaluate(expr_); }
  bool guard_size_oblivious(const char*, int64_t) override { return env().guard_or_false(expr_); }
  bool guard_or_false(const char*, int64_t) override { return env().guard_or_false(expr_); }
  bool guard_or_true(const char*, int64_t) override { return env().guard_or_true(expr_); }
  bool statically_known_true(const char*, int64_t) override {
    return env().statically_known(expr_).value_or(false);
  }
  bool expect_true(const char*, int64_t) override { return env().expect_true(expr_); }
  int64_t int_() override { return guard_int("", 0); }
  bool bool_() override { return guard_bool("", 0); }
  bool has_hint() override { return true; }
  std::string str() override { return expr_.text(); }
  std::string _graph_repr() override { return expr_.text(); }
  std::optional<int64_t> constant_int() override {
    return kind_ == Kind::Int ? expr_.constant() : std::nullopt;
  }
  std::optional<bool> constant_bool() override {
    if (expr_.is_true() || expr_.is_false()) return expr_.is_true();
    return std::nullopt;
  }
  std::optional<int64_t> maybe_as_int() override { return constant_int(); }
  bool is_constant() override { return constant_int() || constant_bool(); }
  bool is_symbolic() override { return true; }

 private:
  static symbolic::ShapeEnv& env() {
    TORCH_INTERNAL_ASSERT(current_env, "a symbolic number was used outside of a capture");
    return *current_env;
  }
  static c10::SymNode number(Expr expr, Kind kind) {
    return c10::make_intrusive<ExprNode>(std::move(expr), kind);
  }
  static c10::SymNode truth(Expr expr) {
    return c10::make_intrusive<ExprNode>(std::move(expr), Kind::Bool);
  }
  static double number_of(c10::SymNodeImpl& node) {
    return node.is_float() ? node.guard_float(__FILE__, __LINE__)
                           : static_cast<double>(node.guard_int(__FILE__, __LINE__));
  }
  static Expr of(const c10::SymNode& node) { return expr_of(node); }
  static Kind kind_of(const c10::SymNode& node) {
    return node->is_float() ? Kind::Float : node->is_bool() ? Kind::Bool : Kind::Int;
  }
  static Expr as_float(const Expr& expr, Kind kind) {
    return kind == Kind::Float ? expr : make(Op::ToFloat, {expr});
  }
  c10::SymNode arithmetic(const c10::SymNode& other, Op integer, Op floating) {
    const Kind other_kind = kind_of(other);
    if (kind_ == Kind::Int && other_kind == Kind::Int) {
      return number(make(integer, {expr_, of(other)}), Kind::Int);
    }
    return number(make(floating, {as_float(expr_, kind_), as_float(of(other), other_kind)}),
                  Kind::Float);
  }
  static std::vector<size_t> natural_order(size_t rank) {
    std::vector<size_t> order;
    for (size_t i = rank; i-- > 0;) order.push_back(i);
    return order;
  }
  // Whether the strides grow from the first to the last dimension of `order` without gaps. Sizes
  // are taken to be neither 0 nor 1, which only makes the answer "no" more often.
  static Expr contiguous_in_order(c10::ArrayRef<c10::SymNode> sizes,
                                  c10::ArrayRef<c10::SymNode> strides,
                                  const std::vector<size_t>& order) {
    if (sizes.size() != order.size()) return Expr::boolean(false);
    Expr expected(1);
    Expr result = Expr::boolean(true);
    for (const size_t dim : order) {
      const Expr size = of(sizes[dim]);
      if (size == Expr(1)) continue;
      result = logical_and(result, symbolic::eq(of(strides[dim]), expected));
      expected = expected * size;
    }
    return result;
  }

  Expr expr_;
  Kind kind_;
};

}  // namespace

ShapeEnvScope::ShapeEnvScope(symbolic::ShapeEnv& env) : previous_(current_env) {
  current_env = &env;
}
ShapeEnvScope::~ShapeEnvScope() { current_env = previous_; }

c10::SymInt make_sym_int(const Expr& value) {
  return c10::SymInt(c10::SymNode(c10::make_intrusive<ExprNode>(value, Kind::Int)));
}
c10::SymBool make_sym_bool(const Expr& value) {
  if (value.is_true() || value.is_false()) return c10::SymBool(value.is_true());
  return c10::SymBool(c10::SymNode(c10::make_intrusive<ExprNode>(value, Kind::Bool)));
}
c10::SymFloat make_sym_float(const Expr& value) {
  return c10::SymFloat(c10::SymNode(c10::make_intrusive<ExprNode>(value, Kind::Float)));
}

int64_t hint_of(const c10::SymInt& value) {
  if (const auto constant = value.maybe_as_int()) return *constant;
  return current_env->hint(expr_of(value.toSymNode())).value_or(0);
}

Expr expr_of(const c10::SymNode& node) {
  if (const auto* expr = dynamic_cast<const ExprNode*>(node.get())) return expr->expr();
  if (const auto value = node->maybe_as_int()) return Expr(*value);
  if (const auto value = node->constant_bool()) return Expr::boolean(*value);
  TORCH_INTERNAL_ASSERT(false, "a symbolic number of another capture: ", node->str());
}

}  // namespace tx::capture
