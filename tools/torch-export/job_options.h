// The options that several verbs share: inputs, tolerance, operator libraries; and the words of
// their results.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "driver/driver.h"

namespace CLI {
class App;
}

namespace tx::cli {

class InputOptions {
 public:
  /// `whose`: "the model" or "the program".
  void declare(CLI::App& app, const std::string& whose);
  /// Throws diag::Failure (TX0001) when the seed is no number.
  driver::InputArgs args() const;

 private:
  std::vector<std::string> sources_;
  std::string seed_ = "0";
};

class ToleranceOptions {
 public:
  void declare(CLI::App& app);
  driver::Tolerance values() const;

 private:
  std::string rtol_, atol_;
};

/// What to decompose: `--decompose` or `--to`, `--keep`, `--strict-core`.
class DecompositionOptions {
 public:
  /// `flag` is the option that names the operators.
  void declare(CLI::App& app, const std::string& flag);
  /// Nothing without the option; `--keep` or `--strict-core` alone are a mistake (TX0001).
  std::optional<driver::Decomposition> requested() const;
  /// Without the option: core. Throws diag::Failure (TX0001) for an empty list.
  driver::Decomposition value() const;

 private:
  std::string flag_, to_;
  std::vector<std::string> keep_;
  bool strict_core_ = false;
};

void declare_libraries(CLI::App& app, std::vector<std::string>& libraries);

/// "1 weight", "3 weights".
std::string counted(size_t count, std::string_view noun);
/// "verified: 2 outputs equal the model's, largest difference 1.2e-07".
/// The same with "the program's" for `whose`.
std::string comparison_line(const driver::Comparison& comparison,
                            std::string_view whose = "the model's");

}  // namespace tx::cli
