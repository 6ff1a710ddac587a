#include "capture/dispatch/known_value.h"

#include "capture/dispatch/layers.h"
#include "capture/dispatch/traced_tensor.h"

namespace tx::capture {
namespace {

// Larger intermediate values are no constants a program would branch on.
constexpr int64_t kMaxElements = 1 << 20;

// Calls `visit` on each tensor in `value`; a false answer ends the walk.
bool all_tensors(const c10::IValue& value, const std::function<bool(const at::Tensor&)>& visit) {
  if (value.isTensor()) return !value.toTensor().defined() || visit(value.toTensor());
  if (value.isTensorList() || value.isList()) {
    for (const c10::IValue& item : value.toListRef()) {
      if (!all_tensors(item, visit)) return false;
    }
  }
  return true;
}

c10::IValue with_values(const c10::IValue& value) {
  if (value.isTensor() && value.toTensor().defined()) {
    const TracedTensorImpl* traced = as_traced(value.toTensor());
    return traced ? traced->known()->value() : value.toTensor();
  }
  if (value.isList()) {
    c10::impl::GenericList list(value.toList().elementType());
    for (const c10::IValue& item : value.toListRef()) list.push_back(with_values(item));
    return list;
  }
  return value;
}

bool symbolic(const c10::IValue& value) {
  if (value.isSymInt() || value.isSymFloat() || value.isSymBool()) return true;
  if (!value.isList()) return false;
  const auto items = value.toListRef();
  return std::any_of(items.begin(), items.end(), symbolic);
}

}  // namespace

KnownValue::KnownValue(at::Tensor value) : value_(std::move(value)) {}

KnownValue::KnownValue(c10::OperatorHandle op, std::vector<c10::IValue> arguments, size_t output)
    : op_(std::move(op)), arguments_(std::move(arguments)), output_(output) {}

bool KnownValue::derivable(const c10::OperatorHandle& op,
                           const std::vector<c10::IValue>& arguments) {
  if (op.operator_name().name.rfind("aten::", 0) != 0) return false;
  if (op.hasTag(at::Tag::nondeterministic_seeded)) return false;
  for (const c10::IValue& argument : arguments) {
    if (symbolic(argument)) return false;
    const bool known = all_tensors(argument, [](const at::Tensor& tensor) {
      const TracedTensorImpl* traced = as_traced(tensor);
      return traced ? traced->known() != nullptr : tensor.unsafeGetTensorImpl()->is_wrapped_number();
    });
    if (!known) return false;
  }
  return true;
}

const at::Tensor& KnownValue::value() const {
  if (!value_) value_ = compute();
  return *value_;
}

std::optional<std::vector<c10::IValue>> KnownValue::results(
    const c10::OperatorHandle& op, const std::vector<c10::IValue>& arguments) {
  bool small = true;
  for (const c10::IValue& argument : arguments) {
    all_tensors(argument, [&small](const at::Tensor& tensor) {
      const TracedTensorImpl* traced = as_traced(tensor);
      if (traced) {
        const at::Tensor& value = traced->known()->value();
        small = small && value.defined() && value.numel() <= kMaxElements;
      }
      return small;
    });
  }
  if (!small) return std::nullopt;
  torch::jit::Stack stack;
  for (const c10::IValue& argument : arguments) stack.push_back(with_values(argument));
  const BelowCapture below;
  try {
    op.callBoxed(stack);
  } catch (const c10::Error&) {
    return std::nullopt;
  }
  return stack;
}

at::Tensor KnownValue::compute() const {
  const auto all = results(*op_, arguments_);
  if (!all) return {};
  std::vector<at::Tensor> tensors;
  for (const c10::IValue& result : *all) {
    all_tensors(result, [&tensors](const at::Tensor& tensor) {
      tensors.push_back(tensor);
      return true;
    });
  }
  return output_ < tensors.size() ? tensors[output_] : at::Tensor();
}

}  // namespace tx::capture
