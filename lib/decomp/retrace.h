// Retrace: one graph runs through the dispatcher layers of capture once more.
#pragma once
#include <unordered_set>
#include <vector>

#include "decomp/decompose.h"
#include "symbolic/shape_env.h"

namespace tx::decomp {

struct Retraced {
  size_t expanded = 0;
  /// Calls with a decomposition that came out of layers below the rules: another round has to
  /// look at them.
  bool unfinished = false;
  std::vector<Refusal> refusals;
};

/// Replaces `graph`, the program's own or one of its sub-graphs, by its decomposition.
Retraced retrace(ir::Program& program, ir::Graph& graph, const Plan& plan, symbolic::ShapeEnv& env);

}  // namespace tx::decomp
