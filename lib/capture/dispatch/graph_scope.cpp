#include "capture/dispatch/graph_scope.h"

#include <algorithm>
#include <string>

#include "ir/rewrite.h"

namespace tx::capture {
namespace {

uint32_t next_id() {
  thread_local uint32_t last = 0;
  return ++last;
}

bool has_effect(const ir::Graph& graph, const ir::Node& node) {
  if (node.has_effect) return true;
  for (const ir::NodeId id : ir::operands(node)) {
    const ir::Node& operand = graph.node(id);
    if (operand.kind != ir::NodeKind::GetAttr) continue;
    const ir::Graph& subgraph = *graph.subgraphs.at(operand.target);
    for (const ir::Node& inner : subgraph.nodes) {
      if (has_effect(subgraph, inner)) return true;
    }
  }
  return false;
}

}  // namespace

GraphScope::GraphScope(ir::Graph& graph, LocationStack& location)
    : location_(location),
      graph_(&graph),
      id_(next_id()),
      sizes_([this](std::string target, std::vector<ir::Argument> args, ir::Type type) {
        const ir::NodeId id = append(std::move(target), std::move(type));
        graph_->nodes[id].args = std::move(args);
        return id;
      }) {}

GraphScope::GraphScope(GraphScope& outer) : GraphScope(*new ir::Graph, outer.location_) {
  own_.reset(graph_);
  outer_ = &outer;
  // A symbol that no value of this graph gives is a number that comes from outside.
  sizes_.set_outer([this](const ir::Expr& symbol) {
    return capture(std::get<ir::NodeRef>(outer_->sizes_.argument(symbol).value).id);
  });
}

std::optional<ir::NodeId> GraphScope::outer_of(ir::NodeId placeholder) const {
  for (const auto& [outer, inner] : placeholder_of_) {
    if (inner == placeholder) return outer;
  }
  return std::nullopt;
}

bool GraphScope::can_use(const ir::Expr& size, const symbolic::ShapeEnv& env) const {
  const std::vector<ir::Expr> symbols = size.free_symbols();
  return std::all_of(symbols.begin(), symbols.end(), [&](const ir::Expr& symbol) {
    return !env.is_unbacked(symbol) || defines(symbol);
  });
}

bool GraphScope::sees(uint32_t id) const {
  for (const GraphScope* scope = this; scope; scope = scope->outer_) {
    if (scope->id_ == id) return true;
  }
  return false;
}

ir::NodeId GraphScope::reach(uint32_t owner, ir::NodeId node) {
  if (id_ == owner) return node;
  if (!outer_) return ir::kNone;
  const ir::NodeId outside = outer_->reach(owner, node);
  return outside == ir::kNone ? ir::kNone : capture(outside);
}

ir::NodeId GraphScope::add_placeholder(ir::Type type) {
  const auto id = static_cast<ir::NodeId>(graph_->nodes.size());
  ir::Node node;
  node.kind = ir::NodeKind::Placeholder;
  node.name = "n" + std::to_string(id);  // replaced when the graph is finished
  node.type = std::move(type);
  graph_->nodes.push_back(std::move(node));
  return id;
}

ir::NodeId GraphScope::append(std::string target, ir::Type type) {
  const auto id = static_cast<ir::NodeId>(graph_->nodes.size());
  ir::Node node;
  node.name = "n" + std::to_string(id);  // replaced when the graph is finished
  node.target = std::move(target);
  node.type = std::move(type);
  node.location = location_.location();
  graph_->nodes.push_back(std::move(node));
  return id;
}

ir::NodeId GraphScope::add_parameter(ir::Type type) {
  const ir::NodeId id = add_placeholder(std::move(type));
  parameters_.push_back(id);
  return id;
}

ir::NodeId GraphScope::capture(ir::NodeId outer) {
  const auto known = placeholder_of_.find(outer);
  if (known != placeholder_of_.end()) return known->second;
  const ir::NodeId id = add_placeholder(outer_->graph().node(outer).type);
  placeholder_of_.emplace(outer, id);
  captured_.push_back(outer);
  return id;
}

std::vector<bool> GraphScope::live_nodes(const std::vector<ir::Argument>& outputs) const {
  std::vector<bool> live(graph_->nodes.size());
  for (const ir::Argument& output : outputs) {
    ir::visit_refs(output, [&live](ir::NodeRef ref) { live[ref.id] = true; });
  }
  for (size_t i = graph_->nodes.size(); i-- > 0;) {
    const ir::Node& node = graph_->nodes[i];
    if (has_effect(*graph_, node)) live[i] = true;
    if (!live[i]) continue;
    for (const ir::NodeId operand : ir::operands(node)) live[operand] = true;
  }
  return live;
}

std::vector<ir::NodeId> GraphScope::needed(const std::vector<ir::Argument>& outputs) const {
  const std::vector<bool> live = live_nodes(outputs);
  std::vector<ir::NodeId> result;
  for (const ir::NodeId outer : captured_) {
    if (live[placeholder_of_.at(outer)]) result.push_back(outer);
  }
  return result;
}

std::unique_ptr<ir::Graph> GraphScope::finish(std::vector<ir::Argument> outputs,
                                              const std::vector<ir::NodeId>& operands) {
  for (const ir::NodeId operand : operands) capture(operand);
  const std::vector<bool> live = live_nodes(outputs);
  std::vector<ir::NodeId> order = parameters_;
  for (const ir::NodeId operand : operands) order.push_back(placeholder_of_.at(operand));
  const auto num_inputs = static_cast<uint32_t>(order.size());
  for (ir::NodeId id = 0; id < graph_->nodes.size(); ++id) {
    if (live[id] && graph_->nodes[id].kind != ir::NodeKind::Placeholder) order.push_back(id);
  }

  std::vector<ir::NodeId> new_id(graph_->nodes.size(), ir::kNone);
  std::vector<ir::Node> nodes;
  for (const ir::NodeId id : order) {
    new_id[id] = static_cast<ir::NodeId>(nodes.size());
    ir::Node& node = nodes.emplace_back(std::move(graph_->nodes[id]));
    if (new_id[id] < num_inputs) {
      node.name = node.target = "arg" + std::to_string(new_id[id]) + "_1";
    }
    ir::renumber(node, new_id);
  }
  graph_->nodes = std::move(nodes);
  graph_->num_inputs = num_inputs;
  for (ir::Argument& output : outputs) ir::renumber(output, new_id);
  graph_->outputs = std::move(outputs);
  return std::move(own_);
}

}  // namespace tx::capture
