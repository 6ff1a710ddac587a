// The model of a job: its archive, its method and its inputs.
#pragma once
#include <string>
#include <vector>

#include "archive/load.h"
#include "driver/driver.h"
#include "inputs/bind.h"

namespace tx::driver {

/// Loads operator libraries; throws diag::Failure (TX0012).
void load_libraries(const std::vector<std::string>& libraries);

std::vector<inputs::Source> parse_sources(const InputArgs& args);

/// Binds inputs to the model's forward method; throws diag::Failure (TX0009 to TX0011).
inputs::BoundInputs bind_to_model(const archive::LoadedModule& model, const InputArgs& args);

/// Compares a program with the model it was made from on the same inputs, by running both once.
/// Outputs, mutated buffers and mutated inputs are compared. Throws diag::Failure (TX4009) when they
/// differ, and what running a program throws.
Comparison compare_with_model(const ir::Program& program, const archive::LoadedModule& model,
                              const inputs::BoundInputs& inputs, const Tolerance& tolerance,
                              uint64_t seed);

}  // namespace tx::driver
