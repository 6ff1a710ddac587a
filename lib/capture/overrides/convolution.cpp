// _convolution: what traced archives call. The arguments that choose a backend say nothing about the
// result.
#include <ATen/core/dispatch/Dispatcher.h>

#include "capture/overrides/families.h"

namespace tx::capture {
namespace {

// _convolution(Tensor input, Tensor weight, Tensor? bias, SymInt[] stride, SymInt[] padding,
//              SymInt[] dilation, bool transposed, SymInt[] output_padding, SymInt groups,
//              bool benchmark, bool deterministic, bool cudnn_enabled, bool allow_tf32) -> Tensor
bool convolution(const c10::OperatorHandle&, torch::jit::Stack& stack) {
  static const c10::OperatorHandle plain =
      c10::Dispatcher::singleton().findSchemaOrThrow("aten::convolution", "");
  torch::jit::drop(stack, 4);
  plain.callBoxed(stack);
  return true;
}

}  // namespace

void register_convolution(OverrideTable& table) { table["aten::_convolution"] = convolution; }

}  // namespace tx::capture
