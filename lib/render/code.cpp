#include <algorithm>
#include <cctype>
#include <map>

#include "ir/rewrite.h"
#include "render/forms.h"
#include "support/strings.h"

namespace tx::render {
namespace {

using ir::Graph;
using ir::Node;
using ir::NodeId;
using ir::NodeKind;

/// How Python writes the functions of its `operator` module; {} stands for an argument.
const std::map<std::string_view, std::string_view>& operator_forms() {
  static const std::map<std::string_view, std::string_view> forms = {
      {"operator.eq", "{} == {}"},       {"operator.ne", "{} != {}"},
      {"operator.lt", "{} < {}"},        {"operator.gt", "{} > {}"},
      {"operator.le", "{} <= {}"},       {"operator.ge", "{} >= {}"},
      {"operator.pos", "+{}"},           {"operator.neg", "-{}"},
      {"operator.invert", "~{}"},        {"operator.add", "{} + {}"},
      {"operator.sub", "{} - {}"},       {"operator.mul", "{} * {}"},
      {"operator.floordiv", "{} // {}"}, {"operator.truediv", "{} / {}"},
      {"operator.div", "{} / {}"},       {"operator.mod", "{} % {}"},
      {"operator.pow", "{} ** {}"},      {"operator.lshift", "{} << {}"},
      {"operator.rshift", "{} >> {}"},   {"operator.and_", "{} & {}"},
      {"operator.or_", "{} | {}"},       {"operator.xor", "{} ^ {}"},
      {"operator.getitem", "{}[{}]"},    {"operator.matmul", "{} @ {}"},
  };
  return forms;
}

/// Writes the forward function of one graph.
class FunctionWriter {
 public:
  FunctionWriter(const ir::Program& program, const Graph& graph, const Naming& naming,
                 bool annotated)
      : program_(program), graph_(graph), annotated_(annotated) {
    // Generated code names every value once more, since a parameter may have a name that hides a
    // builtin: `sum_1 = sum`.
    ir::NameAllocator allocator;
    for (NodeId id = 0; id < graph.nodes.size(); ++id) {
      printed_.push_back(naming.name(graph, id));
      names_.push_back(allocator.fresh(printed_.back()));
    }
    find_last_uses();
  }

  std::string write() {
    std::string parameters = "self";
    for (NodeId id = 0; id < graph_.num_inputs; ++id) {
      parameters += ", " + printed_[id] + annotation(id);
      if (names_[id] != printed_[id]) line(names_[id] + " = " + printed_[id]);
    }
    for (NodeId id = graph_.num_inputs; id < graph_.nodes.size(); ++id) {
      if (annotated_) comment(graph_.node(id));
      line(names_[id] + annotation(id) + " = " + value(graph_.node(id)) + released(id));
    }
    const ir::ListArg outputs{graph_.outputs, /*is_tuple=*/true};
    line("return " + ir::code_text(outputs, name_of_));
    return "def forward(" + parameters + "):\n" + support::indent(body_, 4);
  }

 private:
  void line(const std::string& text) { body_ += (body_.empty() ? "" : "\n") + text; }

  std::string annotation(NodeId id) const {
    const std::string text = annotated_ ? graph_.node(id).type.annotation() : "";
    return text.empty() ? "" : ": " + text;
  }

  /// A comment where the place in the source changes, with an empty line before it.
  void comment(const Node& node) {
    const ir::Frame* frame = shown_frame(program_.source, node.location);
    std::string text;
    if (frame) {
      text = "# File: " + frame->file + ":" + std::to_string(frame->line);
      const std::string_view code = support::trim(frame->code);
      if (!code.empty()) text += ", code: " + std::string(code);
    } else if (!last_comment_.empty()) {
      text = "# No stacktrace found for following nodes";
    }
    if (text == last_comment_) return;
    last_comment_ = text;
    if (!body_.empty()) line("");
    line(text);
  }

  std::string value(const Node& node) const {
    if (node.kind == NodeKind::GetAttr) return "self." + node.target;
    std::vector<std::string> args;
    for (const ir::Argument& argument : node.args)
      args.push_back(ir::code_text(argument, name_of_));
    const auto form = operator_forms().find(node.target);
    if (form != operator_forms().end() && node.kwargs.empty()) return fill(form->second, args);
    for (const auto& [name, argument] : node.kwargs)
      args.push_back(name + " = " + ir::code_text(argument, name_of_));
    std::string function = ir::python_target(node.target);
    // Functions from outside of torch are imported under one name.
    if (!function.starts_with("torch.")) std::replace(function.begin(), function.end(), '.', '_');
    return function + "(" + support::join(args, ", ") + ")";
  }

  static std::string fill(std::string_view form, const std::vector<std::string>& args) {
    std::string out;
    size_t next = 0;
    for (size_t i = 0; i < form.size(); ++i) {
      if (form[i] == '{' && next < args.size()) {
        out += args[next++];
        ++i;
      } else {
        out += form[i];
      }
    }
    return out;
  }

  void find_last_uses() {
    released_.resize(graph_.nodes.size());
    std::vector<bool> seen(graph_.nodes.size(), false);
    for (const ir::Argument& output : graph_.outputs)
      ir::visit_refs(output, [&](ir::NodeRef ref) { seen[ref.id] = true; });
    for (NodeId id = static_cast<NodeId>(graph_.nodes.size()); id-- > graph_.num_inputs;) {
      for (const NodeId operand : ir::operands(graph_.node(id))) {
        if (!seen[operand]) released_[id].push_back(operand);
        seen[operand] = true;
      }
      // Users come later: a value not seen by now has none and goes at once.
      if (!seen[id]) released_[id].push_back(id);
    }
  }

  /// ";  a = b = None" for the values whose last use this is.
  std::string released(NodeId id) const {
    if (released_[id].empty()) return "";
    std::string out = ";  ";
    for (const NodeId name : released_[id]) out += names_[name] + " = ";
    return out + "None";
  }

  const ir::Program& program_;
  const Graph& graph_;
  bool annotated_;
  std::vector<std::string> printed_;  ///< parameters and node names
  std::vector<std::string> names_;    ///< in the body
  ir::NameOf name_of_ = [this](NodeId id) { return names_[id]; };
  std::vector<std::vector<NodeId>> released_;
  std::string body_, last_comment_;
};

std::string class_text(const ir::Program& program, const Graph& graph, const Naming& naming,
                       const std::string& name) {
  std::string out = "class " + name + "(torch.nn.Module):\n" +
                    support::indent(FunctionWriter(program, graph, naming, true).write(), 4);
  for (const std::string& subgraph : subgraphs_in_order(graph))
    out += "\n\n" + support::indent(
                        class_text(program, *graph.subgraphs.at(subgraph), naming, subgraph), 4);
  return out;
}

/// What print() shows of a module and the modules in it.
std::string module_text(const Graph& graph) {
  std::string inner;
  for (const std::string& name : subgraphs_in_order(graph))
    inner += "\n(" + name + "): " + module_text(*graph.subgraphs.at(name));
  return "GraphModule(" + support::indent(inner, 2) + (inner.empty() ? ")" : "\n)");
}

}  // namespace

std::string annotated_class(const ir::Program& program, const Naming& naming) {
  return support::indent(class_text(program, program.graph, naming, "GraphModule"), 4);
}

std::string plain_code(const ir::Program& program, const Naming& naming) {
  return module_text(program.graph) + "\n\n\n\n" +
         FunctionWriter(program, program.graph, naming, false).write();
}

}  // namespace tx::render
