#include "shapes/elementwise.h"

#include <algorithm>

namespace tx::shapes {

Sizes broadcast(const Call& c, const Sizes& a, const Sizes& b) {
  size_t rank = std::max(a.size(), b.size());
  Sizes shape(rank);
  for (size_t back = 0; back < rank; ++back) {
    size_t d = rank - 1 - back;
    Expr x = back < a.size() ? a[a.size() - 1 - back] : Expr(1);
    Expr y = back < b.size() ? b[b.size() - 1 - back] : Expr(1);
    if (x == y) {
      shape[d] = x;
    } else if (is_one(c, x)) {
      shape[d] = y;
    } else if (is_one(c, y)) {
      shape[d] = x;
    } else {
      require(c, symbolic::eq(x, y),
              "The size of tensor a (" + x.text() + ") must match the size of tensor b (" +
                  y.text() + ") at non-singleton dimension " + std::to_string(d));
      shape[d] = y.is_constant() ? y : c.env.simplify(x);
    }
  }
  return shape;
}

namespace {

/// The strides of `t` inside `shape`: 0 in broadcast dimensions.
Sizes broadcast_strides(const Call& c, const Sizes& shape, const TensorType& t) {
  Sizes strides(shape.size(), Expr(0));
  size_t offset = shape.size() - t.rank();
  for (size_t d = 0; d < t.rank(); ++d) {
    bool stretched = is_one(c, t.sizes[d]) && !is_one(c, shape[offset + d]);
    if (!stretched) strides[offset + d] = t.strides[d];
  }
  return strides;
}

}  // namespace

Sizes iterator_strides(const Call& c, const Sizes& shape,
                       const std::vector<const TensorType*>& operands, bool with_numbers) {
  bool same_shape = !with_numbers || shape.empty();
  for (auto* t : operands) same_shape = same_shape && same(c, t->sizes, shape);
  if (same_shape) {
    auto all = [&](auto&& holds) { return std::all_of(operands.begin(), operands.end(), holds); };
    if (all([&](auto* t) { return is_contiguous(c, *t); })) return ir::contiguous_strides(shape);
    if (all([&](auto* t) { return is_contiguous(c, *t, MemoryFormat::ChannelsLast); })) {
      return format_strides(c, shape, MemoryFormat::ChannelsLast);
    }
    if (all([&](auto* t) { return is_non_overlapping_and_dense(c, *t); }) &&
        all([&](auto* t) { return same(c, t->strides, operands[0]->strides); })) {
      return operands[0]->strides;
    }
  }
  std::vector<Sizes> strides;
  for (auto* t : operands) strides.push_back(broadcast_strides(c, shape, *t));
  auto order = iteration_order(c, shape, strides);
  bool row_major = true;
  for (size_t i = 0; i < order.size(); ++i)
    row_major = row_major && order[i] == order.size() - 1 - i;
  if (row_major) return ir::contiguous_strides(shape);
  Sizes result(shape.size());
  Expr stride(1);
  for (auto d : order) {
    result[d] = stride;
    stride = stride * shape[d];
  }
  return result;
}

TensorType elementwise(const Call& c, DType dtype, const std::vector<const TensorType*>& operands,
                       bool with_numbers, std::optional<DType> common) {
  Sizes shape;
  for (auto* t : operands) shape = broadcast(c, shape, t->sizes);
  std::vector<TensorType> converted;
  converted.reserve(operands.size());
  std::vector<const TensorType*> iterated = operands;
  for (auto*& t : iterated) {
    if (common && t->dtype != *common) t = &converted.emplace_back(empty_like(c, *t, *common));
  }
  auto strides = iterator_strides(c, shape, iterated, with_numbers);
  return {dtype, std::move(shape), std::move(strides),
          operands.empty() ? ir::Device{} : operands[0]->device};
}

}  // namespace tx::shapes
