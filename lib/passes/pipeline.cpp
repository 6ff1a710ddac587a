#include "passes/pipeline.h"

#include "ir/rewrite.h"
#include "passes/drop_unreferenced.h"
#include "passes/drop_unused_constants.h"
#include "passes/eliminate_dead_code.h"

namespace tx::passes {
namespace {

void rename_calls(ir::Program& program) { ir::rename_nodes(program.graph); }

}  // namespace

const std::vector<Pass>& pipeline() {
  static const std::vector<Pass> passes = {
      {"eliminate dead code", eliminate_dead_code},
      {"drop unused constants", drop_unused_constants},
      {"rename calls", rename_calls},
      {"drop unreferenced", drop_unreferenced},
  };
  return passes;
}

void run_pipeline(ir::Program& program) {
  ir::verify(program, "capture");
  for (const Pass& pass : pipeline()) {
    pass.run(program);
    ir::verify(program, pass.name);
  }
}

}  // namespace tx::passes
