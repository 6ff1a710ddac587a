// The dimension report: what became of each dimension that was asked to be dynamic.
#pragma once
#include <string>
#include <vector>

#include "driver/driver.h"

namespace tx::cli {

/// A table: input and axis, asked, got, because (with file and line).
std::string dimension_table(const std::vector<driver::DimensionRow>& rows);
/// {"dimension_report": [{"input", "axis", "asked", "got", "because", "location"}]} (docs/cli.md).
std::string dimension_json(const std::vector<driver::DimensionRow>& rows);

}  // namespace tx::cli
