// Writes what a capture learnt about sizes into the program.
#pragma once
#include <vector>

#include "ir/program.h"
#include "symbolic/shape_env.h"

namespace tx::capture {

/// `input_nodes` gives the placeholder of each input leaf. Types of the graph's values get the
/// symbols that are left: equal dimensions share one, specialised ones are numbers.
void store_constraints(ir::Program& program, const symbolic::Constraints& constraints,
                       const std::vector<ir::NodeId>& input_nodes);

/// Replaces the sizes in all types of the graph by `simplify` of them.
void simplify_types(ir::Program& program, const symbolic::ShapeEnv& env);

}  // namespace tx::capture
