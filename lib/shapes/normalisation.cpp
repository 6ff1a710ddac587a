// Normalisations: batch, layer and group norm, softmax, weight norm.
#include "shapes/families.h"
#include "shapes/promote.h"

namespace tx::shapes {

using symbolic::eq;

namespace {

/// The dtype of saved statistics: float32 for half types with float32 parameters.
DType statistics_dtype(const Call& c, const TensorType& input) {
  auto* weight = c.optional_tensor("weight");
  if (!weight && c.has("bias")) weight = c.optional_tensor("bias");
  return weight && weight->dtype != input.dtype ? weight->dtype : input.dtype;
}

void require_elements(const Call& c, const TensorType* t, const Expr& count,
                      const std::string& name) {
  if (!t) return;
  require(c, eq(numel(t->sizes), count),
          name + " should contain " + count.text() + " elements not " + numel(t->sizes).text());
}

void check_batch_norm(const Call& c, const TensorType& input) {
  if (input.rank() < 2) model_error(c, "batch_norm expects an input of at least 2 dimensions");
  for (auto name : {"running_mean", "running_var", "weight", "bias"}) {
    if (c.has(name)) require_elements(c, c.optional_tensor(name), input.sizes[1], name);
  }
}

/// The layout of the result: that of the input when dense in a known format, else contiguous.
TensorType normalised(const Call& c, const TensorType& input) {
  return in_format(c, input.dtype, input.sizes, suggest_memory_format(c, input), input.device);
}

TensorType statistics(const TensorType& input, DType dtype, Expr count) {
  return contiguous(dtype, {count}, input.device);
}

Type batch_norm(const Call& c) {
  auto& input = c.tensor("input");
  check_batch_norm(c, input);
  bool training = !c.has("training") || c.boolean("training");
  if (training) {
    require(c, symbolic::gt(numel(input.sizes), 0), "input tensor must have at least one element");
  }
  DType dtype = statistics_dtype(c, input);
  // Nothing is saved by inference.
  auto saved = statistics(input, dtype, training ? input.sizes[1] : Expr(0));
  return results({normalised(c, input), saved, saved});
}

Type batch_norm_no_training(const Call& c) {
  auto& input = c.tensor("input");
  check_batch_norm(c, input);
  auto saved = statistics(input, statistics_dtype(c, input), 0);
  return results({normalised(c, input), saved, saved});
}

Type batch_norm_functional(const Call& c) {
  auto& input = c.tensor("input");
  check_batch_norm(c, input);
  auto saved = statistics(input, statistics_dtype(c, input),
                          c.boolean("training") ? input.sizes[1] : Expr(0));
  return results(
      {normalised(c, input), saved, saved, c.tensor("running_mean"), c.tensor("running_var")});
}

Type batch_norm_no_update(const Call& c) {
  auto& input = c.tensor("input");
  check_batch_norm(c, input);
  auto saved = statistics(input, statistics_dtype(c, input), 0);
  return results(
      {normalised(c, input), saved, saved, contiguous(DType::U8, {Expr(0)}, input.device)});
}

Type batch_norm_with_update_functional(const Call& c) {
  auto& input = c.tensor("input");
  check_batch_norm(c, input);
  auto saved = statistics(input, statistics_dtype(c, input), input.sizes[1]);
  return results({normalised(c, input), saved, saved,
                  contiguous(DType::U8, {Expr(0)}, input.device), c.tensor("running_mean"),
                  c.tensor("running_var")});
}

Type layer_norm(const Call& c) {
  auto& input = c.tensor("input");
  auto normalized = c.integers("normalized_shape");
  if (normalized.empty() || normalized.size() > input.rank()) {
    model_error(c, "Given normalized_shape=" + sizes_text(normalized) +
                       ", expected input with shape [*, " + sizes_text(normalized).substr(1) +
                       ", but got input of size" + sizes_text(input.sizes));
  }
  size_t outer = input.rank() - normalized.size();
  Sizes reduced(input.sizes.begin(), input.sizes.begin() + outer);
  for (size_t i = 0; i < normalized.size(); ++i) {
    require(c, eq(input.sizes[outer + i], normalized[i]),
            "Given normalized_shape=" + sizes_text(normalized) +
                ", expected input with shape [*, " + sizes_text(normalized).substr(1) +
                ", but got input of size" + sizes_text(input.sizes));
    reduced.push_back(1);
  }
  auto saved = contiguous(statistics_dtype(c, input), reduced, input.device);
  return results({contiguous(input.dtype, input.sizes, input.device), saved, saved});
}

Type rms_norm(const Call& c) {
  auto& input = c.tensor("input");
  size_t outer = input.rank() - c.integers("normalized_shape").size();
  Sizes reduced(input.sizes.begin(), input.sizes.begin() + outer);
  reduced.resize(input.rank(), Expr(1));
  return results({contiguous(input.dtype, input.sizes, input.device),
                  contiguous(input.dtype, reduced, input.device)});
}

Type group_norm(const Call& c) {
  auto& input = c.tensor("input");
  Expr groups = c.integer("group"), channels = c.integer("C");
  require(c, eq(symbolic::mod(channels, groups), 0),
          "Expected number of channels in input to be divisible by num_groups, but got input of "
          "shape " +
              sizes_text(input.sizes) + " and num_groups=" + groups.text());
  auto saved = contiguous(statistics_dtype(c, input), {c.integer("N"), groups}, input.device);
  return results({normalised(c, input), saved, saved});
}

Type softmax(const Call& c) {
  auto& self = c.tensor("self");
  dim_argument(c, "dim", self.rank());
  DType dtype = c.boolean("half_to_float") ? DType::F32 : self.dtype;
  return contiguous(dtype, self.sizes, self.device);
}

Type safe_softmax(const Call& c) {
  auto& self = c.tensor("self");
  dim_argument(c, "dim", self.rank());
  return contiguous(c.optional_dtype("dtype").value_or(self.dtype), self.sizes, self.device);
}

Type masked_softmax(const Call& c) {
  auto& self = c.tensor("self");
  return contiguous(self.dtype, self.sizes, self.device);
}

Type weight_norm(const Call& c) {
  auto& v = c.tensor("v");
  auto& g = c.tensor("g");
  // The kernel reads as many elements of g as v has slices, and divides by their number of elements.
  const size_t dim = dim_argument(c, "dim", v.rank());
  require(c, eq(numel(g.sizes), v.sizes[dim]), "weight_norm needs one element of g for each slice of v");
  for (const Expr& size : v.sizes) require(c, gt(size, 0), "weight_norm needs slices that are not empty");
  DType norm = g.dtype == DType::BF16 || g.dtype == DType::F16 ? DType::F32 : g.dtype;
  return results({contiguous(v.dtype, v.sizes, v.device), contiguous(norm, g.sizes, g.device)});
}

Type renorm(const Call& c) {
  auto& self = c.tensor("self");
  dim_argument(c, "dim", self.rank());
  return contiguous(self.dtype, self.sizes, self.device);
}

}  // namespace

void register_normalisation(Table& table) {
  add(table, {"native_batch_norm", "_native_batch_norm_legit", "_native_batch_norm_legit.no_stats"},
      batch_norm);
  add(table, {"_native_batch_norm_legit_no_training"}, batch_norm_no_training);
  add(table, {"_native_batch_norm_legit_functional"}, batch_norm_functional);
  add(table, {"_batch_norm_no_update"}, batch_norm_no_update);
  add(table, {"_batch_norm_with_update_functional"}, batch_norm_with_update_functional);
  add(table, {"native_layer_norm"}, layer_norm);
  add(table, {"_fused_rms_norm"}, rms_norm);
  add(table, {"native_group_norm"}, group_norm);
  add(table, {"_softmax", "_log_softmax"}, softmax);
  add(table, {"_safe_softmax"}, safe_softmax);
  add(table, {"_masked_softmax"}, masked_softmax);
  add(table, {"_weight_norm_interface"}, weight_norm);
  add(table, {"renorm"}, renorm);
}

}  // namespace tx::shapes
