// Samples: a program beside its model at other sizes than the example's.
//
// In:  a program, the module it was made from, example inputs that fit both.
// Out: how many assignments of sizes inside the program's constraints gave equal results, and how
//      many just outside were refused; each one that did not.
// Holds: each run of a model starts from the module as it was given. Nothing is thrown for a sample
//        that fails: it is in the report.
#pragma once
#include <torch/csrc/jit/api/module.h>

#include <cstdint>
#include <vector>

#include "driver/driver.h"
#include "inputs/bind.h"
#include "ir/program.h"

namespace tx::driver {

struct SampleOptions {
  size_t count = 20;  ///< of assignments inside
  uint64_t seed = 0;
  Tolerance tolerance;
  int64_t max_elements = kMaxSampleElements;
  bool record_gradients = false;  ///< while the model runs
};

/// Throws diag::Failure (TX1008) when the model keeps state that cannot be copied.
SampleReport compare_samples(const ir::Program& program, const torch::jit::Module& module,
                             const inputs::BoundInputs& example, const SampleOptions& options);

/// The problems as errors (TX4009), one for each kind of problem.
std::vector<diag::Diagnostic> diagnostics_of(const SampleReport& report);

}  // namespace tx::driver
