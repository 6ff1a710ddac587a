#include "capture/torchscript/branch.h"

#include <ATen/ops/clone.h>
#include <ATen/ops/zeros.h>

#include <algorithm>

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

std::vector<IValue> containers_in(const IValue& value) {
  std::vector<IValue> result;
  const auto visit = [&result](const auto& self, const IValue& v) -> void {
    if (v.isTuple()) {
      for (const IValue& item : v.toTupleRef().elements()) self(self, item);
    } else if (v.isList()) {
      result.push_back(v);
      for (const IValue& item : v.toListRef()) self(self, item);
    } else if (v.isGenericDict()) {
      result.push_back(v);
      for (const auto& entry : v.toGenericDict()) self(self, entry.value());
    }
  };
  visit(visit, value);
  return result;
}

c10::ScalarType number_dtype(const IValue& value) {
  if (value.isTensor()) return value.toTensor().scalar_type();
  if (value.isBool() || value.isSymBool()) return at::kBool;
  return value.isInt() || value.isSymInt() ? at::kLong : at::kDouble;
}

at::Tensor zeros_like(Tracer& tracer, const IValue& leaf) {
  if (leaf.isTensor()) {
    // A size that only the other one's graph knows: the smallest will do.
    std::vector<c10::SymInt> sizes;
    const symbolic::ShapeEnv& env = tracer.recorder().env();
    for (const c10::SymInt& size : leaf.toTensor().sym_sizes()) {
      const bool known = tracer.recorder().scope().can_use(to_expr(size), env);
      sizes.push_back(known ? size : c10::SymInt(std::max<int64_t>(env.range(to_expr(size)).min, 0)));
    }
    return at::zeros_symint(sizes, leaf.toTensor().options());
  }
  const c10::ScalarType dtype = number_dtype(leaf);
  return tracer.number_tensor(dtype == at::kBool   ? IValue(false)
                              : dtype == at::kLong ? IValue(int64_t{0})
                                                   : IValue(0.0));
}

at::Tensor OutputLeaves::add(const IValue& leaf, bool contiguous) {
  const at::Tensor tensor = to_data_number(tracer_, leaf);
  const bool from_outside = tracer_.is_from_outside(tensor);
  const bool shared = from_outside || std::any_of(originals_.begin(), originals_.end(), [&](const at::Tensor& earlier) {
    return memory_of(earlier).is_alias_of(memory_of(tensor));
  });
  originals_.push_back(tensor);
  from_outside_.push_back(from_outside);
  const ir::TensorType type = type_of(from_functional(tensor));
  if (contiguous && type.strides != ir::contiguous_strides(type.sizes)) {
    return at::clone(tensor, at::MemoryFormat::Contiguous);
  }
  return shared ? at::clone(tensor) : tensor;
}

std::vector<std::vector<IValue>> OutputLeaves::maybe_one(const std::vector<at::Tensor>& results) const {
  std::vector<std::vector<IValue>> groups;
  for (size_t i = 0; i < originals_.size(); ++i) {
    if (from_outside_[i]) groups.push_back({results[i], originals_[i]});
    for (size_t j = 0; j < i; ++j) {
      if (memory_of(originals_[i]).is_alias_of(memory_of(originals_[j]))) groups.push_back({results[i], results[j]});
    }
  }
  return groups;
}

}  // namespace tx::capture::torchscript
