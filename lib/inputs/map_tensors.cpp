#include "inputs/map_tensors.h"

namespace tx::inputs {

c10::IValue map_tensors(const c10::IValue& value,
                        const std::function<at::Tensor(const at::Tensor&)>& convert) {
  if (value.isTensor()) {
    return value.toTensor().defined() ? c10::IValue(convert(value.toTensor())) : value;
  }
  if (value.isTuple()) {
    std::vector<c10::IValue> items;
    for (const c10::IValue& item : value.toTupleRef().elements()) {
      items.push_back(map_tensors(item, convert));
    }
    const auto type = value.type()->expect<c10::TupleType>();
    return type->schema() ? c10::ivalue::Tuple::createNamed(std::move(items), type)
                          : c10::ivalue::Tuple::create(std::move(items));
  }
  if (value.isList()) {
    c10::impl::GenericList list(value.toList().elementType());
    for (const c10::IValue& item : value.toListRef()) list.push_back(map_tensors(item, convert));
    return list;
  }
  if (value.isGenericDict()) {
    const auto source = value.toGenericDict();
    c10::impl::GenericDict dict(source.keyType(), source.valueType());
    for (const auto& entry : source) {
      const c10::IValue key = map_tensors(entry.key(), convert);
      dict.insert(key, map_tensors(entry.value(), convert));
    }
    return dict;
  }
  return value;
}

}  // namespace tx::inputs
