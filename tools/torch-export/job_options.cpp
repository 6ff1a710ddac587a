#include "job_options.h"

#include <cstdio>

#include "options.h"
#include "support/strings.h"

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

void DecompositionOptions::declare(CLI::App& app, const std::string& flag) {
  flag_ = flag;
  add_value(app, flag, to_, "core|OP,...",
            "operators to replace by simpler ones: all that lead to Core ATen, or the named ones");
  add_list(app, "--keep", keep_, "OP", "leave this operator alone (may be repeated)");
  add_switch(app, "--strict-core", strict_core_,
             "fail when something that is not Core ATen is left");
}

std::optional<driver::Decomposition> DecompositionOptions::requested() const {
  if (!to_.empty()) return value();
  if (!keep_.empty()) usage_error("`--keep` says nothing without `" + flag_ + "`");
  if (strict_core_) usage_error("`--strict-core` says nothing without `" + flag_ + "`");
  return std::nullopt;
}

driver::Decomposition DecompositionOptions::value() const {
  driver::Decomposition result{{}, keep_, strict_core_};
  if (to_.empty() || to_ == "core") return result;
  for (const std::string& name : support::split(to_, ',')) {
    const std::string_view trimmed = support::trim(name);
    if (trimmed.empty()) usage_error("`" + flag_ + "`: a name is missing in `" + to_ + "`");
    if (trimmed == "core") {
      usage_error("`" + flag_ + "`: `core` stands alone, not among operators");
    }
    result.to.emplace_back(trimmed);
  }
  return result;
}

void declare_libraries(CLI::App& app, std::vector<std::string>& libraries) {
  add_list(app, "--load-library", libraries, "FILE.so",
           "load an operator library first (may be repeated)");
}

std::string counted(size_t count, std::string_view noun) {
  return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

std::string comparison_line(const driver::Comparison& comparison, std::string_view whose) {
  char difference[32];
  std::snprintf(difference, sizeof difference, "%.3g", comparison.max_abs_error);
  return "verified: " + counted(comparison.outputs, "output") +
         (comparison.outputs == 1 ? " equals " : " equal ") +
         std::string(whose) + ", largest difference " + difference;
}

}  // namespace tx::cli
