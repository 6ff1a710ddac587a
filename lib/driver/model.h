// The model of a job: its archive, its method and its inputs; running it beside a program.
#pragma once
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "archive/load.h"
#include "driver/driver.h"
#include "inputs/bind.h"
#include "runtime/compare.h"
#include "runtime/executor.h"

namespace tx::driver {

/// Loads operator libraries; throws diag::Failure (TX0012).
void load_libraries(const std::vector<std::string>& libraries);

std::vector<inputs::Source> parse_sources(const InputArgs& args);

/// Binds inputs to the model's forward method; throws diag::Failure (TX0009 to TX0011).
inputs::BoundInputs bind_to_model(const archive::LoadedModule& model, const InputArgs& args);

/// What one run of a model gave.
struct ModelRun {
  c10::IValue output;
  std::vector<at::Tensor> inputs;    ///< the tensors among the inputs as the model left them
  std::optional<std::string> error;  ///< why it failed; everything else is empty then
};

/// Runs `forward` once, without optimising it, and without autograd unless `record_gradients`. The caller's inputs are not
/// written to; the module is, if the model does that. What the model prints is dropped.
ModelRun run_model(const torch::jit::Module& module, const std::vector<c10::IValue>& arguments,
                   uint64_t seed, bool record_gradients);

/// Compares what a program gave with what the model gave: outputs, mutated buffers (with those of
/// `module` after its run) and mutated inputs. Throws inputs::TreeError when the model's output has
/// another structure.
runtime::Comparison compare_results(const ir::Program& program, const runtime::Results& results,
                                    const torch::jit::Module& module, const ModelRun& run,
                                    const Tolerance& tolerance);

/// The buffer or parameter of that name.
at::Tensor tensor_of(const torch::jit::Module& module, const std::string& name);

/// Compares a program with the model it was made from on the same inputs, by running both once.
/// Throws diag::Failure (TX4009) when they differ, and what running a program throws.
Comparison compare_with_model(const ir::Program& program, const archive::LoadedModule& model,
                              const inputs::BoundInputs& inputs, const Tolerance& tolerance,
                              uint64_t seed);

}  // namespace tx::driver
