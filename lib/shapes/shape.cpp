// Operators that rearrange or copy elements: cat, stack, repeat, flip, clone, im2col and the like.
#include <algorithm>

#include "shapes/elementwise.h"
#include "shapes/families.h"
#include "shapes/promote.h"
#include "shapes/view_strides.h"

namespace tx::shapes {

using symbolic::eq;
using symbolic::floor_div;
using symbolic::ge;
using symbolic::mod;

namespace {

DType common_dtype(const Call& c, const std::vector<const TensorType*>& tensors) {
  // Tensors with dimensions decide; 0-d ones only add a higher kind, which cat does not allow.
  DType dtype = tensors.at(0)->dtype;
  for (auto* t : tensors) dtype = promote(c, dtype, t->dtype);
  return dtype;
}

/// The one format of all tensors, or contiguous.
MemoryFormat common_format(const Call& c, const std::vector<const TensorType*>& tensors) {
  auto format = suggest_memory_format(c, *tensors.at(0));
  for (auto* t : tensors) {
    if (suggest_memory_format(c, *t) != format) return MemoryFormat::Contiguous;
  }
  return format;
}

/// cat: tensors of size [0] are skipped, as ever.
Type cat(const Call& c) {
  auto tensors = c.tensors("tensors");
  if (tensors.empty()) model_error(c, "torch.cat(): expected a non-empty list of Tensors");
  auto skipped = [](const TensorType& t) { return t.rank() == 1 && t.sizes[0] == Expr(0); };
  const TensorType* first = nullptr;
  for (size_t i = 0; i < tensors.size(); ++i) {
    if (tensors[i]->rank() == 0) {
      model_error(c, "zero-dimensional tensor (at position " + std::to_string(i) +
                         ") cannot be concatenated");
    }
    if (!first && !skipped(*tensors[i])) first = tensors[i];
  }
  DType dtype = common_dtype(c, tensors);
  if (!first) return contiguous(dtype, {Expr(0)}, tensors[0]->device);
  auto dim = dim_argument(c, "dim", first->rank());
  Sizes sizes = first->sizes;
  sizes[dim] = 0;
  for (size_t i = 0; i < tensors.size(); ++i) {
    auto& t = *tensors[i];
    if (skipped(t)) continue;
    if (t.rank() != first->rank()) {
      model_error(c, "Tensors must have same number of dimensions: got " +
                         std::to_string(first->rank()) + " and " + std::to_string(t.rank()));
    }
    for (size_t d = 0; d < t.rank(); ++d) {
      if (static_cast<int64_t>(d) == dim) continue;
      require(c, eq(t.sizes[d], sizes[d]),
              "Sizes of tensors must match except in dimension " + std::to_string(dim) +
                  ". Expected size " + sizes[d].text() + " but got size " + t.sizes[d].text() +
                  " for tensor number " + std::to_string(i) + " in the list.");
      if (t.sizes[d].is_constant()) sizes[d] = t.sizes[d];
    }
    sizes[dim] = sizes[dim] + t.sizes[dim];
  }
  return in_format(c, dtype, sizes, common_format(c, tensors), first->device);
}

/// stack: one guard for all dimensions of all tensors.
Type stack(const Call& c) {
  auto tensors = c.tensors("tensors");
  if (tensors.empty()) model_error(c, "stack expects a non-empty TensorList");
  auto& first = *tensors[0];
  Expr all = Expr::boolean(true);
  for (size_t i = 1; i < tensors.size(); ++i) {
    std::string message = "stack expects each tensor to be equal size, but got " +
                          sizes_text(first.sizes) + " at entry 0 and " +
                          sizes_text(tensors[i]->sizes) + " at entry " + std::to_string(i);
    if (tensors[i]->rank() != first.rank()) model_error(c, message);
    for (size_t d = 0; d < first.rank(); ++d) {
      Expr equal = eq(first.sizes[d], tensors[i]->sizes[d]);
      if (equal.is_false()) model_error(c, message);
      all = symbolic::logical_and(all, equal);
    }
  }
  require(c, all, "stack expects each tensor to be equal size");
  Sizes sizes = first.sizes;
  sizes.insert(sizes.begin() + wrap_dim(c, c.static_integer("dim"), first.rank() + 1),
               Expr(static_cast<int64_t>(tensors.size())));
  DType dtype = common_dtype(c, tensors);
  if (c.op != "aten._stack.default") return contiguous(dtype, sizes, first.device);
  // _stack is a cat of unsqueezed tensors.
  auto dim = wrap_dim(c, c.static_integer("dim"), first.rank() + 1);
  std::vector<TensorType> unsqueezed;
  std::vector<const TensorType*> pieces;
  unsqueezed.reserve(tensors.size());
  for (auto* t : tensors) {
    TensorType piece = *t;
    bool last = dim == static_cast<int64_t>(t->rank());
    piece.strides.insert(piece.strides.begin() + dim,
                         last ? Expr(1) : t->sizes[dim] * t->strides[dim]);
    piece.sizes.insert(piece.sizes.begin() + dim, Expr(1));
    unsqueezed.push_back(std::move(piece));
    pieces.push_back(&unsqueezed.back());
  }
  return in_format(c, dtype, sizes, common_format(c, pieces), first.device);
}

Type chunk_cat(const Call& c) {
  auto tensors = c.tensors("tensors");
  auto dim = wrap_dim(c, c.static_integer("dim"), tensors.at(0)->rank());
  Expr chunks = c.integer("num_chunks"), width(0);
  Sizes sizes(tensors[0]->sizes.begin(), tensors[0]->sizes.begin() + dim);
  for (auto* t : tensors) {
    Expr each = symbolic::ceil_div(t->sizes.at(dim), chunks);
    for (size_t d = dim + 1; d < t->rank(); ++d) each = each * t->sizes[d];
    width = width + each;
  }
  sizes.push_back(chunks);
  sizes.push_back(width);
  return contiguous(common_dtype(c, tensors), sizes, tensors[0]->device);
}

Type block_diag(const Call& c) {
  auto tensors = c.tensors("tensors");
  Expr rows(0), columns(0);
  for (auto* t : tensors) {
    if (t->rank() > 2)
      model_error(c, "torch.block_diag: Input tensors must have 2 or fewer dimensions.");
    rows = rows + (t->rank() == 2 ? t->sizes[0] : Expr(1));
    columns = columns + (t->rank() ? t->sizes.back() : Expr(1));
  }
  return contiguous(tensors.empty() ? DType::F32 : common_dtype(c, tensors), {rows, columns});
}

Type repeat(const Call& c) {
  auto& self = c.tensor("self");
  auto sizes = c.integers("repeats");
  if (sizes.size() < self.rank()) {
    model_error(c,
                "Number of dimensions of repeat dims can not be smaller than number of dimensions "
                "of tensor");
  }
  for (auto& count : sizes) {
    require(c, symbolic::ge(count, 0),
            "Trying to create tensor with negative dimension " + count.text());
  }
  size_t missing = sizes.size() - self.rank();
  for (size_t d = 0; d < self.rank(); ++d) sizes[missing + d] = sizes[missing + d] * self.sizes[d];
  return contiguous(self.dtype, sizes, self.device);
}

Type flip(const Call& c) {
  auto& self = c.tensor("self");
  wrap_dims(c, c.static_integers("dims"), self.rank());
  return empty_like(c, self, self.dtype);
}

/// roll over one dimension is a cat of two slices, and keeps their common format.
Type roll(const Call& c) {
  auto& self = c.tensor("self");
  if (is_empty(c, self.sizes)) return empty_like(c, self, self.dtype);
  // A dimension may be rolled more than once.
  auto dims = c.static_integers("dims");
  for (auto& dim : dims) dim = wrap_dim(c, dim, self.rank());
  auto shifts = c.integers("shifts");
  if (dims.empty()) {
    return contiguous(self.dtype, self.sizes, self.device);
  }
  if (dims.size() != shifts.size()) {
    model_error(c, "shifts and dimensions must align. shifts: " + std::to_string(shifts.size()) +
                       ", dims:" + std::to_string(dims.size()));
  }
  TensorType result = self;
  for (size_t i = 0; i < dims.size() && result.rank(); ++i) {
    Expr start = mod(result.sizes[dims[i]] - shifts[i], result.sizes[dims[i]]);
    TensorType head = result, tail = result;
    head.sizes[dims[i]] = result.sizes[dims[i]] - start;
    tail.sizes[dims[i]] = start;
    auto format = all_constant(result.sizes) ? common_format(c, {&head, &tail})
                                             : suggest_memory_format(c, result);
    result = in_format(c, result.dtype, result.sizes, format, result.device);
  }
  return result;
}

/// rot90: flips, and for odd k a transposed view of the flipped copy.
Type rot90(const Call& c) {
  auto& self = c.tensor("self");
  auto dims = wrap_dims(c, c.static_integers("dims"), self.rank());
  if (dims.size() != 2)
    model_error(c,
                "expected total rotation dims == 2, but got dims = " + std::to_string(dims.size()));
  int64_t turns = ((c.static_integer("k") % 4) + 4) % 4;
  if (turns == 0) return contiguous(self.dtype, self.sizes, self.device);
  TensorType result = empty_like(c, self, self.dtype);
  if (turns % 2) {
    std::swap(result.sizes[dims[0]], result.sizes[dims[1]]);
    std::swap(result.strides[dims[0]], result.strides[dims[1]]);
  }
  return result;
}

Type triangle(const Call& c) {
  auto& self = c.tensor("self");
  if (self.rank() < 2) model_error(c, "input tensor must have at least 2 dimensions");
  return contiguous(self.dtype, self.sizes, self.device);
}

Type diag_embed(const Call& c) {
  auto& self = c.tensor("self");
  auto first = wrap_dim(c, c.static_integer("dim1"), self.rank() + 1);
  auto second = wrap_dim(c, c.static_integer("dim2"), self.rank() + 1);
  if (first == second) {
    model_error(c, "diagonal dimensions cannot be identical " + std::to_string(first) + ", " +
                       std::to_string(second));
  }
  if (self.rank() == 0) model_error(c, "diag_embed expects at least a 1-dimensional tensor");
  Sizes sizes = self.sizes;
  Expr side = sizes.back() + Expr(std::abs(c.static_integer("offset")));
  sizes.pop_back();
  sizes.insert(sizes.begin() + std::min(first, second), side);
  sizes.insert(sizes.begin() + std::max(first, second), side);
  return contiguous(self.dtype, sizes, self.device);
}

Type pixel_shuffle(const Call& c) {
  auto& self = c.tensor("self");
  Expr factor = c.integer("upscale_factor");
  if (self.rank() < 3)
    model_error(c,
                "pixel_shuffle expects input to have at least 3 dimensions, but got input with " +
                    std::to_string(self.rank()) + " dimension(s)");
  Sizes sizes = self.sizes;
  size_t n = sizes.size();
  require(c, eq(mod(sizes[n - 3], factor * factor), 0),
          "pixel_shuffle expects its input's 'channel' dimension to be divisible by the square of "
          "upscale_factor, but input.size(-3)=" +
              sizes[n - 3].text() + " is not divisible by " + (factor * factor).text());
  sizes[n - 3] = floor_div(sizes[n - 3], factor * factor);
  sizes[n - 2] = sizes[n - 2] * factor;
  sizes[n - 1] = sizes[n - 1] * factor;
  return in_format(c, self.dtype, sizes, suggest_memory_format(c, self), self.device);
}

Type pixel_unshuffle(const Call& c) {
  auto& self = c.tensor("self");
  Expr factor = c.integer("downscale_factor");
  if (self.rank() < 3)
    model_error(c,
                "pixel_unshuffle expects input to have at least 3 dimensions, but got input with " +
                    std::to_string(self.rank()) + " dimension(s)");
  Sizes sizes = self.sizes;
  size_t n = sizes.size();
  sizes[n - 3] = sizes[n - 3] * factor * factor;
  for (size_t d : {n - 2, n - 1}) {
    require(c, eq(mod(sizes[d], factor), 0),
            std::string("pixel_unshuffle expects ") + (d == n - 2 ? "height" : "width") +
                " to be divisible by downscale_factor, but input.size(" +
                (d == n - 2 ? "-2" : "-1") + ")=" + sizes[d].text() + " is not divisible by " +
                factor.text());
    sizes[d] = floor_div(sizes[d], factor);
  }
  return in_format(c, self.dtype, sizes, suggest_memory_format(c, self), self.device);
}

Type channel_shuffle(const Call& c) {
  auto& self = c.tensor("self");
  if (self.rank() < 3)
    model_error(c, "channel_shuffle expects input with > 2 dims, but got input with sizes " +
                       sizes_text(self.sizes));
  Expr groups = c.integer("groups");
  require(c, eq(mod(self.sizes[1], groups), 0),
          "Number of channels must be divisible by groups. Got " + self.sizes[1].text() +
              " channels and " + groups.text() + " groups.");
  return in_format(c, self.dtype, self.sizes, suggest_memory_format(c, self), self.device);
}

/// Only a batch may be empty.
void require_sizes(const Call& c, const Sizes& sizes, size_t first, const std::string& ranks) {
  for (size_t d = first; d < sizes.size(); ++d) {
    require(c, symbolic::gt(sizes[d], 0),
            "Expected " + ranks +
                " (batch mode) tensor with possibly 0 batch size and other non-zero dimensions for "
                "input, but got: " +
                sizes_text(sizes));
  }
}

/// The number of sliding blocks of im2col along one dimension.
Expr blocks(const Call& c, const Expr& size, size_t i) {
  Expr kernel = c.integers("kernel_size").at(i), dilation = c.integers("dilation").at(i);
  Expr padding = c.integers("padding").at(i), stride = c.integers("stride").at(i);
  return floor_div(size + padding * Expr(2) - dilation * (kernel - 1) - 1, stride) + 1;
}

Type im2col(const Call& c) {
  auto& self = c.tensor("self");
  if (self.rank() != 3 && self.rank() != 4) {
    model_error(c,
                "Expected 3D or 4D (batch mode) tensor with possibly 0 batch size and other "
                "non-zero dimensions for input, but got: " +
                    sizes_text(self.sizes));
  }
  size_t n = self.rank();
  require_sizes(c, self.sizes, n - 3, "3D or 4D");
  Expr columns(1);
  for (size_t i = 0; i < 2; ++i) {
    Expr count = blocks(c, self.sizes[n - 2 + i], i);
    require(c, ge(count, 1),
            "Given input with spatial size " + sizes_text({self.sizes[n - 2], self.sizes[n - 1]}) +
                ", calculated shape of the array of sliding blocks is too small (non-positive)");
    columns = columns * count;
  }
  Sizes sizes(self.sizes.begin(), self.sizes.end() - 2);
  sizes.back() = sizes.back() * numel(c.integers("kernel_size"));
  sizes.push_back(columns);
  return contiguous(self.dtype, sizes, self.device);
}

Type col2im(const Call& c) {
  auto& self = c.tensor("self");
  if (self.rank() != 2 && self.rank() != 3) {
    model_error(c,
                "Expected 2D or 3D (batch mode) tensor for input with possibly 0 batch size and "
                "non-zero dimensions for input, but got: " +
                    sizes_text(self.sizes));
  }
  require_sizes(c, self.sizes, self.rank() - 2, "2D or 3D");
  auto output = c.integers("output_size");
  Expr kernel = numel(c.integers("kernel_size"));
  Sizes sizes(self.sizes.begin(), self.sizes.end() - 1);
  require(c, eq(mod(sizes.back(), kernel), 0),
          "Expected size of input's dimension 1 to be divisible by the product of kernel_size, but "
          "got input.size(1)=" +
              sizes.back().text() + " and kernel_size=" + sizes_text(c.integers("kernel_size")) +
              ".");
  Expr columns = blocks(c, output.at(0), 0) * blocks(c, output.at(1), 1);
  require(c, eq(self.sizes.back(), columns),
          "Given output_size=" + sizes_text(output) +
              ", expected size of input's dimension 2 to match the calculated number of sliding "
              "blocks " +
              columns.text() + ", but got input.size(2)=" + self.sizes.back().text() + ".");
  sizes.back() = floor_div(sizes.back(), kernel);
  sizes.insert(sizes.end(), output.begin(), output.end());
  return contiguous(self.dtype, sizes, self.device);
}

Type clone(const Call& c) {
  auto& self = c.tensor(0);
  return empty_like(c, self, self.dtype,
                    c.optional_memory_format("memory_format").value_or(MemoryFormat::Preserve));
}

Type contiguous_clone(const Call& c) {
  auto& self = c.tensor(0);
  return contiguous(self.dtype, self.sizes, self.device);
}

Type to_copy(const Call& c) {
  auto& self = c.tensor("self");
  return empty_like(c, self, c.optional_dtype("dtype").value_or(self.dtype),
                    c.optional_memory_format("memory_format").value_or(MemoryFormat::Preserve));
}

Type reshape_copy(const Call& c) {
  auto& self = c.tensor("self");
  return contiguous(self.dtype, inferred_size(c, c.integers("size"), self.sizes), self.device);
}

Type narrow_copy(const Call& c) {
  TensorType result = c.tensor("self");
  auto dim = dim_argument(c, "dim", result.rank());
  Sizes sizes = result.sizes;
  sizes.at(dim) = c.integer("length");
  return contiguous(result.dtype, sizes, result.device);
}

Type resize(const Call& c) {
  auto& self = c.tensor(0);
  auto format = c.optional_memory_format("memory_format").value_or(MemoryFormat::Contiguous);
  Sizes sizes = c.has("size") ? c.integers("size") : c.tensor("the_template").sizes;
  return in_format(c, self.dtype, sizes,
                   format == MemoryFormat::Preserve ? MemoryFormat::Contiguous : format,
                   self.device);
}

}  // namespace

void register_shape(Table& table) {
  add(table, {"cat"}, cat);
  add(table, {"stack", "_stack"}, stack);
  add(table, {"_chunk_cat"}, chunk_cat);
  add(table, {"block_diag"}, block_diag);
  add(table, {"repeat"}, repeat);
  add(table, {"flip"}, flip);
  add(table, {"roll"}, roll);
  add(table, {"rot90"}, rot90);
  add(table, {"tril", "triu"}, triangle);
  add(table, {"diag_embed"}, diag_embed);
  add(table, {"pixel_shuffle"}, pixel_shuffle);
  add(table, {"pixel_unshuffle"}, pixel_unshuffle);
  add(table, {"channel_shuffle", "native_channel_shuffle"}, channel_shuffle);
  add(table, {"im2col"}, im2col);
  add(table, {"col2im"}, col2im);
  add(table, {"clone"}, clone);
  add(table, {"lift_fresh_copy"}, contiguous_clone);
  add(table, {"_to_copy"}, to_copy);
  add(table, {"_reshape_copy", "view_copy"}, reshape_copy);
  add(table, {"narrow_copy"}, narrow_copy);
  add(table, {"resize", "resize_as"}, resize);
}

}  // namespace tx::shapes
