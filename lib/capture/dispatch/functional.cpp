#include "capture/dispatch/functional.h"

#include <ATen/FunctionalTensorWrapper.h>

#include "inputs/map_tensors.h"

namespace tx::capture {
namespace {

namespace functional = at::functionalization::impl;

bool holds_tensor(const c10::IValue& value) {
  if (!value.isList()) return value.isTensor();
  const auto items = value.toListRef();
  return std::any_of(items.begin(), items.end(),
                     [](const c10::IValue& item) { return item.isTensor(); });
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

const c10::Storage& memory_of(const at::Tensor& functional) {
  return functional.unsafeGetTensorImpl()->unsafe_storage();
}

const at::Tensor& base_of(const at::Tensor& tensor) {
  return static_cast<at::functionalization::FunctionalStorageImpl*>(
             memory_of(tensor).unsafeGetStorageImpl())
      ->base();
}

void overwrite(const at::Tensor& tensor, const at::Tensor& traced) {
  functional::replace_(tensor, traced);
  functional::commit_update(tensor);
}

c10::IValue to_functional(const c10::IValue& value) {
  if (!holds_tensor(value)) return value;
  return inputs::map_tensors(value, [](const at::Tensor& tensor) { return to_functional(tensor); });
}

c10::IValue from_functional(const c10::IValue& value) {
  if (!holds_tensor(value)) return value;
  return inputs::map_tensors(value, [](const at::Tensor& tensor) { return from_functional(tensor); });
}

}  // namespace tx::capture
