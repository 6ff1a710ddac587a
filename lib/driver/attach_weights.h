// Weights of a captured program: where their bytes are.
#pragma once
#include <ATen/core/Tensor.h>

#include <string>
#include <unordered_map>

#include "ir/program.h"

namespace tx::driver {

/// Gives each input of `program` that is no user input its weight and storage; `weights` are by
/// InputSpec::target. Tensors that share a storage go on sharing it.
void attach_weights(ir::Program& program,
                    const std::unordered_map<std::string, at::Tensor>& weights);

}  // namespace tx::driver
