// Fused attention kernels.
#include "shapes/common.h"
#include "shapes/families.h"

namespace tx::shapes {

using symbolic::eq;

namespace {

/// _scaled_dot_product_flash_attention_for_cpu: output and logsumexp.
Type flash_attention_for_cpu(const Call& c) {
  auto& query = c.tensor("query");
  auto& key = c.tensor("key");
  auto& value = c.tensor("value");
  if (query.rank() != 4 || key.rank() != 4 || value.rank() != 4) {
    model_error(c,
                "scaled_dot_product_attention_flash_attention: Accept only 4 dims inputs shape of "
                "{B, H, T, K}");
  }
  require(c, eq(query.sizes[3], key.sizes[3]),
          "scaled_dot_product_attention_flash_attention: Q/K/V should have the same head size");
  require(
      c, eq(key.sizes[2], value.sizes[2]),
      "scaled_dot_product_attention_flash_attention: K and V should have the same sequence length");
  require(c, eq(query.sizes[3], value.sizes[3]),
          "scaled_dot_product_attention_flash_attention: Q/K/V should have the same head size");
  // The kernel divides by these, and ends the process where one is 0.
  for (const Expr& size : {query.sizes[1], query.sizes[2], key.sizes[1], key.sizes[2]}) {
    require(c, symbolic::gt(size, 0),
            "scaled_dot_product_attention_flash_attention: there have to be heads and positions");
  }
  const Expr &batch = query.sizes[0], &heads = query.sizes[1], &length = query.sizes[2];
  Sizes sizes{batch, heads, length, value.sizes[3]};
  TensorType output{query.dtype, sizes,
                    dense_strides(c, {query.dtype, sizes, query.strides, query.device}),
                    query.device};
  bool half = query.dtype == DType::F16 || query.dtype == DType::BF16;
  // The kernel writes the sums as [batch, length, heads].
  TensorType sums{half ? DType::F32 : query.dtype,
                  {batch, heads, length},
                  {length * heads, Expr(1), heads},
                  query.device};
  return results({output, sums});
}

/// _transformer_encoder_layer_fwd: the fast path of nn.TransformerEncoderLayer, which traced
/// archives hold; the result is like `src`.
Type encoder_layer(const Call& c) {
  auto& src = c.tensor("src");
  return contiguous(src.dtype, src.sizes, src.device);
}

/// _native_multi_head_attention: the fast path of nn.MultiheadAttention, batch first; output
/// [batch, target, features] and, when asked for, weights [batch, (heads,) target, source].
Type multi_head_attention(const Call& c) {
  auto& query = c.tensor("query");
  if (query.rank() != 3) {
    model_error(c, "expected 3-D `query`, got " + std::to_string(query.rank()) + "-D tensor");
  }
  auto output = contiguous(query.dtype, query.sizes, query.device);
  if (!c.boolean("need_weights")) return results({output, Type()});
  Sizes weights{query.sizes[0], query.sizes[1], c.tensor("key").sizes.at(1)};
  if (!c.boolean("average_attn_weights")) {
    weights.insert(weights.begin() + 1, c.integer("num_head"));
  }
  return results({output, contiguous(query.dtype, weights, query.device)});
}

}  // namespace

void register_attention(Table& table) {
  add(table, {"_scaled_dot_product_flash_attention_for_cpu"}, flash_attention_for_cpu);
  add(table, {"_transformer_encoder_layer_fwd"}, encoder_layer);
  add(table, {"_native_multi_head_attention"}, multi_head_attention);
}

}  // namespace tx::shapes
