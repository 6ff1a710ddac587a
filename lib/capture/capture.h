// Capture: a TorchScript module and example inputs become a functional program.
//
// In:  a loaded module, the name of a method and inputs bound to its schema.
// Out: a Program without weights' bytes (the caller knows where they are stored), the tensors that
//      belong to its weights, and warnings.
// Holds: no kernel of the model runs (but for drafts); the module is not changed. What cannot be captured is a
//        diag::Failure with every graph break of the model, each with its place in the user's source.
#pragma once
#include <ATen/core/Tensor.h>
#include <torch/csrc/jit/api/module.h>

#include <string>
#include <unordered_map>
#include <vector>

#include "capture/control_flow.h"
#include "diag/diagnostic.h"
#include "inputs/bind.h"
#include "ir/program.h"
#include "symbolic/assumption.h"
#include "symbolic/dim_solver.h"
#include "symbolic/shape_env.h"

namespace tx::capture {

class Expander;

struct CaptureOptions {
  std::string method = "forward";
  bool allow_input_mutation = false;
  ControlFlow control_flow = ControlFlow::Refuse;
  /// What breaks the graph is as with the example inputs, where run-time assertions can hold it so;
  /// the program is then a draft, and the breaks are warnings. Kernels of the model run.
  bool draft = false;
  /// Dynamic dimensions of the inputs; origin.input of each is the number of a leaf.
  std::vector<symbolic::DimRequest> dims;
  std::vector<symbolic::Assumption> assumptions;  ///< about data-dependent sizes
  Expander* expander = nullptr;  ///< sees every call before composite kernels do
  symbolic::EventSink log;  ///< receives the events of the ShapeEnv
};

struct Captured {
  ir::Program program;
  /// Value of every parameter, buffer and constant, by name (InputSpec::target).
  std::unordered_map<std::string, at::Tensor> weights;
  std::vector<diag::Diagnostic> reports;  ///< warnings
  /// What the program needs of the dynamic dimensions against what was asked. With violations the
  /// program is not to be used.
  symbolic::DimReport dims;
  std::vector<symbolic::DimOutcome> outcomes;  ///< what became of each dynamic dimension
};

Captured capture(const torch::jit::Module& module, const inputs::BoundInputs& inputs,
                 const CaptureOptions& options);

}  // namespace tx::capture
