#include "render/forms.h"
#include "support/strings.h"

namespace tx::render {
namespace {

using ir::Graph;
using ir::Node;
using ir::NodeId;
using ir::NodeKind;

/// A string of the DOT language; `\n` in it starts a new line of a label.
std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
    } else {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
  }
  return out + "\"";
}

/// Writes a graph, each sub-graph as a cluster; the ids of a sub-graph's nodes start with its path.
class DotWriter {
 public:
  DotWriter(const ir::Program& program, const Naming& naming)
      : program_(program), naming_(naming) {}

  std::string write() {
    const std::string name = program_.model_name.empty() ? "program" : program_.model_name;
    out_ = "digraph " + quoted(name) + " {\n  rankdir=TB;\n  node [shape=box];\n";
    graph(program_.graph, "", 2);
    return out_ + "}";
  }

 private:
  void line(size_t indent, const std::string& text) { out_ += std::string(indent, ' ') + text + "\n"; }

  void graph(const Graph& graph, const std::string& prefix, size_t indent) {
    const auto id_of = [&](NodeId id) { return quoted(prefix + naming_.name(graph, id)); };
    for (NodeId id = 0; id < graph.nodes.size(); ++id) {
      const Node& node = graph.node(id);
      // A reference to a sub-graph is the cluster itself.
      if (node.kind == NodeKind::GetAttr) continue;
      line(indent, id_of(id) + " [label=" + quoted(label(graph, id)) +
                       (node.kind == NodeKind::Placeholder ? ", shape=ellipse" : "") + "];");
      for (const NodeId operand : ir::operands(node))
        if (graph.node(operand).kind != NodeKind::GetAttr)
          line(indent, id_of(operand) + " -> " + id_of(id) + ";");
    }
    const std::string output = quoted(prefix + "return");
    line(indent, output + " [label=\"return\", shape=ellipse];");
    for (const ir::Argument& value : graph.outputs)
      ir::visit_refs(value, [&](ir::NodeRef ref) {
        line(indent, id_of(ref.id) + " -> " + output + ";");
      });
    for (const std::string& name : subgraphs_in_order(graph)) {
      line(indent, "subgraph " + quoted("cluster_" + prefix + name) + " {");
      line(indent + 2, "label=" + quoted(name) + ";");
      this->graph(*graph.subgraphs.at(name), prefix + name + ".", indent + 2);
      line(indent, "}");
    }
  }

  std::string label(const Graph& graph, NodeId id) const {
    const Node& node = graph.node(id);
    std::string text = naming_.name(graph, id);
    if (node.kind == NodeKind::Call) text += "\n" + node.target;
    const std::string type = node.type.annotation();
    return type.empty() ? text : text + "\n" + type;
  }

  const ir::Program& program_;
  const Naming& naming_;
  std::string out_;
};

}  // namespace

std::string dot_text(const ir::Program& program, const Naming& naming) {
  return DotWriter(program, naming).write();
}

}  // namespace tx::render
