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

/// A call whose result is asked for. A number in a Tensor slot (`add.Tensor(x, 1)`) stays a number
/// and takes part in type promotion as torch's wrapped numbers do.
class Call {
 public:
  /// `arguments` are all arguments of the schema in its order, defaults filled in; the names are
  /// those of the schema.
  Call(symbolic::ShapeEnv& env, std::string_view op, const std::vector<ir::Node>& nodes,
       std::vector<ir::Argument> arguments, std::vector<std::string_view> names);

  symbolic::ShapeEnv& env;
  std::string_view op;                   ///< "aten.convolution.default"

  size_t size() const { return arguments_.size(); }
  const ir::Argument& argument(size_t index) const;
  /// By schema name; throws when the schema has no such argument.
  const ir::Argument& argument(std::string_view name) const;
  bool has(std::string_view name) const;

  // Accessors, by position or by schema name. Each throws (TX3002, an error of the rule) when the
  // argument is of another kind; the `optional_` ones return nullopt/null for None.
  const TensorType& tensor(size_t i) const;
  const TensorType* optional_tensor(size_t i) const;   ///< null for None and for plain numbers
  std::vector<const TensorType*> tensors(size_t i) const;  ///< of a Tensor[] or Tensor?[] (null: None)
  Expr integer(size_t i) const;                        ///< int or SymInt
  std::optional<Expr> optional_integer(size_t i) const;
  std::vector<Expr> integers(size_t i) const;          ///< int[] or SymInt[]
  std::optional<std::vector<Expr>> optional_integers(size_t i) const;
  int64_t static_integer(size_t i) const;              ///< dims, groups: plain ints by schema
  std::vector<int64_t> static_integers(size_t i) const;
  bool boolean(size_t i) const;
  std::optional<DType> optional_dtype(size_t i) const;
  const ir::Argument& operator[](size_t i) const { return argument(i); }
  /// Position of the argument called `name`.
  size_t index(std::string_view name) const;

 private:
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
