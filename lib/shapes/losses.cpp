// Losses with a reduction (0 none, 1 mean, 2 sum).
#include <algorithm>

#include "shapes/elementwise.h"
#include "shapes/families.h"
#include "shapes/promote.h"

namespace tx::shapes {

namespace {

bool reduces(const Call& c) { return c.static_integer("reduction") != 0; }

/// Element-wise losses of self and target.
Type elementwise_loss(const Call& c) {
  auto& self = c.tensor("self");
  auto& target = c.tensor("target");
  DType dtype = result_type(c, {0, 1});
  auto result = elementwise(c, dtype, {&self, &target});
  return reduces(c) ? contiguous(dtype, {}, self.device) : result;
}

/// Binary cross entropies.
Type binary_cross_entropy(const Call& c) {
  auto& self = c.tensor("self");
  auto& target = c.tensor("target");
  if (self.rank() != target.rank()) {
    model_error(c, "Using a target size (" + sizes_text(target.sizes) +
                       ") that is different to the input size (" + sizes_text(self.sizes) +
                       ") is deprecated. Please ensure they have the same size.");
  }
  for (size_t d = 0; d < self.rank(); ++d) {
    require(c, symbolic::eq(self.sizes[d], target.sizes[d]),
            "Target size (" + sizes_text(target.sizes) + ") must be the same as input size (" +
                sizes_text(self.sizes) + ")");
  }
  for (const char* factor : {"weight", "pos_weight"}) {
    const TensorType* weight = c.optional_tensor(factor);
    if (weight) broadcast(c, weight->sizes, target.sizes);
  }
  if (reduces(c)) return contiguous(self.dtype, {}, self.device);
  if (c.has("pos_weight")) {
    // With logits it starts as 1 - target.
    return elementwise(c, self.dtype, {&target}, true);
  }
  return empty_like(c, self, self.dtype);
}

/// A weight for each class, where there are weights.
void require_weights(const Call& c, const Expr& classes) {
  const TensorType* weight = c.optional_tensor("weight");
  if (!weight) return;
  require(c, symbolic::eq(numel(weight->sizes), classes),
          "weight tensor should be defined either for all " + classes.text() +
              " classes or no classes but got weight tensor of shape: " + sizes_text(weight->sizes));
}

Type nll_loss(const Call& c) {
  auto& self = c.tensor("self");
  auto& target = c.tensor("target");
  if (self.rank() != 1 && self.rank() != 2) model_error(c, "input tensor should be 1D or 2D");
  if (self.rank() == 2 && target.rank() == 1) {
    require(c, symbolic::eq(self.sizes[0], target.sizes[0]),
            "size mismatch (got input: " + sizes_text(self.sizes) +
                ", target: " + sizes_text(target.sizes) + ")");
  }
  require_weights(c, self.sizes.back());
  Sizes sizes;
  if (!reduces(c) && self.rank() == 2) sizes.push_back(self.sizes[0]);
  return results(
      {contiguous(self.dtype, sizes, self.device), contiguous(self.dtype, {}, self.device)});
}

Type nll_loss2d(const Call& c) {
  auto& self = c.tensor("self");
  auto& target = c.tensor("target");
  if (self.rank() != 4 || target.rank() != 3) {
    model_error(c,
                "only batches of spatial images are supported (4D tensors) and spatial targets (3D "
                "tensors), but got input of size " +
                    sizes_text(self.sizes) + " and targets of size " + sizes_text(target.sizes));
  }
  for (auto [d, t] : {std::pair{0, 0}, {2, 1}, {3, 2}}) {
    require(c, symbolic::eq(self.sizes[d], target.sizes[t]),
            "size mismatch (got input: " + sizes_text(self.sizes) +
                ", target: " + sizes_text(target.sizes));
  }
  require_weights(c, self.sizes[1]);
  auto result = contiguous(self.dtype, reduces(c) ? Sizes{} : target.sizes, self.device);
  return results({result, contiguous(self.dtype, {}, self.device)});
}

/// Of no classes there is no margin.
void require_classes(const Call& c) {
  auto& self = c.tensor("self");
  if (self.rank() == 0) return;
  require(c, symbolic::gt(self.sizes.back(), 0),
          "Expected non-empty vector or matrix with optional 0-dim batch size, but got: " +
              sizes_text(self.sizes));
}

Type multi_margin_loss(const Call& c) {
  auto& self = c.tensor("self");
  require_classes(c);
  if (self.rank() > 0) require_weights(c, self.sizes.back());
  auto& target = c.tensor("target");
  if (self.rank() == 2 && target.rank() == 1) {
    require(c, symbolic::eq(target.sizes[0], self.sizes[0]),
            "inconsistent target size, expected " + self.sizes[0].text() + " but got " +
                sizes_text(target.sizes));
  }
  return contiguous(self.dtype, reduces(c) ? Sizes{} : c.tensor("target").sizes, self.device);
}

Type multilabel_margin_loss(const Call& c) {
  auto& self = c.tensor("self");
  auto& target = c.tensor("target");
  require_classes(c);
  for (size_t d = 0; d < self.rank() && target.rank() == self.rank(); ++d) {
    require(c, symbolic::eq(target.sizes[d], self.sizes[d]),
            "inconsistent target size: " + sizes_text(target.sizes) +
                " for input of size: " + sizes_text(self.sizes));
  }
  Sizes sizes;
  if (!reduces(c) && self.rank() > 1) sizes.push_back(self.sizes[0]);
  return results({contiguous(self.dtype, sizes, self.device),
                  contiguous(self.dtype, target.sizes, self.device)});
}

/// _ctc_loss with lengths that are plain numbers: losses and the table of the forward pass.
Type ctc_loss(const Call& c) {
  auto& log_probs = c.tensor("log_probs");
  auto lengths = c.static_integers("target_lengths");
  int64_t longest = lengths.empty() ? 0 : *std::max_element(lengths.begin(), lengths.end());
  Expr steps = log_probs.sizes.at(0), batch = log_probs.rank() == 3 ? log_probs.sizes[1] : Expr(1);
  auto loss =
      contiguous(log_probs.dtype, log_probs.rank() == 3 ? Sizes{batch} : Sizes{}, log_probs.device);
  return results(
      {loss, contiguous(log_probs.dtype, {batch, steps, Expr(2 * longest + 1)}, log_probs.device)});
}

/// The lengths are data.
Type ctc_loss_of_tensors(const Call& c) { data_dependent(c); }

/// dist: the norm of a difference.
Type dist(const Call& c) {
  auto& self = c.tensor("self");
  broadcast(c, self.sizes, c.tensor("other").sizes);
  return contiguous(real_of(result_type(c, {0, 1})), {}, self.device);
}

}  // namespace

void register_losses(Table& table) {
  add(table, {"mse_loss", "smooth_l1_loss", "huber_loss", "soft_margin_loss"}, elementwise_loss);
  add(table, {"binary_cross_entropy", "binary_cross_entropy_with_logits"}, binary_cross_entropy);
  add(table, {"nll_loss_forward"}, nll_loss);
  add(table, {"nll_loss2d_forward"}, nll_loss2d);
  add(table, {"multi_margin_loss"}, multi_margin_loss);
  add(table, {"multilabel_margin_loss_forward"}, multilabel_margin_loss);
  add(table, {"_ctc_loss"}, ctc_loss);
  add(table, {"_ctc_loss.Tensor"}, ctc_loss_of_tensors);
  add(table, {"dist"}, dist);
}

}  // namespace tx::shapes
