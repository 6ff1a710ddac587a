// Resampling: upsample_*, grid_sampler, affine_grid_generator.
#include <cmath>

#include "shapes/common.h"
#include "shapes/families.h"
#include "shapes/scaled_size.h"

namespace tx::shapes {

using symbolic::ge;
using symbolic::make;
using symbolic::Op;

Expr scaled_size(const Expr& size, const Expr& factor) {
  if (factor.is_constant()) return size * factor;
  if (factor.op() == Op::Real) {
    double value = factor.real_value();
    if (value == std::floor(value)) return size * Expr(static_cast<int64_t>(value));
    if (size.is_constant())
      return Expr(static_cast<int64_t>(std::floor(static_cast<double>(size.value()) * value)));
  }
  return make(Op::Floor, {make(Op::FloatMul, {make(Op::ToFloat, {size}), factor})});
}

namespace {

Sizes output_sizes(const Call& c, const TensorType& input, size_t n) {
  if (auto given = c.optional_integers("output_size")) {
    if (given->size() == 1 && n > 1) given->resize(n, given->at(0));
    if (given->size() == n) return *given;
    model_error(c, "It is expected output_size equals to " + std::to_string(n) + ", but got size " +
                       std::to_string(given->size()));
  }
  auto* factors = c["scale_factors"].get<ir::ListArg>();
  if (!factors || factors->items.size() != n)
    model_error(c, "Must specify exactly one of output_size and scale_factors");
  Sizes sizes;
  for (size_t i = 0; i < n; ++i)
    sizes.push_back(scaled_size(input.sizes[i + 2], c.scalar_of(factors->items[i])));
  return sizes;
}

template <size_t n>
Type upsample(const Call& c) {
  auto& input = c.tensor(0);
  if (input.rank() != n + 2) {
    model_error(c, "It is expected input_size equals to " + std::to_string(n + 2) +
                       ", but got size " + std::to_string(input.rank()));
  }
  if (!input.sizes[1].is_constant()) {
    require(c, symbolic::gt(input.sizes[1], 0),
            "Non-empty data tensor expected but got a tensor with sizes " +
                sizes_text(input.sizes));
  }
  for (size_t d = 2; d < input.rank(); ++d) {
    require(c, ge(input.sizes[d], 1),
            "Input and output sizes should be greater than 0, but got input " +
                sizes_text(input.sizes));
  }
  Sizes sizes(input.sizes.begin(), input.sizes.begin() + 2);
  for (auto& size : output_sizes(c, input, n)) {
    require(c, ge(size, 1),
            "Input and output sizes should be greater than 0, but got input " +
                sizes_text(input.sizes) + " and output size " + size.text());
    sizes.push_back(size);
  }
  return in_format(c, input.dtype, sizes, suggest_memory_format(c, input), input.device);
}

Type grid_sampler(const Call& c) {
  auto& input = c.tensor("input");
  auto& grid = c.tensor("grid");
  if (input.rank() != grid.rank() || input.rank() < 4) {
    model_error(c,
                "grid_sampler(): expected input and grid to have same number of dimensions, but "
                "got input with sizes " +
                    sizes_text(input.sizes) + " and grid with sizes " + sizes_text(grid.sizes));
  }
  std::string message =
      "grid_sampler(): expected grid and input to have same batch size, but got input with sizes " +
      sizes_text(input.sizes) + " and grid with sizes " + sizes_text(grid.sizes);
  require(c, symbolic::eq(input.sizes[0], grid.sizes[0]), message);
  require(c, symbolic::eq(grid.sizes.back(), static_cast<int64_t>(input.rank() - 2)),
          "grid_sampler(): expected grid to have size " + std::to_string(input.rank() - 2) +
              " in last dimension, but got grid with sizes " + sizes_text(grid.sizes));
  for (size_t d = 2; d < input.rank(); ++d) {
    require(c, ge(input.sizes[d], 1),
            "grid_sampler(): expected input to have non-empty spatial dimensions, but input has "
            "sizes " +
                sizes_text(input.sizes) + " with dimension " + std::to_string(d) + " being empty");
  }
  Sizes sizes(input.sizes.begin(), input.sizes.begin() + 2);
  sizes.insert(sizes.end(), grid.sizes.begin() + 1, grid.sizes.end() - 1);
  return contiguous(input.dtype, sizes, input.device);
}

/// affine_grid_generator(theta, [N, C, (D,) H, W]): [N, (D,) H, W, 2 or 3].
Type affine_grid(const Call& c) {
  auto& theta = c.tensor("theta");
  auto size = c.integers("size");
  if (size.size() != 4 && size.size() != 5)
    model_error(c, "AffineGridGenerator needs 4d (spatial) or 5d (volumetric) inputs.");
  const Sizes wanted{size[0], static_cast<int64_t>(size.size() - 2),
                     static_cast<int64_t>(size.size() - 1)};
  for (size_t d = 0; d < 3; ++d) {
    const std::string message = "Expected a batch of 2D affine matrices of shape Nx" +
                                wanted[1].text() + "x" + wanted[2].text() + " for size " +
                                sizes_text(size) + ". Got " + sizes_text(theta.sizes) + ".";
    if (theta.rank() != 3) model_error(c, message);
    require(c, symbolic::eq(theta.sizes[d], wanted[d]), message);
  }
  Sizes sizes{size[0]};
  sizes.insert(sizes.end(), size.begin() + 2, size.end());
  sizes.push_back(static_cast<int64_t>(size.size() - 2));
  return contiguous(theta.dtype, sizes, theta.device);
}

}  // namespace

void register_upsampling(Table& table) {
  add(table,
      {"upsample_nearest1d", "upsample_nearest1d.vec", "_upsample_nearest_exact1d",
       "_upsample_nearest_exact1d.vec", "upsample_linear1d", "upsample_linear1d.vec"},
      upsample<1>);
  add(table,
      {"upsample_nearest2d", "upsample_nearest2d.vec", "_upsample_nearest_exact2d",
       "_upsample_nearest_exact2d.vec", "upsample_bilinear2d", "upsample_bilinear2d.vec",
       "upsample_bicubic2d", "upsample_bicubic2d.vec", "_upsample_bilinear2d_aa",
       "_upsample_bilinear2d_aa.vec", "_upsample_bicubic2d_aa", "_upsample_bicubic2d_aa.vec",
       "_upsample_lanczos2d_aa", "_upsample_lanczos2d_aa.vec"},
      upsample<2>);
  add(table,
      {"upsample_nearest3d", "upsample_nearest3d.vec", "_upsample_nearest_exact3d",
       "_upsample_nearest_exact3d.vec", "upsample_trilinear3d", "upsample_trilinear3d.vec"},
      upsample<3>);
  add(table, {"grid_sampler_2d", "grid_sampler_3d", "_grid_sampler_2d_cpu_fallback"}, grid_sampler);
  add(table, {"affine_grid_generator"}, affine_grid);
}

}  // namespace tx::shapes
