#include "capture/torchscript/interpreter.h"

#include <torch/csrc/jit/api/function_impl.h>
#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/runtime/operator.h>

#include "archive/unknown_operators.h"
#include "capture/opaque.h"
#include "capture/torchscript/data_numbers.h"
#include "capture/torchscript/python_overloads.h"
#include "capture/torchscript/symbolic_values.h"

namespace tx::capture::torchscript {
namespace {

// A program that recurses deeper than this does not end in eager mode either (Python's own limit).
constexpr int kMaxDepth = 1000;

const std::vector<torch::jit::Function*> kNoHooks;

}  // namespace

Interpreter::Interpreter(Tracer& tracer, TracedModule& module) : tracer_(tracer), module_(module) {
  tracer_.location().set_resolver(&places_);
}

Interpreter::~Interpreter() { tracer_.location().set_resolver(nullptr); }

c10::IValue Interpreter::call_method(const c10::intrusive_ptr<c10::ivalue::Object>& object,
                                     const std::string& method,
                                     std::vector<c10::IValue> arguments) {
  const auto call = [&](torch::jit::Function& function, std::vector<c10::IValue> inputs) {
    inputs.insert(inputs.begin(), object);
    return call_function(function, std::move(inputs), module_.path_of(object.get()));
  };
  torch::jit::Function* function = &object->type()->getMethod(method);
  const bool hooked = method == "forward";
  for (torch::jit::Function* hook : hooked ? object->type()->getForwardPreHooks() : kNoHooks) {
    const c10::IValue changed = call(*hook, {c10::ivalue::Tuple::create(arguments)});
    if (changed.isNone()) continue;
    arguments = changed.isTuple() ? changed.toTupleRef().elements().vec() : std::vector{changed};
  }
  c10::IValue result = call(*function, arguments);
  for (torch::jit::Function* hook : hooked ? object->type()->getForwardHooks() : kNoHooks) {
    const c10::IValue changed = call(*hook, {c10::ivalue::Tuple::create(arguments), result});
    if (changed.isNone()) continue;
    result = changed;
    function = hook;
  }
  // What is left in inputs and buffers is used as well.
  check_aliases(result);
  for (const c10::IValue& argument : arguments) check_aliases(argument);
  for (const ModuleTensor& tensor : module_.tensors()) check_aliases(tensor.traced);
  // A program returns a number that depends on data as a number.
  const auto to_number = [this](const c10::IValue& leaf, const c10::TypePtr& type) {
    return is_data_number(leaf, type) ? plain_result(leaf.toTensor()) : leaf;
  };
  const auto& returns = function->getSchema().returns();
  if (returns.empty() || !holds_data_number(result, returns.front().type())) return result;
  const LocationStack::Call here(tracer_.location(), module_.path_of(object.get()));
  if (auto* graph_function = torch::jit::tryToGraphFunction(*function)) {
    tracer_.location().set_instruction(graph_function->graph()->outputs()[0]->node());
  }
  return map_leaves(result, returns.front().type(), to_number);
}

c10::IValue Interpreter::call_function(torch::jit::Function& function,
                                       std::vector<c10::IValue> arguments,
                                       const std::string* module_path) {
  torch::jit::GraphFunction* graph_function = torch::jit::tryToGraphFunction(function);
  if (!graph_function) {  // written in C++, e.g. a method of a custom class
    torch::jit::Stack stack(std::move(arguments));
    function.run(stack);
    return stack.empty() ? c10::IValue() : stack.back();
  }
  graph_function->ensure_defined();
  torch::jit::Graph& graph = *graph_function->graph();
  if (arguments.size() < graph.inputs().size()) {
    // Defaults that the caller left out.
    const auto& schema = function.getSchema();
    for (size_t i = arguments.size(); i < graph.inputs().size(); ++i) {
      arguments.push_back(schema.arguments().at(i).default_value().value());
    }
  }
  places_.set_function(graph.block(), function.qualname());
  const LocationStack::Call call(tracer_.location(), module_path);
  std::vector<c10::IValue> results = run_graph(graph, std::move(arguments));
  return results.empty() ? c10::IValue() : results.front();
}

std::vector<c10::IValue> Interpreter::run_graph(torch::jit::Graph& graph,
                                                std::vector<c10::IValue> arguments) {
  // Failures are survived by who runs a program once more.
  struct Level {
    int& depth;
    explicit Level(int& d) : depth(d) { ++depth; }
    ~Level() { --depth; }
  } const level(depth_);
  if (depth_ > kMaxDepth) {
    tracer_.break_graph({diag::Code::TX1005, "functions call each other more than " +
                                                 std::to_string(kMaxDepth) + " levels deep"});
  }
  Values values;
  for (size_t i = 0; i < graph.inputs().size(); ++i) {
    values[graph.inputs()[i]] = std::move(arguments[i]);
  }
  run_block(*graph.block(), values);
  std::vector<c10::IValue> results;
  for (const torch::jit::Value* output : graph.outputs()) results.push_back(values.at(output));
  return results;
}

void Interpreter::run_block(torch::jit::Block& block, Values& values) {
  for (torch::jit::Node* node : block.nodes()) {
    tracer_.location().set_instruction(node);
    try {
      run_node(*node, values);
    } catch (diag::Failure& failure) {
      // Arithmetic on sizes does not know where it is asked for.
      for (diag::Diagnostic& diagnostic : failure.diagnostics()) {
        if (!diagnostic.place.known()) tracer_.location().locate(diagnostic);
      }
      throw;
    }
  }
}

void Interpreter::run_node(torch::jit::Node& node, Values& values) {
  try {
    execute(node, values);
  } catch (const diag::Failure& failure) {
    go_on_after(failure, node, values);
  } catch (const c10::Error& error) {
    // After a break, an instruction may not bear what the walk puts in place of results.
    diag::Diagnostic diagnostic(diag::Code::TX1008, error.what_without_backtrace());
    diagnostic.note("raised by LibTorch while the model was captured");
    const bool broken = !tracer_.breaks().empty();
    go_on_after(broken ? diag::Failure(std::vector<diag::Diagnostic>{})
                       : diag::Failure(tracer_.location().locate(diagnostic)),
                node, values);
  }
}

void Interpreter::execute(torch::jit::Node& node, Values& values) {
  switch (node.kind()) {
    case c10::prim::Constant:
      values[node.output()] = constant(node);
      return;
    case c10::prim::If:
      run_if(node, values);
      return;
    case c10::prim::Loop:
      run_loop(node, values);
      return;
    default:
      break;
  }
  const std::vector<c10::IValue> operands = inputs(node, values);
  check_aliases(node, operands);
  // Whatever its operands are: an unknown operator is one for all of them.
  if (archive::calls_stand_in(node)) {
    tracer_.break_graph(diag::Diagnostic(diag::Code::TX3003, "LibTorch does not know the operator " +
                                                                 std::string(node.kind().toQualString()))
                            .fix("load the library that registers it: --load-library FILE.so"));
  }
  if (run_on_opaque(node, operands, values)) return;
  if (auto result = run_on_data_numbers(tracer_, node, operands)) {
    values[node.output()] = *std::move(result);
    return;
  }
  if (run_primitive(node, values)) return;
  if (node.outputs().size() == 1) {
    if (auto result = run_symbolic(node, operands)) {
      values[node.output()] = *std::move(result);
      return;
    }
    if (auto result = run_on_data_numbers(tracer_, node, as_data_numbers(node, operands))) {
      values[node.output()] = *std::move(result);
      return;
    }
  }
  run_operator(node, values);
}

// What an expression over symbols cannot say, arithmetic on tensors can, where the symbols depend on
// data.
std::vector<c10::IValue> Interpreter::as_data_numbers(const torch::jit::Node& node,
                                                      std::vector<c10::IValue> operands) {
  const auto is_number = [](const torch::jit::Value* input) { return is_number_type(input->type()); };
  if (!std::all_of(node.inputs().begin(), node.inputs().end(), is_number)) return operands;
  for (c10::IValue& operand : operands) {
    if (is_symbolic(operand) && !tracer_.has_example(operand)) operand = to_data_number(tracer_, operand);
  }
  return operands;
}

void Interpreter::run_operator(torch::jit::Node& node, Values& values) {
  auto operation = operations_.find(&node);
  if (operation == operations_.end()) {
    const torch::jit::Operator* op = node.maybeOperator();
    if (!op) {
      tracer_.break_graph({diag::Code::TX1005, std::string("the operation ") +
                                                   node.kind().toQualString() +
                                                   " cannot be captured"});
    }
    operation = operations_.emplace(&node, op->getOperation(&node)).first;
  }
  if (refuse_outside_write(node, values)) return;
  torch::jit::Stack stack(inputs(node, values));
  const bool moves_values = is_container_operation(node);
  for (size_t i = 0; i < stack.size() && !moves_values; ++i) {
    if (is_data_number(stack[i], node.input(i)->type())) {
      stack[i] = plain_argument(stack[i].toTensor());
    } else if (stack[i].isList() && holds_data_number(stack[i], node.input(i)->type())) {
      std::vector<c10::IValue> items;
      for (const c10::IValue& item : stack[i].toListRef()) {
        items.push_back(item.isTensor() ? plain_argument(item.toTensor()) : item);
      }
      stack[i] = int_list(std::move(items));
    }
  }
  // Composite kernels ask about sizes before they call anything.
  tracer_.recorder().tell_place(node.kind().toQualString());
  if (std::any_of(stack.begin(), stack.end(), is_symbolic)) {
    if (!moves_values) {
      std::transform(stack.begin(), stack.end(), stack.begin(),
                     takes_symbols(node) ? as_argument : specialize);
    }
  }
  if (node.getOperator().schema().is_vararg()) {
    stack.emplace_back(static_cast<int64_t>(node.inputs().size()));
  }
  try {
    if (!call_as_python_does(node, stack)) operation->second(stack);
  } catch (const diag::Failure&) {
    throw;
  } catch (const Raised&) {
    throw;
  } catch (const c10::Error& error) {
    fail_operator(node, error.what_without_backtrace());
  } catch (const std::exception& error) {
    fail_operator(node, error.what());
  }
  if (node.getOperator().schema().is_mutable()) tracer_.mutating_operation_done();
  set_outputs(node, values, std::move(stack));
}

void Interpreter::fail_operator(const torch::jit::Node& node, const std::string& reason) {
  const std::string name = node.kind().toQualString();
  // What LibTorch says when a kernel wants the elements of a traced tensor.
  for (const char* no_data : {"data is not allocated yet", "doesn't have storage",
                              "storage is not allocated", "Cannot access data pointer"}) {
    if (reason.find(no_data) == std::string::npos) continue;
    tracer_.break_graph(diag::Diagnostic(diag::Code::TX1002,
                                         "LibTorch's implementation of " + name +
                                             " reads the values of a tensor, which are not known when "
                                             "the model is exported"));
  }
  // Some exceptions of LibTorch have the addresses of the calls in their text.
  const std::string message = reason.substr(0, reason.find("\nException raised from"));
  if (message.find("with symbolic sizes/strides") != std::string::npos) {
    tracer_.break_graph(diag::Diagnostic(diag::Code::TX1005, "LibTorch's implementation of " + name +
                                                                 " takes plain sizes only")
                            .note(message)
                            .fix("keep the sizes of its arguments static"));
  }
  tracer_.break_graph(diag::Diagnostic(diag::Code::TX1008, message)
                          .note("raised by " + name + " at the example inputs"));
}

c10::IValue Interpreter::constant(torch::jit::Node& node) {
  const auto known = constants_.find(&node);
  if (known != constants_.end()) return known->second;
  c10::IValue value = torch::jit::toIValue(node.output()).value_or(c10::IValue());
  if (value.isTensor()) value = tracer_.constant(value.toTensor());
  if (value.isTensorList()) {
    c10::List<at::Tensor> list;
    for (const at::Tensor& tensor : value.toTensorVector()) list.push_back(tracer_.constant(tensor));
    value = list;
  }
  // A list literal is a new list each time it is reached; constants of other kinds never change.
  if (!value.isList()) constants_.emplace(&node, value);
  return value;
}

std::vector<c10::IValue> Interpreter::inputs(torch::jit::Node& node, const Values& values) const {
  std::vector<c10::IValue> result;
  result.reserve(node.inputs().size() + 1);
  for (const torch::jit::Value* input : node.inputs()) result.push_back(values.at(input));
  return result;
}

void Interpreter::set_outputs(torch::jit::Node& node, Values& values,
                              std::vector<c10::IValue> results) {
  TORCH_INTERNAL_ASSERT(results.size() >= node.outputs().size(), node.kind().toQualString());
  for (size_t i = 0; i < node.outputs().size(); ++i) {
    values[node.outputs()[i]] = std::move(results[i]);
  }
}

}  // namespace tx::capture::torchscript
