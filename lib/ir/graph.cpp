#include "ir/graph.h"

#include <algorithm>

namespace tx::ir {

void visit_refs(const Argument& argument, const std::function<void(NodeRef)>& visit) {
  if (const NodeRef* ref = argument.get<NodeRef>()) {
    visit(*ref);
  } else if (const ListArg* list = argument.get<ListArg>()) {
    for (const Argument& item : list->items) visit_refs(item, visit);
  }
}

std::vector<NodeId> operands(const Node& node) {
  std::vector<NodeId> ids;
  const auto add = [&](NodeRef ref) {
    if (std::find(ids.begin(), ids.end(), ref.id) == ids.end()) ids.push_back(ref.id);
  };
  for (const Argument& argument : node.args) visit_refs(argument, add);
  for (const auto& [name, argument] : node.kwargs) visit_refs(argument, add);
  return ids;
}

std::vector<uint32_t> num_users(const Graph& graph) {
  std::vector<uint32_t> counts(graph.nodes.size(), 0);
  for (const Node& node : graph.nodes)
    for (const NodeId id : operands(node)) ++counts[id];
  // All outputs together are one user, torch's output node.
  std::vector<bool> returned(graph.nodes.size(), false);
  for (const Argument& output : graph.outputs)
    visit_refs(output, [&](NodeRef ref) { returned[ref.id] = true; });
  for (size_t id = 0; id < counts.size(); ++id) counts[id] += returned[id] ? 1 : 0;
  return counts;
}

}  // namespace tx::ir
