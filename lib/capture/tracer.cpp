#include "capture/tracer.h"

#include <ATen/ops/clone.h>

#include "capture/dispatch/convert.h"
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

at::Tensor Tracer::constant(const at::Tensor& value) {
  return to_functional(recorder_.lift_constant(value));
}

at::Tensor Tracer::literal(const at::Tensor& value) { return at::clone(constant(value)); }

at::Tensor Tracer::number_tensor(const c10::IValue& number) {
  static const c10::OperatorHandle scalar_tensor =
      c10::Dispatcher::singleton().findSchemaOrThrow("aten::scalar_tensor", "");
  const auto type = number.isSymInt() ? c10::kLong : number.toScalar().type();
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
