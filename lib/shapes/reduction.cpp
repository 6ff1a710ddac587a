// Reductions over dimensions.
#include "shapes/families.h"
#include "shapes/promote.h"

namespace tx::shapes {

namespace {

/// The dimensions the call reduces: absent or empty means all.
std::vector<int64_t> reduced_dims(const Call& c, size_t rank) {
  std::vector<int64_t> dims;
  if (c.has("dim") && !c["dim"].is_none()) dims = wrap_dims(c, c.static_integers("dim"), rank);
  if (dims.empty()) {
    for (size_t d = 0; d < rank; ++d) dims.push_back(static_cast<int64_t>(d));
  }
  return dims;
}

Sizes reduced_sizes(const Call& c, const TensorType& t, const std::vector<int64_t>& dims) {
  bool keep = c.has("keepdim") && c.boolean("keepdim");
  std::vector<bool> reduced(t.rank(), false);
  for (auto d : dims) {
    if (t.rank()) reduced[d] = true;
  }
  Sizes sizes;
  for (size_t d = 0; d < t.rank(); ++d) {
    if (!reduced[d])
      sizes.push_back(t.sizes[d]);
    else if (keep)
      sizes.push_back(1);
  }
  return sizes;
}

TensorType reduced(const Call& c, DType dtype) {
  auto& self = c.tensor(0);
  return contiguous(dtype, reduced_sizes(c, self, reduced_dims(c, self.rank())), self.device);
}

/// A reduction without identity cannot reduce an empty dimension.
void require_elements(const Call& c, const TensorType& self) {
  std::string name(c.op.substr(5, c.op.find('.', 5) - 5));
  auto dims = reduced_dims(c, self.rank());
  bool all = dims.size() == self.rank() &&
             (!c.has("dim") || c["dim"].is_none() || c.static_integers("dim").empty());
  for (auto d : dims) {
    if (self.rank() == 0) continue;
    const std::string message =
        all ? "(): Expected reduction dim to be specified for input.numel() == 0. Specify the "
              "reduction dim with the 'dim' argument."
            : "(): Expected reduction dim " + std::to_string(d) + " to have non-zero size.";
    require(c, symbolic::gt(self.sizes[d], 0), name + message);
  }
}

DType sum_dtype(DType dtype) {
  return ir::is_integral(dtype) || dtype == DType::Bool ? DType::I64 : dtype;
}

Type sum(const Call& c) {
  return reduced(c, c.optional_dtype("dtype").value_or(sum_dtype(c.tensor(0).dtype)));
}

Type mean(const Call& c) {
  DType dtype = c.optional_dtype("dtype").value_or(c.tensor(0).dtype);
  if (!ir::is_floating_point(dtype) && !ir::is_complex(dtype)) {
    model_error(c,
                "mean(): could not infer output dtype. Input dtype must be either a floating point "
                "or complex "
                "dtype. Got: " +
                    std::string(ir::torch_name(dtype)));
  }
  return reduced(c, dtype);
}

Type extremum(const Call& c) {
  require_elements(c, c.tensor(0));
  return reduced(c, c.tensor(0).dtype);
}

Type arg_extremum(const Call& c) {
  require_elements(c, c.tensor(0));
  return reduced(c, DType::I64);
}

Type extremum_with_indices(const Call& c) {
  require_elements(c, c.tensor(0));
  return results({reduced(c, c.tensor(0).dtype), reduced(c, DType::I64)});
}

Type both_extrema(const Call& c) {
  require_elements(c, c.tensor(0));
  auto result = reduced(c, c.tensor(0).dtype);
  return results({result, result});
}

/// any, all: bool, except that uint8 stays.
Type truth(const Call& c) {
  return reduced(c, c.tensor(0).dtype == DType::U8 ? DType::U8 : DType::Bool);
}

Type truth_of_all(const Call& c) { return contiguous(DType::Bool, {}, c.tensor(0).device); }

Type count_nonzero(const Call& c) { return reduced(c, DType::I64); }

Type deviation(const Call& c) { return reduced(c, real_of(c.tensor(0).dtype)); }

Type deviation_and_mean(const Call& c) {
  DType dtype = c.tensor(0).dtype;
  return results({reduced(c, real_of(dtype)), reduced(c, dtype)});
}

Type norm(const Call& c) {
  return reduced(c, real_of(c.optional_dtype("dtype").value_or(c.tensor(0).dtype)));
}

Type logsumexp(const Call& c) { return reduced(c, float_of(c.tensor(0).dtype)); }

Type hash(const Call& c) { return reduced(c, DType::U64); }

Type trace(const Call& c) {
  auto& self = c.tensor(0);
  if (self.rank() != 2) model_error(c, "trace: expected a matrix");
  return contiguous(sum_dtype(self.dtype), {}, self.device);
}

}  // namespace

void register_reduction(Table& table) {
  add(table, {"sum", "sum.dim_IntList", "nansum", "prod", "prod.dim_int"}, sum);
  add(table, {"mean", "mean.dim"}, mean);
  add(table, {"amax", "amin", "max", "min", "median", "nanmedian"}, extremum);
  add(table, {"argmax", "argmin"}, arg_extremum);
  add(table, {"max.dim", "min.dim", "median.dim", "nanmedian.dim", "mode"}, extremum_with_indices);
  add(table, {"aminmax", "_aminmax", "_aminmax.dim"}, both_extrema);
  add(table, {"any", "any.dim", "any.dims", "all", "all.dim", "all.dims"}, truth);
  add(table, {"_is_all_true", "_is_any_true"}, truth_of_all);
  add(table, {"count_nonzero", "count_nonzero.dim_IntList"}, count_nonzero);
  add(table, {"var", "var.dim", "var.correction", "std", "std.dim", "std.correction"}, deviation);
  add(table, {"var_mean.correction", "std_mean.correction"}, deviation_and_mean);
  add(table,
      {"linalg_vector_norm", "norm.Scalar", "norm.ScalarOpt_dim", "norm.ScalarOpt_dim_dtype",
       "norm.ScalarOpt_dtype", "native_norm", "native_norm.ScalarOpt_dim_dtype"},
      norm);
  add(table, {"logsumexp"}, logsumexp);
  add(table, {"hash_tensor"}, hash);
  add(table, {"trace"}, trace);
}

}  // namespace tx::shapes
