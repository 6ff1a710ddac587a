#include "ir/rewrite.h"

#include "diag/diagnostic.h"

namespace tx::ir {
namespace {

void renumber(Argument& argument, const std::vector<NodeId>& new_ids) {
  if (NodeRef* ref = std::get_if<NodeRef>(&argument.value)) {
    ref->id = new_ids[ref->id];
  } else if (ListArg* list = std::get_if<ListArg>(&argument.value)) {
    for (Argument& item : list->items) renumber(item, new_ids);
  }
}

}  // namespace

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
    if (!kept[id]) {
      if (node.kind == NodeKind::Placeholder)
        diag::fail(diag::Code::TX0070, "placeholder `" + node.name + "` cannot be removed");
      continue;
    }
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
    for (Argument& argument : node.args) renumber(argument, new_ids);
    for (auto& [name, argument] : node.kwargs) renumber(argument, new_ids);
  }
  graph.nodes = std::move(nodes);
  for (Argument& output : graph.outputs) renumber(output, new_ids);

  // Placeholders come first and stay, so InputSpec and InputDim keep their ids.
  if (&graph == &program.graph)
    for (OutputSpec& output : program.outputs) renumber(output.value, new_ids);
}

}  // namespace tx::ir
