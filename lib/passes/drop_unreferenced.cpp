#include "passes/drop_unreferenced.h"

#include <functional>
#include <set>

namespace tx::passes {
namespace {

void visit_nodes(ir::Graph& graph, const std::function<void(ir::Node&)>& visit) {
  for (ir::Node& node : graph.nodes) visit(node);
  for (auto& [name, subgraph] : graph.subgraphs) visit_nodes(*subgraph, visit);
}

}  // namespace

void drop_unreferenced(ir::Program& program) {
  ir::SourceMap kept;
  const auto move_location = [&](uint32_t& id) {
    if (id == ir::kNone) return;
    ir::Location location = program.source.locations()[id];
    for (uint32_t& frame : location.frames) frame = kept.intern(program.source.frames()[frame]);
    id = kept.intern(location);
  };
  std::set<std::string> targets;
  visit_nodes(program.graph, [&](ir::Node& node) {
    move_location(node.location);
    if (node.kind == ir::NodeKind::Call) targets.insert(node.target);
  });
  for (ir::Guard& guard : program.guards) move_location(guard.location);

  program.source = std::move(kept);
  std::erase_if(program.schemas, [&](const auto& entry) { return !targets.contains(entry.first); });
}

}  // namespace tx::passes
