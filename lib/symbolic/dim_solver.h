// DimSolver: compares what a program needs of its dimensions with what the user promised.
//
// In:  a ShapeEnv after finish().
// Out: violated promises as messages, and definitions of the dimensions under which the program
//      would export, as data and as torch's lines.
// Holds: only named dimensions promise anything (and Dim.DYNAMIC, that it stays dynamic); a
//        suggested range allows no size that a guard refuses, where the guard can be solved.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "diag/diagnostic.h"
#include "symbolic/shape_env.h"

namespace tx::symbolic {

/// One line under "Constraints violated".
struct DimViolation {
  std::string dim;         ///< the name in the header; the source for Dim.DYNAMIC
  std::string message;     ///< complete, without the "  - "
  std::string label;       ///< for the caret: "needs `b` == 8"
  Provenance provenance;   ///< of the guard, where one is known
  std::string requested;   ///< what the user wrote
};

/// A new definition of a dimension: a range, or scale * root + offset (a constant without a root).
struct DimFix {
  std::string name;
  std::optional<Range> range;
  std::string root;
  int64_t scale = 1;
  int64_t offset = 0;
  bool is_new = false;     ///< a root that the user does not have yet
  /// "b = Dim('b', max=16)", "c = 2*b", "b = 8".
  std::string line() const;
};

struct DimReport {
  std::vector<DimViolation> violations;
  std::vector<DimFix> fixes;             ///< ranges first, in the order in which they are printed
  /// Dimensions for which the guards leave one value: complete messages.
  std::vector<std::string> specializations;
  std::vector<std::string> specialized_names;

  bool ok() const { return violations.empty(); }
  /// Header and lines, without the suggested fixes.
  std::string message() const;
  /// The lines under "Suggested fixes:".
  std::vector<std::string> fix_lines() const;
  /// TX2003 with message, place, notes; without fixes, which need the inputs (see dim_bind.h).
  diag::Diagnostic diagnostic() const;
};

DimReport solve_dims(const ShapeEnv& env);

/// What became of a dynamic dimension.
struct DimOutcome {
  InputAxis origin;
  std::string source;
  std::string requested;
  std::string got;         ///< "s0 in [2, 16]", "2*s0", "8"
  std::string because;     ///< the guard that decided it, or empty
  Provenance provenance;
};
std::vector<DimOutcome> dim_outcomes(const ShapeEnv& env);

}  // namespace tx::symbolic
