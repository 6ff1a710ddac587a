// ShapeEnv: what is known about the symbols of one capture, and every question about a size.
//
// In:  symbols with example values (hints) and ranges; boolean expressions that a rule, a composite
//      kernel or the user's program has to decide.
// Out: answers; the guards that the answers rest on, each with its provenance.
// Holds: an answer that the ranges do not imply is recorded as a guard, never given in silence.
//        Expressions without symbols cost nothing and record nothing.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "diag/diagnostic.h"
#include "symbolic/expr.h"

namespace tx::symbolic {

class ShapeEnv {
 public:
  ShapeEnv();
  ~ShapeEnv();
  ShapeEnv(const ShapeEnv&) = delete;
  ShapeEnv& operator=(const ShapeEnv&) = delete;

  /// Decides `condition`: from ranges and known facts, else from the hints, recording a guard.
  bool evaluate(const Expr& condition);
  /// The answer when ranges and facts decide, without recording anything.
  std::optional<bool> statically_known(const Expr& condition);
  /// Undecided questions are answered `false` (`true`), without recording anything.
  bool guard_or_false(const Expr& condition);
  bool guard_or_true(const Expr& condition);
  /// `condition` has to hold; undecided, it becomes a guard (or a run-time assertion where it
  /// holds data-dependent symbols). Returns false when it is known to be false.
  bool expect_true(const Expr& condition);
  /// The value of `size` at the example inputs, recorded as a specialisation.
  int64_t specialize(const Expr& size);
  /// The value of `size` at the example inputs; recorded nowhere.
  std::optional<int64_t> hint(const Expr& size) const;
  /// `expression` with everything known replaced (equal symbols, constants).
  Expr simplify(const Expr& expression) const;

  /// Where the program stands: the provenance of guards recorded from now on.
  void set_place(diag::Place place, std::string op);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tx::symbolic
