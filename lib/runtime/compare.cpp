#include "runtime/compare.h"

#include <ATen/Dispatch.h>
#include <ATen/Dispatch_v2.h>

#include <cmath>
#include <complex>

#include "runtime/convert.h"
#include "support/strings.h"

namespace tx::runtime {
namespace {

using c10::IValue;

template <class T>
struct IsComplex : std::false_type {};
template <class T>
struct IsComplex<c10::complex<T>> : std::true_type {};

template <class T>
std::string element_text(T value) {
  if constexpr (IsComplex<T>::value) {
    return support::python_repr(std::complex<double>(value.real(), value.imag()));
  } else if constexpr (std::is_same_v<T, bool>) {
    return support::python_repr(value);
  } else if constexpr (std::is_integral_v<T>) {
    return std::to_string(value);
  } else {
    return support::python_repr(static_cast<double>(value));
  }
}

template <class T>
auto widen(T value) {
  if constexpr (IsComplex<T>::value) {
    return std::complex<double>(value.real(), value.imag());
  } else {
    return static_cast<double>(value);
  }
}

bool is_nan(double v) { return std::isnan(v); }
bool is_nan(std::complex<double> v) { return std::isnan(v.real()) || std::isnan(v.imag()); }
bool is_finite(double v) { return std::isfinite(v); }
bool is_finite(std::complex<double> v) {
  return std::isfinite(v.real()) && std::isfinite(v.imag());
}

/// What the elements of two tensors of one dtype and shape have to do with each other.
struct Difference {
  int64_t num_different = 0;
  int64_t worst = -1;       ///< flat index
  double worst_excess = 0;  ///< how far beyond the tolerance
  double worst_error = 0;
  double max_abs = 0, max_rel = 0;

  void add(int64_t index, double error, double excess) {
    ++num_different;
    // NaN against a number is worse than any distance; the first of equals is kept.
    const bool worse = worst < 0 || (std::isnan(error) && !std::isnan(worst_error)) ||
                       (!std::isnan(worst_error) && excess > worst_excess);
    if (!worse) return;
    worst = index;
    worst_excess = excess;
    worst_error = error;
  }
};

template <class T>
Difference difference(const T* actual, const T* expected, int64_t count, Bounds bounds) {
  Difference result;
  for (int64_t i = 0; i < count; ++i) {
    if constexpr (std::is_integral_v<T>) {
      // Exact; doubles would lose the lowest bits of large integers.
      if (actual[i] == expected[i] && bounds.rtol == 0 && bounds.atol == 0) continue;
    }
    const auto a = widen(actual[i]), e = widen(expected[i]);
    if (is_nan(a) && is_nan(e)) continue;
    if (a == e && !std::is_integral_v<T>) continue;
    if (!is_finite(a) || !is_finite(e)) {
      result.add(i, is_nan(a) || is_nan(e) ? std::nan("") : INFINITY, INFINITY);
      continue;
    }
    double error = std::abs(a - e);
    if (std::is_integral_v<T> && error == 0 && actual[i] != expected[i]) error = 1;
    result.max_abs = std::max(result.max_abs, error);
    if (std::abs(e) > 0) result.max_rel = std::max(result.max_rel, error / std::abs(e));
    const double allowed = bounds.atol + bounds.rtol * std::abs(e);
    if (error > allowed) result.add(i, error, error - allowed);
  }
  return result;
}

std::vector<int64_t> unflatten(int64_t flat, at::IntArrayRef sizes) {
  std::vector<int64_t> index(sizes.size());
  for (size_t d = sizes.size(); d-- > 0;) {
    index[d] = flat % sizes[d];
    flat /= sizes[d];
  }
  return index;
}

std::string list_text(at::IntArrayRef numbers) {
  std::vector<std::string> items;
  for (const int64_t number : numbers) items.push_back(std::to_string(number));
  return "[" + support::join(items, ", ") + "]";
}

std::string dtype_text(at::ScalarType dtype) {
  const auto known = from_torch(dtype);
  return known ? std::string(ir::torch_name(*known)) : std::string(c10::toString(dtype));
}

Bounds bounds_for(at::ScalarType dtype, const Tolerance& tolerance) {
  Bounds bounds = default_bounds(dtype);
  // Integers and bools are equal or not, whatever was asked for.
  if (c10::isIntegralType(dtype, /*includeBool=*/true)) return bounds;
  if (tolerance.rtol) bounds.rtol = *tolerance.rtol;
  if (tolerance.atol) bounds.atol = *tolerance.atol;
  return bounds;
}

/// Layouts without strides and quantised tensors are compared by what they stand for.
at::Tensor plain(at::Tensor tensor) {
  tensor = tensor.detach();
  if (tensor.is_quantized()) tensor = tensor.dequantize();
  if (tensor.layout() != at::kStrided) tensor = tensor.to_dense();
  return tensor.resolve_conj().resolve_neg().to(at::kCPU).contiguous();
}

class Comparer {
 public:
  explicit Comparer(const Tolerance& tolerance) : tolerance_(tolerance) {}

  void compare(const IValue& actual, const IValue& expected, const std::string& path) {
    if (actual.isTensor() && expected.isTensor()) {
      ++result_.leaves;
      tensors(actual.toTensor(), expected.toTensor(), path);
    } else if (is_sequence(actual) && is_sequence(expected)) {
      sequences(actual, expected, path);
    } else if (actual.isGenericDict() && expected.isGenericDict()) {
      dicts(actual.toGenericDict(), expected.toGenericDict(), path);
    } else {
      ++result_.leaves;
      numbers(actual, expected, path);
    }
  }

  void structure(const std::string& path, const std::string& actual, const std::string& expected) {
    mismatch(path, "structure", actual, expected);
  }

  Comparison take() { return std::move(result_); }

 private:
  static bool is_sequence(const IValue& value) { return value.isTuple() || value.isList(); }

  static std::vector<IValue> items_of(const IValue& value) {
    return value.isTuple() ? value.toTupleRef().elements().vec() : value.toListRef().vec();
  }

  Mismatch& mismatch(const std::string& path, std::string what, std::string actual,
                     std::string expected) {
    Mismatch& entry = result_.mismatches.emplace_back();
    entry.path = path;
    entry.what = std::move(what);
    entry.actual = std::move(actual);
    entry.expected = std::move(expected);
    return entry;
  }

  void sequences(const IValue& actual, const IValue& expected, const std::string& path) {
    const std::vector<IValue> a = items_of(actual), e = items_of(expected);
    if (a.size() != e.size() || actual.isTuple() != expected.isTuple()) {
      const auto text = [](const IValue& value, size_t size) {
        return kind_of(value) + " of " + std::to_string(size);
      };
      return structure(path, text(actual, a.size()), text(expected, e.size()));
    }
    for (size_t i = 0; i < a.size(); ++i) compare(a[i], e[i], path + "[" + std::to_string(i) + "]");
  }

  void dicts(const c10::impl::GenericDict& actual, const c10::impl::GenericDict& expected,
             const std::string& path) {
    if (actual.size() != expected.size()) {
      return structure(path, "a dict of " + std::to_string(actual.size()),
                       "a dict of " + std::to_string(expected.size()));
    }
    for (const auto& entry : expected) {
      const std::string key = entry.key().isString()
                                  ? support::python_repr(entry.key().toStringRef())
                                  : python_str(entry.key());
      const auto found = actual.find(entry.key());
      if (found == actual.end()) {
        structure(path, "no entry " + key, "an entry " + key);
      } else {
        compare(found->value(), entry.value(), path + "[" + key + "]");
      }
    }
  }

  void numbers(const IValue& actual, const IValue& expected, const std::string& path) {
    if (actual.tagKind() != expected.tagKind()) {
      mismatch(path, "kind", kind_of(actual), kind_of(expected));
    } else if (actual.isDouble()) {
      const double a = actual.toDouble(), e = expected.toDouble();
      scalars(path, at::kDouble, difference(&a, &e, 1, bounds_for(at::kDouble, tolerance_)), actual,
              expected);
    } else if (actual.isComplexDouble()) {
      const auto a = actual.toComplexDouble(), e = expected.toComplexDouble();
      scalars(path, at::kComplexDouble,
              difference(&a, &e, 1, bounds_for(at::kComplexDouble, tolerance_)), actual, expected);
    } else if (actual != expected) {
      mismatch(path, "values", python_str(actual), python_str(expected)).num_elements = 1;
      result_.mismatches.back().num_different = 1;
    }
  }

  void scalars(const std::string& path, at::ScalarType dtype, const Difference& found,
               const IValue& actual, const IValue& expected) {
    record(path, dtype, found, 1, {}, python_str(actual), python_str(expected));
  }

  void record(const std::string& path, at::ScalarType dtype, const Difference& found,
              int64_t num_elements, std::vector<int64_t> index, std::string actual,
              std::string expected) {
    result_.max_abs_error = std::max(result_.max_abs_error, found.max_abs);
    result_.max_rel_error = std::max(result_.max_rel_error, found.max_rel);
    if (found.num_different == 0) return;
    Mismatch& entry = mismatch(path, "values", std::move(actual), std::move(expected));
    entry.index = std::move(index);
    entry.num_elements = num_elements;
    entry.num_different = found.num_different;
    entry.abs_error = found.worst_error;
    entry.bounds = bounds_for(dtype, tolerance_);
  }

  void tensors(const at::Tensor& actual, const at::Tensor& expected, const std::string& path) {
    if (actual.scalar_type() != expected.scalar_type()) {
      mismatch(path, "dtype", dtype_text(actual.scalar_type()), dtype_text(expected.scalar_type()));
      return;
    }
    if (actual.sizes() != expected.sizes()) {
      mismatch(path, "shape", list_text(actual.sizes()), list_text(expected.sizes()));
      return;
    }
    const at::Tensor a = plain(actual), e = plain(expected);
    const at::ScalarType dtype = a.scalar_type();
    const Bounds bounds = bounds_for(dtype, tolerance_);
    AT_DISPATCH_V2(dtype, "compare", AT_WRAP([&] {
                     const auto* pa = a.const_data_ptr<scalar_t>();
                     const auto* pe = e.const_data_ptr<scalar_t>();
                     const Difference found = difference(pa, pe, a.numel(), bounds);
                     const bool differs = found.num_different > 0;
                     record(path, dtype, found, a.numel(),
                            differs ? unflatten(found.worst, a.sizes()) : std::vector<int64_t>(),
                            differs ? element_text(pa[found.worst]) : "",
                            differs ? element_text(pe[found.worst]) : "");
                   }),
                   AT_EXPAND(AT_ALL_TYPES_AND_COMPLEX), AT_EXPAND(AT_BAREBONES_UNSIGNED_TYPES),
                   AT_EXPAND(AT_FLOAT8_TYPES), at::kBool, at::kHalf, at::kBFloat16,
                   at::kComplexHalf);
  }

  const Tolerance& tolerance_;
  Comparison result_;
};

void add_paths(const ir::Tree& tree, const std::string& path, std::vector<std::string>& paths) {
  if (tree.kind == ir::TreeKind::Leaf) paths.push_back(path);
  for (size_t i = 0; i < tree.children.size(); ++i) {
    std::string part = "[" + std::to_string(i) + "]";
    if (tree.kind == ir::TreeKind::NamedTuple) part = "." + tree.fields[i];
    if (tree.kind == ir::TreeKind::Dict) {
      part = "[" +
             std::visit(
                 [](const auto& key) -> std::string {
                   if constexpr (std::is_same_v<std::decay_t<decltype(key)>, int64_t>) {
                     return std::to_string(key);
                   } else {
                     return support::python_repr(key);
                   }
                 },
                 tree.keys[i]) +
             "]";
    }
    add_paths(tree.children[i], path + part, paths);
  }
}

}  // namespace

Bounds default_bounds(at::ScalarType dtype) {
  switch (dtype) {
    case at::kDouble:
    case at::kComplexDouble:
      return {1e-6, 1e-7};
    case at::kFloat:
    case at::kComplexFloat:
      return {1e-3, 1e-4};
    case at::kHalf:
    case at::kComplexHalf:
      return {1e-2, 1e-3};
    default:
      if (c10::isFloatingType(dtype)) return {3e-2, 3e-3};
      return {0, 0};
  }
}

std::string Mismatch::text() const {
  if (what != "values") return path + ": the " + what + " is " + actual + " instead of " + expected;
  if (num_elements == 1) return path + " is " + actual + " instead of " + expected;
  return path + " differs in " + std::to_string(num_different) + " of " +
         std::to_string(num_elements) + " elements; the worst is at " + list_text(index) + ": " +
         actual + " instead of " + expected;
}

Comparison compare(const IValue& actual, const IValue& expected, const Tolerance& tolerance,
                   const std::string& path) {
  Comparer comparer(tolerance);
  comparer.compare(actual, expected, path);
  return comparer.take();
}

Comparison compare_leaves(std::span<const IValue> actual, std::span<const IValue> expected,
                          const ir::Tree& tree, const Tolerance& tolerance,
                          const std::string& path) {
  Comparer comparer(tolerance);
  const std::vector<std::string> paths = leaf_paths(tree, path);
  if (actual.size() != paths.size() || expected.size() != paths.size()) {
    comparer.structure(path, std::to_string(actual.size()) + " leaves",
                       std::to_string(expected.size()) + " leaves");
    return comparer.take();
  }
  for (size_t i = 0; i < paths.size(); ++i) comparer.compare(actual[i], expected[i], paths[i]);
  return comparer.take();
}

std::vector<std::string> leaf_paths(const ir::Tree& tree, const std::string& root) {
  std::vector<std::string> paths;
  add_paths(tree, root, paths);
  return paths;
}

}  // namespace tx::runtime
