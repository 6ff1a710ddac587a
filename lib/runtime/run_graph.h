// Running of a prepared graph: the loop over its instructions.
#pragma once
#include <ATen/core/ivalue.h>

#include <vector>

#include "runtime/prepared_graph.h"

namespace tx::runtime {

/// The outputs of `graph` for `inputs`, one for each placeholder. Sub-graphs run by recursion.
/// Throws diag::Failure (TX4011) that names the call that failed and its place in `source`.
std::vector<c10::IValue> run_graph(const PreparedGraph& graph, std::vector<c10::IValue> inputs,
                                   const ir::SourceMap& source);

}  // namespace tx::runtime
