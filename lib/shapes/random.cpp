// Random values in the shape of other tensors, and dropout.
#include "shapes/elementwise.h"
#include "shapes/families.h"

namespace tx::shapes {

namespace {

Type like_first(const Call& c) {
  auto& first = c.tensor(0);
  return empty_like(c, first, first.dtype);
}

Type sampled(const Call& c) {
  auto& first = c.tensor(0);
  return contiguous(first.dtype, first.sizes, first.device);
}

/// native_dropout: the kept values and the mask that kept them.
Type native_dropout(const Call& c) {
  auto& input = c.tensor(0);
  if (is_empty(c, input.sizes)) return results({input, empty_like(c, input, input.dtype)});
  auto mask = empty_like(c, input, DType::Bool);
  bool trains = !c.has("train") || c["train"].is_none() || c.boolean("train");
  auto kept =
      trains ? elementwise(c, input.dtype, {&input, &mask}) : empty_like(c, input, input.dtype);
  return results({kept, mask});
}

Type multinomial(const Call& c) {
  auto& self = c.tensor("self");
  if (self.rank() == 0 || self.rank() > 2) model_error(c, "prob_dist must be 1 or 2 dim");
  Sizes sizes(self.sizes.begin(), self.sizes.end() - 1);
  sizes.push_back(c.integer("num_samples"));
  if (!c.boolean("replacement")) {
    require(c, symbolic::le(c.integer("num_samples"), self.sizes.back()),
            "cannot sample n_sample > prob_dist.size(-1) samples without replacement");
  }
  return contiguous(DType::I64, sizes, self.device);
}

Type normal(const Call& c) {
  auto* mean = c.optional_tensor("mean");
  auto* deviation = c.optional_tensor("std");
  const TensorType& dtype_from = mean ? *mean : *deviation;
  Sizes sizes = dtype_from.sizes;
  if (mean && deviation) sizes = broadcast(c, mean->sizes, deviation->sizes);
  return contiguous(dtype_from.dtype, sizes, dtype_from.device);
}

Type rrelu(const Call& c) {
  auto& self = c.tensor("self");
  auto& noise = c.tensor("noise");
  return results({empty_like(c, self, self.dtype), empty_like(c, noise, noise.dtype)});
}

}  // namespace

void register_random(Table& table) {
  add(table,
      {"bernoulli", "bernoulli.p", "poisson", "binomial", "_standard_gamma", "_sample_dirichlet"},
      sampled);
  add(table,
      {"bernoulli.Tensor", "uniform", "exponential", "geometric", "cauchy", "log_normal",
       "normal_functional", "random", "random.from", "random.to"},
      like_first);
  add(table, {"_fused_dropout", "native_dropout"}, native_dropout);
  add(table, {"multinomial"}, multinomial);
  add(table, {"normal.Tensor_Tensor", "normal.Tensor_float", "normal.float_Tensor"}, normal);
  add(table, {"rrelu_with_noise_functional"}, rrelu);
}

}  // namespace tx::shapes
