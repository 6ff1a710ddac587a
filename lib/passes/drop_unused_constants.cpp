#include "passes/drop_unused_constants.h"

#include <algorithm>
#include <map>

#include "ir/rewrite.h"

namespace tx::passes {

void drop_unused_constants(ir::Program& program) {
  const std::vector<uint32_t> users = ir::num_users(program.graph);
  std::vector<bool> drop(program.graph.nodes.size(), false);
  for (const ir::InputSpec& spec : program.inputs) {
    drop[spec.node] = spec.kind == ir::InputKind::ConstantTensor && users[spec.node] == 0;
  }
  if (std::none_of(drop.begin(), drop.end(), [](bool d) { return d; })) return;
  for (const ir::InputSpec& spec : program.inputs) {
    if (!drop[spec.node]) continue;
    std::erase_if(program.weights, [&spec](const ir::Weight& w) { return w.name == spec.target; });
  }
  std::erase_if(program.inputs, [&drop](const ir::InputSpec& spec) { return drop[spec.node]; });
  ir::filter_nodes(program, program.graph, [&drop](ir::NodeId id) { return !drop[id]; });

  std::map<std::string, std::string> new_name;
  for (ir::NodeId id = 0; id < program.graph.num_inputs; ++id) {
    ir::Node& node = program.graph.node(id);
    const std::string name = "arg" + std::to_string(id) + "_1";
    new_name[node.name] = name;
    node.name = node.target = name;
  }
  for (ir::OutputSpec& output : program.outputs) {
    if (output.kind == ir::OutputKind::UserInputMutation) output.target = new_name.at(output.target);
  }
}

}  // namespace tx::passes
