// Writing by index: index_put, index_add, scatter and masked_scatter, as functions.
#include "shapes/elementwise.h"
#include "shapes/families.h"

namespace tx::shapes {

using symbolic::eq;

namespace {

/// A copy of self, dense in its own layout.
Type copy_of_self(const Call& c) {
  auto& self = c.tensor("self");
  return empty_like(c, self, self.dtype);
}

Type contiguous_copy(const Call& c) {
  auto& self = c.tensor("self");
  return contiguous(self.dtype, self.sizes, self.device);
}

Type scatter(const Call& c) {
  auto& self = c.tensor("self");
  auto& index = c.tensor("index");
  dim_argument(c, "dim", self.rank());
  if (self.rank() != index.rank() && self.rank() > 0 && index.rank() > 0 &&
      !is_empty(c, index.sizes)) {
    model_error(c, "Index tensor must have the same number of dimensions as self tensor");
  }
  return contiguous_copy(c);
}

/// The source of index_add and the like has a slice for each index, of the size of self's.
void require_slices(const Call& c) {
  auto& self = c.tensor("self");
  auto& source = c.tensor("source");
  auto& index = c.tensor("index");
  if (self.rank() == 0 || source.rank() != self.rank()) return;
  auto dim = static_cast<size_t>(dim_argument(c, "dim", self.rank()));
  const std::string name(c.op.substr(5, c.op.find('.', 5) - 5));
  for (size_t d = 0; d < self.rank(); ++d) {
    if (d == dim) {
      require(c, eq(source.sizes[d], numel(index.sizes)),
              name + "_(): Number of indices (" + numel(index.sizes).text() +
                  ") should be equal to source.size(dim): (" + source.sizes[d].text() +
                  "), for dim: " + std::to_string(d));
    } else {
      require(c, eq(source.sizes[d], self.sizes[d]),
              name + "_(): Source/destination tensor must have same slice shapes. Destination: " +
                  sizes_text(self.sizes) + ", source: " + sizes_text(source.sizes));
    }
  }
}

Type index_along(const Call& c) {
  auto& self = c.tensor("self");
  dim_argument(c, "dim", self.rank());
  if (c.tensor("index").rank() > 1) {
    model_error(c, "Index is supposed to be a vector, but got dim: " +
                       std::to_string(c.tensor("index").rank()));
  }
  if (c.op.starts_with("aten.index_fill.")) return copy_of_self(c);
  require_slices(c);
  return contiguous_copy(c);
}

Type index_put(const Call& c) {
  auto& self = c.tensor("self");
  if (c.tensors("indices").size() > self.rank()) {
    model_error(c, "too many indices for tensor of dimension " + std::to_string(self.rank()) +
                       " (got " + std::to_string(c.tensors("indices").size()) + ")");
  }
  return copy_of_self(c);
}

Type masked_scatter(const Call& c) {
  auto& self = c.tensor("self");
  Sizes sizes = broadcast(c, c.tensor("mask").sizes, self.sizes);
  return contiguous(self.dtype, sizes, self.device);
}

}  // namespace

void register_scatter(Table& table) {
  add(table,
      {"scatter.src", "scatter.value", "scatter.reduce", "scatter.value_reduce", "scatter_add",
       "scatter_reduce.two"},
      scatter);
  add(table,
      {"index_add", "index_copy", "index_fill.int_Scalar", "index_fill.int_Tensor", "index_reduce"},
      index_along);
  add(table, {"index_put", "_unsafe_index_put", "_unsafe_masked_index_put_accumulate"}, index_put);
  add(table, {"masked_scatter"}, masked_scatter);
  add(table, {"put"}, copy_of_self);
}

}  // namespace tx::shapes
