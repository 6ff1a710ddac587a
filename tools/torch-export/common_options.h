// CommonOptions: the options that every verb takes.
#pragma once
#include <set>
#include <string>
#include <vector>

#include "diag/diagnostic.h"
#include "environment.h"

namespace CLI {
class App;
}

namespace tx::cli {

struct CommonOptions {
  std::string format = "text";  ///< of diagnostics: text or json
  std::string color = "auto";   ///< auto, always, never
  std::string report;           ///< file for the diagnostics, *.json or *.sarif
  bool quiet = false;
  bool timing = false;
  bool werror = false;
  std::vector<std::string> allow, deny;  ///< codes, as given
  std::string log;              ///< components as in TORCH_LOGS

  void declare(CLI::App& app);
  /// What can be known of format, colour and report while the command line may still be wrong, so
  /// that a mistake is reported in the way that was asked for.
  static CommonOptions glance(const std::vector<std::string>& args);
  /// Checks what the options say together. Throws diag::Failure.
  void check() const;
  bool use_color(const Environment& environment) const;
  /// Sets the log's levels: `--log`, else TORCH_EXPORT_LOG, else TORCH_LOGS. Throws diag::Failure
  /// (TX0013).
  void configure_log(const Environment& environment) const;
};

/// The levels that `--werror`, `--allow` and `--deny` give to warnings and notes.
class LevelChanges {
 public:
  LevelChanges() = default;
  /// Throws diag::Failure for an unknown code (TX0015) and for one that is always an error.
  explicit LevelChanges(const CommonOptions& options);
  diag::Level level(const diag::Diagnostic& diagnostic) const;

 private:
  bool werror_ = false;
  std::set<diag::Code> allow_, deny_;
};

/// The kind of a code as a user wrote it. Throws diag::Failure (TX0015).
const diag::Kind& known_kind(const std::string& code);

}  // namespace tx::cli
