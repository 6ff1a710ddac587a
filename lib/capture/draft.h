// Draft: what stands for graph breaks with --draft.
//
// In:  a decision, a number or an exception that depends on data.
// Out: what it is with the example inputs, and an assertion in the program that it is so in every run.
// Holds: each break that was replaced is kept as a diagnostic. Where the value with the example
//        inputs is not known, nothing is replaced and the break stays one.
#pragma once
#include <optional>

#include "capture/breaks.h"
#include "capture/example_values.h"
#include "capture/tracer.h"

namespace tx::capture {

class Draft {
 public:
  /// From now on `tracer` and its ShapeEnv replace what they can. Both have to live as long.
  Draft(Tracer& tracer, ExampleValues values);

  /// The truth of a bool tensor without dimensions.
  std::optional<bool> truth(const at::Tensor& condition, diag::Diagnostic broken);
  /// The number in a tensor without dimensions.
  std::optional<c10::IValue> number(const at::Tensor& number, diag::Diagnostic broken);
  /// All elements of a tensor.
  std::optional<at::Tensor> elements(const at::Tensor& tensor, diag::Diagnostic broken);
  /// The program asserts something in the place of the break: "that it is not raised".
  void replaced(diag::Diagnostic broken, const std::string& asserted);

  const Breaks& breaks() const { return replaced_; }

 private:
  std::optional<at::Tensor> value_of(const at::Tensor& tensor);
  /// `what` is "the condition", "... is" the text of its value.
  void assert_that(const at::Tensor& condition, diag::Diagnostic broken, const std::string& what,
                   const std::string& value);

  Tracer& tracer_;
  ExampleValues values_;
  Breaks replaced_;
};

}  // namespace tx::capture
