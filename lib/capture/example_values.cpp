#include "capture/example_values.h"

#include "capture/dispatch/layers.h"
#include "diag/diagnostic.h"
#include "ir/rewrite.h"
#include "runtime/prepared_graph.h"
#include "runtime/run_graph.h"

namespace tx::capture {

std::optional<c10::IValue> ExampleValues::of(ir::NodeId node) {
  const auto known = values_.find(node);
  if (known != values_.end()) return known->second;
  const BelowCapture below;
  std::optional<c10::IValue> value = compute(node);
  if (value) values_.emplace(node, *value);
  return value;
}

std::optional<c10::IValue> ExampleValues::placeholder(ir::NodeId node) const {
  for (size_t i = 0; i < program_.inputs.size(); ++i) {
    if (program_.inputs[i].node == node) return input_value_(i);
  }
  return std::nullopt;  // what stands for a result that is unknown
}

std::optional<c10::IValue> ExampleValues::compute(ir::NodeId node) const {
  const ir::Graph& graph = program_.graph;
  // What is known already is an input of the part of the graph that is run.
  std::vector<bool> needed(node + 1, false);
  std::vector<bool> given(node + 1, false);
  needed[node] = true;
  for (ir::NodeId id = node + 1; id-- > 0;) {
    if (!needed[id]) continue;
    given[id] = graph.nodes[id].kind == ir::NodeKind::Placeholder || values_.contains(id);
    if (given[id]) continue;
    for (const ir::NodeId operand : ir::operands(graph.nodes[id])) needed[operand] = true;
  }
  ir::Program part;
  part.schemas = program_.schemas;
  std::vector<ir::NodeId> new_id(node + 1, ir::kNone);
  std::vector<c10::IValue> inputs;
  for (ir::NodeId id = 0; id <= node; ++id) {
    if (!needed[id] || !given[id]) continue;
    const auto known = values_.find(id);
    std::optional<c10::IValue> value =
        known != values_.end() ? std::optional(known->second) : placeholder(id);
    if (!value) return std::nullopt;
    inputs.push_back(*std::move(value));
    new_id[id] = static_cast<ir::NodeId>(part.graph.nodes.size());
    ir::Node& input = part.graph.nodes.emplace_back();
    input.kind = ir::NodeKind::Placeholder;
    input.name = input.target = graph.nodes[id].name;
    input.type = graph.nodes[id].type;
  }
  part.graph.num_inputs = static_cast<uint32_t>(inputs.size());
  for (ir::NodeId id = 0; id <= node; ++id) {
    if (!needed[id] || given[id]) continue;
    new_id[id] = static_cast<ir::NodeId>(part.graph.nodes.size());
    ir::Node& copy = part.graph.nodes.emplace_back(graph.nodes[id]);
    ir::renumber(copy, new_id);
    if (copy.kind == ir::NodeKind::GetAttr) {
      part.graph.subgraphs.emplace(copy.target, ir::clone(*graph.subgraphs.at(copy.target)));
    }
  }
  part.graph.outputs = {ir::NodeRef{new_id[node]}};
  try {
    return runtime::run_graph(*runtime::prepare(part), std::move(inputs), part.source).front();
  } catch (const diag::Failure&) {
    return std::nullopt;  // the model fails here too, and says so when it is verified
  }
}

}  // namespace tx::capture
