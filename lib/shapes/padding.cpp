// Padding: constant, reflection, replication.
#include "shapes/common.h"
#include "shapes/families.h"

namespace tx::shapes {

using symbolic::ge;
using symbolic::gt;

namespace {

/// `pads` come in pairs, last dimension first.
Sizes padded_sizes(const Call& c, const TensorType& t, const Sizes& pads) {
  if (pads.size() % 2)
    model_error(c,
                "Length of pad must be even but instead it equals " + std::to_string(pads.size()));
  if (pads.size() / 2 > t.rank()) {
    model_error(c,
                "Length of pad should be no more than twice the number of dimensions of the input. "
                "Pad length is " +
                    std::to_string(pads.size()) + " while the input has " +
                    std::to_string(t.rank()) + " dimensions.");
  }
  Sizes sizes = t.sizes;
  for (size_t i = 0; i < pads.size() / 2; ++i) {
    auto& size = sizes[sizes.size() - 1 - i];
    Expr wider = size + pads[2 * i] + pads[2 * i + 1];
    require(c, ge(wider, 0),
            "The input size " + size.text() + ", plus negative padding " + pads[2 * i].text() +
                " and " + pads[2 * i + 1].text() +
                " resulted in a negative output size, which is invalid. Check dimension " +
                std::to_string(sizes.size() - 1 - i) + " of your input.");
    size = wider;
  }
  return sizes;
}

Type constant_pad(const Call& c) {
  auto& self = c.tensor("self");
  auto pads = c.integers("pad");
  auto sizes = padded_sizes(c, self, pads);
  bool only_narrower = true;
  for (auto& pad : pads) only_narrower = only_narrower && pad.is_constant() && pad.value() <= 0;
  if (only_narrower)
    return empty_like(c, {self.dtype, sizes, self.strides, self.device}, self.dtype);
  return in_format(c, self.dtype, sizes, suggest_memory_format(c, self), self.device);
}

template <size_t n, bool reflects>
Type pad(const Call& c) {
  auto& self = c.tensor("self");
  auto pads = c.integers("padding");
  if (self.rank() != n + 1 && self.rank() != n + 2) {
    model_error(c, "Expected " + std::to_string(n + 1) + "D or " + std::to_string(n + 2) +
                       "D (batch mode) tensor with possibly 0 batch size and other non-zero "
                       "dimensions for input, but got: " +
                       sizes_text(self.sizes));
  }
  for (size_t d = self.rank() - n - 1; d < self.rank(); ++d) {
    if (d == 0 && self.rank() == n + 2) continue;  // the batch may be empty
    // A dimension that is padded may be empty if the result is not.
    if (d < self.rank() - n || reflects) {
      require(c, gt(self.sizes[d], 0),
              "Expected " + std::to_string(n + 1) + "D or " + std::to_string(n + 2) +
                  "D (batch mode) tensor with possibly 0 batch size and other non-zero dimensions "
                  "for input, but got: " +
                  sizes_text(self.sizes));
    }
  }
  auto sizes = padded_sizes(c, self, pads);
  for (size_t i = 0; i < n; ++i) {
    size_t d = sizes.size() - 1 - i;
    for (size_t side : {0, 1}) {
      if (!reflects) continue;
      require(c, gt(self.sizes[d], pads[2 * i + side]),
              "Argument #4: Padding size should be less than the corresponding input dimension, "
              "but got: padding (" +
                  pads[2 * i].text() + ", " + pads[2 * i + 1].text() + ") at dimension " +
                  std::to_string(d) + " of input " + sizes_text(self.sizes));
    }
    require(c, ge(sizes[d], 1),
            "input (size: " + self.sizes[d].text() +
                ") is too small. Calculated output size: " + sizes[d].text());
  }
  return in_format(c, self.dtype, sizes, suggest_memory_format(c, self), self.device);
}

}  // namespace

void register_padding(Table& table) {
  add(table, {"constant_pad_nd"}, constant_pad);
  add(table, {"reflection_pad1d"}, pad<1, true>);
  add(table, {"reflection_pad2d"}, pad<2, true>);
  add(table, {"reflection_pad3d"}, pad<3, true>);
  add(table, {"replication_pad1d"}, pad<1, false>);
  add(table, {"replication_pad2d"}, pad<2, false>);
  add(table, {"replication_pad3d"}, pad<3, false>);
}

}  // namespace tx::shapes
