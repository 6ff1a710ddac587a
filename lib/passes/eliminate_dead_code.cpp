#include "passes/eliminate_dead_code.h"

#include <set>

#include "ir/rewrite.h"

namespace tx::passes {
namespace {

using ir::Graph;
using ir::Node;
using ir::NodeId;
using ir::NodeKind;

bool has_effect(const Graph& graph);

/// Whether `node` does something besides making its value.
bool has_effect(const Graph& graph, const Node& node) {
  if (node.has_effect) return true;
  for (const NodeId id : ir::operands(node)) {
    const Node& operand = graph.node(id);
    if (operand.kind == NodeKind::GetAttr && has_effect(*graph.subgraphs.at(operand.target)))
      return true;
  }
  return false;
}

bool has_effect(const Graph& graph) {
  for (const Node& node : graph.nodes)
    if (has_effect(graph, node)) return true;
  return false;
}

void clean(ir::Program& program, Graph& graph) {
  for (auto& [name, subgraph] : graph.subgraphs) clean(program, *subgraph);

  std::vector<bool> live(graph.nodes.size(), false);
  const auto keep = [&](ir::NodeRef ref) { live[ref.id] = true; };
  for (const ir::Argument& output : graph.outputs) ir::visit_refs(output, keep);
  // Users come after what they use, so one walk from the end sees every user first.
  for (NodeId id = static_cast<NodeId>(graph.nodes.size()); id-- > 0;) {
    const Node& node = graph.node(id);
    if (node.kind == NodeKind::Placeholder || has_effect(graph, node)) live[id] = true;
    if (!live[id]) continue;
    for (const NodeId operand : ir::operands(node)) keep({operand});
  }
  ir::filter_nodes(program, graph, [&](NodeId id) { return live[id]; });

  std::set<std::string> used;
  for (const Node& node : graph.nodes)
    if (node.kind == NodeKind::GetAttr) used.insert(node.target);
  std::erase_if(graph.subgraphs, [&](const auto& entry) { return !used.contains(entry.first); });
}

}  // namespace

void eliminate_dead_code(ir::Program& program) { clean(program, program.graph); }

}  // namespace tx::passes
