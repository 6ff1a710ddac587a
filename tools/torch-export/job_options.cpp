#include "job_options.h"

#include <cstdio>

#include "options.h"

namespace tx::cli {

void InputOptions::declare(CLI::App& app, const std::string& whose) {
  add_list(app, "--inputs", sources_, "SRC",
           "an argument of " + whose + ", in order, or NAME=SRC (may be repeated); "
           "a file, a shape `f32[8,100]`, or a value");
  add_value(app, "--seed", seed_, "N", "seed of made-up data and of random operators; default 0");
}

driver::InputArgs InputOptions::args() const { return {sources_, parse_whole_number(seed_, "--seed")}; }

void ToleranceOptions::declare(CLI::App& app) {
  add_value(app, "--rtol", rtol_, "X", "relative tolerance of verification; default by dtype");
  add_value(app, "--atol", atol_, "X", "absolute tolerance of verification; default by dtype");
}

driver::Tolerance ToleranceOptions::values() const {
  return {parse_tolerance(rtol_, "--rtol"), parse_tolerance(atol_, "--atol")};
}

void declare_libraries(CLI::App& app, std::vector<std::string>& libraries) {
  add_list(app, "--load-library", libraries, "FILE.so",
           "load an operator library first (may be repeated)");
}

std::string counted(size_t count, std::string_view noun) {
  return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

std::string comparison_line(const driver::Comparison& comparison) {
  char difference[32];
  std::snprintf(difference, sizeof difference, "%.3g", comparison.max_abs_error);
  return "verified: " + counted(comparison.outputs, "output") +
         (comparison.outputs == 1 ? " equals" : " equal") +
         " the model's, largest difference " + difference;
}

}  // namespace tx::cli
