// Reporter: everything that a command line writes to stderr, and the report file.
//
// In:  diagnostics, progress, summary lines, timings.
// Out: text (with colour where wanted) or one JSON object a line; `--report`'s file; the exit code.
// Holds: with the JSON format nothing but diagnostics is written; every diagnostic passes through
//        here once, with the level the user's flags give it.
#pragma once
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "common_options.h"
#include "driver/driver.h"

namespace tx::cli {

class Reporter {
 public:
  Reporter(std::ostream& err, CommonOptions options, const Environment& environment);
  /// Takes over the options as parsed; until then those at a glance are used.
  void configure(CommonOptions options, LevelChanges levels);

  const LevelChanges& levels() const { return levels_; }
  void emit(std::vector<diag::Diagnostic> diagnostics);
  /// A line of text that is no diagnostic; not written with `--quiet`.
  void say(std::string_view line);
  /// A callback for driver's requests that prints one line a phase, on a terminal only.
  driver::Progress progress();
  /// What became of each dimension that was asked to be dynamic: a table, or one JSON object.
  void dimensions(const std::vector<driver::DimensionRow>& rows);
  /// How the comparison at other sizes went: lines, or one JSON object.
  void samples(const driver::SampleReport& report);
  void timing(const std::vector<driver::Phase>& phases, uint64_t peak_memory_bytes);
  /// Writes `--report`'s file and returns the exit code of everything emitted.
  int finish();

 private:
  bool text() const { return options_.format != "json"; }

  std::ostream& err_;
  CommonOptions options_;
  const Environment& environment_;
  LevelChanges levels_;
  std::vector<diag::Diagnostic> emitted_;
};

}  // namespace tx::cli
