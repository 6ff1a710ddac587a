#include "common_options.h"

#include <algorithm>

#include "options.h"
#include "support/log.h"
#include "support/strings.h"

namespace tx::cli {

namespace {

// The value of `--name VALUE` or `--name=VALUE`, or `otherwise`.
std::string value_of(const std::vector<std::string>& args, const std::string& name,
                     const std::string& otherwise) {
  for (size_t i = 0; i < args.size(); ++i) {
    if (args[i] == name && i + 1 < args.size()) return args[i + 1];
    if (args[i].starts_with(name + "=")) return args[i].substr(name.size() + 1);
  }
  return otherwise;
}

bool is_report_name(const std::string& path) {
  return path.ends_with(".json") || path.ends_with(".sarif");
}

}  // namespace

void CommonOptions::declare(CLI::App& app) {
  app.option_defaults()->group("Common options");
  add_choice(app, "--diagnostics-format", format, {"text", "json"},
             "how errors, warnings and notes are written to stderr");
  add_value(app, "--report", report, "FILE", "write them to FILE.json or FILE.sarif too");
  add_choice(app, "--color", color, {"auto", "always", "never"}, "colour of diagnostics");
  add_switch(app, "-q,--quiet", quiet, "write errors and warnings only to stderr");
  add_switch(app, "--timing", timing,
             "write the phases' times and the peak memory to stderr");
  add_switch(app, "--werror", werror, "make every warning an error");
  add_list(app, "--allow", allow, "CODE", "make this warning a note (may be repeated)");
  add_list(app, "--deny", deny, "CODE", "make this warning or note an error (may be repeated)");
  add_value(app, "--log", log, "SPEC",
            "log components as in TORCH_LOGS, e.g. `dynamic` or `+guards`; default: "
            "$TORCH_EXPORT_LOG, else $TORCH_LOGS");
  app.option_defaults()->group("Options");
}

CommonOptions CommonOptions::glance(const std::vector<std::string>& args) {
  CommonOptions options;
  options.format = value_of(args, "--diagnostics-format", options.format);
  options.color = value_of(args, "--color", options.color);
  options.report = value_of(args, "--report", "");
  if (!is_report_name(options.report)) options.report.clear();
  return options;
}

void CommonOptions::check() const {
  if (!report.empty() && !is_report_name(report)) {
    usage_error("`--report`: the name of `" + report + "` has to end in .json or .sarif");
  }
}

bool CommonOptions::use_color(const Environment& environment) const {
  if (color != "auto") return color == "always";
  // The convention of NO_COLOR: any value but an empty one switches colour off.
  const std::string no_color = environment.variable("NO_COLOR").value_or("");
  return environment.stderr_is_terminal && no_color.empty();
}

void CommonOptions::configure_log(const Environment& environment) const {
  std::string source = "--log", specification = log;
  for (const char* name : {"TORCH_EXPORT_LOG", "TORCH_LOGS"}) {
    if (!specification.empty()) break;
    source = name;
    specification = environment.variable(name).value_or("");
  }
  try {
    log::configure(specification);
  } catch (const log::UnknownComponent& error) {
    diag::fail(diag::Code::TX0013, "`" + source + "`: " + error.what());
  }
}

const diag::Kind& known_kind(const std::string& code) {
  if (const diag::Kind* kind = diag::find_kind(code)) return *kind;
  std::vector<std::string> names;
  for (const diag::Kind& kind : diag::all_kinds()) names.emplace_back(kind.name);
  // Only the digits can differ from a code's name in a way that says nothing.
  const bool looks_like_a_code = code.size() == 6 && (code[0] == 'T' || code[0] == 't');
  diag::Diagnostic diagnostic(
      diag::Code::TX0015, "there is no diagnostic code `" + code + "`" +
                              (looks_like_a_code ? "" : support::did_you_mean(code, names)));
  diagnostic.note("`torch-export explain` lists all codes");
  diag::fail(std::move(diagnostic));
}

LevelChanges::LevelChanges(const CommonOptions& options) : werror_(options.werror) {
  for (const std::string& code : options.allow) {
    const diag::Kind& kind = known_kind(code);
    if (kind.level == diag::Level::Error) {
      usage_error("`--allow`: " + std::string(kind.name) + " is always an error");
    }
    allow_.insert(kind.code);
  }
  for (const std::string& code : options.deny) {
    const diag::Kind& kind = known_kind(code);
    if (allow_.contains(kind.code)) {
      usage_error(std::string(kind.name) + " is given to both `--allow` and `--deny`");
    }
    deny_.insert(kind.code);
  }
}

diag::Level LevelChanges::level(const diag::Diagnostic& diagnostic) const {
  if (diagnostic.level == diag::Level::Error || deny_.contains(diagnostic.code)) {
    return diag::Level::Error;
  }
  if (diagnostic.level == diag::Level::Note || allow_.contains(diagnostic.code)) {
    return diag::Level::Note;
  }
  return werror_ ? diag::Level::Error : diag::Level::Warning;
}

}  // namespace tx::cli
