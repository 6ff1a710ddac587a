// The whole command line of torch-export as one function.
//
// In:  arguments (without the program's name), streams, environment.
// Out: what was asked for on `out`, everything else on `err`; the exit code of docs/cli.md.
// Holds: no exception leaves it; every error is printed with a code.
#pragma once
#include <ostream>
#include <string>
#include <vector>

#include "environment.h"

namespace tx::cli {

int run_cli(const std::vector<std::string>& args, std::ostream& out, std::ostream& err,
            const Environment& environment);

}  // namespace tx::cli
