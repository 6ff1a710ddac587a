#include "capture/torchscript/data_numbers.h"

#include <ATen/ops/abs.h>
#include <ATen/ops/add.h>
#include <ATen/ops/clone.h>
#include <ATen/ops/div.h>
#include <ATen/ops/eq.h>
#include <ATen/ops/ge.h>
#include <ATen/ops/gt.h>
#include <ATen/ops/le.h>
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
#include <ATen/ops/sub.h>

#include <algorithm>
#include <string>
#include <unordered_map>

#include <c10/core/DefaultDtype.h>

namespace tx::capture::torchscript {
namespace {

using at::Tensor;
using c10::IValue;

bool is_integral(const Tensor& t) { return c10::isIntegralType(t.scalar_type(), true); }
Tensor as_float(const Tensor& t) { return is_integral(t) ? t.to(at::kDouble) : t; }

// Python's: ints give an int, a float among the operands a float; a / b is always a float.
Tensor add(const Tensor& a, const Tensor& b) { return at::add(a, b); }
Tensor subtract(const Tensor& a, const Tensor& b) { return at::sub(a, b); }
Tensor multiply(const Tensor& a, const Tensor& b) { return at::mul(a, b); }
Tensor divide(const Tensor& a, const Tensor& b) { return at::div(as_float(a), as_float(b)); }
Tensor floor_divide(const Tensor& a, const Tensor& b) { return at::div(a, b, "floor"); }
Tensor remainder(const Tensor& a, const Tensor& b) { return at::remainder(a, b); }
Tensor power(const Tensor& a, const Tensor& b) { return at::pow(as_float(a), as_float(b)); }
Tensor smaller(const Tensor& a, const Tensor& b) { return at::minimum(a, b); }
Tensor larger(const Tensor& a, const Tensor& b) { return at::maximum(a, b); }
Tensor equal(const Tensor& a, const Tensor& b) { return at::eq(a, b); }
Tensor not_equal(const Tensor& a, const Tensor& b) { return at::ne(a, b); }
Tensor less(const Tensor& a, const Tensor& b) { return at::lt(a, b); }
Tensor less_equal(const Tensor& a, const Tensor& b) { return at::le(a, b); }
Tensor greater(const Tensor& a, const Tensor& b) { return at::gt(a, b); }
Tensor greater_equal(const Tensor& a, const Tensor& b) { return at::ge(a, b); }
Tensor both(const Tensor& a, const Tensor& b) { return at::logical_and(a, b); }
Tensor either(const Tensor& a, const Tensor& b) { return at::logical_or(a, b); }

using Binary = Tensor (*)(const Tensor&, const Tensor&);
const std::unordered_map<std::string, Binary>& binaries() {
  static const std::unordered_map<std::string, Binary> table = {
      {"aten::add", add},        {"aten::sub", subtract},      {"aten::mul", multiply},
      {"aten::div", divide},     {"aten::floordiv", floor_divide},
      {"aten::remainder", remainder}, {"aten::pow", power},
      {"prim::min", smaller},    {"prim::max", larger},
      {"aten::eq", equal},       {"aten::ne", not_equal},
      {"aten::lt", less},        {"aten::le", less_equal},
      {"aten::gt", greater},     {"aten::ge", greater_equal},
      {"aten::__and__", both},   {"aten::__or__", either},
  };
  return table;
}

Tensor same(const Tensor& a) { return a; }
Tensor negative(const Tensor& a) { return at::neg(a); }
Tensor magnitude(const Tensor& a) { return at::abs(a); }
Tensor inverse(const Tensor& a) { return at::logical_not(a); }
Tensor to_int(const Tensor& a) { return a.scalar_type() == at::kLong ? a : a.to(at::kLong); }
Tensor to_float(const Tensor& a) { return a.scalar_type() == at::kDouble ? a : a.to(at::kDouble); }
Tensor to_tensor(const Tensor& a) { return at::clone(a); }

using Unary = Tensor (*)(const Tensor&);
const std::unordered_map<std::string, Unary>& unaries() {
  static const std::unordered_map<std::string, Unary> table = {
      {"aten::neg", negative},        {"prim::abs", magnitude},
      {"aten::__not__", inverse},     {"aten::Int", to_int},
      {"aten::Float", to_float},      {"aten::Bool", truth_tensor},
      {"aten::ScalarImplicit", same}, {"prim::unchecked_cast", same},
      {"prim::NumToTensor", to_tensor},
  };
  return table;
}

// The overload of the node's operator that takes tensors where `inputs` has numbers that depend on
// data, e.g. mul.Tensor for mul.Scalar.
std::optional<c10::OperatorHandle> tensor_overload(const torch::jit::Node& node,
                                                   const std::vector<IValue>& inputs) {
  const c10::FunctionSchema& schema = node.getOperator().schema();
  for (const char* overload : {"Tensor", "Tensor_Tensor", "Tensor_mode", ""}) {
    const auto op = c10::Dispatcher::singleton().findSchema({schema.name(), overload});
    if (!op || op->schema().arguments().size() != inputs.size()) continue;
    bool fits = true;
    for (size_t i = 0; i < inputs.size(); ++i) {
      const c10::TypeKind kind = op->schema().arguments()[i].type()->kind();
      const bool wants_tensor = is_data_number(inputs[i], node.input(i)->type());
      fits = fits && kind == (wants_tensor ? c10::TypeKind::TensorType
                                           : schema.arguments()[i].type()->kind());
    }
    if (fits) return op;
  }
  return std::nullopt;
}

}  // namespace

bool is_number_type(const c10::TypePtr& type) {
  switch (type->kind()) {
    case c10::TypeKind::IntType:
    case c10::TypeKind::FloatType:
    case c10::TypeKind::BoolType:
    case c10::TypeKind::NumberType:
      return true;
    case c10::TypeKind::OptionalType:
      return is_number_type(type->expectRef<c10::OptionalType>().getElementType());
    default:
      return false;
  }
}

bool has_data_numbers(const torch::jit::Node& node, const std::vector<IValue>& inputs) {
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (is_data_number(inputs[i], node.input(i)->type())) return true;
  }
  return false;
}

Tensor to_data_number(Tracer& tracer, const IValue& number) {
  return number.isTensor() ? number.toTensor() : tracer.number_tensor(number);
}

Tensor truth_tensor(const Tensor& tensor) {
  const Tensor truth = tensor.scalar_type() == at::kBool ? tensor : at::ne(tensor, 0);
  return truth.dim() == 0 ? truth : truth.view(at::IntArrayRef{});
}

std::optional<IValue> run_on_data_numbers(Tracer& tracer, const torch::jit::Node& node,
                                          const std::vector<IValue>& inputs) {
  const std::string name = node.kind().toQualString();
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
      return binary->second(to_data_number(tracer, inputs[0]), to_data_number(tracer, inputs[1]));
    }
  }
  if (!node.maybeOperator() || inputs.empty() || !inputs[0].isTensor() ||
      is_number_type(node.input(0)->type())) {
    return std::nullopt;
  }
  const auto op = tensor_overload(node, inputs);
  if (!op) return std::nullopt;
  torch::jit::Stack stack = inputs;
  for (size_t i = 1; i < stack.size(); ++i) {
    // A float keeps an integral tensor's result at the default dtype, as a plain number does.
    if (is_data_number(stack[i], node.input(i)->type()) && is_integral(inputs[0].toTensor()) &&
        !is_integral(stack[i].toTensor())) {
      stack[i] = stack[i].toTensor().to(c10::typeMetaToScalarType(c10::get_default_dtype()));
    }
  }
  tracer.call(*op, stack);
  return stack.back();
}

}  // namespace tx::capture::torchscript
