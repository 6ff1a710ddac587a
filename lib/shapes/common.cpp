#include "shapes/common.h"

#include <algorithm>
#include <numeric>

namespace tx::shapes {

using symbolic::eq;
using symbolic::le;
using symbolic::lt;

// ---- errors ------------------------------------------------------------------------------------

void model_error(const Call& c, const std::string& message) {
  diag::fail(diag::Diagnostic(diag::Code::TX1008, message).note("raised by " + std::string(c.op)));
}

void data_dependent(const Call& c) {
  diag::fail(diag::Diagnostic(diag::Code::TX1003, "the size of the result of " + std::string(c.op) +
                                                      " depends on the values of its inputs")
                 .fix("compute a result of fixed size, e.g. with torch.where and a mask"));
}

std::string sizes_text(const Sizes& sizes) {
  std::string text = "[";
  for (auto& size : sizes) text += (text.size() > 1 ? ", " : "") + size.text();
  return text + "]";
}

std::string product_text(const Sizes& sizes) {
  std::string text;
  for (auto& size : sizes) text += (text.empty() ? "" : "x") + size.text();
  return text;
}

void require(const Call& c, const Expr& condition, const std::string& message) {
  if (condition.is_true()) return;
  if (condition.is_false() || !c.env.expect_true(condition)) model_error(c, message);
}

// ---- dimensions --------------------------------------------------------------------------------

int64_t wrap_dim(const Call& c, int64_t dim, size_t rank) {
  auto n = static_cast<int64_t>(std::max<size_t>(rank, 1));
  if (dim < -n || dim >= n) {
    model_error(c, "Dimension out of range (expected to be in range of [" + std::to_string(-n) +
                       ", " + std::to_string(n - 1) + "], but got " + std::to_string(dim) + ")");
  }
  return dim < 0 ? dim + n : dim;
}

std::vector<int64_t> wrap_dims(const Call& c, const std::vector<int64_t>& dims, size_t rank) {
  std::vector<int64_t> wrapped;
  for (auto dim : dims) {
    auto position = wrap_dim(c, dim, rank);
    if (std::find(wrapped.begin(), wrapped.end(), position) != wrapped.end()) {
      model_error(
          c, "dim " + std::to_string(position) + " appears multiple times in the list of dims");
    }
    wrapped.push_back(position);
  }
  return wrapped;
}

int64_t dim_argument(const Call& c, Slot slot, size_t rank) {
  return wrap_dim(c, c.static_integer(slot), rank);
}

// ---- sizes -------------------------------------------------------------------------------------

Expr numel(const Sizes& sizes) {
  Expr product(1);
  for (auto& size : sizes) product = product * size;
  return product;
}

bool all_constant(const Sizes& values) {
  return std::all_of(values.begin(), values.end(), [](const Expr& e) { return e.is_constant(); });
}

bool same(const Call& c, const Expr& a, const Expr& b) {
  if (a == b) return true;
  if (a.is_constant() && b.is_constant()) return false;
  return c.env.guard_or_false(eq(a, b));
}

bool same(const Call& c, const Sizes& a, const Sizes& b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (!same(c, a[i], b[i])) return false;
  }
  return true;
}

bool is_one(const Call& c, const Expr& size) { return same(c, size, Expr(1)); }
bool is_zero(const Call& c, const Expr& size) { return same(c, size, Expr(0)); }

bool is_empty(const Call& c, const Sizes& sizes) {
  return std::any_of(sizes.begin(), sizes.end(), [&](const Expr& e) { return is_zero(c, e); });
}

bool smaller(const Call& c, const Expr& a, const Expr& b) {
  if (a == b) return false;
  if (a.is_constant() && b.is_constant()) return a.value() < b.value();
  if (auto known = c.env.statically_known(lt(a, b))) return *known;
  // Where the two may be equal for some sizes but are not at the example's, nothing is recorded: a size
  // of 1 that makes them so changes no layout.
  if (c.env.statically_known(le(a, b)).value_or(false)) {
    const auto hint_a = c.env.hint(a), hint_b = c.env.hint(b);
    if (!hint_a || !hint_b || *hint_a < *hint_b) return true;
  }
  if (auto known = c.env.known_unless_empty(lt(a, b))) return *known;
  return c.env.evaluate(lt(a, b));
}

Sizes spatial(const Call& c, Slot slot, size_t n) {
  Sizes values = c.integers(slot);
  if (values.size() == 1 && n > 1) values.resize(n, values[0]);
  return values;
}

// ---- strides -----------------------------------------------------------------------------------

namespace {

/// Dense in the order `innermost_first`; sizes of 1 do not count.
bool dense_in_order(const Call& c, const TensorType& t,
                    const std::vector<size_t>& innermost_first) {
  Expr expected(1);
  for (auto d : innermost_first) {
    if (is_one(c, t.sizes[d])) continue;
    if (!same(c, t.strides[d], expected)) return false;
    expected = expected * t.sizes[d];
  }
  return true;
}

std::vector<size_t> row_major(size_t rank) {
  std::vector<size_t> order(rank);
  std::iota(order.rbegin(), order.rend(), 0);
  return order;
}

std::vector<size_t> channels_last_order(size_t rank) {
  return rank == 4 ? std::vector<size_t>{1, 3, 2, 0} : std::vector<size_t>{1, 4, 3, 2, 0};
}

/// torch's test of strides that look like channels last, ambiguous cases counting as contiguous.
bool channels_last_like(const Call& c, const TensorType& t) {
  if (t.rank() != 4 && t.rank() != 5) return false;
  if (!all_constant(t.sizes) && t.strides == ir::contiguous_strides(t.sizes)) return false;
  if (is_zero(c, t.strides[1])) return false;
  Expr least(0);
  for (auto d : channels_last_order(t.rank())) {
    if (is_zero(c, t.sizes[d]) || smaller(c, t.strides[d], least)) return false;
    if (d == 0 && same(c, least, t.strides[1])) return false;
    least = t.strides[d] * (is_one(c, t.sizes[d]) ? Expr(1) : t.sizes[d]);
  }
  return true;
}

}  // namespace

bool is_contiguous(const Call& c, const TensorType& t) {
  return is_empty(c, t.sizes) || dense_in_order(c, t, row_major(t.rank()));
}

bool is_contiguous(const Call& c, const TensorType& t, MemoryFormat format) {
  if (format == MemoryFormat::Contiguous) return is_contiguous(c, t);
  if (t.rank() != (format == MemoryFormat::ChannelsLast ? 4u : 5u)) return false;
  return dense_in_order(c, t, channels_last_order(t.rank()));
}

bool is_non_overlapping_and_dense(const Call& c, const TensorType& t) {
  if (is_contiguous(c, t)) return true;
  std::vector<size_t> order;
  for (size_t d = 0; d < t.rank(); ++d) {
    if (is_one(c, t.sizes[d]) || is_zero(c, t.sizes[d])) continue;
    size_t position = order.size();
    while (position > 0 && smaller(c, t.strides[d], t.strides[order[position - 1]])) --position;
    order.insert(order.begin() + position, d);
  }
  return dense_in_order(c, t, order);
}

bool has_internal_overlap(const Call& c, const TensorType& t) {
  if (is_non_overlapping_and_dense(c, t)) return false;
  for (size_t d = 0; d < t.rank(); ++d) {
    if (is_zero(c, t.strides[d]) && !is_one(c, t.sizes[d]) && !is_zero(c, t.sizes[d])) return true;
  }
  return false;
}

Sizes format_strides(const Call& c, const Sizes& sizes, MemoryFormat format) {
  if (format == MemoryFormat::Contiguous) return ir::contiguous_strides(sizes);
  size_t rank = format == MemoryFormat::ChannelsLast ? 4 : 5;
  if (sizes.size() != rank) {
    model_error(c, rank == 4 ? "required rank 4 tensor to use channels_last format"
                             : "required rank 5 tensor to use channels_last_3d format");
  }
  Sizes strides(rank);
  Expr stride(1);
  for (auto d : channels_last_order(rank)) {
    strides[d] = stride;
    // As for contiguous strides, an empty dimension counts as 1.
    stride = stride * (sizes[d] == Expr(0) ? Expr(1) : sizes[d]);
  }
  return strides;
}

MemoryFormat suggest_memory_format(const Call& c, const TensorType& t) {
  if (!channels_last_like(c, t)) return MemoryFormat::Contiguous;
  return t.rank() == 4 ? MemoryFormat::ChannelsLast : MemoryFormat::ChannelsLast3d;
}

std::vector<size_t> iteration_order(const Call& c, const Sizes& shape,
                                    const std::vector<Sizes>& operand_strides) {
  auto order = row_major(shape.size());
  // 1: `a` belongs outside of `b`; -1: inside; 0: every operand leaves it open.
  auto compare = [&](size_t a, size_t b) {
    for (auto& strides : operand_strides) {
      auto& x = strides[a];
      auto& y = strides[b];
      if (is_zero(c, x) || is_zero(c, y)) continue;
      if (same(c, x, y)) {
        if (!same(c, shape[a], shape[b]) &&
            c.env.statically_known(lt(shape[b], shape[a])).value_or(false)) {
          return 1;
        }
        continue;
      }
      return smaller(c, x, y) ? -1 : 1;
    }
    return 0;
  };
  for (size_t i = 1; i < order.size(); ++i) {
    size_t moved = i;
    for (size_t j = i; j-- > 0;) {
      int comparison = compare(order[j], order[moved]);
      if (comparison < 0) break;
      if (comparison > 0) {
        std::swap(order[j], order[moved]);
        moved = j;
      }
    }
  }
  return order;
}

Sizes dense_strides(const Call& c, const TensorType& t) {
  Sizes strides(t.rank());
  Expr stride(1);
  if (t.rank() == 1) return {stride};
  for (auto d : iteration_order(c, t.sizes, {t.strides})) {
    strides[d] = stride;
    if (!is_zero(c, t.sizes[d])) stride = stride * t.sizes[d];
  }
  return strides;
}

// ---- results -----------------------------------------------------------------------------------

TensorType contiguous(DType dtype, Sizes sizes, const ir::Device& device) {
  auto strides = ir::contiguous_strides(sizes);
  return {dtype, std::move(sizes), std::move(strides), device};
}

TensorType in_format(const Call& c, DType dtype, Sizes sizes, MemoryFormat format,
                     const ir::Device& device) {
  auto strides = format_strides(c, sizes, format);
  return {dtype, std::move(sizes), std::move(strides), device};
}

TensorType empty_like(const Call& c, const TensorType& t, DType dtype, MemoryFormat format) {
  if (format != MemoryFormat::Preserve) return in_format(c, dtype, t.sizes, format, t.device);
  if (is_non_overlapping_and_dense(c, t)) return {dtype, t.sizes, t.strides, t.device};
  return {dtype, t.sizes, dense_strides(c, t), t.device};
}

TensorType clone_preserving_strides(const Call& c, const TensorType& t) {
  return has_internal_overlap(c, t) ? empty_like(c, t, t.dtype) : t;
}

Type results(std::initializer_list<Type> elements) {
  TupleType tuple;
  tuple.elements.assign(elements);
  return tuple;
}

// ---- registration ------------------------------------------------------------------------------

void add(Table& table, std::initializer_list<std::string_view> operators, Rule rule) {
  for (auto op : operators) {
    std::string name = "aten." + std::string(op);
    table.add(op.find('.') == std::string_view::npos ? name + ".default" : name, rule);
  }
}

}  // namespace tx::shapes
