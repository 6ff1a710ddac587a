// Pooling over the last one, two or three dimensions.
#include "shapes/common.h"
#include "shapes/families.h"

namespace tx::shapes {

using symbolic::floor_div;
using symbolic::ge;

namespace {

/// The layout of the result, which follows that of a batched input; most kernels for volumes answer
/// contiguously.
TensorType pooled(const Call& c, const TensorType& input, DType dtype, Sizes sizes, size_t n) {
  bool follows = input.rank() == n + 2 && (n < 3 || c.op == "aten.max_pool3d_with_indices.default");
  auto format = follows ? suggest_memory_format(c, input) : MemoryFormat::Contiguous;
  return in_format(c, dtype, std::move(sizes), format, input.device);
}

void require_rank(const Call& c, const TensorType& input, size_t n) {
  if (input.rank() != n + 1 && input.rank() != n + 2) {
    model_error(
        c, "non-empty " + std::to_string(n + 1) + "D or " + std::to_string(n + 2) +
               "D (batch mode) tensor expected for input, but got: " + sizes_text(input.sizes));
  }
}

/// How many windows fit. With ceil_mode a last, partial window counts if it starts inside.
Expr windows(const Call& c, const Expr& size, const Expr& kernel, const Expr& stride,
             const Expr& padding, const Expr& dilation, bool ceil_mode) {
  Expr span = size + padding * Expr(2) - dilation * (kernel - 1) - 1;
  Expr count = floor_div(ceil_mode ? span + stride - 1 : span, stride) + 1;
  if (ceil_mode) {
    // The last window must not start in the padding on the right.
    Expr starts = (count - 1) * stride;
    if (c.env.evaluate(ge(starts, size + padding))) count = count - 1;
  }
  return count;
}

struct Window {
  Sizes kernel, stride, padding, dilation;
  bool ceil_mode;
};

Window window_of(const Call& c, size_t n) {
  Window w{spatial(c, "kernel_size", n), spatial(c, "stride", n), spatial(c, "padding", n),
           Sizes(n, Expr(1)), c.boolean("ceil_mode")};
  if (w.stride.empty()) w.stride = w.kernel;
  if (c.has("dilation")) w.dilation = spatial(c, "dilation", n);
  for (size_t i = 0; i < n; ++i) {
    require(
        c, ge(w.kernel[i], w.padding[i] * Expr(2)),
        "pad should be at most half of effective kernel size, but got pad=" + w.padding[i].text() +
            ", kernel_size=" + w.kernel[i].text() + " and dilation=" + w.dilation[i].text());
  }
  return w;
}

Sizes pooled_sizes(const Call& c, const TensorType& input, size_t n) {
  require_rank(c, input, n);
  auto w = window_of(c, n);
  Sizes sizes = input.sizes;
  for (size_t d = input.rank() - n - 1; d < input.rank(); ++d) {
    if (sizes[d].is_constant()) continue;  // some kernels take channels of size 0
    require(c, symbolic::gt(sizes[d], 0),
            "Expected 3D or 4D (batch mode) tensor with optional 0 dim batch size for input, but "
            "got: " + sizes_text(sizes));
  }
  for (size_t i = 0; i < n; ++i) {
    auto& size = sizes[sizes.size() - n + i];
    size = windows(c, size, w.kernel[i], w.stride[i], w.padding[i], w.dilation[i], w.ceil_mode);
    require(
        c, ge(size, 1),
        "Given input size: " + product_text(Sizes(input.sizes.end() - n - 1, input.sizes.end())) +
            ". Calculated output size: " + product_text(Sizes(sizes.end() - n - 1, sizes.end())) +
            ". Output size is too small");
  }
  return sizes;
}

template <size_t n>
Type avg_pool(const Call& c) {
  auto& self = c.tensor("self");
  return pooled(c, self, self.dtype, pooled_sizes(c, self, n), n);
}

template <size_t n>
Type max_pool(const Call& c) {
  auto& self = c.tensor("self");
  auto sizes = pooled_sizes(c, self, n);
  return results({pooled(c, self, self.dtype, sizes, n), pooled(c, self, DType::I64, sizes, n)});
}

template <size_t n>
Sizes adaptive_sizes(const Call& c, const TensorType& self) {
  require_rank(c, self, n);
  auto output = spatial(c, "output_size", n);
  if (output.size() != n)
    model_error(c, "adaptive pooling: output_size must be " + std::to_string(n));
  Sizes sizes = self.sizes;
  for (size_t i = 0; i < n; ++i) sizes[sizes.size() - n + i] = output[i];
  return sizes;
}

template <size_t n>
Type adaptive_avg_pool(const Call& c) {
  auto& self = c.tensor("self");
  return pooled(c, self, self.dtype, adaptive_sizes<n>(c, self), n);
}

template <size_t n>
Type adaptive_max_pool(const Call& c) {
  auto& self = c.tensor("self");
  auto sizes = adaptive_sizes<n>(c, self);
  return results({pooled(c, self, self.dtype, sizes, n), pooled(c, self, DType::I64, sizes, n)});
}

template <size_t n>
Type fractional_max_pool(const Call& c) {
  auto& self = c.tensor("self");
  auto sizes = adaptive_sizes<n>(c, self);
  return results(
      {contiguous(self.dtype, sizes, self.device), contiguous(DType::I64, sizes, self.device)});
}

template <size_t n>
Type max_unpool(const Call& c) {
  auto& self = c.tensor("self");
  auto& indices = c.tensor("indices");
  for (size_t d = 0; d < self.rank(); ++d) {
    if (indices.rank() != self.rank()) break;
    require(c, symbolic::eq(self.sizes[d], indices.sizes[d]),
            "Expected shape of indices to be same as that of the input tensor (" +
                sizes_text(self.sizes) + ") but got indices tensor with shape: " +
                sizes_text(indices.sizes));
    if (d == 0) continue;  // the batch, or the channels where there is none
    require(c, symbolic::gt(self.sizes[d], 0),
            "Expected input to have non-zero size for non-batch dimensions, but got " +
                sizes_text(self.sizes) + " with dimension " + std::to_string(d) + " being empty.");
  }
  auto sizes = adaptive_sizes<n>(c, self);
  return pooled(c, self, self.dtype, sizes, n);
}

}  // namespace

void register_pooling(Table& table) {
  add(table, {"avg_pool1d"}, avg_pool<1>);
  add(table, {"avg_pool2d"}, avg_pool<2>);
  add(table, {"avg_pool3d"}, avg_pool<3>);
  add(table, {"max_pool2d_with_indices"}, max_pool<2>);
  add(table, {"max_pool3d_with_indices"}, max_pool<3>);
  add(table, {"adaptive_avg_pool1d"}, adaptive_avg_pool<1>);
  add(table, {"_adaptive_avg_pool2d"}, adaptive_avg_pool<2>);
  add(table, {"_adaptive_avg_pool3d"}, adaptive_avg_pool<3>);
  add(table, {"adaptive_max_pool2d"}, adaptive_max_pool<2>);
  add(table, {"adaptive_max_pool3d"}, adaptive_max_pool<3>);
  add(table, {"fractional_max_pool2d"}, fractional_max_pool<2>);
  add(table, {"fractional_max_pool3d"}, fractional_max_pool<3>);
  add(table, {"max_unpool2d"}, max_unpool<2>);
  add(table, {"max_unpool3d"}, max_unpool<3>);
}

}  // namespace tx::shapes
