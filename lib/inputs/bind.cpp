#include "inputs/bind.h"

#include "inputs/assign.h"
#include "inputs/convert.h"
#include "inputs/pytree.h"
#include "support/strings.h"

namespace tx::inputs {
namespace {

using c10::IValue;

bool is_self(const c10::FunctionSchema& schema, size_t index) {
  // The author may call it as he likes.
  if (index != 0) return false;
  const auto* type = schema.arguments()[0].type()->castRaw<c10::ClassType>();
  return type != nullptr && type->is_module();
}

std::vector<c10::Argument> arguments_of(const c10::FunctionSchema& schema) {
  std::vector<c10::Argument> arguments;
  for (size_t i = 0; i < schema.arguments().size(); ++i) {
    if (!is_self(schema, i)) arguments.push_back(schema.arguments()[i]);
  }
  return arguments;
}

bool takes_dict(const c10::Type& type) {
  if (type.kind() == c10::TypeKind::DictType) return true;
  if (const auto* optional = type.castRaw<c10::OptionalType>()) {
    return takes_dict(*optional->getElementType());
  }
  if (const auto* members = type.castRaw<c10::UnionType>()) {
    for (const c10::TypePtr& member : members->containedTypes()) {
      if (takes_dict(*member)) return true;
    }
  }
  return false;
}

Parameter parameter_of(const c10::Argument& argument) {
  Parameter parameter{argument.name(), takes_dict(*argument.type()), {},
                      !argument.default_value().has_value(), argument.kwarg_only()};
  const auto* tuple = argument.type()->castRaw<c10::TupleType>();
  if (tuple != nullptr && tuple->schema()) {
    for (const auto& field : tuple->schema()->arguments()) parameter.fields.push_back(field.name());
  }
  return parameter;
}

std::string default_text(const IValue& value) {
  if (value.isNone()) return "None";
  if (value.isBool()) return support::python_repr(value.toBool());
  if (value.isInt()) return std::to_string(value.toInt());
  if (value.isDouble()) return support::python_repr(value.toDouble());
  if (value.isString()) return support::python_repr(value.toStringRef());
  if (value.isList() || value.isTuple()) {
    std::vector<std::string> items;
    if (value.isList()) {
      for (const IValue& item : value.toListRef()) items.push_back(default_text(item));
      return "[" + support::join(items, ", ") + "]";
    }
    for (const IValue& item : value.toTupleRef().elements()) items.push_back(default_text(item));
    return "(" + support::join(items, ", ") + (items.size() == 1 ? ",)" : ")");
  }
  return "...";
}

/// "forward(x, d={'a': *})": a program's inputs, with the structure of those that have one.
std::string signature_text(const ir::InputTree& tree) {
  std::vector<std::string> parts;
  const auto add = [&](const std::string& name, const ir::Tree& argument) {
    parts.push_back(argument.kind == ir::TreeKind::Leaf ? name : name + ": " + argument.text());
  };
  for (size_t i = 0; i < tree.positional.size(); ++i) {
    add(tree.positional_names[i], tree.positional[i]);
  }
  for (size_t i = 0; i < tree.keyword.size(); ++i) add(tree.keyword_names[i], tree.keyword[i]);
  return "forward(" + support::join(parts, ", ") + ")";
}

}  // namespace

std::string signature_text(const c10::FunctionSchema& schema) {
  std::vector<std::string> parts;
  bool starred = false;
  for (const c10::Argument& argument : arguments_of(schema)) {
    if (argument.kwarg_only() && !starred) {
      parts.push_back("*");
      starred = true;
    }
    std::string part = argument.name() + ": " + type_text(*argument.type());
    if (argument.default_value()) part += " = " + default_text(*argument.default_value());
    parts.push_back(std::move(part));
  }
  return schema.name() + "(" + support::join(parts, ", ") + ")";
}

BoundInputs bind_inputs(const c10::FunctionSchema& schema, const std::vector<Source>& sources,
                        uint64_t seed) {
  const Taker taker{diag::Code::TX0010, "the model", signature_text(schema)};
  const std::vector<c10::Argument> arguments = arguments_of(schema);
  std::vector<Parameter> parameters;
  for (const c10::Argument& argument : arguments) parameters.push_back(parameter_of(argument));
  const std::vector<Assigned> assigned = assign(parameters, sources, seed, taker);

  BoundInputs bound;
  try {
    for (size_t i = 0; i < arguments.size(); ++i) {
      const std::string& name = arguments[i].name();
      if (!assigned[i].value) {
        bound.arguments.push_back(*arguments[i].default_value());
        continue;
      }
      IValue value = convert(*assigned[i].value, arguments[i].type(), name);
      bound.arguments.push_back(value);
      ir::Tree tree = flatten(value, bound.leaves, name);
      if (assigned[i].positional) {
        bound.tree.positional_names.push_back(name);
        bound.tree.positional.push_back(std::move(tree));
        bound.positional.push_back(std::move(value));
      } else {
        bound.tree.keyword_names.push_back(name);
        bound.tree.keyword.push_back(std::move(tree));
        bound.keyword.emplace_back(name, std::move(value));
      }
    }
  } catch (const ConversionError& error) {
    fail_unfit(taker, error.what());
  } catch (const TreeError& error) {
    fail_unfit(taker, error.what());
  }
  return bound;
}

std::vector<IValue> bind_to_tree(const ir::InputTree& tree, const std::vector<Source>& sources,
                                 uint64_t seed) {
  const Taker taker{diag::Code::TX4004, "the program", signature_text(tree)};
  std::vector<Parameter> parameters;
  std::vector<const ir::Tree*> trees;
  const auto add = [&](const std::string& name, const ir::Tree& argument) {
    const bool dict =
        argument.kind == ir::TreeKind::Dict ||
        (argument.kind == ir::TreeKind::List && argument.element_type.starts_with("Dict("));
    parameters.push_back({name, dict, argument.fields, true, false});
    trees.push_back(&argument);
  };
  for (size_t i = 0; i < tree.positional.size(); ++i) {
    add(tree.positional_names[i], tree.positional[i]);
  }
  for (size_t i = 0; i < tree.keyword.size(); ++i) add(tree.keyword_names[i], tree.keyword[i]);

  const std::vector<Assigned> assigned = assign(parameters, sources, seed, taker);
  std::vector<IValue> leaves;
  try {
    for (size_t i = 0; i < trees.size(); ++i) {
      flatten_as(*trees[i], *assigned[i].value, leaves, parameters[i].name);
    }
  } catch (const TreeError& error) {
    fail_unfit(taker, error.what());
  }
  return leaves;
}

}  // namespace tx::inputs
