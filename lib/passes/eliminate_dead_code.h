// Dead code: calls whose value nothing uses.
//
// In:  a sound program.
// Out: the same program without calls, sub-graphs and getitem nodes that no output depends on.
// Holds: placeholders stay, and so do calls with an effect, and `cond` and its kind when a sub-graph
//        of theirs holds one.
#pragma once
#include "ir/program.h"

namespace tx::passes {

void eliminate_dead_code(ir::Program& program);

}  // namespace tx::passes
