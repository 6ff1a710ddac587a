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
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "capture/dispatch/graph_scope.h"
#include "capture/dispatch/known_value.h"
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

  /// The node of a traced tensor in the current graph (functional wrappers are not accepted).
  ir::NodeRef node_of(const at::Tensor& traced);

  // ---- graphs of branches and loops ----

  /// The graph that calls are recorded in.
  GraphScope& scope() { return *scope_; }
  /// A new graph inside of the current one.
  std::unique_ptr<GraphScope> new_scope();
  /// Adds the run-time assertions on the data-dependent symbols of the current inner graph, which ends.
  void assert_in_sub_graph();
  /// Records in `scope` until the object ends.
  class InScope {
   public:
    InScope(Recorder& recorder, GraphScope& scope)
        : recorder_(recorder), previous_(std::exchange(recorder.scope_, &scope)) {}
    ~InScope() { recorder_.scope_ = previous_; }
    InScope(const InScope&) = delete;
    InScope& operator=(const InScope&) = delete;

   private:
    Recorder& recorder_;
    GraphScope* previous_;
  };
  /// A tensor that a loop carries: a placeholder of the current graph.
  at::Tensor add_parameter(const ir::TensorType& type);
  /// A tensor of this type that nothing in the program computes: it stands for a result that is not
  /// known after a graph break.
  at::Tensor unknown_tensor(const ir::TensorType& type) { return add_parameter(type); }
  /// Records a call of `target` with finished graphs, by the names they get: the arguments are
  /// `before`, the graphs, `after`. Its results are tensors.
  std::vector<at::Tensor> call_with_graphs(
      const std::string& target, std::vector<ir::Argument> before,
      std::vector<std::pair<std::string, std::unique_ptr<ir::Graph>>> graphs,
      std::vector<ir::Argument> after, const std::vector<ir::TensorType>& results);

  /// How a traced tensor was computed: "computed from the input `x` by aten.sum.default (m.py:3)".
  std::string origin_of(const at::Tensor& traced);

  symbolic::ShapeEnv& env() { return env_; }
  /// Tells the ShapeEnv where the program stands; `asker` is the operator or statement that asks.
  void tell_place(const std::string& asker);
  /// The whole number in a tensor of one element as a new data-dependent symbol u0, u1, ...
  c10::SymInt item(const at::Tensor& traced);
  /// The float in a tensor of one element, zuf0, zuf1, ...: to be returned. Nothing is known of it.
  c10::SymFloat float_item(const at::Tensor& traced);
  /// The argument that stands for a symbolic number.
  ir::Argument number_argument(const ir::Expr& number);
  LocationStack& location() { return location_; }

  /// A node that was recorded before, as it is: `node` refers to nodes of this graph, and its type
  /// and location are kept. A number that something else recorded meanwhile is not computed again.
  ir::NodeId add_recorded(ir::Node node);
  /// The value of `node`, an input or a call, is a number of this type.
  void number_is_known(ir::NodeId node, const ir::Type& type);
  /// Takes back what was recorded since the graph had `count` nodes.
  void undo(ir::NodeId count);

  /// The first lifted constant is called `lifted_tensor_<number>`.
  void number_constants_from(size_t number) { first_constant_ = number; }

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
  struct Arguments {
    std::vector<ir::Argument> all;  ///< in schema order, defaults included
    std::vector<std::string_view> names;
  };

  bool answer_without_node(const c10::OperatorHandle& op, torch::jit::Stack& stack);
  void local_scalar(torch::jit::Stack& stack);
  Arguments bind(const c10::OperatorHandle& op, const std::vector<c10::IValue>& values);
  // Types of results (result_type.cpp).
  ir::Type infer(const c10::OperatorHandle& op, const std::vector<c10::IValue>& values,
                 const Arguments& arguments, bool symbolic);
  void check_at_hints(const std::string& target, const ir::Type& by_rule,
                      const ir::Type& by_kernel) const;
  ir::NodeId append(std::string target, ir::Type type) {
    return scope_->append(std::move(target), std::move(type));
  }
  ir::Graph& graph() { return scope_->graph(); }
  void push_results(const c10::OperatorHandle& op, const std::vector<c10::IValue>& values,
                    ir::NodeId node, torch::jit::Stack& stack);
  ir::Argument tensor_argument(const at::Tensor& tensor);
  ir::NodeId append_item(const at::Tensor& traced, ir::Type type);
  void define_unbacked_sizes(ir::NodeId node, const ir::TensorType& type);
  bool depends_on_data(const ir::Expr& number) const;
  void assert_condition(const ir::Expr& condition, uint32_t location);
  /// Appends the assertion that the result of node `tested` is true.
  ir::NodeId append_assertion(ir::NodeId tested, const ir::Expr& condition);

  ir::Program& program_;
  symbolic::ShapeEnv& env_;
  LocationStack& location_;
  /// Assertions, by the node that each stands behind.
  std::map<ir::NodeId, std::vector<ir::NodeId>> behind_;
  GraphScope program_scope_;
  GraphScope* scope_ = &program_scope_;
  std::unordered_map<const c10::TensorImpl*, ir::NodeId> lifted_;
  std::vector<std::pair<std::string, at::Tensor>> constants_;
  size_t first_constant_ = 0;
  size_t num_float_items_ = 0;
  std::unordered_set<ir::NodeId> recorded_;  ///< by add_recorded
};

}  // namespace tx::capture
