// Fourier transforms, with the strides that LibTorch's CPU kernels give their results.
#include <algorithm>

#include "shapes/families.h"
#include "shapes/promote.h"

namespace tx::shapes {

using symbolic::eq;
using symbolic::floor_div;

namespace {

/// `dims` by falling stride; equal strides keep their order.
void sort_by_stride(const Call& c, const Sizes& strides, std::vector<int64_t>::iterator begin,
                    std::vector<int64_t>::iterator end) {
  for (auto i = begin; i != end; ++i) {
    for (auto j = i; j != begin && smaller(c, strides[*(j - 1)], strides[*j]); --j)
      std::swap(*j, *(j - 1));
  }
}

/// The kernel moves batch dimensions to the front, in stride order, and writes the transformed
/// ones contiguously behind; the result is that buffer, seen in the original order.
TensorType transformed(const Call& c, const TensorType& input, DType dtype, const Sizes& sizes,
                       const std::vector<int64_t>& dims) {
  std::vector<int64_t> order;
  for (size_t d = 0; d < input.rank(); ++d) {
    if (std::find(dims.begin(), dims.end(), static_cast<int64_t>(d)) == dims.end())
      order.push_back(d);
  }
  sort_by_stride(c, input.strides, order.begin(), order.end());
  order.insert(order.end(), dims.begin(), dims.end());
  Sizes strides(sizes.size());
  Expr stride(1);
  for (size_t i = order.size(); i-- > 0;) {
    strides[order[i]] = stride;
    stride = stride * (is_zero(c, sizes[order[i]]) ? Expr(1) : sizes[order[i]]);
  }
  return {dtype, sizes, strides, input.device};
}

std::vector<int64_t> fft_dims(const Call& c, const TensorType& self) {
  return wrap_dims(c, c.static_integers("dim"), self.rank());
}

TensorType complex_to_complex(const Call& c, const TensorType& self, std::vector<int64_t> dims) {
  if (dims.empty()) return empty_like(c, self, self.dtype);
  sort_by_stride(c, self.strides, dims.begin(), dims.end());
  return transformed(c, self, self.dtype, self.sizes, dims);
}

Type fft_c2c(const Call& c) {
  auto& self = c.tensor("self");
  return complex_to_complex(c, self, fft_dims(c, self));
}

Type fft_r2c(const Call& c) {
  auto& self = c.tensor("self");
  auto dims = fft_dims(c, self);
  Sizes sizes = self.sizes;
  if (c.boolean("onesided")) sizes.at(dims.back()) = floor_div(sizes.at(dims.back()), 2) + 1;
  sort_by_stride(c, self.strides, dims.begin(), dims.end() - 1);
  return transformed(c, self, complex_of(self.dtype), sizes, dims);
}

Type fft_c2r(const Call& c) {
  TensorType self = c.tensor("self");
  auto dims = fft_dims(c, self);
  Sizes sizes = self.sizes;
  Expr last = c.integer("last_dim_size");
  require(c, eq(sizes.at(dims.back()), floor_div(last, 2) + 1),
          "Expected last dimension of size " + (floor_div(last, 2) + 1).text() + ", but got " +
              sizes[dims.back()].text());
  sizes[dims.back()] = last;
  // All but the last dimension are transformed as complex numbers first.
  if (dims.size() > 1) self = complex_to_complex(c, self, {dims.begin(), dims.end() - 1});
  return transformed(c, self, real_of(self.dtype), sizes, {dims.back()});
}

}  // namespace

void register_fft(Table& table) {
  add(table, {"_fft_c2c"}, fft_c2c);
  add(table, {"_fft_r2c"}, fft_r2c);
  add(table, {"_fft_c2r"}, fft_c2r);
}

}  // namespace tx::shapes
