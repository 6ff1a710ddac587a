// Operators whose result has a size that depends on data: nonzero, masked_select, unique, bincount.
// The size is a new symbol u0, u1, ... (torch's unbacked symbols) with the bounds that are known.
#include "shapes/data_dependent.h"

#include <algorithm>

#include "shapes/elementwise.h"
#include "shapes/families.h"

namespace tx::shapes {

using symbolic::eq;
using symbolic::kNoBound;

Expr data_dependent_count(const Call& c, const Sizes& counted, int64_t least) {
  const int64_t most = c.env.range(numel(counted)).max;
  return c.env.create_unbacked({std::min(least, most), most});
}

namespace {

/// nonzero(self): [u0, rank], written column by column.
Type nonzero(const Call& c) {
  auto& self = c.tensor("self");
  Expr count = data_dependent_count(c, self.sizes);
  return TensorType{DType::I64, {count, Expr(static_cast<int64_t>(self.rank()))}, {Expr(1), count},
                    self.device};
}

Type masked_select(const Call& c) {
  auto& self = c.tensor("self");
  auto& mask = c.tensor("mask");
  if (mask.dtype != DType::Bool) model_error(c, "masked_select: expected BoolTensor for mask");
  Expr count = data_dependent_count(c, broadcast(c, self.sizes, mask.sizes));
  return contiguous(self.dtype, {count}, self.device);
}

/// How many different elements there are: none only where there is none at all.
Expr unique_count(const Call& c, const Sizes& counted) {
  return data_dependent_count(c, counted, c.env.range(numel(counted)).min >= 1 ? 1 : 0);
}

/// The values, where each element went, how often each value occurs. What was not asked for is empty.
Type unique_of_all(const Call& c, const TensorType& self, bool inverse) {
  Expr count = unique_count(c, self.sizes);
  TensorType values = contiguous(self.dtype, {count}, self.device);
  TensorType places = contiguous(DType::I64, inverse ? self.sizes : Sizes{Expr(0)}, self.device);
  if (!c.has("return_counts")) return results({values, places});
  TensorType counts =
      contiguous(DType::I64, {c.boolean("return_counts") ? count : Expr(0)}, self.device);
  return results({values, places, counts});
}

Type unique(const Call& c) {
  return unique_of_all(c, c.tensor("self"), c.boolean("return_inverse"));
}

/// Unique slices along `dim`, which the kernel brings to the front and back.
Type unique_slices(const Call& c, int64_t dim) {
  auto& self = c.tensor("self");
  const auto axis = static_cast<size_t>(dim);
  Expr slices = self.sizes.at(axis);
  Expr count = unique_count(c, {slices});
  Sizes moved{count};
  for (size_t d = 0; d < self.rank(); ++d) {
    if (d != axis) moved.push_back(self.sizes[d]);
  }
  Sizes moved_strides = ir::contiguous_strides(moved);
  TensorType values{self.dtype, self.sizes, Sizes(self.rank()), self.device};
  values.sizes[axis] = count;
  values.strides[axis] = moved_strides[0];
  size_t next = 1;
  for (size_t d = 0; d < self.rank(); ++d) {
    if (d != axis) values.strides[d] = moved_strides[next++];
  }
  // This kernel returns places and counts whether they were asked for or not.
  return results({values, contiguous(DType::I64, {slices}, self.device),
                  contiguous(DType::I64, {count}, self.device)});
}

Type unique_dim(const Call& c) {
  return unique_slices(c, dim_argument(c, "dim", c.tensor("self").rank()));
}

Type unique_consecutive(const Call& c) {
  auto& self = c.tensor("self");
  // A tensor of one dimension goes the same way whether the dimension is named or not.
  if (!c.optional_integer("dim") || self.rank() == 1) {
    return unique_of_all(c, self, c.boolean("return_inverse"));
  }
  return unique_slices(c, dim_argument(c, "dim", self.rank()));
}

Type repeat_interleave(const Call& c) {
  auto& repeats = c.tensor("repeats");
  auto size = c.optional_integer("output_size");
  if (!size) size = c.env.create_unbacked({0, kNoBound});
  return contiguous(repeats.dtype, {*size}, repeats.device);
}

Type bincount(const Call& c) {
  auto& self = c.tensor("self");
  auto* weights = c.optional_tensor("weights");
  DType dtype = !weights ? DType::I64 : weights->dtype == DType::F32 ? DType::F32 : DType::F64;
  Expr least = c.integer("minlength");
  Expr count = c.env.create_unbacked({std::max<int64_t>(c.env.range(least).min, 0), kNoBound});
  require(c, symbolic::ge(count, least), "bincount: the result is shorter than minlength");
  return contiguous(dtype, {count}, self.device);
}

/// Results whose number or layout itself depends on data.
Type refuse(const Call& c) { data_dependent(c); }

}  // namespace

void register_data_dependent(Table& table) {
  add(table, {"nonzero"}, nonzero);
  add(table, {"masked_select"}, masked_select);
  add(table, {"_unique", "_unique2"}, unique);
  add(table, {"unique_dim", "unique_dim_consecutive"}, unique_dim);
  add(table, {"unique_consecutive"}, unique_consecutive);
  add(table, {"repeat_interleave.Tensor"}, repeat_interleave);
  add(table, {"bincount"}, bincount);
  add(table, {"_pack_padded_sequence"}, refuse);
}

}  // namespace tx::shapes
