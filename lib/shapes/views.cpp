// Views: other sizes and strides over the same elements.
#include <algorithm>

#include "shapes/data_dependent.h"
#include "shapes/families.h"
#include "shapes/view_strides.h"

namespace tx::shapes {

using symbolic::eq;
using symbolic::floor_div;
using symbolic::ge;
using symbolic::le;
using symbolic::lt;

namespace {

TensorType view_of(const TensorType& t, Sizes sizes, Sizes strides) {
  return {t.dtype, std::move(sizes), std::move(strides), t.device};
}

Type same_tensor(const Call& c) { return c.tensor(0); }

Type view(const Call& c) {
  auto& self = c.tensor(0);
  auto sizes = inferred_size(c, c.integers("size"), self.sizes);
  auto strides = view_strides(c, self, sizes);
  if (!strides) {
    model_error(c,
                "view size is not compatible with input tensor's size and stride (at least one "
                "dimension spans across two contiguous subspaces). Use .reshape(...) instead.");
  }
  return view_of(self, std::move(sizes), std::move(*strides));
}

/// view.dtype: the last dimension shrinks or grows with the size of an element.
Type view_dtype(const Call& c) {
  TensorType t = c.tensor("self");
  DType dtype = *c.optional_dtype("dtype");
  int64_t from = ir::element_size(t.dtype), to = ir::element_size(dtype);
  t.dtype = dtype;
  if (from == to) return t;
  if (t.rank() == 0) {
    model_error(c, "self.dim() cannot be 0 to view " + std::string(ir::torch_name(t.dtype)) +
                       " as a dtype of another size");
  }
  require(c, eq(t.strides.back(), 1),
          "self.stride(-1) must be 1 to view a tensor as a dtype of another size");
  if (from > to) {
    Expr ratio(from / to);
    for (size_t d = 0; d + 1 < t.rank(); ++d) t.strides[d] = t.strides[d] * ratio;
    t.sizes.back() = t.sizes.back() * ratio;
  } else {
    Expr ratio(to / from);
    require(c, eq(symbolic::mod(t.sizes.back(), ratio), 0),
            "self.size(-1) must be divisible by " + ratio.text() +
                " to view a tensor as a dtype of another size");
    t.sizes.back() = floor_div(t.sizes.back(), ratio);
    for (size_t d = 0; d + 1 < t.rank(); ++d) t.strides[d] = floor_div(t.strides[d], ratio);
  }
  return t;
}

Type as_strided(const Call& c) {
  return view_of(c.tensor("self"), c.integers("size"), c.integers("stride"));
}

Type expand(const Call& c) {
  auto& self = c.tensor("self");
  auto target = c.integers("size");
  if (target.size() < self.rank()) {
    model_error(c, "expand: the number of sizes provided (" + std::to_string(target.size()) +
                       ") must be greater or equal to the number of dimensions in the tensor (" +
                       std::to_string(self.rank()) + ")");
  }
  Sizes strides(target.size());
  if (self.rank() == 0) return view_of(self, target, strides);
  for (size_t i = target.size(); i-- > 0;) {
    size_t missing = target.size() - self.rank();
    bool exists = i >= missing;
    Expr size = exists ? self.sizes[i - missing] : Expr(1);
    Expr stride = exists ? self.strides[i - missing]
                         : (i + 1 < target.size() ? target[i + 1] * strides[i + 1] : Expr(1));
    if (target[i] == Expr(-1)) {
      if (!exists) {
        model_error(c,
                    "The expanded size of the tensor (-1) isn't allowed in a leading, non-existing "
                    "dimension " +
                        std::to_string(i));
      }
      target[i] = size;
    }
    if (!same(c, size, target[i])) {
      if (is_one(c, size)) {
        stride = 0;
      } else {
        require(c, eq(size, target[i]),
                "The expanded size of the tensor (" + target[i].text() +
                    ") must match the existing size (" + size.text() +
                    ") at non-singleton dimension " + std::to_string(i) + ".  Target sizes: " +
                    sizes_text(c.integers("size")) + ".  Tensor sizes: " + sizes_text(self.sizes));
      }
    }
    strides[i] = stride;
  }
  return view_of(self, std::move(target), std::move(strides));
}

TensorType permuted(const TensorType& t, const std::vector<int64_t>& order) {
  TensorType result = t;
  for (size_t i = 0; i < order.size(); ++i) {
    result.sizes[i] = t.sizes[order[i]];
    result.strides[i] = t.strides[order[i]];
  }
  return result;
}

Type permute(const Call& c) {
  auto& self = c.tensor("self");
  auto dims = c.static_integers("dims");
  if (dims.size() != self.rank()) {
    model_error(c,
                "permute(sparse_coo): number of dimensions in the tensor input does not match the "
                "length of "
                "the desired ordering of dimensions i.e. input.dim() = " +
                    std::to_string(self.rank()) +
                    " is not equal to len(dims) = " + std::to_string(dims.size()));
  }
  return permuted(self, wrap_dims(c, dims, self.rank()));
}

Type swap_dims(const TensorType& t, int64_t a, int64_t b) {
  TensorType result = t;
  if (t.rank() == 0) return result;
  std::swap(result.sizes[a], result.sizes[b]);
  std::swap(result.strides[a], result.strides[b]);
  return result;
}

Type transpose(const Call& c) {
  auto& self = c.tensor("self");
  return swap_dims(self, dim_argument(c, "dim0", self.rank()),
                   dim_argument(c, "dim1", self.rank()));
}

Type t(const Call& c) {
  auto& self = c.tensor("self");
  if (self.rank() > 2) {
    model_error(c, "t() expects a tensor with <= 2 dimensions, but self is " +
                       std::to_string(self.rank()) + "D");
  }
  return self.rank() < 2 ? Type(self) : swap_dims(self, 0, 1);
}

Type select(const Call& c) {
  TensorType result = c.tensor("self");
  if (result.rank() == 0) model_error(c, "select() cannot be applied to a 0-dim tensor.");
  auto dim = dim_argument(c, "dim", result.rank());
  require_index(c, c.integer("index"), result.sizes, dim);
  result.sizes.erase(result.sizes.begin() + dim);
  result.strides.erase(result.strides.begin() + dim);
  return result;
}

/// A slice; `by_data` gives its length where data decide it, from dimension and size.
template <class ByData>
Type sliced(const Call& c, const ByData& by_data) {
  TensorType result = c.tensor("self");
  if (result.rank() == 0) model_error(c, "slice() cannot be applied to a 0-dim tensor.");
  auto dim = dim_argument(c, "dim", result.rank());
  Expr step = c.integer("step");
  const auto length = slice_length(c, result.sizes[dim], c.optional_integer("start"),
                                   c.optional_integer("end"), step);
  result.sizes[dim] = length ? *length : by_data(dim, result.sizes[dim]);
  result.strides[dim] = result.strides[dim] * step;
  ask_contiguity(c, result);
  return result;
}

/// As in torch 2.13, a length that data decide is a new symbol.
Type slice(const Call& c) {
  return sliced(c, [&](size_t, const Expr& size) { return data_dependent_count(c, {size}, 0); });
}

/// What slice_scatter writes to. A length that data decide is that of src: the kernel compares them.
Type scattered_slice(const Call& c) {
  return sliced(c, [&](size_t dim, const Expr& size) {
    const Sizes& given = c.tensor("src").sizes;
    return dim < given.size() ? given[dim] : size;
  });
}

TensorType without_dims(const TensorType& t, const std::vector<bool>& removed) {
  TensorType result{t.dtype, {}, {}, t.device};
  for (size_t d = 0; d < t.rank(); ++d) {
    if (removed[d]) continue;
    result.sizes.push_back(t.sizes[d]);
    result.strides.push_back(t.strides[d]);
  }
  return result;
}

/// squeeze, squeeze.dim, squeeze.dims: here whether a size is 1 decides the rank of the result, so
/// it is a guard where the ranges leave it open.
Type squeeze(const Call& c) {
  auto& self = c.tensor("self");
  std::vector<bool> wanted(self.rank(), !c.has("dim"));
  if (c.has("dim")) {
    for (auto dim : wrap_dims(c, c.static_integers("dim"), self.rank())) {
      if (self.rank()) wanted[dim] = true;
    }
  }
  for (size_t d = 0; d < self.rank(); ++d) {
    wanted[d] = wanted[d] && c.env.evaluate(eq(self.sizes[d], 1));
  }
  return without_dims(self, wanted);
}

Type unsqueeze(const Call& c) {
  TensorType result = c.tensor("self");
  auto dim = wrap_dim(c, c.static_integer("dim"), result.rank() + 1);
  bool last = dim == static_cast<int64_t>(result.rank());
  Expr stride = last ? Expr(1) : result.sizes[dim] * result.strides[dim];
  result.sizes.insert(result.sizes.begin() + dim, Expr(1));
  result.strides.insert(result.strides.begin() + dim, stride);
  return result;
}

Type diagonal(const Call& c) {
  auto& self = c.tensor("self");
  auto first = dim_argument(c, "dim1", self.rank()), second = dim_argument(c, "dim2", self.rank());
  if (first == second) {
    model_error(c, "diagonal dimensions cannot be identical " + std::to_string(first) + ", " +
                       std::to_string(second));
  }
  std::vector<bool> removed(self.rank(), false);
  removed[first] = removed[second] = true;
  TensorType result = without_dims(self, removed);
  result.sizes.push_back(
      diagonal_length(self.sizes[first], self.sizes[second], c.static_integer("offset")));
  result.strides.push_back(self.strides[first] + self.strides[second]);
  return result;
}

/// unfold_backward(Tensor grad_in, SymInt[] input_sizes, int dim, SymInt size, SymInt step): the sum
/// over overlapping windows, contiguous (istft uses it to put frames together).
Type unfold_backward(const Call& c) {
  const TensorType& windows = c.tensor(0);
  Sizes sizes = c.integers(1);
  auto strides = ir::contiguous_strides(sizes);
  return TensorType{windows.dtype, std::move(sizes), std::move(strides), windows.device};
}

Type unfold(const Call& c) {
  TensorType result = c.tensor("self");
  auto dim = dim_argument(c, "dimension", result.rank());
  Expr size = c.integer("size"), step = c.integer("step");
  if (result.rank() == 0) {
    result.sizes.push_back(size);
    result.strides.push_back(1);
    return result;
  }
  require(c, le(size, result.sizes[dim]),
          "maximum size for tensor at dimension " + std::to_string(dim) + " is " +
              result.sizes[dim].text() + " but size is " + size.text());
  result.sizes.push_back(size);
  result.strides.push_back(result.strides[dim]);
  result.sizes[dim] = floor_div(result.sizes[dim] - size, step) + 1;
  result.strides[dim] = result.strides[dim] * step;
  return result;
}

/// The pieces of a split: `lengths` of dimension `dim`.
Type pieces(const TensorType& t, int64_t dim, const Sizes& lengths) {
  TupleType list;
  for (auto& length : lengths) {
    TensorType piece = t;
    piece.sizes[dim] = length;
    list.elements.emplace_back(std::move(piece));
  }
  return list;
}

/// split(size): the number of pieces is part of the graph, so it is specialised.
Type split(const Call& c) {
  auto& self = c.tensor("self");
  if (self.rank() == 0) model_error(c, "split expects at least a 1-dimensional tensor");
  auto dim = dim_argument(c, "dim", self.rank());
  Expr whole = self.sizes[dim], part = c.integer("split_size");
  require(c, ge(part, 0),
          "split expects split_size be non-negative, but got split_size=" + part.text());
  if (part == Expr(0)) {
    require(c, eq(whole, 0),
            "split_size can only be 0 if dimension size is 0, but got dimension size of " +
                whole.text());
    return pieces(self, dim, {Expr(0)});
  }
  int64_t count = std::max<int64_t>(c.env.specialize(symbolic::ceil_div(whole, part)), 1);
  Sizes lengths(count - 1, part);
  Expr last = whole - part * Expr(count - 1);
  require(c, ge(last, 0), "split: the last piece would have a negative size");
  lengths.push_back(last);
  return pieces(self, dim, lengths);
}

Type split_with_sizes(const Call& c) {
  auto& self = c.tensor("self");
  if (self.rank() == 0) model_error(c, "split expects at least a 1-dimensional tensor");
  auto dim = dim_argument(c, "dim", self.rank());
  auto lengths = c.integers("split_sizes");
  Expr sum(0);
  for (auto& length : lengths) {
    require(c, ge(length, 0),
            "split_with_sizes expects split_sizes have only non-negative entries, but got "
            "split_sizes=" +
                sizes_text(lengths));
    sum = sum + length;
  }
  require(c, eq(sum, self.sizes[dim]),
          "split_with_sizes expects split_sizes to sum exactly to " + self.sizes[dim].text() +
              " (input tensor's size at dimension " + std::to_string(dim) +
              "), but got split_sizes=" + sizes_text(lengths));
  return pieces(self, dim, lengths);
}

Type unbind(const Call& c) {
  auto& self = c.tensor("self");
  if (self.rank() == 0) model_error(c, "Dimension specified as 0 but tensor has no dimensions");
  auto dim = dim_argument(c, "dim", self.rank());
  std::vector<bool> removed(self.rank(), false);
  removed[dim] = true;
  TupleType list;
  list.elements.assign(c.env.specialize(self.sizes[dim]), Type(without_dims(self, removed)));
  return list;
}

Type view_as_real(const Call& c) {
  TensorType result = c.tensor("self");
  if (!ir::is_complex(result.dtype))
    model_error(c, "view_as_real is only supported for complex tensors");
  result.dtype = result.dtype == DType::C32   ? DType::F16
                 : result.dtype == DType::C64 ? DType::F32
                                              : DType::F64;
  for (auto& stride : result.strides) stride = stride * Expr(2);
  result.sizes.push_back(2);
  result.strides.push_back(1);
  return result;
}

Type view_as_complex(const Call& c) {
  TensorType result = c.tensor("self");
  if (result.rank() == 0) model_error(c, "Input tensor must have one or more dimensions");
  require(c, eq(result.sizes.back(), 2), "Tensor must have a last dimension of size 2");
  result.dtype = result.dtype == DType::F16   ? DType::C32
                 : result.dtype == DType::F32 ? DType::C64
                                              : DType::C128;
  result.sizes.pop_back();
  result.strides.pop_back();
  for (auto& stride : result.strides) {
    require(c, eq(symbolic::mod(stride, 2), 0),
            "Tensor must have a stride divisible by 2 for all but last dimension");
    stride = floor_div(stride, 2);
  }
  return result;
}

/// The contiguous copies of views.
template <Rule rule>
Type copied(const Call& c) {
  Type viewed = rule(c);
  auto copy = [](const TensorType& t) { return contiguous(t.dtype, t.sizes, t.device); };
  if (auto* tensor = viewed.tensor()) return copy(*tensor);
  TupleType list;
  for (auto& element : viewed.tuple()->elements)
    list.elements.emplace_back(copy(*element.tensor()));
  return list;
}

template <Rule rule>
void view_and_copy(Table& table, std::initializer_list<std::string_view> views,
                   std::initializer_list<std::string_view> copies) {
  add(table, views, rule);
  add(table, copies, copied<rule>);
}

/// What `*_scatter` writes into: the sizes of `src` have to be those of the view.
template <Rule rule>
Type scattered(const Call& c) {
  auto& self = c.tensor("self");
  Type viewed = rule(c);
  auto& wanted = viewed.tensor()->sizes;
  auto& given = c.tensor("src").sizes;
  std::string message =
      "expected src to have a size equal to the slice of self. src size = " + sizes_text(given) +
      ", slice size = " + sizes_text(wanted);
  if (wanted.size() != given.size()) model_error(c, message);
  for (size_t d = 0; d < given.size(); ++d) require(c, eq(given[d], wanted[d]), message);
  return clone_preserving_strides(c, self);
}

}  // namespace

void register_views(Table& table) {
  view_and_copy<same_tensor>(
      table, {"alias", "detach", "_conj", "_neg_view", "lift", "lift_fresh", "_lazy_clone"},
      {"alias_copy", "detach_copy", "_conj_copy", "_neg_view_copy"});
  view_and_copy<view>(table, {"view", "_unsafe_view"}, {});
  view_and_copy<view_dtype>(table, {"view.dtype"}, {"view_copy.dtype"});
  view_and_copy<as_strided>(table, {"as_strided", "_reshape_alias"},
                            {"as_strided_copy", "_reshape_alias_copy"});
  view_and_copy<expand>(table, {"expand"}, {"expand_copy"});
  view_and_copy<permute>(table, {"permute"}, {"permute_copy"});
  view_and_copy<transpose>(table, {"transpose.int"}, {"transpose_copy.int"});
  view_and_copy<t>(table, {"t"}, {"t_copy"});
  view_and_copy<select>(table, {"select.int"}, {"select_copy.int"});
  view_and_copy<slice>(table, {"slice.Tensor"}, {"slice_copy.Tensor"});
  view_and_copy<squeeze>(table, {"squeeze", "squeeze.dim", "squeeze.dims"},
                         {"squeeze_copy", "squeeze_copy.dim", "squeeze_copy.dims"});
  view_and_copy<unsqueeze>(table, {"unsqueeze"}, {"unsqueeze_copy"});
  view_and_copy<diagonal>(table, {"diagonal"}, {"diagonal_copy"});
  view_and_copy<unfold>(table, {"unfold"}, {"unfold_copy"});
  add(table, {"unfold_backward"}, unfold_backward);
  view_and_copy<split>(table, {"split.Tensor", "unsafe_split.Tensor"}, {"split_copy.Tensor"});
  view_and_copy<split_with_sizes>(table, {"split_with_sizes", "unsafe_split_with_sizes"},
                                  {"split_with_sizes_copy"});
  view_and_copy<unbind>(table, {"unbind.int"}, {"unbind_copy.int"});
  view_and_copy<view_as_real>(table, {"view_as_real"}, {"view_as_real_copy"});
  view_and_copy<view_as_complex>(table, {"view_as_complex"}, {"view_as_complex_copy"});
  add(table, {"select_scatter"}, scattered<select>);
  add(table, {"slice_scatter"}, scattered<scattered_slice>);
  add(table, {"diagonal_scatter"}, scattered<diagonal>);
  add(table, {"as_strided_scatter"}, scattered<as_strided>);
}

}  // namespace tx::shapes
