// Reading by index: index.Tensor, index_select, gather, embedding, take, searchsorted.
#include <algorithm>

#include "shapes/data_dependent.h"
#include "shapes/elementwise.h"
#include "shapes/families.h"

namespace tx::shapes {

using symbolic::eq;

namespace {

bool is_mask(const TensorType& t) { return t.dtype == DType::Bool || t.dtype == DType::U8; }

/// A mask over several dimensions stands for one index into each of them: where it is true.
std::vector<std::optional<TensorType>> without_masks(const Call& c,
                                                     const std::vector<const TensorType*>& indices,
                                                     const TensorType& self) {
  std::vector<std::optional<TensorType>> result;
  for (auto* index : indices) {
    if (!index || !is_mask(*index)) {
      result.push_back(index ? std::optional(*index) : std::nullopt);
      continue;
    }
    for (size_t d = 0; d < index->rank() && result.size() + d < self.rank(); ++d) {
      require(c, eq(index->sizes[d], self.sizes[result.size() + d]),
              "The shape of the mask " + sizes_text(index->sizes) + " at index " +
                  std::to_string(d) + " does not match the shape of the indexed tensor " +
                  sizes_text(self.sizes) + " at index " + std::to_string(result.size() + d));
    }
    const Expr count = data_dependent_count(c, index->sizes);
    for (size_t d = 0; d < index->rank(); ++d) {
      result.push_back(TensorType{DType::I64, {count}, {Expr(1)}, index->device});
    }
  }
  return result;
}

Sizes index_shape(const Call& c, const std::vector<const TensorType*>& indices) {
  Sizes shape;
  for (auto* index : indices) {
    if (!index) continue;
    shape = broadcast(c, shape, index->sizes);
  }
  return shape;
}

/// index(self, indices): broadcast indices take the place of the indexed dimensions when those are
/// next to each other, and come first otherwise.
Type index(const Call& c) {
  TensorType self = c.tensor("self");
  const auto expanded = without_masks(c, c.tensors("indices"), self);
  std::vector<const TensorType*> indices;
  for (auto& index : expanded) indices.push_back(index ? &*index : nullptr);
  if (indices.size() > self.rank()) {
    model_error(c, "too many indices for tensor of dimension " + std::to_string(self.rank()) +
                       " (got " + std::to_string(indices.size()) + ")");
  }
  Sizes common = index_shape(c, indices);
  indices.resize(self.rank(), nullptr);
  size_t first = self.rank(), last = 0, count = 0;
  for (size_t d = 0; d < self.rank(); ++d) {
    if (!indices[d]) continue;
    first = std::min(first, d);
    last = d;
    ++count;
  }
  if (count == 0) return contiguous(self.dtype, self.sizes, self.device);
  bool adjacent = last - first + 1 == count;
  if (!adjacent) {
    // torch moves the indexed dimensions to the front.
    TensorType moved{self.dtype, {}, {}, self.device};
    std::vector<const TensorType*> order;
    for (bool indexed : {true, false}) {
      for (size_t d = 0; d < self.rank(); ++d) {
        if ((indices[d] != nullptr) != indexed) continue;
        moved.sizes.push_back(self.sizes[d]);
        moved.strides.push_back(self.strides[d]);
        order.push_back(indices[d]);
      }
    }
    self = moved;
    indices = order;
    first = 0;
  }
  // The iterator sees self restrided, with stride 0 in the indexed dimensions, and each index
  // reshaped with 1s around it.
  TensorType source{self.dtype, {}, {}, self.device};
  size_t before = first, after = self.rank() - first - count;
  for (size_t d = 0; d < before; ++d) {
    source.sizes.push_back(self.sizes[d]);
    source.strides.push_back(self.strides[d]);
  }
  for (auto& size : common) {
    source.sizes.push_back(size);
    source.strides.push_back(0);
  }
  for (size_t d = before + count; d < self.rank(); ++d) {
    source.sizes.push_back(self.sizes[d]);
    source.strides.push_back(self.strides[d]);
  }
  std::vector<TensorType> reshaped;
  for (auto* index : indices) {
    if (!index) continue;
    TensorType view = *index;
    // Missing leading dimensions were added by expanding.
    size_t missing = common.size() - view.rank();
    for (size_t d = 0; d < common.size(); ++d) {
      if (d < missing) {
        view.sizes.insert(view.sizes.begin(), common[missing - 1 - d]);
        view.strides.insert(view.strides.begin(), Expr(0));
      }
    }
    for (size_t d = 0; d < common.size(); ++d) {
      if (is_one(c, view.sizes[d]) && !is_one(c, common[d])) view.strides[d] = 0;
      view.sizes[d] = common[d];
    }
    for (size_t d = 0; d < before; ++d) {
      view.sizes.insert(view.sizes.begin(), Expr(1));
      view.strides.insert(view.strides.begin(),
                          view.rank() > 1 ? view.sizes[1] * view.strides[0] : Expr(1));
    }
    for (size_t d = 0; d < after; ++d) {
      view.sizes.push_back(1);
      view.strides.push_back(1);
    }
    reshaped.push_back(std::move(view));
  }
  std::vector<const TensorType*> operands{&source};
  for (auto& view : reshaped) operands.push_back(&view);
  Sizes shape = source.sizes;
  return TensorType{self.dtype, shape, iterator_strides(c, shape, operands), self.device};
}

/// _unsafe_masked_index: what is read, with the mask broadcast to it.
Type masked_index(const Call& c) {
  Type read = index(c);
  const TensorType& values = *read.tensor();
  Sizes sizes = broadcast(c, values.sizes, c.tensor("mask").sizes);
  return same(c, sizes, values.sizes) ? read : contiguous(values.dtype, sizes, values.device);
}

Type index_select(const Call& c) {
  TensorType self = c.tensor("self");
  auto& index = c.tensor("index");
  auto dim = dim_argument(c, "dim", self.rank());
  if (index.rank() > 1) model_error(c, "index_select(): Index is supposed to be a vector");
  if (self.rank() == 0) return self;
  self.sizes[dim] = index.rank() ? index.sizes[0] : Expr(1);
  return contiguous(self.dtype, self.sizes, self.device);
}

Type gather(const Call& c) {
  auto& self = c.tensor("self");
  auto& index = c.tensor("index");
  auto dim = dim_argument(c, "dim", self.rank());
  if (std::max<size_t>(self.rank(), 1) != std::max<size_t>(index.rank(), 1) &&
      !is_empty(c, index.sizes)) {
    model_error(c, "Index tensor must have the same number of dimensions as input tensor");
  }
  for (size_t d = 0; d < self.rank() && d < index.rank(); ++d) {
    if (static_cast<int64_t>(d) == dim || is_empty(c, index.sizes)) continue;
    require(c, symbolic::le(index.sizes[d], self.sizes[d]),
            "Size does not match at dimension " + std::to_string(d) + " expected index " +
                sizes_text(index.sizes) + " to be no larger than self " + sizes_text(self.sizes) +
                " apart from dimension " + std::to_string(dim));
  }
  return contiguous(self.dtype, index.sizes, self.device);
}

Type embedding(const Call& c) {
  auto& weight = c.tensor("weight");
  auto& indices = c.tensor("indices");
  if (weight.rank() != 2) model_error(c, "'weight' must be 2-D");
  Sizes sizes = indices.sizes;
  sizes.push_back(weight.sizes[1]);
  return contiguous(weight.dtype, sizes, weight.device);
}

/// _embedding_bag: result, offset2bag, bag_size, max_indices; what the last three are depends on
/// the mode (0 sum, 1 mean, 2 max) and on whether the fast kernel for sums applies.
Type embedding_bag(const Call& c) {
  auto& weight = c.tensor("weight");
  auto& indices = c.tensor("indices");
  auto& offsets = c.tensor("offsets");
  if (weight.rank() != 2 || indices.rank() != 1 || offsets.rank() != 1) {
    model_error(c, "input has to be a 1D Tensor, but got Tensor of dimension " +
                       std::to_string(indices.rank()));
  }
  auto mode = c.static_integer("mode");
  Expr bags = offsets.sizes[0] - Expr(c.boolean("include_last_offset") ? 1 : 0);
  DType index_dtype = indices.dtype == offsets.dtype ? indices.dtype : DType::I64;
  auto* samples = c.optional_tensor("per_sample_weights");
  bool fast =
      is_one(c, weight.strides[1]) && c.static_integer("padding_idx") < 0 &&
      (weight.dtype == DType::F32 || weight.dtype == DType::F16 || weight.dtype == DType::BF16) &&
      (!samples || is_one(c, samples->strides.at(0)));
  bool forward_only = c.op == "aten._embedding_bag_forward_only.default";
  Expr counted = mode == 0 && forward_only ? offsets.sizes[0] : bags;
  auto vector = [&](Expr size) { return contiguous(index_dtype, {size}, weight.device); };
  auto max_indices =
      mode == 2 ? contiguous(index_dtype, {bags, weight.sizes[1]}, weight.device) : vector(counted);
  return results({contiguous(weight.dtype, {bags, weight.sizes[1]}, weight.device),
                  vector(mode == 0 && fast ? Expr(0) : indices.sizes[0]), vector(counted),
                  max_indices});
}

Type take(const Call& c) {
  auto& self = c.tensor("self");
  return contiguous(self.dtype, c.tensor("index").sizes, self.device);
}

Type searchsorted(const Call& c) {
  DType dtype = c.boolean("out_int32") ? DType::I32 : DType::I64;
  auto* values = c.optional_tensor("self");
  return contiguous(dtype, values ? values->sizes : Sizes{});
}

Type isin(const Call& c) {
  auto* elements = c.optional_tensor(0);
  return contiguous(DType::Bool, elements ? elements->sizes : Sizes{});
}

Type nonzero_static(const Call& c) {
  auto& self = c.tensor("self");
  Sizes sizes{c.integer("size"), Expr(static_cast<int64_t>(self.rank()))};
  return TensorType{DType::I64, sizes, {Expr(1), c.integer("size")}, self.device};
}

Type histc(const Call& c) { return contiguous(c.tensor("self").dtype, {c.integer("bins")}); }

/// histogram: counts and edges of the bins.
Type histogram(const Call& c) {
  DType dtype = c.tensor("self").dtype;
  auto* edges = c.optional_tensor("bins");
  Expr bins = edges ? edges->sizes.at(0) - 1 : c.integer("bins");
  return results({contiguous(dtype, {bins}), contiguous(dtype, {bins + 1})});
}

}  // namespace

void register_indexing(Table& table) {
  add(table, {"index.Tensor", "_unsafe_index.Tensor"}, index);
  add(table, {"_unsafe_masked_index"}, masked_index);
  add(table, {"index_select"}, index_select);
  add(table, {"gather"}, gather);
  add(table, {"embedding"}, embedding);
  add(table, {"_embedding_bag", "_embedding_bag_forward_only"}, embedding_bag);
  add(table, {"take"}, take);
  add(table, {"searchsorted.Tensor", "searchsorted.Scalar", "bucketize.Tensor", "bucketize.Scalar"},
      searchsorted);
  add(table, {"isin.Tensor_Tensor", "isin.Tensor_Scalar", "isin.Scalar_Tensor"}, isin);
  add(table, {"nonzero_static"}, nonzero_static);
  add(table, {"histc"}, histc);
  add(table, {"histogram.bin_ct", "histogram.bins_tensor"}, histogram);
}

}  // namespace tx::shapes
