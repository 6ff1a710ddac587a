// The `.vec` forms of upsampling, which take an output size or scale factors.
//
// upsample_{nearest,bilinear}2d.vec stay whole: they are Core ATen operators, and their scale factors
// are lost when they are broken down. The others become their plain form, as in LibTorch's kernels,
// which however ask for plain sizes.
#include <ATen/core/dispatch/Dispatcher.h>

#include "capture/dispatch/convert.h"
#include "capture/overrides/families.h"
#include "shapes/scaled_size.h"

namespace tx::capture {
namespace {

bool keep(const c10::OperatorHandle& op, torch::jit::Stack& stack) {
  record_whole(op, stack);
  return true;
}

std::vector<c10::SymInt> scaled_sizes(const at::Tensor& input, const std::vector<double>& factors) {
  std::vector<c10::SymInt> sizes;
  for (size_t i = 0; i < factors.size(); ++i) {
    const c10::SymInt size = input.sym_size(static_cast<int64_t>(i) + 2);
    sizes.push_back(
        to_sym_int(shapes::scaled_size(to_expr(size), symbolic::Expr::real(factors[i]))));
  }
  return sizes;
}

// X.vec(Tensor input, SymInt[]? output_size, [bool align_corners,] float[]? scale_factors) becomes
// X(Tensor self, SymInt[n] output_size, [bool align_corners,] float? scales, ... n times).
bool to_plain_form(const c10::OperatorHandle& op, torch::jit::Stack& stack) {
  const c10::OperatorHandle plain =
      c10::Dispatcher::singleton().findSchemaOrThrow(op.operator_name().name.c_str(), "");
  const size_t count = op.schema().arguments().size();
  const c10::IValue* arguments = &stack[stack.size() - count];
  const at::Tensor input = arguments[0].toTensor();
  const c10::IValue& output_size = arguments[1];
  const c10::IValue& factors = arguments[count - 1];
  const auto dims = static_cast<size_t>(input.dim() > 2 ? input.dim() - 2 : 0);
  // LibTorch's kernel says what is wrong with these.
  if (output_size.isNone() == factors.isNone()) return false;
  if (!factors.isNone() && factors.toDoubleVector().size() != dims) return false;

  torch::jit::Stack call{input};
  if (factors.isNone()) {
    call.push_back(output_size);
  } else {
    call.emplace_back(scaled_sizes(input, factors.toDoubleVector()));
  }
  if (count == 4) call.push_back(arguments[2]);
  for (size_t i = 0; i < dims; ++i) {
    call.push_back(factors.isNone() ? c10::IValue() : c10::IValue(factors.toDoubleVector()[i]));
  }
  plain.callBoxed(call);
  torch::jit::drop(stack, count);
  stack.push_back(std::move(call.back()));
  return true;
}

}  // namespace

void register_upsample(OverrideTable& table) {
  table["aten::upsample_nearest2d.vec"] = keep;
  table["aten::upsample_bilinear2d.vec"] = keep;
  for (const char* name :
       {"upsample_nearest1d", "upsample_nearest3d", "_upsample_nearest_exact1d",
        "_upsample_nearest_exact2d", "_upsample_nearest_exact3d", "upsample_linear1d",
        "upsample_trilinear3d", "upsample_bicubic2d", "_upsample_bilinear2d_aa",
        "_upsample_bicubic2d_aa", "_upsample_lanczos2d_aa"}) {
    table["aten::" + std::string(name) + ".vec"] = to_plain_form;
  }
}

}  // namespace tx::capture
