// Shape rules: what an operator returns, from what it is given, without running a kernel.
//
// In:  a call as it stands in the graph (operator, arguments bound to its schema, types of the
//      tensors among them) and the ShapeEnv that answers questions about sizes.
// Out: the type of the result: dtype, symbolic sizes and strides; a TupleType for several results.
// Holds: a rule is exact for every size the recorded guards allow. It asks the ShapeEnv instead of
//        looking at hints, and never guesses; where it cannot know it throws a diag::Failure.
// Sizes of static programs are constant expressions, so one rule serves both.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "ir/graph.h"
#include "symbolic/shape_env.h"

namespace tx::shapes {

using ir::DType;
using ir::TensorType;
using ir::Type;
using symbolic::Expr;

/// How a rule names an argument of the schema: by position or by name.
class Slot {
 public:
  Slot(int position) : position_(position) {}                       // NOLINT: a position is a slot
  Slot(size_t position) : position_(static_cast<int>(position)) {}  // NOLINT
  Slot(const char* name) : name_(name) {}                           // NOLINT: a name is a slot
  int position() const { return position_; }                        ///< -1: named
  std::string_view name() const { return name_; }

 private:
  int position_ = -1;
  std::string_view name_;
};

/// A call whose result is asked for. A number in a Tensor slot (`add.Tensor(x, 1)`) stays a number
/// and takes part in type promotion as torch's wrapped numbers do.
class Call {
 public:
  /// `arguments` are all arguments of the schema in its order, defaults filled in; the names are
  /// those of the schema.
  Call(symbolic::ShapeEnv& env, std::string_view op, const std::vector<ir::Node>& nodes,
       std::vector<ir::Argument> arguments, std::vector<std::string_view> names);

  symbolic::ShapeEnv& env;
  std::string_view op;  ///< "aten.convolution.default"

  size_t size() const { return arguments_.size(); }
  std::string_view name(size_t position) const { return names_[position]; }
  bool has(std::string_view name) const;
  /// Throws (TX3002, an error of the rule) when the schema has no such argument.
  size_t index(Slot slot) const;
  const ir::Argument& operator[](Slot slot) const { return arguments_[index(slot)]; }

  // Accessors. Each throws (TX3002) when the argument is of another kind; the `optional_` ones
  // return nullopt or null for None, and for an argument that this overload does not have.
  const TensorType& tensor(Slot slot) const;
  const TensorType* optional_tensor(Slot slot) const;       ///< null for plain numbers too
  std::vector<const TensorType*> tensors(Slot slot) const;  ///< Tensor[], Tensor?[] (null: None)
  Expr integer(Slot slot) const;                            ///< int or SymInt
  std::optional<Expr> optional_integer(Slot slot) const;
  std::vector<Expr> integers(Slot slot) const;  ///< int[] or SymInt[]
  std::optional<std::vector<Expr>> optional_integers(Slot slot) const;
  int64_t static_integer(Slot slot) const;  ///< dims, groups: plain ints by schema
  std::vector<int64_t> static_integers(Slot slot) const;
  std::optional<std::vector<int64_t>> optional_static_integers(Slot slot) const;
  bool boolean(Slot slot) const;
  std::string text(Slot slot) const;  ///< a string; empty for None
  std::optional<DType> optional_dtype(Slot slot) const;
  std::optional<ir::MemoryFormat> optional_memory_format(Slot slot) const;
  /// A number as an expression: an integer or, for floats, a real one.
  Expr scalar(Slot slot) const;
  /// The same for an element of a list.
  Expr scalar_of(const ir::Argument& argument) const;
  /// The dtype a plain number has in type promotion (i64, f32, b8, c64), or nullopt for others.
  std::optional<DType> number(Slot slot) const;

 private:
  const Type* type_of(const ir::Argument& argument) const;
  const TensorType* tensor_of(const ir::Argument& argument) const;
  std::optional<Expr> integer_of(const ir::Argument& argument) const;
  [[noreturn]] void wrong_kind(Slot slot, std::string_view wanted) const;

  const std::vector<ir::Node>& nodes_;
  std::vector<ir::Argument> arguments_;
  std::vector<std::string_view> names_;
};

using Rule = Type (*)(const Call&);

/// Operator ("aten.mm.default") -> rule.
class Table {
 public:
  /// A second rule for the same operator is an error.
  void add(std::string_view op, Rule rule);
  Rule find(std::string_view op) const;  ///< or null
  std::vector<std::string> operators() const;

 private:
  std::unordered_map<std::string, Rule> rules_;
};

/// All rules; built on first use from the families listed in table.cpp.
const Table& table();

/// The rule of every operator with torch's `pointwise` tag that has no rule of its own: broadcast
/// sizes, promoted dtype, TensorIterator's strides.
Type pointwise(const Call& call);

}  // namespace tx::shapes
