#include "inputs/convert.h"

#include <ATen/Functions.h>

#include "support/strings.h"

namespace tx::inputs {
namespace {

using c10::IValue;
using c10::TypeKind;
using c10::TypePtr;

[[noreturn]] void mismatch(const IValue& value, const c10::Type& type, const std::string& path) {
  throw ConversionError("`" + path + "` has to be " + type_text(type) + ", not " +
                        kind_text(value));
}

/// A tensor without dimensions is the number it holds: NumPy and torch.save make such tensors of
/// numbers.
IValue as_number(const IValue& value) {
  if (!value.isTensor() || value.toTensor().dim() != 0) return value;
  return value.toTensor().item();
}

IValue convert_scalar(const IValue& value, const TypePtr& type, const std::string& path) {
  const IValue number = as_number(value);
  switch (type->kind()) {
    case TypeKind::IntType: case TypeKind::SymIntType:
      if (number.isInt()) return number;
      break;
    case TypeKind::FloatType: case TypeKind::SymFloatType:
      if (number.isDouble()) return number;
      if (number.isInt()) return static_cast<double>(number.toInt());
      break;
    case TypeKind::ComplexType:
      if (number.isComplexDouble()) return number;
      if (number.isDouble()) return c10::complex<double>(number.toDouble());
      if (number.isInt()) return c10::complex<double>(static_cast<double>(number.toInt()));
      break;
    case TypeKind::BoolType: case TypeKind::SymBoolType:
      if (number.isBool()) return number;
      break;
    default:  // NumberType
      if (number.isScalar() || number.isBool()) return number;
  }
  mismatch(value, *type, path);
}

std::vector<IValue> elements_of(const IValue& value, const c10::Type& type,
                                const std::string& path) {
  if (value.isList()) return value.toListRef().vec();
  if (value.isTuple()) {
    const auto& elements = value.toTupleRef().elements();
    return std::vector<IValue>(elements.begin(), elements.end());
  }
  mismatch(value, type, path);
}

IValue convert_list(const IValue& value, const TypePtr& type, const std::string& path) {
  const TypePtr& element = type->expectRef<c10::ListType>().getElementType();
  c10::impl::GenericList result(element);
  const std::vector<IValue> elements = elements_of(value, *type, path);
  for (size_t i = 0; i < elements.size(); ++i) {
    result.push_back(convert(elements[i], element, path + "[" + std::to_string(i) + "]"));
  }
  return result;
}

IValue convert_dict(const IValue& value, const TypePtr& type, const std::string& path) {
  if (!value.isGenericDict()) mismatch(value, *type, path);
  const auto& dict = type->expectRef<c10::DictType>();
  c10::impl::GenericDict result(dict.getKeyType(), dict.getValueType());
  for (const auto& entry : value.toGenericDict()) {
    const std::string place = path + key_text(entry.key());
    IValue key = entry.key();
    // A tensor as a key stays the same object: dicts know tensors by identity.
    if (!key.isTensor()) key = convert(key, dict.getKeyType(), "key of " + place);
    result.insert_or_assign(std::move(key), convert(entry.value(), dict.getValueType(), place));
  }
  return result;
}

/// The fields of a named tuple from a dict of them; fields with defaults may be left out.
std::vector<IValue> fields_from_dict(const IValue& value, const c10::FunctionSchema& fields,
                                     const c10::Type& type, const std::string& path) {
  const auto dict = value.toGenericDict();
  std::vector<std::string> names;
  std::vector<IValue> elements;
  for (const c10::Argument& field : fields.arguments()) {
    names.push_back(field.name());
    const auto found = dict.find(field.name());
    if (found != dict.end()) {
      elements.push_back(found->value());
    } else if (field.default_value()) {
      elements.push_back(*field.default_value());
    } else {
      throw ConversionError("`" + path + "` has no `" + field.name() + "`, a field of " +
                            type_text(type));
    }
  }
  for (const auto& entry : dict) {
    const bool known = entry.key().isString() && fields.argumentIndexWithName(
                                                     entry.key().toStringRef()).has_value();
    if (!known) {
      throw ConversionError("`" + path + key_text(entry.key()) + "` is no field of " +
                            type_text(type) + "; it has " + support::join(names, ", "));
    }
  }
  return elements;
}

IValue convert_tuple(const IValue& value, const TypePtr& type, const std::string& path) {
  const auto& tuple = type->expectRef<c10::TupleType>();
  const auto& schema = tuple.schema();
  std::vector<IValue> elements = schema && value.isGenericDict()
                                     ? fields_from_dict(value, *schema, *type, path)
                                     : elements_of(value, *type, path);
  if (elements.size() != tuple.elements().size()) mismatch(value, *type, path);
  for (size_t i = 0; i < elements.size(); ++i) {
    const std::string place = schema ? path + "." + schema->arguments()[i].name()
                                     : path + "[" + std::to_string(i) + "]";
    elements[i] = convert(elements[i], tuple.elements()[i], place);
  }
  if (!schema) return c10::ivalue::Tuple::create(std::move(elements));
  return c10::ivalue::Tuple::createNamed(std::move(elements), type->cast<c10::TupleType>());
}

IValue convert_union(const IValue& value, const TypePtr& type, const std::string& path) {
  const auto members = type->expectRef<c10::UnionType>().containedTypes();
  for (const TypePtr& member : members) {
    if (value.type()->isSubtypeOf(*member)) return value;
  }
  for (const TypePtr& member : members) {
    try {
      return convert(value, member, path);
    } catch (const ConversionError&) {
      // Another member may fit.
    }
  }
  mismatch(value, *type, path);
}

}  // namespace

IValue convert(const IValue& value, const TypePtr& type, const std::string& path) {
  switch (type->kind()) {
    case TypeKind::AnyType: return value;
    case TypeKind::TensorType:
      if (value.isTensor()) return value;
      mismatch(value, *type, path);
    case TypeKind::OptionalType:
      if (value.isNone()) return value;
      return convert(value, type->expectRef<c10::OptionalType>().getElementType(), path);
    case TypeKind::IntType: case TypeKind::SymIntType: case TypeKind::FloatType:
    case TypeKind::SymFloatType: case TypeKind::ComplexType: case TypeKind::BoolType:
    case TypeKind::SymBoolType: case TypeKind::NumberType:
      return convert_scalar(value, type, path);
    case TypeKind::StringType:
      if (value.isString()) return value;
      mismatch(value, *type, path);
    case TypeKind::NoneType:
      if (value.isNone()) return value;
      mismatch(value, *type, path);
    case TypeKind::DeviceObjType:
      if (value.isDevice()) return value;
      if (!value.isString()) mismatch(value, *type, path);
      try {
        return c10::Device(value.toStringRef());
      } catch (const c10::Error&) {
        throw ConversionError("`" + path + "` has to be a device such as cpu, not '" +
                              value.toStringRef() + "'");
      }
    case TypeKind::ListType: return convert_list(value, type, path);
    case TypeKind::DictType: return convert_dict(value, type, path);
    case TypeKind::TupleType: return convert_tuple(value, type, path);
    case TypeKind::UnionType: return convert_union(value, type, path);
    default:
      throw ConversionError("`" + path + "` has to be an object of " + type_text(*type) +
                            ", which cannot be given as an input");
  }
}

std::string type_text(const c10::Type& type) {
  return type.annotation_str([](const c10::Type& part) -> std::optional<std::string> {
    if (const auto* named = part.castRaw<c10::NamedType>(); named && named->name()) {
      return named->name()->name();
    }
    return std::nullopt;
  });
}

std::string kind_text(const IValue& value) {
  if (value.isNone()) return "None";
  if (value.isTensor()) {
    std::vector<std::string> sizes;
    for (const int64_t size : value.toTensor().sizes()) sizes.push_back(std::to_string(size));
    return "a Tensor of shape [" + support::join(sizes, ", ") + "]";
  }
  if (value.isInt()) return "an int";
  if (value.isDouble()) return "a float";
  if (value.isBool()) return "a bool";
  if (value.isComplexDouble()) return "a complex";
  if (value.isString()) return "a str";
  if (value.isList()) return "a list of " + std::to_string(value.toListRef().size());
  if (value.isTuple()) return "a tuple of " + std::to_string(value.toTupleRef().elements().size());
  if (value.isGenericDict()) return "a dict of " + std::to_string(value.toGenericDict().size());
  return "a value of type " + type_text(*value.type());
}

std::string key_text(const IValue& key) {
  if (key.isString()) return "[" + support::python_repr(key.toStringRef()) + "]";
  if (key.isInt()) return "[" + std::to_string(key.toInt()) + "]";
  if (key.isDouble()) return "[" + support::python_repr(key.toDouble()) + "]";
  if (key.isBool()) return key.toBool() ? "[True]" : "[False]";
  return "[" + kind_text(key) + "]";
}

}  // namespace tx::inputs
