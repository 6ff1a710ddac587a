#include <set>

#include "diag/diagnostic.h"
#include "ir/rewrite.h"

namespace tx::ir {
namespace {

using Violation = std::optional<std::string>;

std::string quoted(const std::string& name) { return "`" + name + "`"; }

/// Deeper nesting than any model has; keeps the walk of a made-up program off the stack's end.
constexpr int kMaxDepth = 64;

Violation check_argument(const Argument& argument, NodeId limit, const std::string& user,
                         int depth = 0) {
  if (depth > kMaxDepth) return user + " has an argument nested too deeply";
  if (const NodeRef* ref = argument.get<NodeRef>()) {
    if (ref->id >= limit) return user + " refers to node " + std::to_string(ref->id) +
                                 ", which does not come before it";
  } else if (const ListArg* list = argument.get<ListArg>()) {
    for (const Argument& item : list->items)
      if (Violation found = check_argument(item, limit, user, depth + 1)) return found;
  }
  return std::nullopt;
}

Violation check_getitem(const Graph& graph, const Node& node) {
  if (node.target != "operator.getitem") return std::nullopt;
  const NodeRef* source = node.args.size() == 2 ? node.args[0].get<NodeRef>() : nullptr;
  const int64_t* index = node.args.size() == 2 ? node.args[1].get<int64_t>() : nullptr;
  if (!source || !index) return quoted(node.name) + " does not take one element of a tuple";
  const TupleType* tuple = graph.node(source->id).type.tuple();
  if (tuple && (*index < 0 || static_cast<size_t>(*index) >= tuple->elements.size()))
    return quoted(node.name) + " takes element " + std::to_string(*index) + " of " +
           std::to_string(tuple->elements.size());
  return std::nullopt;
}

Violation check_type(const Type& type, const std::string& owner, int depth = 0) {
  if (depth > kMaxDepth) return owner + " has a type nested too deeply";
  if (const TensorType* tensor = type.tensor()) {
    if (tensor->sizes.size() != tensor->strides.size())
      return owner + " has " + std::to_string(tensor->sizes.size()) + " sizes and " +
             std::to_string(tensor->strides.size()) + " strides";
  } else if (const TupleType* tuple = type.tuple()) {
    for (const Type& element : tuple->elements)
      if (Violation found = check_type(element, owner, depth + 1)) return found;
  }
  return std::nullopt;
}

Violation check_graph(const Program& program, const Graph& graph, int depth = 0) {
  if (depth > kMaxDepth) return "sub-graphs are nested too deeply";
  if (graph.num_inputs > graph.nodes.size())
    return "the graph has fewer nodes than the inputs it counts";
  std::set<std::string> names;
  for (NodeId id = 0; id < graph.nodes.size(); ++id) {
    const Node& node = graph.node(id);
    if (node.name.empty()) return "node " + std::to_string(id) + " has no name";
    if (!names.insert(node.name).second) return "two nodes are named " + quoted(node.name);
    if ((node.kind == NodeKind::Placeholder) != (id < graph.num_inputs))
      return quoted(node.name) + (id < graph.num_inputs ? " stands among the inputs but is none"
                                                        : " is an input but stands among the calls");
    if (node.target.empty()) return quoted(node.name) + " has no target";
    if (node.kind == NodeKind::GetAttr && !graph.subgraphs.contains(node.target))
      return quoted(node.name) + " refers to the sub-graph " + quoted(node.target) +
             ", which does not exist";
    for (const Argument& argument : node.args)
      if (Violation found = check_argument(argument, id, quoted(node.name))) return found;
    for (const auto& [name, argument] : node.kwargs)
      if (Violation found = check_argument(argument, id, quoted(node.name))) return found;
    if (Violation found = check_type(node.type, quoted(node.name))) return found;
    if (Violation found = check_getitem(graph, node)) return found;
    if (node.location != kNone && node.location >= program.source.locations().size())
      return quoted(node.name) + " has a location that does not exist";
  }
  for (const Argument& output : graph.outputs)
    if (Violation found = check_argument(output, static_cast<NodeId>(graph.nodes.size()),
                                         "an output"))
      return found;
  for (const auto& [name, subgraph] : graph.subgraphs) {
    if (!subgraph) return "the sub-graph " + quoted(name) + " is empty";
    if (Violation found = check_graph(program, *subgraph, depth + 1))
      return "in " + quoted(name) + ": " + *found;
  }
  return std::nullopt;
}

Violation check_inputs(const Program& program) {
  if (program.inputs.size() != program.graph.num_inputs)
    return "the signature has " + std::to_string(program.inputs.size()) + " inputs and the graph " +
           std::to_string(program.graph.num_inputs);
  std::set<std::string> weights;
  for (const Weight& weight : program.weights) {
    if (!weights.insert(weight.name).second) return "two weights are named " + quoted(weight.name);
    if (weight.storage >= program.storages.size())
      return "the weight " + quoted(weight.name) + " has a storage that does not exist";
    if (weight.sizes.size() != weight.strides.size())
      return "the weight " + quoted(weight.name) + " has not one stride for each size";
  }
  size_t user_inputs = 0;
  for (NodeId id = 0; id < program.inputs.size(); ++id) {
    const InputSpec& input = program.inputs[id];
    const std::string name = quoted(program.graph.node(id).name);
    if (input.node != id) return "the signature's input " + name + " is out of order";
    if (input.kind == InputKind::UserInput) {
      ++user_inputs;
    } else if (!weights.contains(input.target)) {
      return "the input " + name + " has no weight " + quoted(input.target);
    }
  }
  if (user_inputs != program.input_tree.num_leaves())
    return "the input structure has " + std::to_string(program.input_tree.num_leaves()) +
           " leaves for " + std::to_string(user_inputs) + " user inputs";
  return std::nullopt;
}

Violation check_outputs(const Program& program) {
  if (program.outputs.size() != program.graph.outputs.size())
    return "the signature has " + std::to_string(program.outputs.size()) +
           " outputs and the graph " + std::to_string(program.graph.outputs.size());
  size_t user_outputs = 0;
  for (size_t i = 0; i < program.outputs.size(); ++i) {
    const OutputSpec& output = program.outputs[i];
    if (output.value != program.graph.outputs[i])
      return "output " + std::to_string(i) + " of the signature is not the graph's";
    user_outputs += output.kind == OutputKind::UserOutput ? 1 : 0;
    if (output.kind != OutputKind::UserOutput && output.target.empty())
      return "output " + std::to_string(i) + " does not say what it mutates";
  }
  if (user_outputs != program.output_tree.num_leaves())
    return "the output structure has " + std::to_string(program.output_tree.num_leaves()) +
           " leaves for " + std::to_string(user_outputs) + " user outputs";
  return std::nullopt;
}

Violation check_dims(const Program& program) {
  const auto check = [&](const InputDim& dim, const std::string& owner) -> Violation {
    const bool is_input = dim.node < program.graph.num_inputs;
    const TensorType* type = is_input ? program.graph.node(dim.node).type.tensor() : nullptr;
    if (!type || dim.dim >= type->rank()) return owner + " names an input dimension that does not exist";
    return std::nullopt;
  };
  std::set<std::string> names;
  for (const SymbolInfo& symbol : program.symbols) {
    if (!names.insert(symbol.name).second) return "two symbols are named " + quoted(symbol.name);
    if (!symbol.origin) continue;
    if (Violation found = check(*symbol.origin, "the symbol " + quoted(symbol.name))) return found;
  }
  for (const std::vector<InputDim>& equal : program.equality_constraints)
    for (const InputDim& dim : equal)
      if (Violation found = check(dim, "an equality constraint")) return found;
  for (const Guard& guard : program.guards)
    if (guard.location != kNone && guard.location >= program.source.locations().size())
      return "a guard has a location that does not exist";
  return std::nullopt;
}

}  // namespace

std::optional<std::string> find_violation(const Program& program) {
  if (Violation found = check_graph(program, program.graph)) return found;
  if (Violation found = check_inputs(program)) return found;
  if (Violation found = check_outputs(program)) return found;
  return check_dims(program);
}

void verify(const Program& program, std::string_view after) {
  if (Violation found = find_violation(program))
    diag::fail(diag::Code::TX0070, "the program is not sound after " + std::string(after) + ": " + *found);
}

}  // namespace tx::ir
