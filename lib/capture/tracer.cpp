#include "capture/tracer.h"

#include <ATen/ops/clone.h>

#include "capture/dispatch/convert.h"
#include "capture/dispatch/layers.h"
#include "capture/dispatch/sym_node.h"
#include "capture/dispatch/traced_tensor.h"

namespace tx::capture {

void Tracer::call(const c10::OperatorHandle& op, torch::jit::Stack& stack) { op.callBoxed(stack); }

bool Tracer::truth(const c10::IValue& condition, const std::string& statement) {
  if (condition.isSymBool()) {
    recorder_.tell_place(statement);
    return condition.toSymBool().guard_bool(__FILE__, __LINE__);
  }
  return condition.toBool();
}

std::optional<bool> Tracer::decided(const c10::IValue& condition, const std::string& statement) {
  if (condition.isTensor()) {
    const at::Tensor value = known_value(condition.toTensor());
    if (!value.defined()) return std::nullopt;
    const BelowCapture below;
    return value.item().toBool();
  }
  if (condition.isSymBool()) {
    const symbolic::Expr expr = expr_of(condition.toSymBool().toSymNodeImpl());
    // Known or not, the answer counts: truth() notes what it assumes of sizes 0 and 1.
    const bool known = recorder_.env().statically_known(expr).has_value();
    if (!known && (control_flow_ == ControlFlow::All || !has_example(condition))) {
      return std::nullopt;
    }
  }
  return truth(condition, statement);
}

bool Tracer::expect(const c10::IValue& condition, bool expected) {
  recorder_.tell_place("assert");
  const symbolic::Expr expr = expr_of(condition.toSymBool().toSymNodeImpl());
  return recorder_.env().expect_true(expected ? expr : logical_not(expr));
}

bool Tracer::has_example(const c10::IValue& number) {
  const symbolic::Expr expr = number.isSymInt()    ? to_expr(number.toSymInt())
                              : number.isSymBool() ? expr_of(number.toSymBool().toSymNodeImpl())
                                                   : expr_of(number.toSymFloat().toSymNodeImpl());
  for (const symbolic::Expr& symbol : expr.free_symbols()) {
    if (!recorder_.env().hint(symbol)) return false;
  }
  return true;
}

at::Tensor Tracer::constant(const at::Tensor& value) {
  return to_functional(recorder_.lift_constant(value));
}

at::Tensor Tracer::literal(const at::Tensor& value) { return at::clone(constant(value)); }

at::Tensor Tracer::number_tensor(const c10::IValue& number, std::optional<c10::ScalarType> dtype) {
  static const c10::OperatorHandle scalar_tensor =
      c10::Dispatcher::singleton().findSchemaOrThrow("aten::scalar_tensor", "");
  const auto type = dtype ? *dtype : number.isSymInt() ? c10::kLong : number.toScalar().type();
  torch::jit::Stack stack{number, static_cast<int64_t>(type), c10::IValue(), c10::IValue(), c10::IValue()};
  call(scalar_tensor, stack);
  return stack.back().toTensor();
}

at::Tensor Tracer::known_value(const at::Tensor& tensor) {
  const at::Tensor inner = from_functional(tensor);
  const TracedTensorImpl* traced = as_traced(inner);
  if (!traced) return inner;
  return traced->known() ? traced->known()->value() : at::Tensor();
}

std::optional<c10::IValue> Tracer::symbolic_number(const at::Tensor& tensor) {
  const at::Tensor inner = from_functional(tensor);
  const TracedTensorImpl* traced = as_traced(inner);
  if (!traced || !traced->number()) return std::nullopt;
  return c10::IValue(to_sym_int(recorder_.env().simplify(*traced->number())));
}

c10::IValue Tracer::item(const at::Tensor& tensor) {
  return recorder_.item(from_functional(tensor));
}

c10::IValue Tracer::float_item(const at::Tensor& tensor) {
  return recorder_.float_item(from_functional(tensor));
}

void Tracer::report(diag::Diagnostic diagnostic) {
  location_.locate(diagnostic);
  for (diag::Diagnostic& earlier : reports_) {
    if (earlier.code == diagnostic.code && earlier.place.file == diagnostic.place.file &&
        earlier.place.line == diagnostic.place.line && earlier.message == diagnostic.message) {
      ++earlier.count;
      return;
    }
  }
  reports_.push_back(std::move(diagnostic));
}

}  // namespace tx::capture
