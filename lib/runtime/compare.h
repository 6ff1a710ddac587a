// Comparison of a program's values with those of the model.
//
// In:  two values or lists of values of the same structure; tolerances.
// Out: how large the differences are and, for what does not agree, where and how.
// Holds: floats agree when |actual - expected| <= atol + rtol * |expected|, and NaN with NaN;
//        integers, bools, strings and None agree when they are equal. Containers are compared leaf
//        by leaf. Nothing is printed.
#pragma once
#include <ATen/core/Tensor.h>
#include <ATen/core/ivalue.h>

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ir/tree.h"

namespace tx::runtime {

/// What is not set is the default of each output's dtype.
struct Tolerance {
  std::optional<double> rtol, atol;
};
struct Bounds {
  double rtol, atol;
};
/// float64 1e-6, 1e-7; float32 1e-3, 1e-4; float16 1e-2, 1e-3; bfloat16 and the 8-bit floats 3e-2,
/// 3e-3; complex numbers as their parts; integers and bools 0, 0.
Bounds default_bounds(at::ScalarType dtype);

/// A leaf of which the two values do not agree.
struct Mismatch {
  std::string path;  ///< "output", "output[0]['a']"
  /// "values", "dtype", "shape", "kind" (a tensor against a number), "structure".
  std::string what;
  std::string actual, expected;  ///< of `what`: the values at `index`, the dtypes, the shapes
  std::vector<int64_t> index;    ///< of the worst element
  int64_t num_elements = 0;      ///< of the leaf
  int64_t num_different = 0;     ///< beyond the tolerance
  double abs_error = 0;          ///< at `index`; NaN when only one of the two is a number
  Bounds bounds{0, 0};           ///< that were used
  /// "output[0] differs in 3 of 12 elements; the worst is at [1, 2]: 0.5 instead of 0.25".
  std::string text() const;
};

struct Comparison {
  size_t leaves = 0;         ///< compared
  double max_abs_error = 0;  ///< of all pairs of finite elements
  double max_rel_error = 0;
  std::vector<Mismatch> mismatches;
  bool agree() const { return mismatches.empty(); }
};

/// `path` is what the values are called in mismatches.
Comparison compare(const c10::IValue& actual, const c10::IValue& expected,
                   const Tolerance& tolerance, const std::string& path = "output");
/// The leaves of `tree`, e.g. Program::output_tree, from which paths are made.
Comparison compare_leaves(std::span<const c10::IValue> actual,
                          std::span<const c10::IValue> expected, const ir::Tree& tree,
                          const Tolerance& tolerance, const std::string& path = "output");

/// The paths of a tree's leaves, in order: "output", "output[1]['k']", "output.field".
std::vector<std::string> leaf_paths(const ir::Tree& tree, const std::string& root);

}  // namespace tx::runtime
