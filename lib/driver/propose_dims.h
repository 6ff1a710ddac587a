// Dimensions proposed from several sets of example inputs (`--inputs-set`).
#pragma once
#include <string>
#include <vector>

#include "archive/load.h"
#include "driver/driver.h"
#include "inputs/bind.h"

namespace tx::driver {

/// Values of --dynamic for the axes whose sizes differ between `inputs` and the sets of
/// `request.inputs_sets`; those of `request.dynamic` are left out. Throws diag::Failure: TX0010 for a
/// set that differs in more than sizes and elements, and what symbolic::infer_dims throws.
std::vector<std::string> propose_dims(const archive::LoadedModule& model,
                                      const inputs::BoundInputs& inputs,
                                      const ExportRequest& request);

}  // namespace tx::driver
