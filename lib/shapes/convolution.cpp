// Convolution, transposed or not, with groups and dilation.
#include "shapes/common.h"
#include "shapes/families.h"

namespace tx::shapes {

using symbolic::eq;
using symbolic::floor_div;
using symbolic::ge;

namespace {

struct Parameters {
  Sizes stride, padding, dilation, output_padding;
  bool transposed;
  Expr groups;
};

Expr output_size(const Call& c, const TensorType& input, const TensorType& weight,
                 const Parameters& p, size_t i, bool batched) {
  size_t d = i + (batched ? 2 : 1);
  const Expr& size = input.sizes[d];
  Expr reach = p.dilation[i] * (weight.sizes[i + 2] - 1);
  if (p.transposed) {
    return (size - 1) * p.stride[i] - p.padding[i] * Expr(2) + reach + p.output_padding[i] + 1;
  }
  Expr padded = size + p.padding[i] * Expr(2);
  std::string kernel, sizes;
  for (size_t k = 0; k < p.stride.size(); ++k) {
    std::string separator = k ? " x " : "";
    sizes += separator + (input.sizes[k + (batched ? 2 : 1)] + p.padding[k] * Expr(2)).text();
    kernel += separator + (p.dilation[k] * (weight.sizes[k + 2] - 1) + 1).text();
  }
  require(c, ge(padded, reach + 1),
          "Calculated padded input size per channel: (" + sizes + "). Kernel size: (" + kernel +
              "). Kernel size can't be greater than actual input size");
  return floor_div(padded - reach - 1, p.stride[i]) + 1;
}

/// Whether LibTorch gives the convolution to oneDNN rather than to its own, older kernels. Where
/// sizes leave it open it counts as given.
bool uses_onednn(const Call& c, const TensorType& input, const TensorType& weight,
                 const Parameters& p) {
  if (input.dtype == DType::BF16 || input.dtype == DType::F16) return true;
  if (input.dtype != DType::F32) return false;
  size_t n = weight.rank();
  if (p.groups != Expr(1)) return true;
  auto large = [&](size_t d) { return c.env.guard_or_true(symbolic::gt(weight.sizes[d], 3)); };
  if (large(n - 1) && large(n - 2)) return true;
  if (c.env.guard_or_true(symbolic::gt(input.sizes[0], 1))) return true;
  Expr leading = input.sizes[0] * input.sizes[1] * input.sizes[2] * input.sizes[3];
  return c.env.guard_or_true(symbolic::gt(leading, 20480));
}

/// oneDNN, and the native kernels for images, answer in channels last when one operand suggests it.
MemoryFormat output_format(const Call& c, const TensorType& input, const TensorType& weight,
                           const Parameters& p) {
  if (weight.rank() == 5 && !uses_onednn(c, input, weight, p)) return MemoryFormat::Contiguous;
  auto from_input = suggest_memory_format(c, input);
  return from_input != MemoryFormat::Contiguous ? from_input : suggest_memory_format(c, weight);
}

Type convolution(const Call& c) {
  auto& input = c.tensor("input");
  auto& weight = c.tensor("weight");
  size_t spatial_rank = weight.rank() - 2;
  if (weight.rank() < 3) model_error(c, "weight should have at least three dimensions");
  bool batched = input.rank() == weight.rank();
  if (!batched && input.rank() + 1 != weight.rank()) {
    model_error(c, "Expected " + std::to_string(spatial_rank + 1) + "D (unbatched) or " +
                       std::to_string(spatial_rank + 2) + "D (batched) input to conv" +
                       std::to_string(spatial_rank) +
                       "d, but got input of size: " + sizes_text(input.sizes));
  }
  Parameters p{spatial(c, "stride", spatial_rank),
               spatial(c, "padding", spatial_rank),
               spatial(c, "dilation", spatial_rank),
               spatial(c, "output_padding", spatial_rank),
               c.boolean("transposed"),
               c.integer("groups")};
  const Expr& channels = input.sizes[batched ? 1 : 0];
  std::string start = "Given groups=" + p.groups.text();
  if (p.transposed) {
    require(c, eq(channels, weight.sizes[0]),
            "Given transposed=1, weight of size " + sizes_text(weight.sizes) + ", expected input" +
                sizes_text(input.sizes) + " to have " + weight.sizes[0].text() +
                " channels, but got " + channels.text() + " channels instead");
  } else {
    require(c, eq(channels, weight.sizes[1] * p.groups),
            start + ", weight of size " + sizes_text(weight.sizes) + ", expected input" +
                sizes_text(input.sizes) + " to have " + (weight.sizes[1] * p.groups).text() +
                " channels, but got " + channels.text() + " channels instead");
  }
  if (auto* bias = c.optional_tensor("bias")) {
    Expr wanted = p.transposed ? weight.sizes[1] * p.groups : weight.sizes[0];
    require(c, eq(bias->sizes.at(0), wanted),
            start + ", weight of size " + sizes_text(weight.sizes) +
                ", expected bias to be 1-dimensional with " + wanted.text() +
                " elements, but got bias of size " + sizes_text(bias->sizes) + " instead");
  }
  if (input.dtype != weight.dtype) {
    model_error(c, "Input type (" + std::string(ir::torch_name(input.dtype)) +
                       ") and weight type (" + std::string(ir::torch_name(weight.dtype)) +
                       ") should be the same");
  }
  // LibTorch takes an empty batch, and other empty operands in some kernels only.
  for (size_t d = batched ? 1 : 0; d < input.rank(); ++d) {
    if (input.sizes[d].is_constant()) continue;
    require(c, symbolic::gt(input.sizes[d], 0),
            "Only zero batch or zero channel inputs are supported, but got input shape: " +
                sizes_text(input.sizes));
  }
  if (!weight.sizes[0].is_constant()) {
    require(c, symbolic::gt(weight.sizes[0], 0),
            start + ", expected weight to be at least 1 at dimension 0, but got weight of size " +
                sizes_text(weight.sizes) + " instead");
  }
  Sizes sizes;
  if (batched) sizes.push_back(input.sizes[0]);
  sizes.push_back(p.transposed ? weight.sizes[1] * p.groups : weight.sizes[0]);
  for (size_t i = 0; i < spatial_rank; ++i)
    sizes.push_back(output_size(c, input, weight, p, i, batched));
  for (size_t d = batched ? 2 : 1; d < sizes.size(); ++d) {
    require(
        c, ge(sizes[d], 0),
        "Calculated output size per channel: " + sizes_text(sizes) + ". Output size is too small");
  }
  return in_format(c, input.dtype, sizes,
                   batched ? output_format(c, input, weight, p) : MemoryFormat::Contiguous,
                   input.device);
}

}  // namespace

void register_convolution(Table& table) {
  add(table, {"convolution", "convolution_overrideable", "_convolution"}, convolution);
}

}  // namespace tx::shapes
