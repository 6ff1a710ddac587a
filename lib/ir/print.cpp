#include "ir/text.h"
#include "support/strings.h"

namespace tx::ir {
namespace {

using support::join;
using support::python_repr;

enum class Style : uint8_t { Code, Graph };

std::string device_text(const Device& device, Style style) {
  if (style == Style::Graph) return device.text();
  const std::string index = device.index < 0 ? "" : ", index=" + std::to_string(device.index);
  return "device(type=" + python_repr(device.type) + index + ")";
}

std::string sequence_text(std::vector<std::string> items, bool is_tuple) {
  const std::string inner = join(items, ", ");
  if (!is_tuple) return "[" + inner + "]";
  return "(" + inner + (items.size() == 1 ? ",)" : ")");
}

std::string argument_text(const Argument& argument, const NameOf& name_of, Style style) {
  return std::visit(
      [&](const auto& value) -> std::string {
        using T = std::decay_t<decltype(value)>;
        if constexpr (std::is_same_v<T, NoneArg>) {
          return "None";
        } else if constexpr (std::is_same_v<T, NodeRef>) {
          return (style == Style::Graph ? "%" : "") + name_of(value.id);
        } else if constexpr (std::is_same_v<T, int64_t>) {
          return std::to_string(value);
        } else if constexpr (std::is_same_v<T, std::string>) {
          return style == Style::Graph ? value : python_repr(value);
        } else if constexpr (std::is_same_v<T, DType> || std::is_same_v<T, Layout> ||
                             std::is_same_v<T, MemoryFormat>) {
          return "torch." + std::string(torch_name(value));
        } else if constexpr (std::is_same_v<T, Device>) {
          return device_text(value, style);
        } else if constexpr (std::is_same_v<T, ListArg>) {
          std::vector<std::string> items;
          for (const Argument& item : value.items)
            items.push_back(argument_text(item, name_of, style));
          return sequence_text(std::move(items), value.is_tuple);
        } else {
          return python_repr(value);
        }
      },
      argument.value);
}

std::string call_text(const Node& node, const NameOf& name_of) {
  std::vector<std::string> args, kwargs;
  for (const Argument& argument : node.args)
    args.push_back(argument_text(argument, name_of, Style::Graph));
  for (const auto& [name, argument] : node.kwargs)
    kwargs.push_back(name + ": " + argument_text(argument, name_of, Style::Graph));
  return "call_function[target=" + python_target(node.target) +
         "](args = " + sequence_text(std::move(args), true) + ", kwargs = {" + join(kwargs, ", ") +
         "})";
}

void append_subgraphs(std::string& out, const Graph& graph, const std::string& prefix) {
  for (const auto& [name, subgraph] : graph.subgraphs) {
    out += "\n\n" + prefix + name + " = " + print_graph(*subgraph);
    append_subgraphs(out, *subgraph, prefix + name + ".");
  }
}

}  // namespace

std::string code_text(const Argument& argument, const NameOf& name_of) {
  return argument_text(argument, name_of, Style::Code);
}

std::string graph_text(const Argument& argument, const NameOf& name_of) {
  return argument_text(argument, name_of, Style::Graph);
}

std::string python_target(std::string_view target) {
  // Plain Python functions have two parts, operators three: namespace, name and overload.
  const bool two_parts = target.find('.') == target.rfind('.');
  for (const std::string_view module : {"operator.", "math.", "torch."})
    if (two_parts && target.starts_with(module)) return std::string(target);
  return "torch.ops." + std::string(target);
}

std::string print_graph(const Graph& graph) {
  return print_graph(graph, [&](NodeId id) { return graph.node(id).name; });
}

std::string print_graph(const Graph& graph, const NameOf& name_of) {
  const std::vector<uint32_t> users = num_users(graph);
  std::string out = "graph():\n";
  for (NodeId id = 0; id < graph.nodes.size(); ++id) {
    const Node& node = graph.node(id);
    out += "    %" + name_of(id) + " : [num_users=" + std::to_string(users[id]) + "] = ";
    switch (node.kind) {
      case NodeKind::Placeholder: out += "placeholder[target=" + name_of(id) + "]"; break;
      case NodeKind::GetAttr: out += "get_attr[target=" + node.target + "]"; break;
      case NodeKind::Call: out += call_text(node, name_of); break;
    }
    out += "\n";
  }
  std::vector<std::string> outputs;
  for (const Argument& output : graph.outputs) outputs.push_back(code_text(output, name_of));
  return out + "    return " + sequence_text(std::move(outputs), true);
}

std::string print_graph_and_subgraphs(const Graph& graph) {
  std::string out = print_graph(graph);
  append_subgraphs(out, graph, "");
  return out;
}

}  // namespace tx::ir
