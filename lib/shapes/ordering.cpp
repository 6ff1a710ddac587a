// Sorting, selection of the k-th element, and scans along a dimension.
#include "shapes/families.h"
#include "shapes/promote.h"

namespace tx::shapes {

using symbolic::le;

namespace {

int64_t along(const Call& c, const TensorType& self) { return dim_argument(c, "dim", self.rank()); }

Type sort(const Call& c) {
  auto& self = c.tensor("self");
  along(c, self);
  return results({empty_like(c, self, self.dtype), empty_like(c, self, DType::I64)});
}

Type argsort(const Call& c) {
  auto& self = c.tensor("self");
  along(c, self);
  return empty_like(c, self, DType::I64);
}

Type topk(const Call& c) {
  auto& self = c.tensor("self");
  auto dim = along(c, self);
  Expr k = c.integer("k");
  Sizes sizes = self.sizes;
  require(c, le(k, sizes.empty() ? Expr(1) : sizes[dim]), "selected index k out of range");
  if (!sizes.empty()) sizes[dim] = k;
  return results(
      {contiguous(self.dtype, sizes, self.device), contiguous(DType::I64, sizes, self.device)});
}

Type kthvalue(const Call& c) {
  auto& self = c.tensor("self");
  auto dim = along(c, self);
  Sizes sizes = self.sizes;
  require(c, le(c.integer("k"), sizes.empty() ? Expr(1) : sizes[dim]),
          "kthvalue(): selected number k out of range for dimension " + std::to_string(dim));
  if (!sizes.empty()) {
    if (c.boolean("keepdim"))
      sizes[dim] = 1;
    else
      sizes.erase(sizes.begin() + dim);
  }
  return results(
      {contiguous(self.dtype, sizes, self.device), contiguous(DType::I64, sizes, self.device)});
}

/// cumsum, cumprod: sums of integers are int64.
Type cumulative(const Call& c) {
  auto& self = c.tensor("self");
  along(c, self);
  bool whole = ir::is_integral(self.dtype) || self.dtype == DType::Bool;
  DType dtype = c.optional_dtype("dtype").value_or(whole ? DType::I64 : self.dtype);
  return contiguous(dtype, self.sizes, self.device);
}

Type logcumsumexp(const Call& c) {
  auto& self = c.tensor("self");
  along(c, self);
  return contiguous(self.dtype, self.sizes, self.device);
}

Type cumulative_extremum(const Call& c) {
  auto& self = c.tensor("self");
  along(c, self);
  return results({contiguous(self.dtype, self.sizes, self.device),
                  contiguous(DType::I64, self.sizes, self.device)});
}

}  // namespace

void register_ordering(Table& table) {
  add(table, {"sort", "sort.stable"}, sort);
  add(table, {"argsort", "argsort.stable"}, argsort);
  add(table, {"topk"}, topk);
  add(table, {"kthvalue"}, kthvalue);
  add(table, {"cumsum", "cumprod"}, cumulative);
  add(table, {"logcumsumexp", "_logcumsumexp"}, logcumsumexp);
  add(table, {"cummax", "cummin"}, cumulative_extremum);
}

}  // namespace tx::shapes
