// UserInputs: the example inputs on the program's side.
//
// In:  inputs bound to the model's schema.
// Out: arguments for the method in which every tensor is a functional tensor; after the run, which
//      inputs the program changed.
#pragma once
#include <vector>

#include "capture/tracer.h"
#include "inputs/bind.h"

namespace tx::capture {

/// A user input that the program writes to, and its value after the run.
struct InputMutation {
  size_t index;        ///< among the user inputs
  ir::NodeId node;     ///< its placeholder
  at::Tensor value;    ///< functional
};

class UserInputs {
 public:
  /// `schema` is that of the method the inputs are bound to, with `self`.
  /// `dims` are the dynamic dimensions; origin.input of each is the number of a leaf.
  UserInputs(const inputs::BoundInputs& bound, const c10::FunctionSchema& schema,
             const std::vector<symbolic::DimRequest>& dims, Tracer& tracer);

  /// Placeholder of each leaf, ir::kNone for those that are no tensors.
  std::vector<ir::NodeId> nodes() const;

  /// All arguments of the method, without `self`.
  const std::vector<c10::IValue>& arguments() const { return arguments_; }
  /// To be called after operations that may write: notes the place of each input's first mutation.
  void observe_mutations();
  /// Mutated inputs in order. Without `allow` any mutation breaks the graph (TX1004); with it,
  /// changed containers, which no program can hand back to its caller, are reported.
  std::vector<InputMutation> mutations(bool allow);

 private:
  struct Leaf {
    ir::NodeId node;
    at::Tensor traced;  ///< functional; undefined for a leaf that is no tensor
    std::string path;
    std::optional<diag::Diagnostic> mutated_at;  ///< where the first mutation was seen
  };

  Tracer& tracer_;
  std::vector<Leaf> leaves_;
  std::vector<c10::IValue> arguments_;
  std::vector<size_t> given_;            ///< indices into arguments_
  std::vector<size_t> leaves_per_given_;
};

}  // namespace tx::capture
