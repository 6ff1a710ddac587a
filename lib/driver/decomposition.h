// Decomposition as a step of a job.
#pragma once
#include <vector>

#include "driver/driver.h"
#include "ir/program.h"

namespace tx::driver {

/// Decomposes and cleans up the program. What is not core afterwards is reported (TX3005; an error
/// with `strict_core`), and so is a named operator that had to stay whole (TX3006). Returns how many
/// calls were replaced. Throws diag::Failure (TX3004) for names of no operator.
size_t decompose(ir::Program& program, const Decomposition& request,
                 std::vector<diag::Diagnostic>& reports);

/// Runs both programs on the same inputs. Throws diag::Failure (TX4009) when their outputs or the
/// buffers they change differ.
Comparison compare_programs(const ir::Program& expected, const ir::Program& actual,
                            const InputArgs& inputs, const Tolerance& tolerance);

}  // namespace tx::driver
