// ExampleValues: what values of the program recorded so far are with the example inputs, for drafts.
//
// In:  the program's own graph, and the tensors behind its placeholders.
// Out: the value of a node, computed by running what it needs.
// Holds: kernels of the model run; no other part of a capture does that.
#pragma once
#include <ATen/core/ivalue.h>

#include <functional>
#include <optional>
#include <unordered_map>

#include "ir/program.h"

namespace tx::capture {

class ExampleValues {
 public:
  /// The value of the input with this number in Program::inputs.
  using InputValue = std::function<c10::IValue(size_t index)>;

  /// `program` has to live as long, and may grow.
  ExampleValues(const ir::Program& program, InputValue input_value)
      : program_(program), input_value_(std::move(input_value)) {}

  /// Nothing where the value rests on what is unknown after a graph break, or fails to be computed.
  std::optional<c10::IValue> of(ir::NodeId node);

 private:
  std::optional<c10::IValue> compute(ir::NodeId node) const;
  std::optional<c10::IValue> placeholder(ir::NodeId node) const;

  const ir::Program& program_;
  InputValue input_value_;
  std::unordered_map<ir::NodeId, c10::IValue> values_;  ///< of nodes that were asked for
};

}  // namespace tx::capture
