// Tracer: the interface between who walks a program and what a call does.
//
// A walker (torchscript/ now, others later) executes the user's program and calls this for all that
// concerns tensors: operators, truth of conditions, literals, weights. Nothing here is a TorchScript
// type, and nothing below knows which walker runs.
// Tensors on the walker's side are functional tensors (LibTorch's wrappers around traced ones).
#pragma once
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/stack.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "capture/breaks.h"
#include "capture/control_flow.h"
#include "capture/dispatch/functional.h"
#include "capture/dispatch/recorder.h"
#include "capture/location.h"

namespace tx::capture {

class Draft;

/// The graph of a branch, or of a loop's condition or body.
struct SubGraph {
  std::unique_ptr<GraphScope> scope;
  std::vector<at::Tensor> outputs;  ///< functional, made or used while recording in `scope`
};

class Tracer {
 public:
  Tracer(Recorder& recorder, LocationStack& location, ControlFlow control_flow)
      : recorder_(recorder), location_(location), control_flow_(control_flow) {}

  /// Calls an operator; the arguments on the stack are replaced by the results.
  void call(const c10::OperatorHandle& op, torch::jit::Stack& stack);
  /// The truth of a condition: a bool, or a symbolic one that becomes a guard. `statement` is what
  /// asks ("if").
  bool truth(const c10::IValue& condition, const std::string& statement);
  /// The same without asking for more than is known: nothing where the answer depends on data and,
  /// with ControlFlow::All, where it is a size's that the ranges leave open.
  std::optional<bool> decided(const c10::IValue& condition, const std::string& statement);
  /// A symbolic bool has to be `expected`: a guard, or an assertion of the running program. False:
  /// it is known to be otherwise.
  bool expect(const c10::IValue& condition, bool expected);
  /// A tensor literal of the program, as the program may change it: a copy of a lifted constant.
  at::Tensor literal(const at::Tensor& value);
  /// A constant the program refers to, e.g. of a frozen module.
  at::Tensor constant(const at::Tensor& value);
  /// A number as a tensor without dimensions; without `dtype` in the one that holds every number of
  /// its kind.
  at::Tensor number_tensor(const c10::IValue& number,
                           std::optional<c10::ScalarType> dtype = std::nullopt);
  /// The value of a tensor when it depends on neither inputs nor weights, else undefined.
  at::Tensor known_value(const at::Tensor& tensor);
  /// Whether only the values of a tensor, which are not known, tell what is in it.
  bool depends_on_data(const c10::IValue& value) {
    return value.isTensor() && !known_value(value.toTensor()).defined() &&
           !symbolic_number(value.toTensor());
  }
  /// Whether the example inputs give a symbolic number its value: it comes from sizes, not from data.
  bool has_example(const c10::IValue& number);
  /// The symbolic number in a tensor that holds one.
  std::optional<c10::IValue> symbolic_number(const at::Tensor& tensor);

  /// The whole number in a tensor of one element whose value is not known, as a data-dependent
  /// symbol.
  c10::IValue item(const at::Tensor& tensor);
  /// The float in such a tensor, as a number that the program returns.
  c10::IValue float_item(const at::Tensor& tensor);

  LocationStack& location() { return location_; }
  Recorder& recorder() { return recorder_; }

  // ---- graph breaks ----

  /// Something the program does that a graph cannot do: throws with the current place.
  [[noreturn]] void break_graph(diag::Diagnostic diagnostic) { recorder_.fail(std::move(diagnostic)); }
  /// The same where the walker goes on: it puts opaque values (opaque.h) in place of the results.
  void add_break(diag::Diagnostic diagnostic) { breaks_.add(location_.locate(diagnostic)); }
  Breaks& breaks() { return breaks_; }
  /// How a tensor was computed, for notes: "computed from the input `x` by aten.sum.default (m.py:3)".
  std::string origin_of(const at::Tensor& tensor);

  /// What replaces breaks; null without --draft.
  Draft* draft() { return draft_; }
  void set_draft(Draft* draft) { draft_ = draft; }

  // ---- graphs of branches and loops ----

  ControlFlow control_flow() const { return control_flow_; }
  /// Whether calls are recorded in the graph of a branch or loop.
  bool in_sub_graph() { return recorder_.scope().is_inner(); }
  /// Whether a write to `tensor` would be seen outside of the current graph.
  bool is_from_outside(const at::Tensor& tensor);
  /// A placeholder of the current graph with the metadata of `tensor`, which writes must spare.
  at::Tensor parameter_like(const at::Tensor& tensor);
  /// Records `cond`; outputs of both graphs agree in number, dtype and rank, and share no memory with
  /// each other or with anything outside. `predicate` is a bool tensor or a symbolic bool; `types` are
  /// those of the results, with a new data-dependent symbol where the sizes of the two differ.
  std::vector<at::Tensor> cond(const c10::IValue& predicate, SubGraph yes, SubGraph no,
                               const std::vector<ir::TensorType>& types);
  /// Records `while_loop`; `condition` gives one bool tensor, `body` the next values of `initial`.
  std::vector<at::Tensor> while_loop(const std::vector<at::Tensor>& initial, SubGraph condition,
                                     SubGraph body);
  /// An assertion of the running program.
  void assert_at_run_time(const at::Tensor& condition, const std::string& message);

  /// A warning or a note, with the current place.
  void report(diag::Diagnostic diagnostic);
  std::vector<diag::Diagnostic>& reports() { return reports_; }

  /// The walker says that an operation which may write to its arguments was executed.
  void mutating_operation_done() {
    if (on_mutation_) on_mutation_();
  }
  void set_on_mutation(std::function<void()> callback) { on_mutation_ = std::move(callback); }

 private:
  Recorder& recorder_;
  LocationStack& location_;
  ControlFlow control_flow_;
  Draft* draft_ = nullptr;
  Breaks breaks_;
  std::vector<diag::Diagnostic> reports_;
  std::function<void()> on_mutation_;
  std::vector<c10::Storage> parameters_;    ///< of parameter_like()
};

}  // namespace tx::capture
