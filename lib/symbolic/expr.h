// Expr: an integer, float or boolean expression over the symbols of one program.
//
// Holds: immutable and hash-consed, so equality is identity; integer expressions are kept in a
// canonical polynomial form (terms with symbols in name order, constant last).
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tx::symbolic {

enum class Op : uint8_t {
  // integers
  Constant,   ///< value()
  Symbol,     ///< name()
  Add,        ///< sum of two or more operands
  Mul,        ///< product of two or more operands
  FloorDiv,   ///< Python's //
  Mod,        ///< Python's %
  Min,
  Max,
  // booleans
  False,
  True,
  Eq,
  Ne,
  Lt,
  Le,
  And,
  Or,
  Not,
  // floats: sizes that pass through a float on their way (interpolate, math.floor(x * 0.5))
  Real,       ///< real()
  ToFloat,
  TrueDiv,
  FloatAdd,
  FloatMul,
  Floor,      ///< float to the integer below
  Ceil,
  Trunc,
};

struct Node;

class Expr {
 public:
  Expr() : Expr(int64_t{0}) {}
  Expr(int64_t value);  // NOLINT: a number is an expression
  Expr(int value) : Expr(static_cast<int64_t>(value)) {}
  static Expr symbol(std::string_view name);
  static Expr boolean(bool value);
  static Expr real(double value);

  Op op() const;
  /// The operands, in canonical order; empty for constants and symbols.
  const std::vector<Expr>& operands() const;
  int64_t value() const;                 ///< of a Constant
  double real_value() const;             ///< of a Real
  const std::string& name() const;       ///< of a Symbol

  bool is_constant() const { return op() == Op::Constant; }
  bool is_symbol() const { return op() == Op::Symbol; }
  std::optional<int64_t> constant() const {
    return is_constant() ? std::optional<int64_t>(value()) : std::nullopt;
  }
  bool is_true() const { return op() == Op::True; }
  bool is_false() const { return op() == Op::False; }

  /// The symbols in the expression, by name, without repetition.
  std::vector<Expr> free_symbols() const;
  /// The text of torch's graph annotations: "s1 - 2", "2*s0", "((s0 + 1)//2)" (source:
  /// symbolic-shapes, section 6).
  std::string text() const;
  /// The value with each symbol replaced; `value_of` returns an integer expression.
  Expr substitute(const std::function<std::optional<Expr>(const Expr&)>& value_of) const;

  friend bool operator==(const Expr& a, const Expr& b) { return a.node_ == b.node_; }
  friend bool operator!=(const Expr& a, const Expr& b) { return a.node_ != b.node_; }
  const Node* identity() const { return node_; }

 private:
  friend Expr make_raw(Op op, std::vector<Expr> operands);
  explicit Expr(const Node* node) : node_(node) {}
  const Node* node_;
};

/// The canonical expression `op(operands)`: constants are folded with Python's semantics. Throws
/// diag::Failure (TX2009) for a division by zero and for values that need more than 64 bits.
Expr make(Op op, std::vector<Expr> operands);

Expr operator+(const Expr& a, const Expr& b);
Expr operator-(const Expr& a, const Expr& b);
Expr operator*(const Expr& a, const Expr& b);
Expr operator-(const Expr& a);
Expr floor_div(const Expr& a, const Expr& b);
Expr ceil_div(const Expr& a, const Expr& b);
Expr mod(const Expr& a, const Expr& b);
Expr min(const Expr& a, const Expr& b);
Expr max(const Expr& a, const Expr& b);

Expr eq(const Expr& a, const Expr& b);
Expr ne(const Expr& a, const Expr& b);
Expr lt(const Expr& a, const Expr& b);
Expr le(const Expr& a, const Expr& b);
inline Expr gt(const Expr& a, const Expr& b) { return lt(b, a); }
inline Expr ge(const Expr& a, const Expr& b) { return le(b, a); }
Expr logical_and(const Expr& a, const Expr& b);
Expr logical_or(const Expr& a, const Expr& b);
Expr logical_not(const Expr& a);

}  // namespace tx::symbolic

template <>
struct std::hash<tx::symbolic::Expr> {
  size_t operator()(const tx::symbolic::Expr& e) const {
    return std::hash<const void*>()(e.identity());
  }
};
