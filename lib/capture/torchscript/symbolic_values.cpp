#include "capture/torchscript/symbolic_values.h"

#include <c10/core/SymBool.h>
#include <c10/core/SymFloat.h>
#include <c10/core/SymInt.h>

#include <algorithm>
#include <functional>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "capture/dispatch/sym_node.h"

namespace tx::capture::torchscript {
namespace {

using c10::IValue;
using symbolic::Expr;
using symbolic::Op;
using Inputs = std::vector<IValue>;

// ---- numbers as expressions --------------------------------------------------------------------

enum class Kind { Int, Float, Bool };

struct Number {
  Expr expr;
  Kind kind;
};

std::optional<Number> number(const IValue& value) {
  if (value.isInt()) return Number{Expr(value.toInt()), Kind::Int};
  if (value.isDouble()) return Number{Expr::real(value.toDouble()), Kind::Float};
  if (value.isBool()) return Number{Expr::boolean(value.toBool()), Kind::Bool};
  if (value.isSymInt()) return Number{expr_of(value.toSymInt().toSymNode()), Kind::Int};
  if (value.isSymFloat()) return Number{expr_of(value.toSymFloat().toSymNodeImpl()), Kind::Float};
  if (value.isSymBool()) return Number{expr_of(value.toSymBool().toSymNodeImpl()), Kind::Bool};
  return std::nullopt;
}

IValue to_value(const Expr& expr, Kind kind) {
  switch (kind) {
    case Kind::Int:
      return expr.is_constant() ? IValue(expr.value()) : IValue(make_sym_int(expr));
    case Kind::Float:
      return expr.op() == Op::Real ? IValue(expr.real_value()) : IValue(make_sym_float(expr));
    case Kind::Bool:
      if (expr.is_true() || expr.is_false()) return expr.is_true();
      return IValue(make_sym_bool(expr));
  }
  return IValue();
}

Expr as_float(const Number& n) {
  return n.kind == Kind::Float ? n.expr : make(Op::ToFloat, {n.expr});
}

bool both_ints(const Number& a, const Number& b) { return a.kind == Kind::Int && b.kind == Kind::Int; }

// Ints give an int, a float among the operands a float.
template <Op integer, Op floating>
std::optional<IValue> arithmetic(const Number& a, const Number& b) {
  if (both_ints(a, b)) return to_value(make(integer, {a.expr, b.expr}), Kind::Int);
  return to_value(make(floating, {as_float(a), as_float(b)}), Kind::Float);
}

std::optional<IValue> subtract(const Number& a, const Number& b) {
  if (both_ints(a, b)) return to_value(a.expr - b.expr, Kind::Int);
  return to_value(make(Op::FloatAdd, {as_float(a), make(Op::FloatMul, {Expr::real(-1.0), as_float(b)})}),
                  Kind::Float);
}

std::optional<IValue> divide(const Number& a, const Number& b) {
  return to_value(make(Op::TrueDiv, {as_float(a), as_float(b)}), Kind::Float);
}

template <Op op>
std::optional<IValue> integer_only(const Number& a, const Number& b) {
  if (!both_ints(a, b)) return std::nullopt;
  return to_value(make(op, {a.expr, b.expr}), Kind::Int);
}

template <Expr (*compare)(const Expr&, const Expr&)>
std::optional<IValue> comparison(const Number& a, const Number& b) {
  if (a.kind == Kind::Bool || b.kind == Kind::Bool) return std::nullopt;
  if (both_ints(a, b)) return to_value(compare(a.expr, b.expr), Kind::Bool);
  return to_value(compare(as_float(a), as_float(b)), Kind::Bool);
}

template <Expr (*combine)(const Expr&, const Expr&)>
std::optional<IValue> logical(const Number& a, const Number& b) {
  if (a.kind != Kind::Bool || b.kind != Kind::Bool) return std::nullopt;
  return to_value(combine(a.expr, b.expr), Kind::Bool);
}

using Binary = std::optional<IValue> (*)(const Number&, const Number&);

const std::unordered_map<std::string, Binary>& binaries() {
  static const std::unordered_map<std::string, Binary> table = {
      {"aten::add", arithmetic<Op::Add, Op::FloatAdd>},
      {"aten::mul", arithmetic<Op::Mul, Op::FloatMul>},
      {"aten::sub", subtract},
      {"aten::div", divide},
      {"aten::floordiv", integer_only<Op::FloorDiv>},
      {"aten::remainder", integer_only<Op::Mod>},
      {"prim::min", integer_only<Op::Min>},
      {"prim::max", integer_only<Op::Max>},
      {"aten::eq", comparison<symbolic::eq>},
      {"aten::ne", comparison<symbolic::ne>},
      {"aten::lt", comparison<symbolic::lt>},
      {"aten::le", comparison<symbolic::le>},
      {"aten::gt", comparison<symbolic::gt>},
      {"aten::ge", comparison<symbolic::ge>},
      {"aten::__and__", logical<symbolic::logical_and>},
      {"aten::__or__", logical<symbolic::logical_or>},
  };
  return table;
}

std::optional<IValue> unary(const std::string& name, const Number& a) {
  if (name == "aten::neg") {
    if (a.kind == Kind::Int) return to_value(-a.expr, Kind::Int);
    return to_value(make(Op::FloatMul, {Expr::real(-1.0), as_float(a)}), Kind::Float);
  }
  if (name == "aten::__not__" && a.kind == Kind::Bool) {
    return to_value(symbolic::logical_not(a.expr), Kind::Bool);
  }
  if (name == "aten::Float") return to_value(as_float(a), Kind::Float);
  if (name == "aten::Int" || name == "aten::floor" || name == "aten::ceil") {
    if (a.kind == Kind::Int) return to_value(a.expr, Kind::Int);
    const Op op = name == "aten::Int" ? Op::Trunc : name == "aten::floor" ? Op::Floor : Op::Ceil;
    if (a.kind == Kind::Float) return to_value(make(op, {a.expr}), Kind::Int);
  }
  if (name == "aten::Bool" && a.kind == Kind::Int) {
    return to_value(symbolic::ne(a.expr, Expr(0)), Kind::Bool);
  }
  if (name == "aten::ScalarImplicit" || name == "prim::unchecked_cast") return to_value(a.expr, a.kind);
  return std::nullopt;
}

// ---- lists -------------------------------------------------------------------------------------

int64_t wrapped(int64_t index, size_t size) {
  return index < 0 ? index + static_cast<int64_t>(size) : index;
}

std::optional<IValue> on_list(const std::string& name, const Inputs& in) {
  const auto items = in[0].toListRef();
  const auto count = items.size();
  if (name == "aten::len") return static_cast<int64_t>(count);
  if (name == "aten::__getitem__" && in[1].isInt()) {
    const int64_t index = wrapped(in[1].toInt(), count);
    TORCH_CHECK_INDEX(index >= 0 && index < static_cast<int64_t>(count), "list index out of range");
    return items[static_cast<size_t>(index)];
  }
  if (name == "aten::slice" && in.size() == 4 && in[3].isInt()) {
    const auto bound = [&](const IValue& value, int64_t otherwise) {
      const int64_t at = value.isNone() ? otherwise : wrapped(value.toInt(), count);
      return std::clamp<int64_t>(at, 0, static_cast<int64_t>(count));
    };
    if (in[3].toInt() < 1) return std::nullopt;
    Inputs part;
    const int64_t end = bound(in[2], static_cast<int64_t>(count));
    for (int64_t i = bound(in[1], 0); i < end; i += in[3].toInt()) {
      part.push_back(items[static_cast<size_t>(i)]);
    }
    return int_list(std::move(part));
  }
  if (name == "aten::list" || name == "aten::copy") return int_list(Inputs(items.begin(), items.end()));
  if (name == "aten::add" && in[1].isList()) {
    Inputs joined(items.begin(), items.end());
    for (const IValue& item : in[1].toListRef()) joined.push_back(item);
    return int_list(std::move(joined));
  }
  if ((name == "aten::eq" || name == "aten::ne") && in[1].isList()) {
    const auto other = in[1].toListRef();
    Expr same = Expr::boolean(other.size() == count);
    for (size_t i = 0; i < count && i < other.size(); ++i) {
      const auto a = number(items[i]);
      const auto b = number(other[i]);
      if (!a || !b) return std::nullopt;
      same = symbolic::logical_and(same, symbolic::eq(a->expr, b->expr));
    }
    return to_value(name == "aten::eq" ? same : symbolic::logical_not(same), Kind::Bool);
  }
  return std::nullopt;
}

// ---- sizes of tensors --------------------------------------------------------------------------

std::optional<IValue> on_tensor(const std::string& name, const Inputs& in) {
  const at::Tensor& tensor = in[0].toTensor();
  if (name == "aten::size" || name == "aten::stride") {
    const auto values = name == "aten::size" ? tensor.sym_sizes() : tensor.sym_strides();
    if (in.size() == 1) {
      Inputs items;
      for (const c10::SymInt& value : values) items.emplace_back(value);
      return int_list(std::move(items));
    }
    if (!in[1].isInt()) return std::nullopt;
    const int64_t dim = wrapped(in[1].toInt(), values.size());
    TORCH_CHECK_INDEX(dim >= 0 && dim < static_cast<int64_t>(values.size()),
                      "Dimension out of range: ", in[1].toInt());
    return IValue(values[static_cast<size_t>(dim)]);
  }
  if (name == "aten::len" && tensor.dim() > 0) return IValue(tensor.sym_size(0));
  if (name == "aten::numel") return IValue(tensor.sym_numel());
  return std::nullopt;
}

}  // namespace

bool is_symbolic(const IValue& value) {
  if (value.isSymInt() || value.isSymFloat() || value.isSymBool()) return true;
  if (!value.isList()) return false;
  const auto items = value.toListRef();
  return std::any_of(items.begin(), items.end(), [](const IValue& item) {
    return item.isSymInt() || item.isSymFloat() || item.isSymBool();
  });
}

std::optional<IValue> run_symbolic(const torch::jit::Node& node, const Inputs& inputs) {
  if (inputs.empty()) return std::nullopt;
  if (inputs[0].isTensor()) {
    const bool about_size = node.kind() == c10::aten::size || node.kind() == c10::aten::stride ||
                            node.kind() == c10::aten::len || node.kind() == c10::aten::numel;
    if (!about_size || !inputs[0].toTensor().defined()) return std::nullopt;
    return on_tensor(node.kind().toQualString(), inputs);
  }
  if (std::none_of(inputs.begin(), inputs.end(), is_symbolic)) return std::nullopt;
  const std::string name = node.kind().toQualString();
  // A number or a list of numbers is not None, whatever the numbers are.
  if (name == "aten::__is__" || name == "aten::__isnot__") {
    if (inputs[0].isNone() != inputs[1].isNone()) return name == "aten::__isnot__";
    return std::nullopt;
  }
  if (inputs[0].isList()) return on_list(name, inputs);
  const auto a = number(inputs[0]);
  if (!a) return std::nullopt;
  if (inputs.size() == 1) return unary(name, *a);
  if (inputs.size() != 2) return std::nullopt;
  const auto binary = binaries().find(name);
  const auto b = number(inputs[1]);
  if (binary == binaries().end() || !b) return std::nullopt;
  return binary->second(*a, *b);
}

bool is_container_operation(const torch::jit::Node& node) {
  static const std::unordered_set<std::string> on_lists = {
      "aten::append", "aten::insert", "aten::extend",  "aten::_set_item", "aten::__getitem__",
      "aten::len",    "aten::slice",  "aten::copy",    "aten::list",      "aten::pop",
      "aten::clear",  "aten::add_",   "aten::reverse"};
  if (node.inputs().empty()) return false;
  const c10::TypeKind kind = node.input(0)->type()->kind();
  return kind == c10::TypeKind::DictType ||
         (kind == c10::TypeKind::ListType && on_lists.count(node.kind().toQualString()) > 0);
}

IValue as_argument(const IValue& value) {
  if (!value.isList() || !is_symbolic(value)) return value;
  const auto items = value.toListRef();
  return int_list(Inputs(items.begin(), items.end()));
}

bool takes_symbols(const torch::jit::Node& node) {
  return std::any_of(node.inputs().begin(), node.inputs().end(), [](const torch::jit::Value* input) {
           return input->type()->isSubtypeOf(*c10::TensorType::get()) ||
                  input->type()->isSubtypeOf(*c10::ListType::ofTensors());
         }) ||
         (!node.outputs().empty() && node.output()->type()->isSubtypeOf(*c10::TensorType::get()));
}

IValue specialize(const IValue& value) {
  if (value.isSymInt()) return value.toSymInt().guard_int(__FILE__, __LINE__);
  if (value.isSymFloat()) return value.toSymFloat().guard_float(__FILE__, __LINE__);
  if (value.isSymBool()) return value.toSymBool().guard_bool(__FILE__, __LINE__);
  if (!value.isList() || !is_symbolic(value)) return value;
  c10::List<int64_t> ints;
  for (const IValue& item : value.toListRef()) ints.push_back(specialize(item).toInt());
  return ints;
}

IValue int_list(Inputs items) {
  if (std::none_of(items.begin(), items.end(), is_symbolic)) {
    c10::List<int64_t> ints;
    for (const IValue& item : items) ints.push_back(item.toInt());
    return ints;
  }
  std::vector<c10::SymInt> symbols;
  for (const IValue& item : items) symbols.push_back(item.toSymInt());
  return IValue(std::move(symbols));
}

}  // namespace tx::capture::torchscript
