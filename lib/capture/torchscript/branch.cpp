#include "capture/torchscript/branch.h"

#include <ATen/ops/clone.h>

#include "capture/dispatch/convert.h"
#include "capture/torchscript/data_numbers.h"

namespace tx::capture::torchscript {

using c10::IValue;
using c10::TypePtr;

TypePtr without_optional(const TypePtr& type) {
  return type->kind() == c10::TypeKind::OptionalType
             ? type->expectRef<c10::OptionalType>().getElementType()
             : type;
}

TypePtr item_type(const TypePtr& container, size_t index) {
  const TypePtr type = without_optional(container);
  switch (type->kind()) {
    case c10::TypeKind::ListType: return type->expectRef<c10::ListType>().getElementType();
    case c10::TypeKind::DictType: return type->expectRef<c10::DictType>().getValueType();
    case c10::TypeKind::TupleType: return type->expectRef<c10::TupleType>().elements().at(index);
    default: return c10::AnyType::get();
  }
}

IValue map_leaves(const IValue& value, const TypePtr& type,
                  const std::function<IValue(const IValue&, const TypePtr&)>& convert) {
  if (is_leaf(value)) {
    const bool typed = value.isTensor() || is_number_type(type);
    return typed ? convert(value, type) : value;
  }
  if (value.isTuple()) {
    std::vector<IValue> items;
    for (const IValue& item : value.toTupleRef().elements()) {
      items.push_back(map_leaves(item, item_type(type, items.size()), convert));
    }
    const auto tuple = without_optional(type)->cast<c10::TupleType>();
    return tuple && tuple->schema() ? c10::ivalue::Tuple::createNamed(std::move(items), tuple)
                                    : c10::ivalue::Tuple::create(std::move(items));
  }
  if (value.isList()) {
    c10::impl::GenericList list(value.toList().elementType());
    for (const IValue& item : value.toListRef()) {
      list.push_back(map_leaves(item, item_type(type, 0), convert));
    }
    return IValue(std::move(list));
  }
  if (value.isGenericDict()) {
    const auto source = value.toGenericDict();
    c10::impl::GenericDict dict(source.keyType(), source.valueType());
    for (const auto& entry : source) {
      dict.insert(entry.key(), map_leaves(entry.value(), item_type(type, 0), convert));
    }
    return IValue(std::move(dict));
  }
  return value;
}

bool holds_data_number(const IValue& value, const TypePtr& type) {
  bool found = false;
  map_leaves(value, type, [&found](const IValue& leaf, const TypePtr& leaf_type) {
    found = found || is_data_number(leaf, leaf_type);
    return leaf;
  });
  return found;
}

TypePtr type_at(const Journal::Place& place) {
  if (place.attribute) return place.owner.toObjectRef().type()->getAttribute(*place.attribute);
  if (place.owner.isGenericDict()) {
    const auto dict = place.owner.toGenericDict();
    return c10::DictType::create(dict.keyType(), dict.valueType());
  }
  return c10::ListType::create(place.owner.toList().elementType());
}

at::Tensor OutputLeaves::add(const IValue& leaf, bool contiguous) {
  const at::Tensor tensor = to_data_number(tracer_, leaf);
  at::Tensor shared;
  if (tracer_.is_from_outside(tensor)) shared = tensor;
  for (const at::Tensor& earlier : originals_) {
    if (memory_of(earlier).is_alias_of(memory_of(tensor))) shared = earlier;
  }
  originals_.push_back(tensor);
  shared_with_.push_back(shared);
  const ir::TensorType type = type_of(from_functional(tensor));
  if (contiguous && type.strides != ir::contiguous_strides(type.sizes)) {
    return at::clone(tensor, at::MemoryFormat::Contiguous);
  }
  return shared.defined() ? at::clone(tensor) : tensor;
}

}  // namespace tx::capture::torchscript
