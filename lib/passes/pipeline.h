// The pipeline: every pass that runs on a captured or decomposed program, in order.
//
// In:  a program as capture or decomp left it.
// Out: the program as it is written: no dead calls, names numbered without gaps, lean side tables.
// Holds: the program is verified before the first pass and after each; running the pipeline on its
//        own result changes nothing.
#pragma once
#include <string_view>
#include <vector>

#include "ir/program.h"

namespace tx::passes {

struct Pass {
  std::string_view name;  ///< a verb phrase: "eliminate dead code"
  void (*run)(ir::Program&);
};
/// The passes in the order in which they run.
const std::vector<Pass>& pipeline();

/// Runs the pipeline; throws a diag::Failure (TX0070) that names the pass when one leaves a program
/// that is not sound.
void run_pipeline(ir::Program& program);

}  // namespace tx::passes
