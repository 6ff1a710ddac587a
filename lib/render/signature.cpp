#include <limits>

#include "render/forms.h"
#include "support/strings.h"

namespace tx::render {
namespace {

using ir::InputKind;
using ir::OutputKind;
using support::join;
using support::python_repr;

std::string list(const std::vector<std::string>& items) { return "[" + join(items, ", ") + "]"; }

/// The text of a value that is no node.
std::string constant_text(const ir::Argument& constant) {
  return ir::code_text(constant, [](ir::NodeId) { return std::string(); });
}

std::string constant_argument(const ir::Argument& constant) {
  return "ConstantArgument(value=" + constant_text(constant) + ")";
}

/// `TensorArgument(name='add')`, or its kin for numbers that the program computes.
std::string node_argument(const ir::Graph& graph, ir::NodeId id, const Naming& naming) {
  const auto& kind = graph.node(id).type.kind;
  const std::string_view name = std::holds_alternative<ir::SymIntType>(kind)     ? "SymIntArgument"
                                : std::holds_alternative<ir::SymFloatType>(kind) ? "SymFloatArgument"
                                : std::holds_alternative<ir::SymBoolType>(kind)  ? "SymBoolArgument"
                                                                                 : "TensorArgument";
  return std::string(name) + "(name=" + python_repr(naming.name(graph, id)) + ")";
}

std::string kind_text(std::string_view type, std::string_view name, int number) {
  return "<" + std::string(type) + "." + std::string(name) + ": " + std::to_string(number) + ">";
}

std::string input_spec(const ir::Program& program, const ir::InputSpec& input,
                       const Naming& naming) {
  const bool is_user_input = input.kind == InputKind::UserInput;
  return "InputSpec(kind=" +
         kind_text("InputKind", torch_name(input.kind), static_cast<int>(input.kind)) +
         ", arg=" + (input.constant ? constant_argument(*input.constant)
                                    : node_argument(program.graph, input.node, naming)) +
         ", target=" + (is_user_input ? "None" : python_repr(input.target)) + ")";
}

std::string output_spec(const ir::Program& program, const ir::OutputSpec& output,
                        const Naming& naming) {
  const ir::NodeRef* ref = output.value.get<ir::NodeRef>();
  const bool is_user_output = output.kind == OutputKind::UserOutput;
  return "OutputSpec(kind=" +
         kind_text("OutputKind", torch_name(output.kind), static_cast<int>(output.kind)) +
         ", arg=" + (ref ? node_argument(program.graph, ref->id, naming)
                         : constant_argument(output.value)) +
         ", target=" +
         (is_user_output ? "None" : python_repr(printed_target(program, output, naming))) + ")";
}

/// Python's dict in the order of insertion.
class Dict {
 public:
  void add(const std::string& key, const std::string& value) {
    items_.push_back(python_repr(key) + ": " + python_repr(value));
  }
  std::string text() const { return "{" + join(items_, ", ") + "}"; }
  bool empty() const { return items_.empty(); }

 private:
  std::vector<std::string> items_;
};

}  // namespace

std::string printed_target(const ir::Program& program, const ir::OutputSpec& output,
                           const Naming& naming) {
  if (output.kind != OutputKind::UserInputMutation) return output.target;
  for (ir::NodeId id = 0; id < program.graph.num_inputs; ++id)
    if (program.graph.node(id).name == output.target) return naming.name(program.graph, id);
  return output.target;
}

std::string signature_specs(const ir::Program& program, const Naming& naming) {
  std::vector<std::string> inputs, outputs;
  for (const ir::InputSpec& input : program.inputs)
    inputs.push_back(input_spec(program, input, naming));
  for (const ir::OutputSpec& output : program.outputs)
    outputs.push_back(output_spec(program, output, naming));
  return "ExportGraphSignature(input_specs=" + list(inputs) + ", output_specs=" + list(outputs) +
         ")";
}

std::string signature_summary(const ir::Program& program, const Naming& naming) {
  std::vector<std::string> parameters, buffers, user_inputs, user_outputs;
  Dict inputs_to_parameters, inputs_to_buffers, inputs_to_constants;
  Dict buffers_to_mutate, user_inputs_to_mutate;
  for (const ir::InputSpec& input : program.inputs) {
    const std::string& name = naming.name(program.graph, input.node);
    switch (input.kind) {
      case InputKind::UserInput:
        user_inputs.push_back(input.constant ? constant_text(*input.constant) : python_repr(name));
        break;
      case InputKind::Parameter:
        parameters.push_back(python_repr(input.target));
        inputs_to_parameters.add(name, input.target);
        break;
      case InputKind::Buffer:
        buffers.push_back(python_repr(input.target));
        inputs_to_buffers.add(name, input.target);
        break;
      case InputKind::ConstantTensor: inputs_to_constants.add(name, input.target); break;
    }
  }
  for (const ir::OutputSpec& output : program.outputs) {
    const ir::NodeRef* ref = output.value.get<ir::NodeRef>();
    const std::string name = ref ? naming.name(program.graph, ref->id) : "";
    switch (output.kind) {
      case OutputKind::UserOutput:
        user_outputs.push_back(ref ? python_repr(name) : constant_text(output.value));
        break;
      case OutputKind::BufferMutation: buffers_to_mutate.add(name, output.target); break;
      case OutputKind::UserInputMutation:
        user_inputs_to_mutate.add(name, printed_target(program, output, naming));
        break;
    }
  }
  // The tutorial's text has no field for what its torch did not know; ours has it where needed.
  const auto only_if_any = [](const std::string& name, const Dict& dict) {
    return dict.empty() ? "" : ", " + name + "=" + dict.text();
  };
  return "ExportGraphSignature(parameters=" + list(parameters) + ", buffers=" + list(buffers) +
         ", user_inputs=" + list(user_inputs) + ", user_outputs=" + list(user_outputs) +
         ", inputs_to_parameters=" + inputs_to_parameters.text() +
         ", inputs_to_buffers=" + inputs_to_buffers.text() +
         only_if_any("inputs_to_lifted_tensor_constants", inputs_to_constants) +
         ", buffers_to_mutate=" + buffers_to_mutate.text() +
         only_if_any("user_inputs_to_mutate", user_inputs_to_mutate) +
         ", backward_signature=None, assertion_dep_token=None)";
}

std::string range_constraints(const ir::Program& program) {
  // The tutorial's torch had one number less than int64 holds for "no bound".
  constexpr int64_t kNoBound = std::numeric_limits<int64_t>::max() - 1;
  std::vector<std::string> items;
  for (const auto& [expression, range] : program.range_constraints) {
    const int64_t max = range.max == ir::kUnbounded ? kNoBound : range.max;
    items.push_back(expression.text() + ": RangeConstraint(min_val=" + std::to_string(range.min) +
                    ", max_val=" + std::to_string(max) + ")");
  }
  return "{" + join(items, ", ") + "}";
}

std::string equality_constraints(const ir::Program& program, const Naming& naming) {
  const auto dim_text = [&](const ir::InputDim& dim) {
    return "InputDim(input_name=" + python_repr(naming.name(program.graph, dim.node)) +
           ", dim=" + std::to_string(dim.dim) + ")";
  };
  // torch's list holds pairs: each dimension of a group with the first one.
  std::vector<std::string> items;
  for (const std::vector<ir::InputDim>& group : program.equality_constraints)
    for (size_t i = 1; i < group.size(); ++i)
      items.push_back("(" + dim_text(group[0]) + ", " + dim_text(group[i]) + ")");
  return list(items);
}

}  // namespace tx::render
