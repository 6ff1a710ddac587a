// Where a call of the graph stands in the user's program, for diagnostics.
#pragma once
#include "diag/diagnostic.h"
#include "ir/program.h"

namespace tx::runtime {

/// Sets place, stack and module path of `diagnostic` from a node's location (or kNone: unchanged).
void locate(diag::Diagnostic& diagnostic, const ir::SourceMap& source, uint32_t location);

}  // namespace tx::runtime
