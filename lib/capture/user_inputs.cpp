#include "capture/user_inputs.h"

#include <ATen/FunctionalTensorWrapper.h>

#include "capture/dispatch/convert.h"
#include "inputs/pytree.h"

namespace tx::capture {
namespace {

namespace functional = at::functionalization::impl;

ir::Argument constant_leaf(const c10::IValue& value) {
  const auto no_tensor = [](const at::Tensor&) -> ir::Argument { throw std::invalid_argument("Tensor"); };
  const auto no_symbol = [](const ir::Expr&) -> ir::Argument { throw std::invalid_argument("SymInt"); };
  return to_argument(value, value.type(), no_tensor, no_symbol);
}

// Index among a method's arguments, `self` not counted.
size_t argument_index(const c10::FunctionSchema& schema, const std::string& name) {
  const auto index = schema.argumentIndexWithName(name);
  TORCH_INTERNAL_ASSERT(index.has_value(), name);
  return static_cast<size_t>(*index) - 1;
}

}  // namespace

UserInputs::UserInputs(const inputs::BoundInputs& bound, const c10::FunctionSchema& schema,
                       Tracer& tracer)
    : tracer_(tracer), arguments_(bound.arguments) {
  const std::vector<std::string> paths = inputs::leaf_paths(bound.tree);
  const std::vector<std::string> names = inputs::placeholder_names(bound.tree);
  for (size_t i = 0; i < bound.leaves.size(); ++i) {
    ir::InputSpec spec;
    spec.kind = ir::InputKind::UserInput;
    spec.path = paths[i];
    spec.qualified_name = names[i];
    const c10::IValue& value = bound.leaves[i];
    if (value.isTensor() && value.toTensor().defined()) {
      ir::TensorType type = type_of(value.toTensor());
      const at::Tensor traced = tracer.recorder().add_input(std::move(spec), std::move(type));
      const ir::NodeId node = tracer.recorder().node_of(traced).id;
      leaves_.push_back({node, to_functional(traced), paths[i]});
    } else {
      try {
        spec.constant = constant_leaf(value);
      } catch (const std::invalid_argument& kind) {
        diag::fail(diag::Code::TX0010, "the input `" + paths[i] + "` is a value that a program cannot take: " + kind.what());
      }
      tracer.recorder().add_constant_input(std::move(spec));
      leaves_.push_back({ir::kNone, {}, paths[i]});
    }
  }
  // Keyword arguments come in the schema's order, after the positional ones.
  for (size_t i = 0; i < bound.positional.size(); ++i) given_.push_back(i);
  for (const std::string& name : bound.tree.keyword_names) given_.push_back(argument_index(schema, name));
  size_t next = 0;
  for (const size_t argument : given_) {
    const size_t first = next;
    arguments_[argument] = convert(arguments_[argument], next);
    leaves_per_given_.push_back(next - first);
  }
}

// Visits leaves in the order of inputs::flatten().
c10::IValue UserInputs::convert(const c10::IValue& value, size_t& next) {
  if (value.isTuple()) {
    std::vector<c10::IValue> items;
    for (const c10::IValue& item : value.toTupleRef().elements()) items.push_back(convert(item, next));
    const auto type = value.type()->expect<c10::TupleType>();
    return type->schema() ? c10::ivalue::Tuple::createNamed(std::move(items), type)
                          : c10::ivalue::Tuple::create(std::move(items));
  }
  if (value.isList()) {
    c10::impl::GenericList list(value.toList().elementType());
    for (const c10::IValue& item : value.toListRef()) list.push_back(convert(item, next));
    return list;
  }
  if (value.isGenericDict()) {
    const auto source = value.toGenericDict();
    c10::impl::GenericDict dict(source.keyType(), source.valueType());
    for (const auto& entry : source) {
      const c10::IValue key = entry.key().isTensor() ? convert(entry.key(), next) : entry.key();
      dict.insert(key, convert(entry.value(), next));
    }
    return dict;
  }
  const Leaf& leaf = leaves_.at(next++);
  return leaf.traced.defined() ? c10::IValue(leaf.traced) : value;
}

std::vector<InputMutation> UserInputs::mutations(bool allow) {
  std::vector<InputMutation> result;
  std::vector<size_t> indices;
  for (size_t i = 0; i < leaves_.size(); ++i) {
    const Leaf& leaf = leaves_[i];
    if (leaf.node == ir::kNone) continue;
    auto* wrapper = functional::unsafeGetFunctionalWrapper(leaf.traced);
    if (!wrapper->has_data_mutation() && !wrapper->has_metadata_mutation()) continue;
    result.push_back({i, leaf.node, leaf.traced});
    indices.push_back(i);
  }
  // Containers that hold other things than at the start.
  std::vector<std::string> containers;
  size_t first = 0;
  for (size_t g = 0; g < given_.size(); first += leaves_per_given_[g], ++g) {
    std::vector<c10::IValue> now;
    inputs::flatten(arguments_[given_[g]], now);
    const size_t before = leaves_per_given_[g];
    bool same = now.size() == before;
    for (size_t i = 0; same && i < before; ++i) {
      const Leaf& leaf = leaves_[first + i];
      same = !leaf.traced.defined() || (now[i].isTensor() && now[i].toTensor().is_same(leaf.traced));
    }
    if (!same) {
      indices.push_back(first);
      containers.push_back(first < leaves_.size() ? leaves_[first].path : "");
    }
  }
  if (indices.empty()) return result;
  std::sort(indices.begin(), indices.end());
  std::string list;
  std::string names;
  for (const size_t i : indices) {
    list += (list.empty() ? "" : ", ") + std::to_string(i);
    names += (names.empty() ? "`" : ", `") + leaves_[i].path + "`";
  }
  diag::Diagnostic diagnostic(diag::Code::TX1004,
                              "Found following user inputs located at [" + list +
                                  "] are mutated. This is currently banned in the aot_export workflow.");
  diagnostic.note("mutated: " + names);
  if (!allow) {
    diagnostic.fix("pass --allow-input-mutation to record the mutation in the signature, or clone the "
                   "input first");
    throw diag::Failure(std::move(diagnostic));
  }
  if (!containers.empty()) {
    diagnostic.level = diag::Level::Warning;
    diagnostic.note("the list or dict at `" + containers.front() +
                    "` is changed; a program returns its outputs and leaves the caller's containers alone");
    tracer_.report(std::move(diagnostic));
  }
  return result;
}

}  // namespace tx::capture
