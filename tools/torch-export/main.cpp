// The executable: hands the process's arguments, streams and environment to run_cli.
#include <unistd.h>

#include <cstdlib>
#include <iostream>

#include "cli.h"

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  tx::cli::Environment environment;
  environment.variable = [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    return value ? std::optional<std::string>(value) : std::nullopt;
  };
  environment.stderr_is_terminal = isatty(STDERR_FILENO) != 0;
  return tx::cli::run_cli({argv + 1, argv + argc}, std::cout, std::cerr, environment);
}
