// Recorder: the bottom layer of a capture. Each operator call that reaches it becomes a node.
//
// In:  boxed calls on traced tensors, below LibTorch's functionalization.
// Out: nodes with types and locations in the graph of a Program; traced results.
// Holds: no kernel of the model runs. Types come from the shape rule of the operator; where the
//        operator has a meta kernel too, both have to agree at the example sizes.
#pragma once
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/stack.h>

#include <map>
#include <string>
#include <unordered_map>

#include "capture/dispatch/known_value.h"
#include "capture/dispatch/size_nodes.h"
#include "capture/location.h"
#include "ir/program.h"
#include "symbolic/shape_env.h"

namespace tx::capture {

class Recorder {
 public:
  Recorder(ir::Program& program, symbolic::ShapeEnv& env, LocationStack& location);

  /// The fallback of the recorder's dispatch key: replaces the arguments on `stack` by the results.
  void record(const c10::OperatorHandle& op, torch::jit::Stack& stack);

  /// Adds an input. Inputs are created in any order; finish() puts them in that of the signature.
  at::Tensor add_input(ir::InputSpec spec, ir::TensorType type,
                       std::shared_ptr<const KnownValue> known = nullptr);
  /// An input that is no tensor.
  void add_constant_input(ir::InputSpec spec);
  /// A tensor that the program carries along: a literal, or a constant of a frozen module.
  at::Tensor lift_constant(const at::Tensor& value);

  /// The node of a traced tensor (functional wrappers are not accepted).
  ir::NodeRef node_of(const at::Tensor& traced) const;

  symbolic::ShapeEnv& env() { return env_; }
  /// Tells the ShapeEnv where the program stands; `asker` is the operator or statement that asks.
  void tell_place(const std::string& asker);
  /// The whole number in a tensor of one element as a new data-dependent symbol u0, u1, ...
  c10::SymInt item(const at::Tensor& traced);
  /// The argument that stands for a symbolic number.
  ir::Argument number_argument(const ir::Expr& number);
  LocationStack& location() { return location_; }

  /// The constants lifted so far, in order, with the names of their InputSpecs.
  const std::vector<std::pair<std::string, at::Tensor>>& constants() const { return constants_; }

  /// Adds the run-time assertions on data-dependent symbols, each behind what it asks about.
  void assert_at_run_time(const symbolic::Constraints& constraints);

  /// Puts the placeholders first, in the order of the signature (parameters, buffers, constants,
  /// user inputs), and names them. `outputs` are renumbered with the graph's references. Returns
  /// the new id of each node.
  std::vector<ir::NodeId> finish(std::vector<ir::OutputSpec> outputs);

  /// Throws `diagnostic` with the current place, stack and module path.
  [[noreturn]] void fail(diag::Diagnostic diagnostic) const;

 private:
  struct Arguments;

  bool answer_without_node(const c10::OperatorHandle& op, torch::jit::Stack& stack);
  void local_scalar(torch::jit::Stack& stack);
  Arguments bind(const c10::OperatorHandle& op, const std::vector<c10::IValue>& values);
  ir::Type infer(const c10::OperatorHandle& op, const std::vector<c10::IValue>& values,
                 const Arguments& arguments, bool symbolic);
  void check_at_hints(const std::string& target, const ir::Type& by_rule,
                      const ir::Type& by_kernel) const;
  ir::NodeId append(std::string target, ir::Type type);
  void push_results(const c10::OperatorHandle& op, const std::vector<c10::IValue>& values,
                    ir::NodeId node, torch::jit::Stack& stack);
  ir::Argument tensor_argument(const at::Tensor& tensor);
  void define_unbacked_sizes(ir::NodeId node, const ir::TensorType& type);
  bool depends_on_data(const ir::Expr& number) const;
  void assert_condition(const ir::Expr& condition, uint32_t location);

  ir::Program& program_;
  symbolic::ShapeEnv& env_;
  LocationStack& location_;
  SizeNodes sizes_;
  /// Assertions, by the node that each stands behind.
  std::map<ir::NodeId, std::vector<ir::NodeId>> behind_;
  std::unordered_map<const c10::TensorImpl*, ir::NodeId> lifted_;
  std::vector<std::pair<std::string, at::Tensor>> constants_;
};

}  // namespace tx::capture
