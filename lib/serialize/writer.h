// Writes a program file (.txp); docs/format.md describes it.
//
// In:  a program.
// Out: the file, complete or not at all; an older file of that name stays as it was on failure.
// Holds: the same program gives the same bytes, whatever the path and the time. Weights are copied
//        piece by piece from where they are: memory does not grow with them.
#pragma once
#include <string>

#include "ir/program.h"

namespace tx::serialize {

struct WriteOptions {
  bool strip_debug = false;  ///< leave out files, source lines, call stacks and module paths
};

/// Throws a diag::Failure: TX0014 when the file cannot be written or the format cannot hold the
/// program, TX0070 when the program breaks a promise of ir/program.h.
void write_program(const ir::Program& program, const std::string& path,
                   const WriteOptions& options = {});

}  // namespace tx::serialize
