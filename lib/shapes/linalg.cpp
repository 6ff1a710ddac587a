// Linear algebra on batches of matrices. LAPACK's results are stored by columns.
#include "shapes/elementwise.h"
#include "shapes/families.h"
#include "shapes/promote.h"

namespace tx::shapes {

using symbolic::eq;
using symbolic::max;
using symbolic::min;

namespace {

/// A contiguous batch of matrices stored by columns.
TensorType by_columns(DType dtype, const Sizes& sizes, const ir::Device& device = {}) {
  auto result = contiguous(dtype, sizes, device);
  size_t n = sizes.size();
  if (n >= 2) {
    const Expr& rows = sizes[n - 2];
    result.strides[n - 1] = rows == Expr(0) ? Expr(1) : rows;
    result.strides[n - 2] = 1;
  }
  return result;
}

struct Matrix {
  const TensorType& tensor;
  Sizes batch;
  Expr rows, columns, rank;
  Sizes with(std::initializer_list<Expr> last) const {
    Sizes sizes = batch;
    sizes.insert(sizes.end(), last);
    return sizes;
  }
};

Matrix matrix(const Call& c, Slot slot) {
  auto& t = c.tensor(slot);
  if (t.rank() < 2) {
    model_error(c, "The input tensor must have at least 2 dimensions, but it has " +
                       std::to_string(t.rank()));
  }
  Expr rows = t.sizes[t.rank() - 2], columns = t.sizes.back();
  return {t, Sizes(t.sizes.begin(), t.sizes.end() - 2), rows, columns,
          rows == columns ? rows : min(rows, columns)};
}

Matrix square(const Call& c, Slot slot) {
  auto m = matrix(c, slot);
  require(c, eq(m.rows, m.columns),
          "A must be batches of square matrices, but they are " + m.rows.text() + " by " +
              m.columns.text() + " matrices");
  return m;
}

TensorType info(const Matrix& m) { return contiguous(DType::I32, m.batch, m.tensor.device); }

Type inv_ex(const Call& c) {
  auto m = square(c, 0);
  return results({by_columns(m.tensor.dtype, m.tensor.sizes), info(m)});
}

Type cholesky(const Call& c) {
  auto m = square(c, 0);
  return is_empty(c, m.tensor.sizes) ? contiguous(m.tensor.dtype, m.tensor.sizes)
                                     : by_columns(m.tensor.dtype, m.tensor.sizes);
}

Type cholesky_inverse(const Call& c) {
  auto m = square(c, 0);
  return by_columns(m.tensor.dtype, m.tensor.sizes);
}

Type cholesky_solve(const Call& c) {
  auto b = matrix(c, 0), a = square(c, 1);
  Sizes sizes = broadcast(c, b.batch, a.batch);
  sizes.push_back(b.rows);
  sizes.push_back(b.columns);
  return by_columns(b.tensor.dtype, sizes);
}

TensorType pivots(const Matrix& m) {
  return contiguous(DType::I32, m.with({m.rank}), m.tensor.device);
}

Type det(const Call& c) {
  auto m = square(c, 0);
  return results(
      {contiguous(m.tensor.dtype, m.batch), by_columns(m.tensor.dtype, m.tensor.sizes), pivots(m)});
}

Type slogdet(const Call& c) {
  auto m = square(c, 0);
  return results({contiguous(m.tensor.dtype, m.batch), contiguous(real_of(m.tensor.dtype), m.batch),
                  by_columns(m.tensor.dtype, m.tensor.sizes), pivots(m)});
}

Type solve_ex(const Call& c) {
  auto a = square(c, "A");
  auto& b = c.tensor("B");
  bool left = c.boolean("left");
  // A B of one dimension less is a batch of vectors when its sizes say so: a question whose answer
  // decides the result, so it may become a guard.
  bool vector = b.rank() == 1;
  if (!vector && b.rank() + 1 == a.tensor.rank()) {
    Expr equal = Expr::boolean(true);
    for (size_t d = 0; d < b.rank(); ++d)
      equal = symbolic::logical_and(equal, eq(b.sizes[d], a.tensor.sizes[d]));
    vector = c.env.evaluate(equal);
  }
  Sizes sizes;
  if (vector) {
    sizes = broadcast(c, a.batch, Sizes(b.sizes.begin(), b.sizes.end() - 1));
    require(c, eq(b.sizes.back(), a.rows),
            "linalg.solve: Incompatible shapes of A and B for the equation AX = B");
    sizes.push_back(a.rows);
  } else {
    auto matrices = matrix(c, "B");
    require(c, eq(left ? matrices.rows : matrices.columns, a.rows),
            "linalg.solve: Incompatible shapes of A and B for the equation " +
                std::string(left ? "AX = B" : "XA = B") + " (" + product_text({a.rows, a.columns}) +
                " and " + product_text({matrices.rows, matrices.columns}) + ")");
    sizes = broadcast(c, a.batch, matrices.batch);
    sizes.push_back(matrices.rows);
    sizes.push_back(matrices.columns);
  }
  auto result = left ? by_columns(b.dtype, sizes) : contiguous(b.dtype, sizes);
  return results({result, by_columns(a.tensor.dtype, a.tensor.sizes), pivots(a), info(a)});
}

Type svd(const Call& c) {
  auto m = matrix(c, "A");
  DType dtype = m.tensor.dtype;
  auto values = contiguous(real_of(dtype), m.with({m.rank}));
  if (!c.boolean("compute_uv")) {
    auto none = contiguous(dtype, {Expr(0)});
    return results({none, values, none});
  }
  bool whole = c.boolean("full_matrices");
  return results({by_columns(dtype, m.with({m.rows, whole ? m.rows : m.rank})), values,
                  by_columns(dtype, m.with({whole ? m.columns : m.rank, m.columns}))});
}

Type qr(const Call& c) {
  auto m = matrix(c, "A");
  DType dtype = m.tensor.dtype;
  auto mode = c.text("mode");
  bool complete = mode == "complete";
  auto r = by_columns(dtype, m.with({complete ? m.rows : m.rank, m.columns}));
  if (mode == "r") return results({contiguous(dtype, {Expr(0)}), r});
  return results({by_columns(dtype, m.with({m.rows, complete ? m.rows : m.rank})), r});
}

/// The parts P, L, U of a packed or computed factorisation.
Type lu_parts(const Matrix& m, bool permutation, bool factors) {
  DType dtype = m.tensor.dtype;
  auto none = contiguous(dtype, {Expr(0)});
  return results({permutation ? contiguous(dtype, m.with({m.rows, m.rows})) : none,
                  factors ? contiguous(dtype, m.with({m.rows, m.rank})) : none,
                  factors ? contiguous(dtype, m.with({m.rank, m.columns})) : none});
}

Type lu(const Call& c) { return lu_parts(matrix(c, "A"), c.boolean("pivot"), true); }

Type lu_unpack(const Call& c) {
  return lu_parts(matrix(c, "LU_data"), c.boolean("unpack_pivots"), c.boolean("unpack_data"));
}

Type lu_factor_ex(const Call& c) {
  auto m = matrix(c, "A");
  return results({by_columns(m.tensor.dtype, m.tensor.sizes), pivots(m), info(m)});
}

Type lu_solve(const Call& c) {
  auto lu = square(c, "LU"), b = matrix(c, "B");
  Sizes sizes = broadcast(c, lu.batch, b.batch);
  sizes.push_back(b.rows);
  sizes.push_back(b.columns);
  return c.boolean("left") ? by_columns(b.tensor.dtype, sizes) : contiguous(b.tensor.dtype, sizes);
}

Type solve_triangular(const Call& c) {
  auto a = square(c, "self"), b = matrix(c, "B");
  Sizes sizes = broadcast(c, b.batch, a.batch);
  sizes.push_back(b.rows);
  sizes.push_back(b.columns);
  return by_columns(b.tensor.dtype, sizes);
}

Type triangular_solve(const Call& c) {
  auto b = matrix(c, "self"), a = square(c, "A");
  Sizes batch = broadcast(c, b.batch, a.batch), solution = batch, coefficients = batch;
  solution.insert(solution.end(), {b.rows, b.columns});
  coefficients.insert(coefficients.end(), {a.rows, a.columns});
  return results({by_columns(b.tensor.dtype, solution), by_columns(a.tensor.dtype, coefficients)});
}

Type geqrf(const Call& c) {
  auto m = matrix(c, 0);
  return results(
      {by_columns(m.tensor.dtype, m.tensor.sizes), contiguous(m.tensor.dtype, m.with({m.rank}))});
}

Type first_by_columns(const Call& c) { return by_columns(c.tensor(0).dtype, c.tensor(0).sizes); }

Type ormqr(const Call& c) { return by_columns(c.tensor("input3").dtype, c.tensor("input3").sizes); }

Type matrix_exp(const Call& c) {
  auto m = square(c, 0);
  return contiguous(m.tensor.dtype, m.tensor.sizes);
}

Type pinv(const Call& c) {
  auto m = matrix(c, 0);
  return contiguous(m.tensor.dtype, m.with({m.columns, m.rows}));
}

Type cross(const Call& c) {
  auto& self = c.tensor("self");
  Sizes sizes = broadcast(c, self.sizes, c.tensor("other").sizes);
  auto dim = dim_argument(c, "dim", sizes.size());
  require(c, eq(sizes.at(dim), 3),
          "linalg.cross: inputs dimension " + std::to_string(dim) + " must have length 3. Got " +
              sizes[dim].text());
  return contiguous(result_type(c, {0, 1}), sizes, self.device);
}

Type eigh(const Call& c) {
  auto m = square(c, 0);
  DType dtype = m.tensor.dtype;
  return results(
      {contiguous(real_of(dtype), m.with({m.rows})),
       c.boolean("compute_v") ? by_columns(dtype, m.tensor.sizes) : contiguous(dtype, {Expr(0)})});
}

Type eig(const Call& c) {
  auto m = square(c, 0);
  DType dtype = complex_of(m.tensor.dtype);
  return results({contiguous(dtype, m.with({m.rows})), by_columns(dtype, m.tensor.sizes)});
}

Type eigvals(const Call& c) {
  auto m = square(c, 0);
  return contiguous(complex_of(m.tensor.dtype), m.with({m.rows}));
}

}  // namespace

void register_linalg(Table& table) {
  add(table, {"linalg_inv_ex", "linalg_cholesky_ex"}, inv_ex);
  add(table, {"cholesky"}, cholesky);
  add(table, {"cholesky_inverse"}, cholesky_inverse);
  add(table, {"cholesky_solve", "_cholesky_solve_helper"}, cholesky_solve);
  add(table, {"_linalg_det"}, det);
  add(table, {"_linalg_slogdet"}, slogdet);
  add(table, {"_linalg_solve_ex"}, solve_ex);
  add(table, {"_linalg_svd"}, svd);
  add(table, {"linalg_qr"}, qr);
  add(table, {"linalg_lu"}, lu);
  add(table, {"lu_unpack"}, lu_unpack);
  add(table, {"linalg_lu_factor_ex"}, lu_factor_ex);
  add(table, {"linalg_lu_solve"}, lu_solve);
  add(table, {"linalg_solve_triangular"}, solve_triangular);
  add(table, {"triangular_solve"}, triangular_solve);
  add(table, {"geqrf"}, geqrf);
  add(table, {"linalg_householder_product"}, first_by_columns);
  add(table, {"ormqr"}, ormqr);
  add(table, {"linalg_matrix_exp"}, matrix_exp);
  add(table, {"linalg_pinv.atol_rtol_tensor"}, pinv);
  add(table, {"linalg_cross"}, cross);
  add(table, {"_linalg_eigh"}, eigh);
  add(table, {"linalg_eig"}, eig);
  add(table, {"_linalg_eigvals"}, eigvals);
}

}  // namespace tx::shapes
