#include "capture/user_inputs.h"

#include <ATen/FunctionalTensorWrapper.h>

#include <numeric>

#include "capture/dispatch/convert.h"
#include "capture/dispatch/traced_tensor.h"
#include "inputs/map_tensors.h"
#include "inputs/pytree.h"

namespace tx::capture {
namespace {

namespace functional = at::functionalization::impl;

ir::Argument constant_leaf(const c10::IValue& value) {
  const auto no_tensor = [](const at::Tensor&) -> ir::Argument { throw std::invalid_argument("Tensor"); };
  const auto no_symbol = [](const ir::Expr&) -> ir::Argument { throw std::invalid_argument("SymInt"); };
  return to_argument(value, c10::AnyType::get(), no_tensor, no_symbol);
}

// Index among a method's arguments, `self` not counted.
size_t argument_index(const c10::FunctionSchema& schema, const std::string& name) {
  const auto index = schema.argumentIndexWithName(name);
  TORCH_INTERNAL_ASSERT(index.has_value(), name);
  return static_cast<size_t>(*index) - 1;
}

// Strides of an input with symbolic sizes: where the example's stride is the product of the sizes of
// the dimensions that vary faster, it is that product for every size; any other stride is kept.
std::vector<ir::Expr> symbolic_strides(const ir::TensorType& type, const at::Tensor& example) {
  std::vector<size_t> order(type.rank());
  std::iota(order.begin(), order.end(), size_t{0});
  // From the fastest dimension to the slowest; of equal strides, the larger size is outside.
  std::stable_sort(order.begin(), order.end(), [&example](size_t a, size_t b) {
    const auto key = [&example](size_t dim) {
      return std::make_pair(example.stride(static_cast<int64_t>(dim)), example.size(static_cast<int64_t>(dim)));
    };
    return key(a) != key(b) ? key(a) < key(b) : a > b;
  });
  std::vector<ir::Expr> strides = type.strides;
  ir::Expr product(1);
  int64_t expected = 1;
  for (const size_t dim : order) {
    const auto axis = static_cast<int64_t>(dim);
    if (example.stride(axis) != expected) break;
    strides[dim] = product;
    product = product * type.sizes[dim];
    expected *= example.size(axis);
  }
  return strides;
}

}  // namespace

UserInputs::UserInputs(const inputs::BoundInputs& bound, const c10::FunctionSchema& schema,
                       const std::vector<symbolic::DimRequest>& dims, Tracer& tracer)
    : tracer_(tracer), arguments_(bound.arguments) {
  const std::vector<ir::Expr> sizes = tracer.recorder().env().declare(dims);
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
      for (size_t d = 0; d < dims.size(); ++d) {
        if (dims[d].origin.input == i) type.sizes[dims[d].origin.axis] = sizes[d];
      }
      try {
        type.strides = symbolic_strides(type, value.toTensor());
      } catch (diag::Failure& failure) {
        diag::Diagnostic& diagnostic = failure.diagnostics().front();
        diagnostic.note("needed for the strides of the input `" + spec.path + "`");
        for (const symbolic::DimRequest& dim : dims) {
          if (dim.origin.input == i && !dim.requested.empty()) {
            diagnostic.note("requested by " + dim.requested);
          }
        }
        throw;
      }
      const at::Tensor traced = tracer.recorder().add_input(std::move(spec), std::move(type));
      const ir::NodeId node = tracer.recorder().node_of(traced).id;
      leaves_.push_back({node, to_functional(traced), paths[i], {}});
    } else {
      try {
        spec.constant = constant_leaf(value);
      } catch (const std::invalid_argument& kind) {
        diag::fail(diag::Code::TX0010, "the input `" + paths[i] + "` is a value that a program cannot take: " + kind.what());
      }
      tracer.recorder().add_constant_input(std::move(spec));
      leaves_.push_back({ir::kNone, {}, paths[i], {}});
    }
  }
  // Keyword arguments come in the schema's order, after the positional ones.
  for (size_t i = 0; i < bound.positional.size(); ++i) given_.push_back(i);
  for (const std::string& name : bound.tree.keyword_names) given_.push_back(argument_index(schema, name));
  size_t next = 0;
  const auto traced = [&](const at::Tensor&) {
    while (!leaves_.at(next).traced.defined()) ++next;
    return leaves_[next++].traced;
  };
  for (const size_t argument : given_) {
    arguments_[argument] = inputs::map_tensors(arguments_[argument], traced);
    std::vector<c10::IValue> leaves;
    const SizesOfExample types_only;
    inputs::flatten(arguments_[argument], leaves);
    leaves_per_given_.push_back(leaves.size());
  }
  // A tensor that is the default of an argument belongs to the program.
  for (size_t i = 0; i < arguments_.size(); ++i) {
    if (std::find(given_.begin(), given_.end(), i) != given_.end()) continue;
    arguments_[i] = inputs::map_tensors(
        arguments_[i], [&tracer](const at::Tensor& value) { return tracer.constant(value); });
  }
}

std::vector<ir::NodeId> UserInputs::nodes() const {
  std::vector<ir::NodeId> result;
  for (const Leaf& leaf : leaves_) result.push_back(leaf.node);
  return result;
}

void UserInputs::observe_mutations() {
  for (Leaf& leaf : leaves_) {
    if (leaf.node == ir::kNone || leaf.mutated_at) continue;
    auto* wrapper = functional::unsafeGetFunctionalWrapper(leaf.traced);
    if (!wrapper->has_data_mutation() && !wrapper->has_metadata_mutation()) continue;
    diag::Diagnostic here(diag::Code::TX1004, "");
    leaf.mutated_at = tracer_.location().locate(here);
  }
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
    const SizesOfExample types_only;
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
  for (const size_t i : indices) {
    if (!leaves_[i].mutated_at || diagnostic.place.known()) continue;
    diagnostic.at(leaves_[i].mutated_at->place, "writes to `" + leaves_[i].path + "`");
    diagnostic.stack = leaves_[i].mutated_at->stack;
    diagnostic.module_path = leaves_[i].mutated_at->module_path;
  }
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
