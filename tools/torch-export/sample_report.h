// The report of `verify --samples`: how program and model compared at other sizes.
#pragma once
#include <string>

#include "driver/driver.h"

namespace tx::cli {

/// Lines with their ends: what agreed inside, what was refused outside, what was not tried.
std::string sample_lines(const driver::SampleReport& report);
/// {"samples": {"inside": {...}, "outside": {...}, "problems": [...], ...}} (docs/cli.md).
std::string sample_json(const driver::SampleReport& report);

}  // namespace tx::cli
