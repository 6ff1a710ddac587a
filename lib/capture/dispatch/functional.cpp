#include "capture/dispatch/functional.h"

#include <ATen/FunctionalTensorWrapper.h>

namespace tx::capture {
namespace {

namespace functional = at::functionalization::impl;

template <class Convert>
c10::IValue map_tensors(const c10::IValue& value, const Convert& convert) {
  if (value.isTensor()) {
    return value.toTensor().defined() ? c10::IValue(convert(value.toTensor())) : value;
  }
  if (!value.isList()) return value;
  const auto items = value.toListRef();
  const bool any = std::any_of(items.begin(), items.end(),
                               [](const c10::IValue& item) { return item.isTensor(); });
  if (!any) return value;
  c10::impl::GenericList list(value.toList().elementType());
  for (const c10::IValue& item : items) list.push_back(map_tensors(item, convert));
  return list;
}

}  // namespace

at::Tensor to_functional(const at::Tensor& traced) {
  return functional::to_functional_tensor(traced);
}

at::Tensor from_functional(const at::Tensor& tensor) {
  if (!functional::isFunctionalTensor(tensor)) return tensor;
  functional::sync(tensor);
  return functional::from_functional_tensor(tensor);
}

c10::IValue to_functional(const c10::IValue& value) {
  return map_tensors(value, [](const at::Tensor& tensor) { return to_functional(tensor); });
}

c10::IValue from_functional(const c10::IValue& value) {
  return map_tensors(value, [](const at::Tensor& tensor) { return from_functional(tensor); });
}

}  // namespace tx::capture
