#include "shapes/rule.h"

namespace tx::shapes {

using ir::Argument;

Call::Call(symbolic::ShapeEnv& env, std::string_view op, const std::vector<ir::Node>& nodes,
           std::vector<Argument> arguments, std::vector<std::string_view> names)
    : env(env), op(op), nodes_(nodes), arguments_(std::move(arguments)), names_(std::move(names)) {}

bool Call::has(std::string_view name) const {
  for (auto& candidate : names_) {
    if (candidate == name) return true;
  }
  return false;
}

size_t Call::index(Slot slot) const {
  if (slot.position() >= 0 && static_cast<size_t>(slot.position()) < arguments_.size()) {
    return slot.position();
  }
  for (size_t i = 0; slot.position() < 0 && i < names_.size(); ++i) {
    if (names_[i] == slot.name()) return i;
  }
  diag::fail(
      diag::Code::TX3002,
      "the shape rule of " + std::string(op) + " asks for an argument (" +
          (slot.position() < 0 ? std::string(slot.name()) : std::to_string(slot.position())) +
          ") that the operator does not have");
}

void Call::wrong_kind(Slot slot, std::string_view wanted) const {
  diag::fail(diag::Code::TX3002, "the shape rule of " + std::string(op) + " expects " +
                                     std::string(wanted) + " as argument '" +
                                     std::string(names_[index(slot)]) + "'");
}

const Type* Call::type_of(const Argument& argument) const {
  auto* ref = argument.get<ir::NodeRef>();
  return ref ? &nodes_.at(ref->id).type : nullptr;
}

const TensorType* Call::tensor_of(const Argument& argument) const {
  auto* type = type_of(argument);
  return type ? type->tensor() : nullptr;
}

std::optional<Expr> Call::integer_of(const Argument& argument) const {
  if (auto* value = argument.get<int64_t>()) return Expr(*value);
  if (auto* value = argument.get<bool>()) return Expr(*value ? 1 : 0);
  if (auto* type = type_of(argument)) {
    if (auto* symbol = std::get_if<ir::SymIntType>(&type->kind)) return symbol->value;
  }
  return std::nullopt;
}

const TensorType& Call::tensor(Slot slot) const {
  if (auto* tensor = tensor_of((*this)[slot])) return *tensor;
  wrong_kind(slot, "a tensor");
}

const TensorType* Call::optional_tensor(Slot slot) const {
  if (slot.position() < 0 && !has(slot.name())) return nullptr;
  return tensor_of((*this)[slot]);
}

std::vector<const TensorType*> Call::tensors(Slot slot) const {
  auto& argument = (*this)[slot];
  std::vector<const TensorType*> tensors;
  if (auto* list = argument.get<ir::ListArg>()) {
    for (auto& item : list->items) {
      auto* tensor = tensor_of(item);
      if (!tensor && !item.is_none()) wrong_kind(slot, "a list of tensors");
      tensors.push_back(tensor);
    }
    return tensors;
  }
  // A list that one node produced, e.g. of split.
  if (auto* type = type_of(argument); type && type->tuple()) {
    for (auto& element : type->tuple()->elements) {
      if (!element.tensor()) wrong_kind(slot, "a list of tensors");
      tensors.push_back(element.tensor());
    }
    return tensors;
  }
  wrong_kind(slot, "a list of tensors");
}

Expr Call::integer(Slot slot) const {
  if (auto value = integer_of((*this)[slot])) return *value;
  wrong_kind(slot, "an integer");
}

std::optional<Expr> Call::optional_integer(Slot slot) const {
  if (slot.position() < 0 && !has(slot.name())) return std::nullopt;
  if ((*this)[slot].is_none()) return std::nullopt;
  return integer(slot);
}

std::vector<Expr> Call::integers(Slot slot) const {
  auto& argument = (*this)[slot];
  std::vector<Expr> values;
  if (auto* list = argument.get<ir::ListArg>()) {
    for (auto& item : list->items) {
      auto value = integer_of(item);
      if (!value) wrong_kind(slot, "a list of integers");
      values.push_back(*value);
    }
    return values;
  }
  if (auto value = integer_of(argument)) return {*value};
  wrong_kind(slot, "a list of integers");
}

std::optional<std::vector<Expr>> Call::optional_integers(Slot slot) const {
  if (slot.position() < 0 && !has(slot.name())) return std::nullopt;
  if ((*this)[slot].is_none()) return std::nullopt;
  return integers(slot);
}

int64_t Call::static_integer(Slot slot) const {
  Expr value = integer(slot);
  return value.is_constant() ? value.value() : env.specialize(value);
}

std::vector<int64_t> Call::static_integers(Slot slot) const {
  std::vector<int64_t> values;
  for (auto& value : integers(slot)) {
    values.push_back(value.is_constant() ? value.value() : env.specialize(value));
  }
  return values;
}

std::optional<std::vector<int64_t>> Call::optional_static_integers(Slot slot) const {
  if (slot.position() < 0 && !has(slot.name())) return std::nullopt;
  if ((*this)[slot].is_none()) return std::nullopt;
  return static_integers(slot);
}

bool Call::boolean(Slot slot) const {
  auto& argument = (*this)[slot];
  if (auto* value = argument.get<bool>()) return *value;
  if (auto* value = argument.get<int64_t>()) return *value != 0;
  if (auto* type = type_of(argument)) {
    if (auto* symbol = std::get_if<ir::SymBoolType>(&type->kind))
      return env.evaluate(symbol->value);
  }
  wrong_kind(slot, "a bool");
}

std::string Call::text(Slot slot) const {
  auto& argument = (*this)[slot];
  if (auto* value = argument.get<std::string>()) return *value;
  if (argument.is_none()) return {};
  wrong_kind(slot, "a string");
}

std::optional<DType> Call::optional_dtype(Slot slot) const {
  if (slot.position() < 0 && !has(slot.name())) return std::nullopt;
  auto& argument = (*this)[slot];
  if (argument.is_none()) return std::nullopt;
  if (auto* value = argument.get<DType>()) return *value;
  wrong_kind(slot, "a dtype");
}

std::optional<ir::MemoryFormat> Call::optional_memory_format(Slot slot) const {
  if (slot.position() < 0 && !has(slot.name())) return std::nullopt;
  auto& argument = (*this)[slot];
  if (argument.is_none()) return std::nullopt;
  if (auto* value = argument.get<ir::MemoryFormat>()) return *value;
  wrong_kind(slot, "a memory format");
}

Expr Call::scalar_of(const Argument& argument) const {
  if (auto* value = argument.get<double>()) return Expr::real(*value);
  if (auto* type = type_of(argument)) {
    if (auto* symbol = std::get_if<ir::SymFloatType>(&type->kind)) return symbol->value;
  }
  if (auto value = integer_of(argument)) return *value;
  diag::fail(diag::Code::TX3002, "the shape rule of " + std::string(op) + " expects a number");
}

Expr Call::scalar(Slot slot) const { return scalar_of((*this)[slot]); }

std::optional<DType> Call::number(Slot slot) const {
  if (slot.position() < 0 && !has(slot.name())) return std::nullopt;
  auto& argument = (*this)[slot];
  if (argument.get<int64_t>()) return DType::I64;
  if (argument.get<double>()) return DType::F32;
  if (argument.get<bool>()) return DType::Bool;
  if (argument.get<std::complex<double>>()) return DType::C64;
  if (auto* type = type_of(argument)) {
    if (std::holds_alternative<ir::SymIntType>(type->kind)) return DType::I64;
    if (std::holds_alternative<ir::SymFloatType>(type->kind)) return DType::F32;
    if (std::holds_alternative<ir::SymBoolType>(type->kind)) return DType::Bool;
  }
  return std::nullopt;
}

}  // namespace tx::shapes
