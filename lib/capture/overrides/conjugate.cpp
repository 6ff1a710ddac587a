// conj and neg views: computed at once. LibTorch marks such tensors and resolves them later, which a
// traced tensor cannot show, so the calls that resolve them would be lost.
#include <ATen/ops/_conj_physical.h>
#include <ATen/ops/neg.h>

#include "capture/overrides/families.h"

namespace tx::capture {
namespace {

bool conj(const c10::OperatorHandle&, torch::jit::Stack& stack) {
  stack.back() = at::_conj_physical(stack.back().toTensor());
  return true;
}

bool neg_view(const c10::OperatorHandle&, torch::jit::Stack& stack) {
  stack.back() = at::neg(stack.back().toTensor());
  return true;
}

}  // namespace

void register_conjugate(OverrideTable& table) {
  table["aten::_conj"] = conj;
  table["aten::_neg_view"] = neg_view;
}

}  // namespace tx::capture
