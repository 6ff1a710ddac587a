// dropout: a copy in evaluation, native_dropout in training.
#include <ATen/ops/clone.h>
#include <ATen/ops/native_dropout.h>

#include "capture/overrides/families.h"

namespace tx::capture {
namespace {

// dropout(Tensor input, float p, bool train) -> Tensor
bool dropout(const c10::OperatorHandle&, torch::jit::Stack& stack) {
  const bool train = stack.back().toBool();
  const double p = stack[stack.size() - 2].toDouble();
  const at::Tensor input = stack[stack.size() - 3].toTensor();
  torch::jit::drop(stack, 3);
  stack.emplace_back(train && p != 0 ? std::get<0>(at::native_dropout(input, p, train))
                                     : at::clone(input));
  return true;
}

}  // namespace

void register_dropout(OverrideTable& table) { table["aten::dropout"] = dropout; }

}  // namespace tx::capture
