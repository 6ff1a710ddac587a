#include "capture/torchscript/data_numbers.h"

#include <ATen/ScalarOps.h>
#include <ATen/ops/abs.h>
#include <ATen/ops/acos.h>
#include <ATen/ops/add.h>
#include <ATen/ops/asin.h>
#include <ATen/ops/atan.h>
#include <ATen/ops/atan2.h>
#include <ATen/ops/ceil.h>
#include <ATen/ops/clone.h>
#include <ATen/ops/cos.h>
#include <ATen/ops/cosh.h>
#include <ATen/ops/div.h>
#include <ATen/ops/eq.h>
#include <ATen/ops/exp.h>
#include <ATen/ops/expm1.h>
#include <ATen/ops/floor.h>
#include <ATen/ops/fmod.h>
#include <ATen/ops/ge.h>
#include <ATen/ops/gt.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/isinf.h>
#include <ATen/ops/isnan.h>
#include <ATen/ops/le.h>
#include <ATen/ops/log.h>
#include <ATen/ops/log10.h>
#include <ATen/ops/log1p.h>
#include <ATen/ops/logical_and.h>
#include <ATen/ops/logical_not.h>
#include <ATen/ops/logical_or.h>
#include <ATen/ops/lt.h>
#include <ATen/ops/maximum.h>
#include <ATen/ops/minimum.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/ne.h>
#include <ATen/ops/neg.h>
#include <ATen/ops/pow.h>
#include <ATen/ops/remainder.h>
#include <ATen/ops/round.h>
#include <ATen/ops/sin.h>
#include <ATen/ops/sinh.h>
#include <ATen/ops/sqrt.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/sub.h>
#include <ATen/ops/tan.h>
#include <ATen/ops/tanh.h>
#include <ATen/ops/trunc.h>
#include <ATen/ops/zeros_like.h>

#include <c10/core/DefaultDtype.h>

#include <algorithm>
#include <string>
#include <unordered_map>

#include "capture/dispatch/layers.h"
#include "capture/torchscript/symbolic_values.h"

namespace tx::capture::torchscript {
namespace {

using at::Tensor;
using c10::IValue;

bool is_integral(const Tensor& t) { return c10::isIntegralType(t.scalar_type(), true); }
// A plain number as an operand: it stays a number in the graph.
Tensor plain(const c10::Scalar& number) { return at::native::wrapped_scalar_tensor(number); }
bool is_plain(const Tensor& t) { return t.unsafeGetTensorImpl()->is_wrapped_number(); }
c10::Scalar number_in(const Tensor& plain) {
  const BelowCapture below;
  return plain.item();
}
Tensor as_float(const Tensor& t) {
  if (!is_integral(t)) return t;
  return is_plain(t) ? plain(number_in(t).toDouble()) : t.to(at::kDouble);
}

// Python's: ints give an int, a float among the operands a float; a / b is always a float.
Tensor add(const Tensor& a, const Tensor& b) { return at::add(a, b); }
Tensor subtract(const Tensor& a, const Tensor& b) { return at::sub(a, b); }
Tensor multiply(const Tensor& a, const Tensor& b) { return at::mul(a, b); }
Tensor divide(const Tensor& a, const Tensor& b) { return at::div(as_float(a), as_float(b)); }
Tensor floor_divide(const Tensor& a, const Tensor& b) { return at::div(a, b, "floor"); }
Tensor remainder(const Tensor& a, const Tensor& b) {
  return is_plain(b)   ? at::remainder(a, number_in(b))
         : is_plain(a) ? at::remainder(number_in(a), b)
                       : at::remainder(a, b);
}
Tensor power(const Tensor& a, const Tensor& b) {
  return is_plain(b)   ? at::pow(as_float(a), number_in(b))
         : is_plain(a) ? at::pow(number_in(a), as_float(b))
                       : at::pow(as_float(a), as_float(b));
}
Tensor smaller(const Tensor& a, const Tensor& b) { return at::minimum(a, b); }
Tensor larger(const Tensor& a, const Tensor& b) { return at::maximum(a, b); }
Tensor equal(const Tensor& a, const Tensor& b) {
  return is_plain(b) ? at::eq(a, number_in(b)) : is_plain(a) ? at::eq(b, number_in(a)) : at::eq(a, b);
}
Tensor not_equal(const Tensor& a, const Tensor& b) {
  return is_plain(b) ? at::ne(a, number_in(b)) : is_plain(a) ? at::ne(b, number_in(a)) : at::ne(a, b);
}
Tensor less(const Tensor& a, const Tensor& b) {
  return is_plain(b) ? at::lt(a, number_in(b)) : is_plain(a) ? at::gt(b, number_in(a)) : at::lt(a, b);
}
Tensor less_equal(const Tensor& a, const Tensor& b) {
  return is_plain(b) ? at::le(a, number_in(b)) : is_plain(a) ? at::ge(b, number_in(a)) : at::le(a, b);
}
Tensor greater(const Tensor& a, const Tensor& b) {
  return is_plain(b) ? at::gt(a, number_in(b)) : is_plain(a) ? at::lt(b, number_in(a)) : at::gt(a, b);
}
Tensor greater_equal(const Tensor& a, const Tensor& b) {
  return is_plain(b) ? at::ge(a, number_in(b)) : is_plain(a) ? at::le(b, number_in(a)) : at::ge(a, b);
}
Tensor both(const Tensor& a, const Tensor& b) { return at::logical_and(a, b); }
Tensor either(const Tensor& a, const Tensor& b) { return at::logical_or(a, b); }
Tensor angle(const Tensor& a, const Tensor& b) { return at::atan2(as_float(a), as_float(b)); }
Tensor float_remainder(const Tensor& a, const Tensor& b) {
  return at::fmod(as_float(a), as_float(b));
}

struct Binary {
  Tensor (*function)(const Tensor&, const Tensor&);
  bool takes_plain = true;  ///< one operand may be a plain number; else it becomes a tensor too
};
const std::unordered_map<std::string, Binary>& binaries() {
  static const std::unordered_map<std::string, Binary> table = {
      {"aten::add", {add}},
      {"aten::sub", {subtract}},
      {"aten::mul", {multiply}},
      {"aten::div", {divide}},
      {"aten::floordiv", {floor_divide}},
      {"aten::remainder", {remainder}},
      {"aten::pow", {power}},
      {"aten::eq", {equal}},
      {"aten::ne", {not_equal}},
      {"aten::lt", {less}},
      {"aten::le", {less_equal}},
      {"aten::gt", {greater}},
      {"aten::ge", {greater_equal}},
      {"prim::min", {smaller, false}},
      {"prim::max", {larger, false}},
      {"aten::__and__", {both, false}},
      {"aten::__or__", {either, false}},
      {"aten::atan2", {angle, false}},
      {"aten::fmod", {float_remainder, false}},
  };
  return table;
}

Tensor same(const Tensor& a) { return a; }
Tensor negative(const Tensor& a) { return at::neg(a); }
Tensor magnitude(const Tensor& a) { return at::abs(a); }
Tensor inverse(const Tensor& a) { return at::logical_not(a); }
Tensor only_element(const Tensor& a) { return a.dim() == 0 ? a : a.reshape(at::IntArrayRef{}); }
Tensor to_int(const Tensor& a) { return a.scalar_type() == at::kLong ? a : a.to(at::kLong); }
Tensor to_float(const Tensor& a) { return a.scalar_type() == at::kDouble ? a : a.to(at::kDouble); }
Tensor to_tensor(const Tensor& a) { return at::clone(a); }
// Of the module math: an int is a float there.
template <Tensor (*function)(const Tensor&)>
Tensor of_float(const Tensor& a) {
  return function(as_float(a));
}
template <Tensor (*function)(const Tensor&)>
Tensor rounded(const Tensor& a) {
  return to_int(function(as_float(a)));
}

using Unary = Tensor (*)(const Tensor&);
const std::unordered_map<std::string, Unary>& unaries() {
  static const std::unordered_map<std::string, Unary> table = {
      {"aten::neg", negative},        {"prim::abs", magnitude},
      {"aten::__not__", inverse},     {"aten::Int", to_int},
      {"aten::Float", to_float},      {"aten::Bool", truth_tensor},
      {"aten::ScalarImplicit", same}, {"prim::unchecked_cast", same},
      {"prim::NumToTensor", to_tensor},
      {"aten::sqrt", of_float<at::sqrt>},   {"aten::exp", of_float<at::exp>},
      {"aten::log", of_float<at::log>},     {"aten::log1p", of_float<at::log1p>},
      {"aten::log10", of_float<at::log10>}, {"aten::expm1", of_float<at::expm1>},
      {"aten::sin", of_float<at::sin>},     {"aten::cos", of_float<at::cos>},
      {"aten::tan", of_float<at::tan>},     {"aten::asin", of_float<at::asin>},
      {"aten::acos", of_float<at::acos>},   {"aten::atan", of_float<at::atan>},
      {"aten::sinh", of_float<at::sinh>},   {"aten::cosh", of_float<at::cosh>},
      {"aten::tanh", of_float<at::tanh>},   {"aten::fabs", of_float<at::abs>},
      {"aten::isnan", of_float<at::isnan>}, {"aten::isinf", of_float<at::isinf>},
      {"aten::isfinite", of_float<at::isfinite>},
      {"aten::round", of_float<at::round>}, {"aten::floor", rounded<at::floor>},
      {"aten::ceil", rounded<at::ceil>},    {"aten::trunc", rounded<at::trunc>},
  };
  return table;
}

bool takes_tensor(const c10::Argument& argument) {
  return argument.type()->isSubtypeOf(*c10::OptionalType::ofTensor());
}

// The overload of the node's operator that takes tensors where `inputs` has numbers that depend on
// data, e.g. mul.Tensor for mul.Scalar. It may take other numbers as tensors too.
std::optional<c10::OperatorHandle> tensor_overload(const torch::jit::Node& node,
                                                   const std::vector<IValue>& inputs) {
  const c10::FunctionSchema& schema = node.getOperator().schema();
  for (const char* overload : {"Tensor", "Tensor_Tensor", "Tensor_mode", "self", ""}) {
    const auto op = c10::Dispatcher::singleton().findSchema({schema.name(), overload});
    if (!op || op->schema().arguments().size() != inputs.size()) continue;
    bool fits = true;
    for (size_t i = 0; i < inputs.size(); ++i) {
      const c10::Argument& argument = op->schema().arguments()[i];
      const bool is_number = is_number_type(node.input(i)->type());
      const bool same_kind =
          argument.type()->kind() == schema.arguments()[i].type()->kind();
      fits = fits && (is_data_number(inputs[i], node.input(i)->type()) ? takes_tensor(argument)
                                                                       : same_kind || (is_number && takes_tensor(argument)));
    }
    if (fits) return op;
  }
  return std::nullopt;
}

bool makes_tensor(const std::string& name) { return name == "aten::tensor" || name == "aten::as_tensor"; }

// torch.tensor(number): a float has the default dtype, whatever its precision.
Tensor tensor_of(const Tensor& number, const IValue& dtype) {
  const auto default_type = at::isFloatingType(number.scalar_type())
                                ? c10::typeMetaToScalarType(c10::get_default_dtype())
                                : number.scalar_type();
  const auto type = dtype.isNone() ? default_type : dtype.toScalarType();
  return number.to(type, /*non_blocking=*/false, /*copy=*/true);
}

// torch.tensor([a, b, 1.0]).
Tensor tensor_of(Tracer& tracer, c10::ArrayRef<IValue> numbers, const IValue& dtype) {
  std::vector<Tensor> elements;
  for (const IValue& number : numbers) elements.push_back(tensor_of(to_data_number(tracer, number), dtype));
  return at::stack(elements);
}

// min(a, b, c) and max(a, b, c).
Tensor extreme_of(Tracer& tracer, bool smallest, c10::ArrayRef<IValue> numbers) {
  Tensor result = to_data_number(tracer, numbers[0]);
  for (const IValue& number : numbers.slice(1)) {
    const Tensor next = to_data_number(tracer, number);
    result = smallest ? smaller(result, next) : larger(result, next);
  }
  return result;
}

// The two that range() compiles to.
std::optional<Tensor> range_of(const std::string& name, const std::vector<Tensor>& in) {
  if (name == "aten::__derive_index") return at::add(in[1], at::mul(in[0], in[2]));
  if (name != "aten::__range_length") return std::nullopt;
  // ceil((stop - start) / step), and none where that is negative.
  const Tensor rounds = at::neg(at::div(at::sub(in[0], in[1]), in[2], "floor"));
  return at::maximum(rounds, at::zeros_like(rounds));
}

bool is_number_list(const IValue& value, const c10::TypePtr& type) {
  const auto list = type->cast<c10::ListType>();
  return value.isList() && list && is_number_type(list->getElementType());
}

bool holds_tensor(const IValue& list) {
  const auto items = list.toListRef();
  return std::any_of(items.begin(), items.end(), [](const IValue& item) { return item.isTensor(); });
}

// What makes one number or tensor of a list of numbers.
std::optional<IValue> run_on_list(Tracer& tracer, const std::string& name,
                                  const std::vector<IValue>& inputs) {
  const auto numbers = inputs[0].toListRef();
  if (makes_tensor(name)) return tensor_of(tracer, numbers, inputs[1]);
  if (name == "prim::min" || name == "prim::max") return extreme_of(tracer, name == "prim::min", numbers);
  return std::nullopt;
}

// full, full_like, new_full: made with some number of the same kind, then filled.
std::optional<IValue> fill_with(const torch::jit::Node& node, const std::vector<IValue>& inputs) {
  const auto is_fill_value = [&node](size_t i) {
    return node.getOperator().schema().arguments()[i].name() == "fill_value";
  };
  if (!node.maybeOperator()) return std::nullopt;
  torch::jit::Stack stack = inputs;
  std::optional<Tensor> value;
  for (size_t i = 0; i < stack.size(); ++i) {
    if (!is_data_number(stack[i], node.input(i)->type())) continue;
    if (!is_fill_value(i)) return std::nullopt;
    value = stack[i].toTensor();
    if (is_integral(*value)) stack[i] = value->scalar_type() == at::kBool ? IValue(false) : IValue(0);
    else stack[i] = 0.0;
  }
  if (!value) return std::nullopt;
  std::transform(stack.begin(), stack.end(), stack.begin(), as_argument);
  node.getOperator().getOperation(&node)(stack);
  return stack.back().toTensor().fill_(*value);
}

}  // namespace

bool is_number_type(const c10::TypePtr& type) {
  switch (type->kind()) {
    case c10::TypeKind::IntType:
    case c10::TypeKind::FloatType:
    case c10::TypeKind::BoolType:
    case c10::TypeKind::NumberType:
    case c10::TypeKind::SymIntType:  // of lists that hold symbols
    case c10::TypeKind::SymFloatType:
    case c10::TypeKind::SymBoolType:
      return true;
    case c10::TypeKind::OptionalType:
      return is_number_type(type->expectRef<c10::OptionalType>().getElementType());
    default:
      return false;
  }
}

Tensor to_data_number(Tracer& tracer, const IValue& number) {
  return number.isTensor() ? number.toTensor() : tracer.number_tensor(number);
}

Tensor truth_tensor(const Tensor& tensor) {
  return only_element(tensor.scalar_type() == at::kBool ? tensor : at::ne(tensor, 0));
}

Tensor data_number_in(const Tensor& tensor, const c10::TypePtr& type) {
  const Tensor number = only_element(tensor);
  switch (type->kind()) {
    case c10::TypeKind::IntType: return to_int(number);
    case c10::TypeKind::FloatType: return to_float(number);
    default: break;  // of the tensor's own kind
  }
  if (number.scalar_type() == at::kBool) return at::clone(number);
  return is_integral(number) ? to_int(number) : to_float(number);
}

namespace {

bool has_data_numbers(const torch::jit::Node& node, const std::vector<IValue>& inputs) {
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (is_data_number(inputs[i], node.input(i)->type())) return true;
  }
  return false;
}

}  // namespace

std::optional<IValue> run_on_data_numbers(Tracer& tracer, const torch::jit::Node& node,
                                          const std::vector<IValue>& inputs) {
  const std::string name = node.kind().toQualString();
  if (!inputs.empty() && is_number_list(inputs[0], node.input(0)->type()) && holds_tensor(inputs[0])) {
    return run_on_list(tracer, name, inputs);
  }
  if (!has_data_numbers(node, inputs)) return std::nullopt;
  const bool numbers_only =
      std::all_of(node.inputs().begin(), node.inputs().end(),
                  [](const torch::jit::Value* input) { return is_number_type(input->type()); });
  if (numbers_only && inputs.size() == 1) {
    const auto unary = unaries().find(name);
    if (unary != unaries().end()) return unary->second(inputs[0].toTensor());
  }
  if (numbers_only && inputs.size() == 2) {
    const auto binary = binaries().find(name);
    if (binary != binaries().end()) {
      const auto& [function, takes_plain] = binary->second;
      const auto operand = [&](const IValue& number) {
        const bool is_known = number.isInt() || number.isDouble() || number.isBool();
        return takes_plain && is_known ? plain(number.toScalar()) : to_data_number(tracer, number);
      };
      return function(operand(inputs[0]), operand(inputs[1]));
    }
  }
  if (numbers_only && inputs.size() == 3) {
    std::vector<Tensor> numbers;
    for (const IValue& number : inputs) numbers.push_back(to_data_number(tracer, number));
    if (const auto result = range_of(name, numbers)) return *result;
  }
  if (makes_tensor(name)) return tensor_of(inputs[0].toTensor(), inputs[1]);
  if (const auto filled = fill_with(node, inputs)) return filled;
  if (!node.maybeOperator() || inputs.empty() || !inputs[0].isTensor() ||
      is_number_type(node.input(0)->type())) {
    return std::nullopt;
  }
  const auto op = tensor_overload(node, inputs);
  if (!op) return std::nullopt;
  torch::jit::Stack stack = inputs;
  for (size_t i = 1; i < stack.size(); ++i) {
    if (!stack[i].isTensor() && !stack[i].isNone() && takes_tensor(op->schema().arguments()[i])) {
      stack[i] = to_data_number(tracer, stack[i]);
    }
    // A float keeps an integral tensor's result at the default dtype, as a plain number does.
    if (stack[i].isTensor() && is_number_type(node.input(i)->type()) &&
        is_integral(inputs[0].toTensor()) && !is_integral(stack[i].toTensor())) {
      stack[i] = stack[i].toTensor().to(c10::typeMetaToScalarType(c10::get_default_dtype()));
    }
  }
  tracer.call(*op, stack);
  return stack.back();
}

}  // namespace tx::capture::torchscript
