// The Recorder's last steps: run-time assertions, and the order of the nodes.
#include <algorithm>

#include "capture/dispatch/recorder.h"
#include "ir/rewrite.h"

namespace tx::capture {
namespace {

bool is_input_size(const ir::Graph& graph, const ir::Node& node) {
  if (node.target != "aten.sym_size.int") return false;
  const auto* tensor = node.args.front().get<ir::NodeRef>();
  return tensor && tensor->id < graph.nodes.size() &&
         graph.nodes[tensor->id].kind == ir::NodeKind::Placeholder;
}

}  // namespace

void Recorder::assert_at_run_time(const symbolic::Constraints& constraints) {
  for (const auto& [symbol, range] : constraints.ranges) {
    if (!symbol.is_symbol() || !env_.is_unbacked(symbol)) continue;
    if (range.min != symbolic::kNoLowerBound) assert_condition(ge(symbol, range.min), ir::kNone);
    if (range.max != symbolic::kNoBound) assert_condition(le(symbol, range.max), ir::kNone);
  }
  for (const symbolic::GuardRecord& record : constraints.runtime_asserts) {
    assert_condition(record.condition, record.provenance.location);
  }
}

// The message is torch's; renaming nodes keeps the name in it current.
void Recorder::assert_condition(const ir::Expr& condition, uint32_t location) {
  ir::NodeId last_input = 0;
  std::vector<ir::NodeId> own;
  SizeNodes fresh = program_scope_.sizes().afresh([&](std::string target, std::vector<ir::Argument> args, ir::Type type) {
    const ir::NodeId id = append(std::move(target), std::move(type));
    for (const ir::Argument& arg : args) {
      const auto* ref = arg.get<ir::NodeRef>();
      const bool is_own = ref && std::find(own.begin(), own.end(), ref->id) != own.end();
      if (ref && !is_own && !is_input_size(program_.graph, program_.graph.nodes[ref->id])) {
        last_input = std::max(last_input, ref->id);
      }
    }
    program_.graph.nodes[id].args = std::move(args);
    program_.graph.nodes[id].location = location;
    own.push_back(id);
    return id;
  });
  const ir::Argument tested = fresh.argument(condition);
  const auto* node = tested.get<ir::NodeRef>();
  TORCH_INTERNAL_ASSERT(node, condition.text());
  if (location == ir::kNone) {
    for (const ir::NodeId id : own) {
      program_.graph.nodes[id].location = program_.graph.nodes[last_input].location;
    }
  }
  own.push_back(append_assertion(node->id, condition));
  std::vector<ir::NodeId>& behind = behind_[last_input];
  behind.insert(behind.end(), own.begin(), own.end());
}

ir::NodeId Recorder::append_assertion(ir::NodeId tested, const ir::Expr& condition) {
  const ir::NodeId id = append("aten._assert_scalar.default", ir::NoneType{});
  ir::Node& assertion = graph().nodes[id];
  assertion.args = {ir::NodeRef{tested}, "Runtime assertion failed for expression " + condition.text() +
                                             " on node '" + graph().nodes[tested].name + "'"};
  assertion.location = graph().nodes[tested].location;
  assertion.has_effect = true;
  program_.schemas.emplace(assertion.target,
                           "aten::_assert_scalar(Scalar self, str assert_msg) -> ()");
  return id;
}

std::unique_ptr<GraphScope> Recorder::new_scope() {
  auto scope = std::make_unique<GraphScope>(*scope_);
  scope->set_on_drop([this](const std::vector<ir::Expr>& symbols) { env_.retire(symbols, /*kept=*/false); });
  return scope;
}

void Recorder::assert_in_sub_graph() {
  for (const symbolic::GuardRecord& record : env_.retire(scope_->take_symbols(), /*kept=*/true)) {
    const ir::Argument tested = scope_->sizes().argument(record.condition);
    const ir::NodeId node = tested.get<ir::NodeRef>()->id;
    graph().nodes[node].location = record.provenance.location;
    append_assertion(node, record.condition);
  }
}

std::vector<ir::NodeId> Recorder::finish(std::vector<ir::OutputSpec> outputs) {
  ir::Graph& graph = program_.graph;
  const auto rank = [](ir::InputKind kind) {
    switch (kind) {
      case ir::InputKind::Parameter: return 0;
      case ir::InputKind::Buffer: return 1;
      case ir::InputKind::ConstantTensor: return 2;
      case ir::InputKind::UserInput: return 3;
    }
    return 4;
  };
  std::stable_sort(program_.inputs.begin(), program_.inputs.end(),
                   [&rank](const ir::InputSpec& a, const ir::InputSpec& b) {
                     return rank(a.kind) < rank(b.kind);
                   });
  std::vector<ir::NodeId> new_id(graph.nodes.size(), ir::kNone);
  std::vector<ir::Node> nodes;
  nodes.reserve(graph.nodes.size());
  for (ir::InputSpec& spec : program_.inputs) {
    ir::Node& node = graph.nodes[spec.node];
    new_id[spec.node] = static_cast<ir::NodeId>(nodes.size());
    spec.node = new_id[spec.node];
    node.name = node.target = "arg" + std::to_string(nodes.size()) + "_1";
    nodes.push_back(std::move(node));
  }
  graph.num_inputs = static_cast<uint32_t>(nodes.size());
  const auto move = [&](size_t id) {
    new_id[id] = static_cast<ir::NodeId>(nodes.size());
    nodes.push_back(std::move(graph.nodes[id]));
  };
  std::vector<bool> waits(graph.nodes.size(), false);
  for (const auto& [node, assertions] : behind_) {
    for (const ir::NodeId id : assertions) waits[id] = true;
  }
  // Sizes of inputs follow right after the placeholders, as in torch.
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    if (new_id[i] == ir::kNone && is_input_size(graph, graph.nodes[i])) move(i);
  }
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    if (new_id[i] == ir::kNone && !waits[i]) move(i);
    const auto assertions = behind_.find(static_cast<ir::NodeId>(i));
    if (assertions == behind_.end()) continue;
    for (const ir::NodeId id : assertions->second) {
      if (new_id[id] == ir::kNone) move(id);
    }
  }
  for (ir::Node& node : nodes) ir::renumber(node, new_id);
  graph.nodes = std::move(nodes);
  program_.outputs = std::move(outputs);
  graph.outputs.clear();
  for (ir::OutputSpec& output : program_.outputs) {
    ir::renumber(output.value, new_id);
    graph.outputs.push_back(output.value);
  }
  return new_id;
}

}  // namespace tx::capture
