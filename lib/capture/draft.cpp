#include "capture/draft.h"

#include <ATen/ops/all.h>
#include <ATen/ops/eq.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/logical_not.h>

#include <charconv>
#include <iterator>

#include "capture/dispatch/layers.h"
#include "capture/dispatch/traced_tensor.h"

namespace tx::capture {
namespace {

std::string text_of(const c10::Scalar& number) {
  if (number.isBoolean()) return number.toBool() ? "True" : "False";
  if (number.isIntegral(false)) return std::to_string(number.toLong());
  char text[32];
  const auto end = std::to_chars(std::begin(text), std::end(text), number.toDouble()).ptr;
  return {text, end};
}

// "[4, 2]", of long ones the beginning.
std::string list_of(const at::Tensor& tensor) {
  constexpr int64_t kMost = 8;
  const BelowCapture below;
  const at::Tensor flat = tensor.reshape(-1);
  std::string text;
  for (int64_t i = 0; i < std::min(flat.numel(), kMost); ++i) {
    text += (i == 0 ? "" : ", ") + text_of(flat[i].item());
  }
  return "[" + text + (flat.numel() > kMost ? ", ...]" : "]");
}

}  // namespace

Draft::Draft(Tracer& tracer, ExampleValues values) : tracer_(tracer), values_(std::move(values)) {
  tracer_.set_draft(this);
  Recorder& recorder = tracer_.recorder();
  const auto value_of_symbol = [this, &recorder](const symbolic::Expr& symbol) -> std::optional<int64_t> {
    if (recorder.scope().is_inner()) return std::nullopt;
    const auto node = recorder.scope().sizes().find(symbol);
    const auto value = node ? values_.of(*node) : std::nullopt;
    return value && value->isInt() ? std::optional(value->toInt()) : std::nullopt;
  };
  recorder.env().answer_data_with(value_of_symbol, [this](diag::Diagnostic broken, const std::string& answer) {
    replaced(std::move(broken), "that " + answer + ", as with the example inputs");
  });
}

std::optional<at::Tensor> Draft::value_of(const at::Tensor& tensor) {
  if (tracer_.in_sub_graph()) return std::nullopt;
  const at::Tensor inner = from_functional(tensor);
  if (!as_traced(inner)) return inner;
  const auto value = values_.of(tracer_.recorder().node_of(inner).id);
  return value && value->isTensor() ? std::optional(value->toTensor()) : std::nullopt;
}

void Draft::replaced(diag::Diagnostic broken, const std::string& asserted) {
  broken.note("the draft asserts in its place " + asserted);
  replaced_.add(tracer_.location().locate(broken));
}

void Draft::assert_that(const at::Tensor& condition, diag::Diagnostic broken, const std::string& what,
                        const std::string& value) {
  const ir::Frame& place = tracer_.location().place().frame;
  tracer_.assert_at_run_time(condition, "the draft only holds where " + what + " at " + place.file +
                                            ":" + std::to_string(place.line) + " is " + value);
  replaced(std::move(broken), "that " + what + " is " + value + ", as with the example inputs");
}

std::optional<bool> Draft::truth(const at::Tensor& condition, diag::Diagnostic broken) {
  const auto value = value_of(condition);
  if (!value) return std::nullopt;
  bool answer = false;
  {
    const BelowCapture below;
    answer = value->item().toBool();
  }
  assert_that(answer ? condition : at::logical_not(condition), std::move(broken), "the condition",
              answer ? "True" : "False");
  return answer;
}

std::optional<c10::IValue> Draft::number(const at::Tensor& number, diag::Diagnostic broken) {
  const auto value = value_of(number);
  if (!value) return std::nullopt;
  c10::Scalar scalar;
  {
    const BelowCapture below;
    // No assertion holds for what is not equal to itself.
    if (!at::equal(*value, *value)) return std::nullopt;
    scalar = value->item();
  }
  assert_that(at::eq(number, scalar), std::move(broken), "the number", text_of(scalar));
  return c10::IValue(scalar);
}

std::optional<at::Tensor> Draft::elements(const at::Tensor& tensor, diag::Diagnostic broken) {
  const auto value = value_of(tensor);
  if (!value) return std::nullopt;
  {
    const BelowCapture below;
    if (!at::equal(*value, *value)) return std::nullopt;
  }
  assert_that(at::all(at::eq(tensor, tracer_.constant(*value))), std::move(broken),
              "the tensor", list_of(*value));
  return value;
}

}  // namespace tx::capture
