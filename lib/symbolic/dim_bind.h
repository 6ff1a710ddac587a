// Holds the user's dimensions against the actual inputs, and rewrites them by suggested fixes.
//
// In:  the values of --dynamic; the leaves of the example inputs with their sizes.
// Out: the dynamic dimensions to declare in a ShapeEnv, in the order in which symbols are numbered.
// Holds: every dimension named exists; static sizes are those of the examples; a name has one
//        range, given at one place or the same at several.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "symbolic/dim_solver.h"
#include "symbolic/dim_spec.h"
#include "symbolic/shape_env.h"

namespace tx::symbolic {

struct PathStep {
  std::string text;       ///< an argument's name, a key, a field or an index
  bool is_index = false;  ///< of a list or tuple
  std::optional<size_t> index;  ///< of a named tuple's field: its position
};

/// A leaf of the example inputs.
struct InputLeaf {
  std::vector<PathStep> path;   ///< first the argument
  size_t argument = 0;          ///< position of the argument among those given
  std::optional<std::vector<int64_t>> sizes;  ///< nothing: no tensor
  /// "L['d']['a']", "L['l'][1]"
  std::string source() const;
  /// "d.a", "l.1": the INPUT of --dynamic
  std::string input_text() const;
};

struct BoundAxis {
  size_t leaf = 0;
  uint32_t axis = 0;
  DimSpec dim;            ///< with the range of its name
};

struct BoundDims {
  std::vector<InputLeaf> leaves;
  std::vector<BoundAxis> axes;        ///< by leaf and axis
  std::vector<DimRequest> requests;   ///< of the dynamic ones; origin.input is the leaf's number
};

/// Throws diag::Failure: TX2002 for inputs and axes that do not exist, TX2006 for one name with two
/// ranges, TX2010 for a static size that is not the example's.
BoundDims bind_dims(const std::vector<DynamicSpec>& specs, std::vector<InputLeaf> leaves);

/// The values of --dynamic after `fixes`; complete for the inputs that they name. With
/// `only_changed`, those of the inputs that a fix changes.
std::vector<std::string> fixed_values(const BoundDims& bound, const std::vector<DimFix>& fixes,
                                      bool only_changed);

}  // namespace tx::symbolic
