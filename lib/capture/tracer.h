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
#include <optional>
#include <string>

#include "capture/dispatch/functional.h"
#include "capture/dispatch/recorder.h"
#include "capture/location.h"

namespace tx::capture {

class Tracer {
 public:
  Tracer(Recorder& recorder, LocationStack& location) : recorder_(recorder), location_(location) {}

  /// Calls an operator; the arguments on the stack are replaced by the results.
  void call(const c10::OperatorHandle& op, torch::jit::Stack& stack);
  /// The truth of a condition: a bool, or a symbolic one that becomes a guard. `statement` is what
  /// asks ("if").
  bool truth(const c10::IValue& condition, const std::string& statement);
  /// A tensor literal of the program, as the program may change it: a copy of a lifted constant.
  at::Tensor literal(const at::Tensor& value);
  /// A constant the program refers to, e.g. of a frozen module.
  at::Tensor constant(const at::Tensor& value);
  /// A number as a tensor without dimensions.
  at::Tensor number_tensor(const c10::IValue& number);
  /// The value of a tensor when it depends on neither inputs nor weights, else undefined.
  at::Tensor known_value(const at::Tensor& tensor);
  /// The symbolic number in a tensor that holds one.
  std::optional<c10::IValue> symbolic_number(const at::Tensor& tensor);

  /// The whole number in a tensor of one element whose value is not known, as a data-dependent
  /// symbol.
  c10::IValue item(const at::Tensor& tensor);

  LocationStack& location() { return location_; }
  Recorder& recorder() { return recorder_; }
  /// Something the program does that a graph cannot do: throws with the current place.
  [[noreturn]] void break_graph(diag::Diagnostic diagnostic) { recorder_.fail(std::move(diagnostic)); }
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
  std::vector<diag::Diagnostic> reports_;
  std::function<void()> on_mutation_;
};

}  // namespace tx::capture
