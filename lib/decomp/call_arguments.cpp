#include "decomp/call_arguments.h"

#include <ATen/ScalarOps.h>

#include <stdexcept>

namespace tx::decomp {
namespace {

using c10::IValue;
using c10::TypeKind;

bool is_number(const IValue& value) {
  return value.isInt() || value.isDouble() || value.isBool() || value.isComplexDouble();
}

IValue wrapped_number(const IValue& number) {
  const c10::Scalar scalar = number.isBool() ? c10::Scalar(number.toBool()) : number.toScalar();
  at::Tensor tensor = c10::scalar_to_tensor(scalar);
  tensor.unsafeGetTensorImpl()->set_wrapped_number(true);
  return tensor;
}

IValue constant(const ir::Argument& argument) {
  struct Convert {
    IValue operator()(const ir::NoneArg&) const { return {}; }
    IValue operator()(const ir::NodeRef&) const { return {}; }
    IValue operator()(int64_t value) const { return value; }
    IValue operator()(double value) const { return value; }
    IValue operator()(bool value) const { return value; }
    IValue operator()(const std::complex<double>& value) const {
      return c10::complex<double>(value.real(), value.imag());
    }
    IValue operator()(const std::string& value) const { return value; }
    IValue operator()(ir::DType value) const { return static_cast<int64_t>(value); }
    IValue operator()(ir::Layout value) const { return static_cast<int64_t>(value); }
    IValue operator()(ir::MemoryFormat value) const { return static_cast<int64_t>(value); }
    IValue operator()(const ir::Device& value) const { return c10::Device(value.text()); }
    IValue operator()(const ir::ListArg&) const { return {}; }
  };
  return std::visit(Convert{}, argument.value);
}

class Converter {
 public:
  explicit Converter(const ValueOf& value_of) : value_of_(value_of) {}

  IValue convert(const ir::Argument& argument, const c10::TypePtr& type, std::optional<int> repeat) {
    switch (type->kind()) {
      case TypeKind::OptionalType:
        return argument.is_none() ? IValue() : convert(argument, type->containedType(0), repeat);
      case TypeKind::ListType:
        return list(argument, type->containedType(0), repeat);
      default:
        return single(argument, *type);
    }
  }

 private:
  IValue single(const ir::Argument& argument, const c10::Type& type) {
    const auto* ref = argument.get<ir::NodeRef>();
    IValue value = ref ? value_of_(ref->id) : constant(argument);
    if (type.kind() == TypeKind::TensorType && is_number(value)) return wrapped_number(value);
    if (type.kind() == TypeKind::FloatType && value.isInt()) return static_cast<double>(value.toInt());
    return value;
  }

  IValue list(const ir::Argument& argument, const c10::TypePtr& element, std::optional<int> repeat) {
    const auto* items = argument.get<ir::ListArg>();
    if (!items) {
      IValue value = single(argument, *element);
      if (value.isList()) return value;  // a list that one node gives
      return typed(std::vector<IValue>(static_cast<size_t>(repeat.value_or(1)), value), element);
    }
    std::vector<IValue> values;
    for (const ir::Argument& item : items->items) values.push_back(convert(item, element, {}));
    return typed(std::move(values), element);
  }

  static IValue typed(std::vector<IValue> values, const c10::TypePtr& element) {
    if (element->kind() == TypeKind::IntType &&
        std::any_of(values.begin(), values.end(), [](const IValue& v) { return v.isSymInt(); })) {
      std::vector<c10::SymInt> symbols;
      for (const IValue& value : values) symbols.push_back(value.toSymInt());
      return IValue(std::move(symbols));
    }
    c10::impl::GenericList result(element);
    for (IValue& value : values) result.push_back(std::move(value));
    return IValue(std::move(result));
  }

  const ValueOf& value_of_;
};

}  // namespace

torch::jit::Stack call_arguments(const ir::Node& node, const c10::FunctionSchema& schema,
                                 const ValueOf& value_of) {
  const auto& formals = schema.arguments();
  std::vector<const ir::Argument*> given(formals.size(), nullptr);
  if (node.args.size() > formals.size()) throw std::invalid_argument("too many arguments");
  for (size_t i = 0; i < node.args.size(); ++i) given[i] = &node.args[i];
  for (const auto& [name, argument] : node.kwargs) {
    const auto index = schema.argumentIndexWithName(name);
    if (!index) throw std::invalid_argument("no argument `" + name + "`");
    given[static_cast<size_t>(*index)] = &argument;
  }
  Converter converter(value_of);
  torch::jit::Stack stack;
  for (size_t i = 0; i < formals.size(); ++i) {
    if (given[i]) {
      stack.push_back(converter.convert(*given[i], formals[i].type(), formals[i].N()));
    } else if (formals[i].default_value()) {
      stack.push_back(*formals[i].default_value());
    } else {
      throw std::invalid_argument("no value for `" + formals[i].name() + "`");
    }
  }
  return stack;
}

}  // namespace tx::decomp
