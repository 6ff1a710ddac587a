#include "render/naming.h"

#include <cctype>
#include <cstdlib>
#include <set>

namespace tx::render {
namespace {

using ir::Graph;
using ir::Node;
using ir::NodeId;
using ir::NodeKind;

void add_own_names(const Graph& graph, std::map<const Graph*, std::vector<std::string>>& names) {
  std::vector<std::string>& own = names[&graph];
  for (const Node& node : graph.nodes) own.push_back(node.name);
  for (const auto& [name, subgraph] : graph.subgraphs) add_own_names(*subgraph, names);
}

/// Takes names in order and numbers those that are taken, as torch's placeholder naming does.
class Renamer {
 public:
  std::string placeholder(const std::string& name) { return take(name, name); }
  std::string call(const std::string& name) {
    const Parts parts = split(name);
    return take(name, parts.number < 0 ? name : parts.prefix);
  }

 private:
  /// "add_12" -> {"add", 12}; the number is negative where there is none.
  struct Parts {
    std::string prefix;
    int number = -1;
  };
  static Parts split(const std::string& name) {
    for (size_t at = name.size(); at-- > 0;) {
      if (name[at] != '_' || at + 1 == name.size()) continue;
      if (std::isdigit(static_cast<unsigned char>(name[at + 1])))
        return {name.substr(0, at), std::atoi(name.c_str() + at + 1)};
    }
    return {};
  }
  std::string take(std::string name, const std::string& prefix) {
    // The loop is for names that no numbering of torch's makes.
    while (used_.contains(name)) name = prefix + "_" + std::to_string(++highest_[prefix]);
    const Parts parts = split(name);
    if (parts.number > highest_[parts.prefix]) highest_[parts.prefix] = parts.number;
    used_.insert(name);
    return name;
  }

  std::set<std::string> used_;
  std::map<std::string, int> highest_;
};

}  // namespace

Naming Naming::tutorial(const ir::Program& program) {
  Naming naming;
  add_own_names(program.graph, naming.names_);
  return naming;
}

Naming Naming::qualified(const ir::Program& program) {
  Naming naming = tutorial(program);
  std::vector<std::string>& names = naming.names_.at(&program.graph);
  Renamer renamer;
  const auto name_input = [&](const ir::InputSpec& input) {
    if (!input.qualified_name.empty())
      names[input.node] = renamer.placeholder(input.qualified_name);
  };
  // User inputs have the first choice of names.
  for (const ir::InputSpec& input : program.inputs)
    if (input.kind == ir::InputKind::UserInput) name_input(input);
  for (const ir::InputSpec& input : program.inputs)
    if (input.kind != ir::InputKind::UserInput) name_input(input);
  for (NodeId id = program.graph.num_inputs; id < program.graph.nodes.size(); ++id)
    names[id] = renamer.call(names[id]);
  naming.name_subgraphs(program.graph);
  return naming;
}

/// The placeholders of a sub-graph get the names of what is passed for them.
void Naming::name_subgraphs(const Graph& graph) {
  for (const Node& node : graph.nodes) {
    if (node.target != "higher_order.cond" || node.args.size() != 4) continue;
    const ir::ListArg* operands = node.args[3].get<ir::ListArg>();
    if (!operands) continue;
    std::vector<std::string> operand_names;
    for (const ir::Argument& operand : operands->items)
      if (const ir::NodeRef* ref = operand.get<ir::NodeRef>())
        operand_names.push_back(name(graph, ref->id));
    for (const size_t branch : {1, 2}) {
      const ir::NodeRef* ref = node.args[branch].get<ir::NodeRef>();
      if (!ref || graph.node(ref->id).kind != NodeKind::GetAttr) continue;
      const Graph& subgraph = *graph.subgraphs.at(graph.node(ref->id).target);
      if (subgraph.num_inputs == operand_names.size()) name_after_operands(subgraph, operand_names);
    }
  }
}

void Naming::name_after_operands(const Graph& subgraph, const std::vector<std::string>& operands) {
  std::vector<std::string>& names = names_.at(&subgraph);
  Renamer renamer;
  for (NodeId id = 0; id < subgraph.nodes.size(); ++id)
    names[id] = id < operands.size() ? renamer.placeholder(operands[id]) : renamer.call(names[id]);
  name_subgraphs(subgraph);
}

}  // namespace tx::render
