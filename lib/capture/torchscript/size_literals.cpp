#include "capture/torchscript/size_literals.h"

#include <ATen/ops/stack.h>

#include <algorithm>

namespace tx::capture::torchscript {

using c10::IValue;

bool holds_symbol(const IValue& numbers) {
  if (numbers.isSymInt() || numbers.isSymFloat() || numbers.isSymBool()) return true;
  if (!numbers.isList()) return false;
  const auto items = numbers.toListRef();
  return std::any_of(items.begin(), items.end(), holds_symbol);
}

at::Tensor tensor_of_sizes(Tracer& tracer, const IValue& numbers, const IValue& dtype) {
  if (numbers.isList()) {
    std::vector<at::Tensor> items;
    for (const IValue& item : numbers.toListRef()) items.push_back(tensor_of_sizes(tracer, item, dtype));
    return at::stack(items);
  }
  if (!dtype.isNone()) return tracer.number_tensor(numbers, dtype.toScalarType());
  const bool is_float = numbers.isDouble() || numbers.isSymFloat();
  return tracer.number_tensor(
      numbers, is_float ? std::optional(c10::typeMetaToScalarType(c10::get_default_dtype())) : std::nullopt);
}

}  // namespace tx::capture::torchscript
