#include "shapes/view_strides.h"

#include <limits>

namespace tx::shapes {

using symbolic::eq;
using symbolic::floor_div;
using symbolic::gt;
using symbolic::lt;
using symbolic::mod;

Sizes inferred_size(const Call& c, Sizes sizes, const Sizes& from) {
  Expr total = numel(from), known(1);
  std::optional<size_t> inferred;
  auto invalid = [&] {
    return "shape '" + sizes_text(sizes) + "' is invalid for input of size " + total.text();
  };
  for (size_t i = 0; i < sizes.size(); ++i) {
    if (sizes[i] == Expr(-1)) {
      if (inferred) model_error(c, "only one dimension can be inferred");
      inferred = i;
    } else {
      if (sizes[i].is_constant() && sizes[i].value() < 0) {
        model_error(c, "invalid shape dimension " + sizes[i].text());
      }
      known = known * sizes[i];
    }
  }
  if (!inferred) {
    require(c, eq(total, known), invalid());
    return sizes;
  }
  if (is_zero(c, known)) {
    require(c, eq(total, 0), invalid());
    model_error(c,
                "cannot reshape tensor of 0 elements into shape " + sizes_text(sizes) +
                    " because the unspecified dimension size -1 can be any value and is ambiguous");
  }
  require(c, gt(known, 0), "cannot infer a size beside sizes of 0");
  require(c, eq(mod(total, known), 0), invalid());
  sizes[*inferred] = floor_div(total, known);
  return sizes;
}

std::optional<Sizes> view_strides(const Call& c, const TensorType& t, const Sizes& sizes) {
  Sizes strides(sizes.size());
  if (t.rank() == 0) return Sizes(sizes.size(), Expr(1));
  if (is_empty(c, t.sizes)) {
    if (same(c, t.sizes, sizes)) return t.strides;
    return ir::contiguous_strides(sizes);
  }
  if (!(all_constant(t.sizes) && all_constant(sizes) && all_constant(t.strides)) &&
      is_contiguous(c, t)) {
    return ir::contiguous_strides(sizes);
  }
  // Runs of dimensions that are contiguous among themselves are matched with runs of new ones.
  size_t remaining = sizes.size();
  Expr base = t.strides.back(), run(1), matched(1);
  for (size_t d = t.rank(); d-- > 0;) {
    run = run * t.sizes[d];
    bool ends = d == 0 || (!is_one(c, t.sizes[d - 1]) && !same(c, t.strides[d - 1], run * base));
    if (!ends) continue;
    while (remaining > 0 && ((!same(c, matched, run) && smaller(c, matched, run)) ||
                             is_one(c, sizes[remaining - 1]))) {
      --remaining;
      strides[remaining] = matched * base;
      matched = matched * sizes[remaining];
    }
    if (!same(c, matched, run) && !c.env.evaluate(eq(matched, run))) return std::nullopt;
    if (d > 0) {
      base = t.strides[d - 1];
      run = matched = Expr(1);
    }
  }
  if (remaining > 0) return std::nullopt;
  return strides;
}

namespace {

// The length of size[first:last:step], as far as `is` answers.
template <class Question>
Expr clamped_length(const Expr& size, Expr first, Expr last, const Expr& step, const Question& is) {
  // What counts from the end is compared with -size, which is how guards print it.
  Expr start_is_below = lt(first, 0);
  if (is(start_is_below)) {
    start_is_below = gt(-size, first);
    first = first + size;
  }
  std::optional<Expr> end_is_below;
  if (last != size && is(lt(last, 0))) {
    if (first == Expr(0)) end_is_below = gt(-size, last);
    last = last + size;
  }
  if (first != Expr(0)) {
    if (is(start_is_below))
      first = 0;
    else if (is(gt(first, size)))
      first = size;
  }
  if (last != size) {
    if (is(end_is_below.value_or(lt(last, first))))
      last = first;
    else if (is(gt(last, size)))
      last = size;
  }
  if (last == size && step == Expr(1)) return last - first;
  return step == Expr(1) ? last - first : floor_div(last - first + step - 1, step);
}

}  // namespace

std::optional<Expr> slice_length(const Call& c, const Expr& size, std::optional<Expr> start,
                                 std::optional<Expr> end, const Expr& step) {
  require(c, gt(step, 0), "slice step must be positive");
  Expr first = start.value_or(Expr(0)), last = end.value_or(size);
  if (last == Expr(std::numeric_limits<int64_t>::max())) last = size;
  // Every comparison is asked once, in the order of torch's own clamping. One that data decide, and not
  // the example, ends it.
  const bool by_data = !c.env.hint(size) || !c.env.hint(first) || !c.env.hint(last);
  struct Open {};
  auto is = [&](const Expr& condition) {
    if (!by_data) return c.env.evaluate(condition);
    const auto known = c.env.statically_known(condition);
    if (!known) throw Open{};
    return *known;
  };
  try {
    return clamped_length(size, first, last, step, is);
  } catch (const Open&) {
    return std::nullopt;
  }
}

Expr diagonal_length(const Expr& rows, const Expr& columns, int64_t offset) {
  Expr r = offset < 0 ? rows + Expr(offset) : rows;
  Expr n = offset > 0 ? columns - Expr(offset) : columns;
  return symbolic::max(symbolic::min(r, n), Expr(0));
}

void require_index(const Call& c, const Expr& index, const Sizes& sizes, int64_t dim) {
  const Expr& size = sizes.at(dim);
  std::string message = "select(): index " + index.text() + " out of range for tensor of size " +
                        sizes_text(sizes) + " at dimension " + std::to_string(dim);
  if (index.is_constant()) {
    bool from_end = index.value() < 0;
    require(c, from_end ? symbolic::ge(size, -index) : gt(size, index), message);
    return;
  }
  require(c, lt(index, size), message);
  require(c, symbolic::le(-size, index), message);
}

void ask_contiguity(const Call& c, const TensorType& t) {
  if (is_empty(c, t.sizes)) return;
  Expr expected(1);
  for (size_t d = t.rank(); d-- > 0;) {
    if (is_one(c, t.sizes[d])) continue;
    if (!same(c, t.strides[d], expected)) {
      auto question = eq(t.strides[d], expected);
      auto stride = c.env.hint(t.strides[d]), contiguous = c.env.hint(expected);
      if (!c.env.statically_known(question) && stride && contiguous && *stride != *contiguous) {
        c.env.evaluate(question);
      }
      return;
    }
    expected = expected * t.sizes[d];
  }
}

}  // namespace tx::shapes
