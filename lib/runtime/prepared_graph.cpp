#include "runtime/prepared_graph.h"

#include <map>
#include <stdexcept>
#include <variant>

#include "runtime/locate.h"
#include "runtime/operators.h"

namespace tx::runtime {
namespace {

using diag::Code;
using diag::Diagnostic;
using Kind = Instruction::Kind;

/// Control flow: which of the first arguments are sub-graphs and what the others are.
struct ControlFlow {
  std::string_view target;
  Kind kind;
  size_t num_arguments;
  std::vector<size_t> graphs;
};
const ControlFlow* find_control_flow(std::string_view target) {
  static const ControlFlow kinds[] = {
      {"higher_order.cond", Kind::Cond, 4, {1, 2}},
      {"higher_order.while_loop", Kind::WhileLoop, 4, {0, 1}},
      {"higher_order.map_impl", Kind::Map, 3, {0}},
  };
  for (const ControlFlow& kind : kinds) {
    if (kind.target == target) return &kind;
  }
  return nullptr;
}

class Preparer {
 public:
  explicit Preparer(const ir::Program& program) : program_(program) {}

  std::unique_ptr<PreparedGraph> run(const ir::Graph& graph) {
    auto prepared = std::make_unique<PreparedGraph>();
    prepared->graph = &graph;
    for (const auto& [name, subgraph] : graph.subgraphs) {
      prepared->subgraphs.push_back(run(*subgraph));
      by_graph_[subgraph.get()] = prepared->subgraphs.back().get();
    }
    for (uint32_t id = 0; id < graph.nodes.size(); ++id) {
      if (graph.nodes[id].kind != ir::NodeKind::Call) continue;
      if (std::optional<Instruction> instruction = prepare_call(graph, id)) {
        prepared->has_writes = prepared->has_writes || !instruction->written.empty();
        prepared->instructions.push_back(std::move(*instruction));
      }
    }
    for (const ir::Argument& output : graph.outputs) {
      check_refs(output, static_cast<uint32_t>(graph.nodes.size()), "the outputs");
      prepared->outputs.push_back(bind(output));
    }
    plan_releases(*prepared);
    return prepared;
  }

  std::vector<Diagnostic> take_diagnostics() { return std::move(diagnostics_); }

 private:
  [[noreturn]] void bad_call(const ir::Node& node, const std::string& why) {
    Diagnostic diagnostic(Code::TX4002, "the call `" + node.name + "` of `" + node.target +
                                            "` in the program is not valid: " + why);
    locate(diagnostic, program_.source, node.location);
    diag::fail(std::move(diagnostic));
  }

  static void check_refs(const ir::Argument& argument, uint32_t limit, const std::string& where) {
    ir::visit_refs(argument, [&](ir::NodeRef ref) {
      if (ref.id < limit) return;
      diag::fail(Code::TX4002, where + " of the program refer to a value that does not exist yet");
    });
  }

  std::optional<Instruction> prepare_call(const ir::Graph& graph, uint32_t id) {
    const ir::Node& node = graph.nodes[id];
    const std::string where = "the arguments of `" + node.name + "`";
    for (const ir::Argument& argument : node.args) check_refs(argument, id, where);
    for (const auto& [name, argument] : node.kwargs) check_refs(argument, id, where);
    Instruction instruction;
    instruction.node = id;
    if (const ControlFlow* control_flow = find_control_flow(node.target)) {
      return prepare_control_flow(graph, std::move(instruction), *control_flow);
    }
    if (node.target == "operator.getitem") {
      instruction.kind = Kind::GetItem;
      if (node.args.size() != 2 || !node.args[1].get<int64_t>() || !node.kwargs.empty()) {
        bad_call(node, "it takes a tuple and a constant index");
      }
      return bind_plain(std::move(instruction), node);
    }
    if (const NumberFunction* function = find_number_function(node.target)) {
      instruction.kind = Kind::Number;
      instruction.function = function;
      if (node.args.size() != function->num_arguments || !node.kwargs.empty()) {
        bad_call(node, "it takes " + std::to_string(function->num_arguments) + " arguments");
      }
      return bind_plain(std::move(instruction), node);
    }
    return prepare_operator(std::move(instruction), node);
  }

  static Instruction bind_plain(Instruction instruction, const ir::Node& node) {
    for (const ir::Argument& argument : node.args) instruction.operands.push_back(bind(argument));
    return instruction;
  }

  Instruction prepare_control_flow(const ir::Graph& graph, Instruction instruction,
                                   const ControlFlow& control_flow) {
    const ir::Node& node = graph.nodes[instruction.node];
    instruction.kind = control_flow.kind;
    if (node.args.size() != control_flow.num_arguments || !node.kwargs.empty()) {
      bad_call(node, "it takes " + std::to_string(control_flow.num_arguments) + " arguments");
    }
    for (size_t i = 0; i < node.args.size(); ++i) {
      const bool is_graph = std::find(control_flow.graphs.begin(), control_flow.graphs.end(), i) !=
                            control_flow.graphs.end();
      if (is_graph) {
        instruction.graphs.push_back(subgraph_of(graph, node, node.args[i]));
        continue;
      }
      const bool is_predicate = control_flow.kind == Kind::Cond && i == 0;
      if (!is_predicate && !node.args[i].get<ir::ListArg>())
        bad_call(node, "operands are no tuple");
      instruction.operands.push_back(bind(node.args[i]));
    }
    const size_t num_operands = count_operands(node, control_flow);
    for (const PreparedGraph* prepared : instruction.graphs) {
      if (prepared->graph->num_inputs != num_operands) {
        bad_call(node, "a sub-graph takes " + std::to_string(prepared->graph->num_inputs) +
                           " values but gets " + std::to_string(num_operands));
      }
    }
    return instruction;
  }

  static size_t count_operands(const ir::Node& node, const ControlFlow& control_flow) {
    size_t count = 0;
    for (size_t i = control_flow.kind == Kind::Cond ? 1 : 0; i < node.args.size(); ++i) {
      if (const auto* list = node.args[i].get<ir::ListArg>()) count += list->items.size();
    }
    return count;
  }

  const PreparedGraph* subgraph_of(const ir::Graph& graph, const ir::Node& node,
                                   const ir::Argument& argument) {
    const auto* ref = argument.get<ir::NodeRef>();
    if (!ref || graph.nodes[ref->id].kind != ir::NodeKind::GetAttr) {
      bad_call(node, "an argument is no sub-graph");
    }
    const auto found = graph.subgraphs.find(graph.nodes[ref->id].target);
    if (found == graph.subgraphs.end()) {
      bad_call(node, "there is no sub-graph `" + graph.nodes[ref->id].target + "`");
    }
    return by_graph_.at(found->second.get());
  }

  std::optional<Instruction> prepare_operator(Instruction instruction, const ir::Node& node) {
    const auto& found = lookup(node);
    const Operator* op = std::get_if<Operator>(&found);
    if (!op) return std::nullopt;
    instruction.op = op->handle;
    instruction.num_results = op->schema.returns().size();
    for (size_t i = 0; i < op->handle.schema().arguments().size(); ++i) {
      const c10::AliasInfo* alias = op->handle.schema().arguments()[i].alias_info();
      if (alias && alias->isWrite()) instruction.written.push_back(i);
    }
    try {
      instruction.operands = bind_call(node, op->schema);
    } catch (const std::invalid_argument& e) {
      bad_call(node, e.what());
    }
    return instruction;
  }

  /// The operator of a call; a problem is reported at its first call only.
  const std::variant<Operator, Diagnostic>& lookup(const ir::Node& node) {
    const auto cached = operators_.find(node.target);
    if (cached != operators_.end()) return cached->second;
    const auto schema = program_.schemas.find(node.target);
    const auto& found =
        operators_
            .emplace(node.target,
                     find_operator(node.target,
                                   schema == program_.schemas.end() ? nullptr : &schema->second))
            .first->second;
    if (const auto* problem = std::get_if<Diagnostic>(&found)) {
      Diagnostic diagnostic = *problem;
      locate(diagnostic, program_.source, node.location);
      diagnostics_.push_back(std::move(diagnostic));
    }
    return found;
  }

  static void plan_releases(PreparedGraph& prepared) {
    std::vector<bool> used_later(prepared.graph->nodes.size(), false);
    for (Operand& output : prepared.outputs) {
      output.visit([&](Operand& operand) { used_later[operand.value] = true; });
    }
    for (size_t i = prepared.instructions.size(); i-- > 0;) {
      Instruction& instruction = prepared.instructions[i];
      if (!used_later[instruction.node]) instruction.release.push_back(instruction.node);
      std::map<uint32_t, std::vector<Operand*>> last_uses;
      for (Operand& operand : instruction.operands) {
        operand.visit([&](Operand& use) {
          if (!used_later[use.value]) last_uses[use.value].push_back(&use);
        });
      }
      for (auto& [value, uses] : last_uses) {
        used_later[value] = true;
        // Only a value that is taken once can be moved; the order of fetching does not matter then.
        if (uses.size() == 1) {
          uses[0]->source = Operand::Source::LastValue;
        } else {
          instruction.release.push_back(value);
        }
      }
    }
  }

  const ir::Program& program_;
  std::map<std::string, std::variant<Operator, Diagnostic>> operators_;
  std::map<const ir::Graph*, const PreparedGraph*> by_graph_;
  std::vector<Diagnostic> diagnostics_;
};

}  // namespace

std::unique_ptr<PreparedGraph> prepare(const ir::Program& program) {
  Preparer preparer(program);
  std::unique_ptr<PreparedGraph> prepared = preparer.run(program.graph);
  std::vector<Diagnostic> diagnostics = preparer.take_diagnostics();
  if (!diagnostics.empty()) throw diag::Failure(std::move(diagnostics));
  return prepared;
}

}  // namespace tx::runtime
