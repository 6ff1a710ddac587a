// Matrix products.
#include "shapes/elementwise.h"
#include "shapes/families.h"
#include "shapes/promote.h"

namespace tx::shapes {

using symbolic::eq;

namespace {

void require_rank(const Call& c, const TensorType& t, size_t rank, std::string_view name) {
  if (t.rank() != rank) {
    model_error(c, std::string(name) + " must be a " +
                       (rank == 1   ? "vector"
                        : rank == 2 ? "matrix"
                                    : "3D tensor") +
                       ", got " + std::to_string(t.rank()) + "-D tensor");
  }
}

void require_same_dtype(const Call& c, const TensorType& a, const TensorType& b) {
  if (a.dtype != b.dtype) {
    model_error(c, "expected m1 and m2 to have the same dtype, but got: " +
                       std::string(ir::torch_name(a.dtype)) +
                       " != " + std::string(ir::torch_name(b.dtype)));
  }
}

/// The addend of addmm and its relatives has to expand to the result.
void require_expandable(const Call& c, const TensorType& addend, const Sizes& result) {
  size_t missing = result.size() - addend.rank();
  if (addend.rank() > result.size()) {
    model_error(c, "The expanded size of the tensor (" + std::to_string(result.size()) +
                       " dimensions) must have at least the dimensions of the addend (" +
                       std::to_string(addend.rank()) + ")");
  }
  for (size_t d = addend.rank(); d-- > 0;) {
    const Expr& from = addend.sizes[d];
    const Expr& to = result[missing + d];
    if (from == to || is_one(c, from)) continue;
    require(c, eq(from, to),
            "The expanded size of the tensor (" + to.text() + ") must match the existing size (" +
                from.text() + ") at non-singleton dimension " + std::to_string(missing + d) +
                ".  Target sizes: " + sizes_text(result) +
                ".  Tensor sizes: " + sizes_text(addend.sizes));
  }
}

Sizes mm_sizes(const Call& c, const TensorType& a, const TensorType& b) {
  require_rank(c, a, 2, "self");
  require_rank(c, b, 2, "mat2");
  require_same_dtype(c, a, b);
  require(c, eq(a.sizes[1], b.sizes[0]),
          "mat1 and mat2 shapes cannot be multiplied (" + product_text(a.sizes) + " and " +
              product_text(b.sizes) + ")");
  return {a.sizes[0], b.sizes[1]};
}

Type mm(const Call& c) {
  auto& self = c.tensor("self");
  auto sizes = mm_sizes(c, self, c.tensor("mat2"));
  return contiguous(c.optional_dtype("out_dtype").value_or(self.dtype), sizes, self.device);
}

Type addmm(const Call& c) {
  auto& mat1 = c.tensor("mat1");
  auto sizes = mm_sizes(c, mat1, c.tensor("mat2"));
  require_expandable(c, c.tensor("self"), sizes);
  return contiguous(c.optional_dtype("out_dtype").value_or(mat1.dtype), sizes, mat1.device);
}

Type int_mm(const Call& c) {
  return contiguous(DType::I32, mm_sizes(c, c.tensor("self"), c.tensor("mat2")));
}

Sizes bmm_sizes(const Call& c, const TensorType& a, const TensorType& b) {
  require_rank(c, a, 3, "batch1");
  require_rank(c, b, 3, "batch2");
  require_same_dtype(c, a, b);
  // One guard of both equalities, as torch records it.
  require(c, symbolic::logical_and(eq(b.sizes[0], a.sizes[0]), eq(b.sizes[1], a.sizes[2])),
          "Expected size for first two dimensions of batch2 tensor to be: [" + a.sizes[0].text() +
              ", " + a.sizes[2].text() + "] but got: [" + b.sizes[0].text() + ", " +
              b.sizes[1].text() + "].");
  return {a.sizes[0], a.sizes[1], b.sizes[2]};
}

Type bmm(const Call& c) {
  auto& self = c.tensor("self");
  auto sizes = bmm_sizes(c, self, c.tensor("mat2"));
  return contiguous(c.optional_dtype("out_dtype").value_or(self.dtype), sizes, self.device);
}

Type baddbmm(const Call& c) {
  auto& batch1 = c.tensor("batch1");
  auto sizes = bmm_sizes(c, batch1, c.tensor("batch2"));
  require_expandable(c, c.tensor("self"), sizes);
  return contiguous(c.optional_dtype("out_dtype").value_or(batch1.dtype), sizes, batch1.device);
}

Type addbmm(const Call& c) {
  auto& batch1 = c.tensor("batch1");
  auto sizes = bmm_sizes(c, batch1, c.tensor("batch2"));
  sizes.erase(sizes.begin());
  require_expandable(c, c.tensor("self"), sizes);
  return contiguous(batch1.dtype, sizes, batch1.device);
}

/// _grouped_mm: one product for each group. Groups are a dimension of an operand (3-D) or ranges of
/// rows or columns that end at `offs` (2-D). Rows of the result start at multiples of 16 bytes.
Type grouped_mm(const Call& c) {
  auto& self = c.tensor("self");
  auto& mat2 = c.tensor("mat2");
  if (self.rank() < 2 || self.rank() > 3 || mat2.rank() < 2 || mat2.rank() > 3) {
    model_error(c, "mat_a and mat_b have to be 2 or 3 dimensional");
  }
  require_same_dtype(c, self, mat2);
  const Expr& rows = self.sizes[self.rank() - 2];
  const Expr& columns = mat2.sizes.back();
  const bool self_ranges = self.rank() == 2;
  const bool mat2_ranges = mat2.rank() == 2;
  if ((self_ranges || mat2_ranges) && !c.optional_tensor("offs")) {
    model_error(c, "Have to provide offsets for 2d inputs");
  }
  require(c, eq(self.sizes.back(), mat2.sizes[mat2.rank() - 2]),
          "contraction dimension of mat_a and mat_b must match");
  Sizes sizes{rows, columns};
  if (self_ranges == mat2_ranges) {  // two 2-D operands divide the inner dimension
    sizes.insert(sizes.begin(), self_ranges ? c.tensor("offs").sizes.at(0) : self.sizes[0]);
  }
  TensorType result =
      contiguous(c.optional_dtype("out_dtype").value_or(self.dtype), sizes, self.device);
  const int64_t unit = 16 / ir::element_size(result.dtype);
  const Expr row = symbolic::floor_div(columns + (unit - 1), unit) * Expr(unit);
  result.strides[result.rank() - 2] = row;
  if (result.rank() == 3) result.strides[0] = row * rows;
  return result;
}

Sizes mv_sizes(const Call& c, const TensorType& matrix, const TensorType& vector) {
  if (matrix.rank() != 2 || vector.rank() != 1) {
    model_error(c, "vector + matrix @ vector expected, got " + std::to_string(matrix.rank()) +
                       ", " + std::to_string(vector.rank()));
  }
  require(c, eq(matrix.sizes[1], vector.sizes[0]),
          "size mismatch, got input (" + matrix.sizes[0].text() + "), mat (" +
              product_text(matrix.sizes) + "), vec (" + vector.sizes[0].text() + ")");
  return {matrix.sizes[0]};
}

Type mv(const Call& c) {
  auto& self = c.tensor("self");
  return contiguous(self.dtype, mv_sizes(c, self, c.tensor("vec")), self.device);
}

Type addmv(const Call& c) {
  auto& mat = c.tensor("mat");
  auto sizes = mv_sizes(c, mat, c.tensor("vec"));
  require_expandable(c, c.tensor("self"), sizes);
  return contiguous(mat.dtype, sizes, mat.device);
}

Type dot(const Call& c) {
  auto& self = c.tensor(0);
  auto& other = c.tensor(1);
  if (self.rank() != 1 || other.rank() != 1) {
    model_error(c, "1D tensors expected, but got " + std::to_string(self.rank()) + "D and " +
                       std::to_string(other.rank()) + "D tensors");
  }
  if (self.dtype != other.dtype) {
    model_error(c, "dot : expected both vectors to have same dtype, but found " +
                       std::string(ir::torch_name(self.dtype)) + " and " +
                       std::string(ir::torch_name(other.dtype)));
  }
  require(c, eq(self.sizes[0], other.sizes[0]),
          "inconsistent tensor size, expected tensor [" + self.sizes[0].text() + "] and src [" +
              other.sizes[0].text() + "] to have the same number of elements, but got " +
              self.sizes[0].text() + " and " + other.sizes[0].text() + " elements respectively");
  return contiguous(self.dtype, {}, self.device);
}

/// addr(self, vec1, vec2): self + outer product.
Type addr(const Call& c) {
  auto& self = c.tensor("self");
  Sizes outer{c.tensor("vec1").sizes.at(0), c.tensor("vec2").sizes.at(0)};
  require_expandable(c, self, outer);
  TensorType column{self.dtype, {outer[0], 1}, {c.tensor("vec1").strides[0], 1}, self.device};
  TensorType row{self.dtype, {1, outer[1]}, {outer[1], c.tensor("vec2").strides[0]}, self.device};
  TensorType addend{self.dtype, outer, Sizes(2, Expr(0)), self.device};
  for (size_t d = self.rank(); d-- > 0;) {
    size_t at = 2 - self.rank() + d;
    if (!is_one(c, self.sizes[d]) || is_one(c, outer[at])) addend.strides[at] = self.strides[d];
  }
  TensorType result = elementwise(c, result_type(c, {0, 1, 2}), {&addend, &column, &row});
  return result;
}

/// _trilinear: the three operands with size-1 dimensions inserted, summed over `sumdim`.
Type trilinear(const Call& c) {
  auto expanded = [&](Slot tensor, Slot dims) {
    Sizes sizes = c.tensor(tensor).sizes;
    auto positions = c.static_integers(dims);
    for (auto position : positions) sizes.insert(sizes.begin() + position, Expr(1));
    return sizes;
  };
  Sizes sizes = broadcast(c, broadcast(c, expanded("i1", "expand1"), expanded("i2", "expand2")),
                          expanded("i3", "expand3"));
  std::vector<bool> summed(sizes.size(), false);
  for (auto dim : c.static_integers("sumdim")) summed.at(dim) = true;
  Sizes kept;
  for (size_t d = 0; d < sizes.size(); ++d) {
    if (!summed[d]) kept.push_back(sizes[d]);
  }
  return contiguous(c.tensor("i1").dtype, kept, c.tensor("i1").device);
}

/// _cdist_forward: pairwise distances of the rows of two batches.
Type cdist(const Call& c) {
  auto& x1 = c.tensor("x1");
  auto& x2 = c.tensor("x2");
  if (x1.rank() < 2 || x2.rank() < 2) model_error(c, "cdist only supports at least 2D tensors");
  require(c, eq(x1.sizes.back(), x2.sizes.back()),
          "X1 and X2 must have the same number of columns. X1: " + x1.sizes.back().text() +
              " X2: " + x2.sizes.back().text());
  Sizes sizes = broadcast(c, Sizes(x1.sizes.begin(), x1.sizes.end() - 2),
                          Sizes(x2.sizes.begin(), x2.sizes.end() - 2));
  sizes.push_back(x1.sizes[x1.rank() - 2]);
  sizes.push_back(x2.sizes[x2.rank() - 2]);
  return contiguous(x1.dtype, sizes, x1.device);
}

/// _pdist_forward: the distances of all pairs of rows.
Type pdist(const Call& c) {
  auto& self = c.tensor("self");
  if (self.rank() != 2) model_error(c, "_pdist_forward requires a 2D tensor");
  Expr n = self.sizes[0];
  return contiguous(self.dtype, {symbolic::floor_div(n * (n - 1), 2)}, self.device);
}

}  // namespace

void register_matmul(Table& table) {
  add(table, {"mm", "mm.dtype"}, mm);
  add(table, {"addmm", "addmm.dtype", "_addmm_activation"}, addmm);
  add(table, {"_int_mm"}, int_mm);
  add(table, {"bmm", "bmm.dtype"}, bmm);
  add(table, {"_grouped_mm"}, grouped_mm);
  add(table, {"baddbmm", "baddbmm.dtype"}, baddbmm);
  add(table, {"addbmm"}, addbmm);
  add(table, {"mv"}, mv);
  add(table, {"addmv"}, addmv);
  add(table, {"dot", "vdot"}, dot);
  add(table, {"addr"}, addr);
  add(table, {"_trilinear"}, trilinear);
  add(table, {"_cdist_forward", "_euclidean_dist"}, cdist);
  add(table, {"_pdist_forward"}, pdist);
}

}  // namespace tx::shapes
