#include "ir/rewrite.h"

#include <algorithm>

#include "diag/diagnostic.h"

namespace tx::ir {

void renumber(Argument& argument, const std::vector<NodeId>& new_ids) {
  if (NodeRef* ref = std::get_if<NodeRef>(&argument.value)) {
    ref->id = new_ids[ref->id];
  } else if (ListArg* list = std::get_if<ListArg>(&argument.value)) {
    for (Argument& item : list->items) renumber(item, new_ids);
  }
}

void renumber(Node& node, const std::vector<NodeId>& new_ids) {
  for (Argument& argument : node.args) renumber(argument, new_ids);
  for (auto& [name, argument] : node.kwargs) renumber(argument, new_ids);
}

std::unique_ptr<Graph> clone(const Graph& graph) {
  auto copy = std::make_unique<Graph>();
  copy->nodes = graph.nodes;
  copy->num_inputs = graph.num_inputs;
  copy->outputs = graph.outputs;
  for (const auto& [name, subgraph] : graph.subgraphs) copy->subgraphs.emplace(name, clone(*subgraph));
  return copy;
}

void filter_nodes(Program& program, Graph& graph, const std::function<bool(NodeId)>& keep) {
  std::vector<bool> kept(graph.nodes.size());
  for (NodeId id = 0; id < graph.nodes.size(); ++id) kept[id] = keep(id);

  const auto require_kept = [&](NodeRef ref, const std::string& user) {
    if (!kept[ref.id])
      diag::fail(diag::Code::TX0070, "node `" + graph.node(ref.id).name +
                                         "` is removed but still used by " + user);
  };
  std::vector<NodeId> new_ids(graph.nodes.size(), kNone);
  NodeId next = 0;
  for (NodeId id = 0; id < graph.nodes.size(); ++id) {
    const Node& node = graph.node(id);
    if (!kept[id]) continue;
    new_ids[id] = next++;
    for (const NodeId operand : operands(node)) require_kept({operand}, "`" + node.name + "`");
  }
  for (const Argument& output : graph.outputs)
    visit_refs(output, [&](NodeRef ref) { require_kept(ref, "the outputs"); });

  std::vector<Node> nodes;
  nodes.reserve(next);
  for (NodeId id = 0; id < graph.nodes.size(); ++id) {
    if (!kept[id]) continue;
    Node& node = nodes.emplace_back(std::move(graph.nodes[id]));
    renumber(node, new_ids);
  }
  graph.nodes = std::move(nodes);
  graph.num_inputs = static_cast<uint32_t>(
      std::count_if(graph.nodes.begin(), graph.nodes.end(),
                    [](const Node& node) { return node.kind == NodeKind::Placeholder; }));
  for (Argument& output : graph.outputs) renumber(output, new_ids);

  if (&graph != &program.graph) return;
  for (OutputSpec& output : program.outputs) renumber(output.value, new_ids);
  for (InputSpec& input : program.inputs) input.node = new_ids[input.node];
  for (auto& dims : program.equality_constraints)
    for (InputDim& dim : dims) dim.node = new_ids[dim.node];
  for (SymbolInfo& symbol : program.symbols)
    if (symbol.origin) symbol.origin->node = new_ids[symbol.origin->node];
}

}  // namespace tx::ir
