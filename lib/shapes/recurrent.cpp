// Fused recurrent layers.
#include "shapes/common.h"
#include "shapes/families.h"

namespace tx::shapes {

namespace {

/// mkldnn_rnn_layer: output, last hidden state, last cell state, workspace.
Type mkldnn_rnn_layer(const Call& c) {
  auto& input = c.tensor("input");
  auto& hidden = c.tensor("hx_");
  auto& cell = c.tensor("cx_");
  Sizes sizes = input.sizes;
  sizes.at(2) = c.integer("hidden_size");
  return results(
      {contiguous(input.dtype, sizes, input.device),
       contiguous(hidden.dtype, hidden.sizes, hidden.device),
       contiguous(cell.dtype, cell.sizes, cell.device),
       // Only training keeps a workspace.
       c.boolean("train") ? Type(contiguous(DType::U8, {Expr(0)}, input.device)) : Type()});
}

}  // namespace

void register_recurrent(Table& table) { add(table, {"mkldnn_rnn_layer"}, mkldnn_rnn_layer); }

}  // namespace tx::shapes
