#include "reporter.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "diag/sinks.h"
#include "dimension_report.h"
#include "sample_report.h"

namespace tx::cli {

Reporter::Reporter(std::ostream& err, CommonOptions options, const Environment& environment)
    : err_(err), options_(std::move(options)), environment_(environment) {}

void Reporter::configure(CommonOptions options, LevelChanges levels) {
  options_ = std::move(options);
  levels_ = std::move(levels);
}

void Reporter::emit(std::vector<diag::Diagnostic> diagnostics) {
  for (diag::Diagnostic& diagnostic : diagnostics) {
    diagnostic.level = levels_.level(diagnostic);
    if (!text()) {
      err_ << diag::to_json_line(diagnostic) << "\n";
    } else if (!options_.quiet || diagnostic.level != diag::Level::Note) {
      err_ << diag::to_text(diagnostic, options_.use_color(environment_));
    }
    emitted_.push_back(std::move(diagnostic));
  }
}

void Reporter::say(std::string_view line) {
  if (text() && !options_.quiet) err_ << line << "\n";
}

driver::Progress Reporter::progress() {
  if (!text() || options_.quiet || !environment_.stderr_is_terminal) return {};
  return [this](std::string_view phase) { err_ << "  " << phase << " ..." << std::endl; };
}

void Reporter::dimensions(const std::vector<driver::DimensionRow>& rows) {
  if (rows.empty()) return;
  if (!text()) {
    err_ << dimension_json(rows) << "\n";
  } else if (!options_.quiet) {
    err_ << "dimensions:\n" << dimension_table(rows);
  }
}

void Reporter::samples(const driver::SampleReport& report) {
  if (!text()) {
    err_ << sample_json(report) << "\n";
  } else if (!options_.quiet) {
    err_ << sample_lines(report);
  }
}

void Reporter::timing(const std::vector<driver::Phase>& phases, uint64_t peak_memory_bytes) {
  if (!text() || !options_.timing) return;
  char line[64];
  double total = 0;
  for (const driver::Phase& phase : phases) {
    std::snprintf(line, sizeof line, "  %-12s %8.3f s\n", phase.name.c_str(), phase.seconds);
    err_ << line;
    total += phase.seconds;
  }
  std::snprintf(line, sizeof line, "  %-12s %8.3f s\n", "total", total);
  err_ << line;
  std::snprintf(line, sizeof line, "  %-12s %8.0f MB\n", "peak memory",
                static_cast<double>(peak_memory_bytes) / 1e6);
  err_ << line;
}

int Reporter::finish() {
  if (!options_.report.empty()) {
    // The report holds what was emitted up to here; a report that fails cannot hold itself.
    const std::string path = std::exchange(options_.report, "");
    try {
      diag::write_report(path, emitted_, TX_VERSION);
    } catch (diag::Failure& failure) {
      emit(std::move(failure.diagnostics()));
    }
  }
  for (const diag::Diagnostic& diagnostic : emitted_) {
    if (diagnostic.level != diag::Level::Error) continue;
    // A warning that the user's flags made an error has no exit code of its own.
    return std::max(diag::kind(diagnostic.code).exit_code, 1);
  }
  return 0;
}

}  // namespace tx::cli
