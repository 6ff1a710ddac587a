// Captures with dynamic dimensions: binds what the user asked for, tries suggested fixes.
#pragma once
#include <string>
#include <vector>

#include "archive/load.h"
#include "capture/capture.h"
#include "driver/driver.h"
#include "inputs/bind.h"
#include "symbolic/dim_bind.h"

namespace tx::driver {

struct DynamicCapture {
  capture::Captured captured;
  std::vector<DimensionRow> report;  ///< one row for each dynamic dimension that was asked for
};

/// Holds values of --dynamic against the inputs. Throws diag::Failure (TX2001, TX2002, TX2006,
/// TX2010).
symbolic::BoundDims bind_dynamic(const std::vector<std::string>& values,
                                 const inputs::BoundInputs& inputs);

/// Captures the model with the dimensions of `request.dynamic`. When they are violated, the solver's
/// fixes are tried: the model is captured again with them, and with the fixes of that attempt, until
/// it succeeds. A set that succeeds is shown with the error (TX2003), or used with `request.fix`, which
/// is reported (TX2011).
DynamicCapture capture_with_dims(const archive::LoadedModule& model,
                                 const inputs::BoundInputs& inputs, const ExportRequest& request,
                                 const capture::CaptureOptions& options);

}  // namespace tx::driver
