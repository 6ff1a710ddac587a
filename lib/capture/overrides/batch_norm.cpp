// batch_norm: the native_batch_norm_legit family, which says in its name whether running statistics
// are used and updated.
#include <ATen/ops/_native_batch_norm_legit.h>
#include <ATen/ops/_native_batch_norm_legit_no_training.h>

#include "capture/overrides/families.h"

namespace tx::capture {
namespace {

std::optional<at::Tensor> optional_tensor(const c10::IValue& value) {
  if (value.isNone() || !value.toTensor().defined()) return std::nullopt;
  return value.toTensor();
}

// batch_norm(Tensor input, Tensor? weight, Tensor? bias, Tensor? running_mean, Tensor? running_var,
//            bool training, float momentum, float eps, bool cudnn_enabled) -> Tensor
bool batch_norm(const c10::OperatorHandle&, torch::jit::Stack& stack) {
  const size_t first = stack.size() - 9;
  const at::Tensor input = stack[first].toTensor();
  const auto weight = optional_tensor(stack[first + 1]);
  const auto bias = optional_tensor(stack[first + 2]);
  const auto mean = optional_tensor(stack[first + 3]);
  const auto var = optional_tensor(stack[first + 4]);
  const bool training = stack[first + 5].toBool();
  const double momentum = stack[first + 6].toDouble();
  const double eps = stack[first + 7].toDouble();
  if (!training && !(mean && var)) return false;  // LibTorch's kernel has the error message
  // LibTorch's kernel has a path of its own for a tensor without elements, which others refuse.
  if (input.sym_numel() == 0) return false;
  torch::jit::drop(stack, 9);
  if (!training) {
    stack.emplace_back(std::get<0>(at::_native_batch_norm_legit_no_training(
        input, weight, bias, *mean, *var, momentum, eps)));
  } else if (mean && var) {
    at::Tensor running_mean = *mean;
    at::Tensor running_var = *var;
    stack.emplace_back(std::get<0>(at::_native_batch_norm_legit(
        input, weight, bias, running_mean, running_var, training, momentum, eps)));
  } else {
    stack.emplace_back(std::get<0>(
        at::_native_batch_norm_legit(input, weight, bias, training, momentum, eps)));
  }
  return true;
}

}  // namespace

void register_batch_norm(OverrideTable& table) { table["aten::batch_norm"] = batch_norm; }

}  // namespace tx::capture
