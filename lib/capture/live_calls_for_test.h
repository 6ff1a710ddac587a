// Views of a captured graph for tests, before any pass has cleaned it up.
#pragma once
#include <vector>

#include "ir/graph.h"

namespace tx::test {

/// The calls that the outputs depend on, in order, without operator.getitem.
inline std::vector<ir::Node> live_calls(const ir::Graph& graph) {
  std::vector<bool> live(graph.nodes.size());
  const auto mark = [&live](ir::NodeRef ref) { live[ref.id] = true; };
  for (const ir::Argument& output : graph.outputs) ir::visit_refs(output, mark);
  std::vector<ir::Node> result;
  for (size_t i = graph.nodes.size(); i-- > 0;) {
    const ir::Node& node = graph.nodes[i];
    if (!live[i]) continue;
    for (const ir::NodeId operand : ir::operands(node)) live[operand] = true;
    if (node.kind == ir::NodeKind::Call && node.target != "operator.getitem") {
      result.insert(result.begin(), node);
    }
  }
  return result;
}

}  // namespace tx::test
