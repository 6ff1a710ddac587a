// Environment: what the command line takes from the process around it, passed in so that tests can
// run the whole tool in their own process.
#pragma once
#include <functional>
#include <optional>
#include <string>

namespace tx::cli {

struct Environment {
  /// The value of an environment variable, or nothing.
  std::function<std::optional<std::string>(const std::string&)> variable =
      [](const std::string&) { return std::nullopt; };
  bool stderr_is_terminal = false;
};

}  // namespace tx::cli
