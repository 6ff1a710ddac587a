#include "runtime/binding.h"

#include <ATen/ScalarOps.h>

#include <stdexcept>

#include "runtime/convert.h"

namespace tx::runtime {
namespace {

using As = Operand::As;
using Source = Operand::Source;

/// A schema type without `?` and `[]`.
struct Shape {
  As as = As::Any;
  bool optional = false;
  bool list = false;
  bool optional_elements = false;
  c10::TypePtr element;
};

As kind_of_type(const c10::Type& type) {
  switch (type.kind()) {
    case c10::TypeKind::TensorType:
      return As::Tensor;
    case c10::TypeKind::IntType:
      return As::Int;
    case c10::TypeKind::FloatType:
      return As::Float;
    case c10::TypeKind::BoolType:
      return As::Bool;
    case c10::TypeKind::NumberType:
      return As::Number;
    default:
      return As::Any;
  }
}

Shape shape_of(c10::TypePtr inner) {
  Shape shape;
  const auto unwrap = [&inner](c10::TypeKind kind) {
    if (inner->kind() != kind) return false;
    inner = inner->containedType(0);
    return true;
  };
  shape.optional = unwrap(c10::TypeKind::OptionalType);
  shape.list = unwrap(c10::TypeKind::ListType);
  if (shape.list) shape.optional_elements = unwrap(c10::TypeKind::OptionalType);
  shape.as = kind_of_type(*inner);
  shape.element = std::move(inner);
  return shape;
}

c10::Scalar scalar_of(const c10::IValue& value) {
  if (value.isBool()) return value.toBool();
  return value.toScalar();
}

bool is_number(const c10::IValue& value) {
  return value.isInt() || value.isDouble() || value.isBool() || value.isComplexDouble();
}

c10::IValue wrapped_number(const c10::IValue& number) {
  at::Tensor tensor = c10::scalar_to_tensor(scalar_of(number));
  tensor.unsafeGetTensorImpl()->set_wrapped_number(true);
  return tensor;
}

[[noreturn]] void wrong_kind(const c10::IValue& value, const char* wanted) {
  throw std::invalid_argument(std::string("expected ") + wanted + " but got " + kind_of(value));
}

c10::IValue convert(c10::IValue value, As as, bool optional) {
  if (optional && value.isNone()) return value;
  switch (as) {
    case As::Any:
      return value;
    case As::Tensor:
      if (value.isTensor()) return value;
      if (is_number(value)) return wrapped_number(value);
      wrong_kind(value, "a tensor");
    case As::Int:
      if (value.isInt()) return value;
      if (value.isBool()) return int64_t{value.toBool()};
      wrong_kind(value, "an int");
    case As::Float:
      if (value.isDouble()) return value;
      if (value.isInt()) return static_cast<double>(value.toInt());
      if (value.isBool()) return static_cast<double>(value.toBool());
      wrong_kind(value, "a float");
    case As::Bool:
      if (value.isBool()) return value;
      wrong_kind(value, "a bool");
    case As::Number:
      if (is_number(value)) return value;
      // A number may come as a tensor of one element, e.g. into aten.full's fill_value.
      if (value.isTensor() && value.toTensor().numel() == 1) return value.toTensor().item();
      wrong_kind(value, "a number");
  }
  return value;
}

template <class T, class Get>
c10::IValue make_list(const std::vector<Operand>& items, std::span<c10::IValue> values, Get get) {
  c10::List<T> list;
  list.reserve(items.size());
  for (const Operand& item : items) list.push_back(get(fetch(item, values)));
  return list;
}

c10::IValue fetch_list(const Operand& list, std::span<c10::IValue> values) {
  const auto& items = list.items;
  switch (list.as) {
    case As::Tensor:
      if (list.optional) {
        return make_list<std::optional<at::Tensor>>(items, values, [](const c10::IValue& v) {
          return v.isNone() ? std::nullopt : std::optional<at::Tensor>(v.toTensor());
        });
      }
      return make_list<at::Tensor>(items, values,
                                   [](c10::IValue v) { return std::move(v).toTensor(); });
    case As::Int:
      return make_list<int64_t>(items, values, [](const c10::IValue& v) { return v.toInt(); });
    case As::Float:
      return make_list<double>(items, values, [](const c10::IValue& v) { return v.toDouble(); });
    case As::Bool:
      return make_list<bool>(items, values, [](const c10::IValue& v) { return v.toBool(); });
    case As::Number:
      return make_list<at::Scalar>(items, values,
                                   [](const c10::IValue& v) { return scalar_of(v); });
    case As::Any:
      break;
  }
  c10::impl::GenericList generic(c10::AnyType::get());
  for (const Operand& item : items) generic.push_back(fetch(item, values));
  return generic;
}

bool depends_on_run(const Operand& operand) {
  if (operand.source != Source::List && operand.source != Source::Tuple) {
    return operand.source != Source::Constant;
  }
  return std::any_of(operand.items.begin(), operand.items.end(), depends_on_run);
}

/// A list of constants is built once.
Operand fold(Operand operand) {
  if (depends_on_run(operand)) return operand;
  Operand constant;
  constant.as = operand.as;
  constant.constant = fetch(operand, {});
  return constant;
}

Operand constant_operand(c10::IValue value) {
  Operand operand;
  operand.constant = std::move(value);
  return operand;
}

Operand bind_single(const ir::Argument& argument, As as, bool optional, const c10::Type& type) {
  Operand operand;
  operand.as = as;
  operand.optional = optional;
  if (const auto* ref = argument.get<ir::NodeRef>()) {
    operand.source = Source::Value;
    operand.value = ref->id;
    return operand;
  }
  c10::IValue value = to_ivalue(argument);
  if (optional && value.isNone()) return operand;
  if (as == As::Any && !value.type()->isSubtypeOf(type) && type.kind() != c10::TypeKind::AnyType) {
    throw std::invalid_argument("expected " + type.str() + " but got " + kind_of(value));
  }
  operand.constant = convert(std::move(value), as, optional);
  return operand;
}

/// Lists of strings and the like: constants only.
Operand bind_other_list(const ir::ListArg& list, const Shape& shape) {
  c10::impl::GenericList values(shape.element);
  for (const ir::Argument& item : list.items) {
    const Operand element = bind_single(item, As::Any, shape.optional_elements, *shape.element);
    if (element.source != Source::Constant) {
      throw std::invalid_argument("a value of the graph in a list of " + shape.element->str());
    }
    values.push_back(element.constant);
  }
  return constant_operand(values);
}

Operand bind_list(const ir::Argument& argument, const Shape& shape, const c10::Argument& formal) {
  Operand operand;
  operand.source = Source::List;
  operand.as = shape.as;
  operand.optional = shape.optional_elements;
  if (const auto* list = argument.get<ir::ListArg>()) {
    if (shape.as == As::Any) return bind_other_list(*list, shape);
    for (const ir::Argument& item : list->items) {
      operand.items.push_back(bind_single(item, shape.as, shape.optional_elements, *shape.element));
    }
    return fold(std::move(operand));
  }
  if (const auto* ref = argument.get<ir::NodeRef>(); ref && !formal.N()) {
    // A whole list that is a value: the result of split given to cat.
    operand.source = Source::Value;
    operand.as = As::Any;
    operand.value = ref->id;
    return operand;
  }
  // int[2] takes one number for all of its elements.
  const int32_t repeat = formal.N().value_or(1);
  operand.items.assign(repeat,
                       bind_single(argument, shape.as, shape.optional_elements, *shape.element));
  return fold(std::move(operand));
}

}  // namespace

void Operand::visit(const std::function<void(Operand&)>& visit_value) {
  if (source == Source::Value || source == Source::LastValue) visit_value(*this);
  for (Operand& item : items) item.visit(visit_value);
}

c10::IValue fetch(const Operand& operand, std::span<c10::IValue> values) {
  switch (operand.source) {
    case Source::Constant:
      return operand.constant;
    case Source::Value:
      return convert(values[operand.value], operand.as, operand.optional);
    case Source::LastValue:
      return convert(std::move(values[operand.value]), operand.as, operand.optional);
    case Source::List:
      return fetch_list(operand, values);
    case Source::Tuple:
      break;
  }
  std::vector<c10::IValue> elements;
  elements.reserve(operand.items.size());
  for (const Operand& item : operand.items) elements.push_back(fetch(item, values));
  return c10::ivalue::Tuple::create(std::move(elements));
}

Operand bind(const ir::Argument& argument) {
  Operand operand;
  if (const auto* ref = argument.get<ir::NodeRef>()) {
    operand.source = Source::Value;
    operand.value = ref->id;
    return operand;
  }
  const auto* list = argument.get<ir::ListArg>();
  if (!list) return constant_operand(to_ivalue(argument));
  operand.source = list->is_tuple ? Source::Tuple : Source::List;
  for (const ir::Argument& item : list->items) operand.items.push_back(bind(item));
  return fold(std::move(operand));
}

Operand bind(const ir::Argument& argument, const c10::Argument& formal) {
  const Shape shape = shape_of(formal.type());
  if (argument.is_none()) {
    if (shape.optional || shape.element->kind() == c10::TypeKind::NoneType) return {};
    throw std::invalid_argument("expected " + formal.type()->str() + " but got None");
  }
  return shape.list ? bind_list(argument, shape, formal)
                    : bind_single(argument, shape.as, shape.optional, *shape.element);
}

std::vector<Operand> bind_call(const ir::Node& node, const c10::FunctionSchema& schema) {
  const std::vector<c10::Argument>& formals = schema.arguments();
  std::vector<const ir::Argument*> given(formals.size(), nullptr);
  for (size_t i = 0; i < node.args.size(); ++i) {
    if (i >= formals.size() || formals[i].kwarg_only()) {
      throw std::invalid_argument("too many positional arguments (" +
                                  std::to_string(node.args.size()) + ")");
    }
    given[i] = &node.args[i];
  }
  for (const auto& [name, value] : node.kwargs) {
    const std::optional<int> index = schema.argumentIndexWithName(name);
    if (!index) throw std::invalid_argument("no argument `" + name + "`");
    if (given[*index]) throw std::invalid_argument("the argument `" + name + "` is given twice");
    given[*index] = &value;
  }
  std::vector<Operand> operands;
  operands.reserve(formals.size());
  for (size_t i = 0; i < formals.size(); ++i) {
    const std::string& name = formals[i].name();
    if (!given[i]) {
      if (!formals[i].default_value()) throw std::invalid_argument("no value for `" + name + "`");
      operands.push_back(constant_operand(*formals[i].default_value()));
      continue;
    }
    try {
      operands.push_back(bind(*given[i], formals[i]));
    } catch (const std::invalid_argument& e) {
      throw std::invalid_argument("the argument `" + name + "`: " + e.what());
    }
  }
  return operands;
}

}  // namespace tx::runtime
