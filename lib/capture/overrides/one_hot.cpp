// one_hot with a number of classes: a comparison, where LibTorch's kernel looks at the values first.
#include <ATen/ops/arange.h>
#include <ATen/ops/eq.h>
#include <ATen/ops/unsqueeze.h>

#include "capture/overrides/families.h"

namespace tx::capture {
namespace {

// one_hot(Tensor self, int num_classes=-1) -> Tensor
bool one_hot(const c10::OperatorHandle&, torch::jit::Stack& stack) {
  const int64_t classes = stack.back().toInt();
  const at::Tensor self = stack[stack.size() - 2].toTensor();
  if (classes < 0) return false;  // the number depends on the values: LibTorch's kernel asks for them
  torch::jit::drop(stack, 2);
  const at::Tensor range = at::arange(classes, self.options());
  stack.emplace_back(at::eq(at::unsqueeze(self, -1), range).to(c10::kLong));
  return true;
}

}  // namespace

void register_one_hot(OverrideTable& table) { table["aten::one_hot"] = one_hot; }

}  // namespace tx::capture
