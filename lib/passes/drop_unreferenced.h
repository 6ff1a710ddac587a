// Side tables: schemas, source frames and locations that no node or guard refers to any more.
//
// In:  a sound program, usually after calls were removed.
// Out: the same graph with side tables that hold what it needs and nothing else.
// Holds: locations and frames are numbered in the order of their first use, so equal programs have
//        equal tables however they were captured.
#pragma once
#include "ir/program.h"

namespace tx::passes {

void drop_unreferenced(ir::Program& program);

}  // namespace tx::passes
