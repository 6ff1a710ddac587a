#include "cli.h"

#include <algorithm>
#include <filesystem>
#include <new>

#include <CLI/CLI.hpp>

#include "command.h"
#include "options.h"
#include "support/log.h"
#include "support/strings.h"

namespace tx::cli {

namespace {

std::string version_line() {
  return "torch-export " TX_VERSION " (LibTorch " TX_LIBTORCH_FOUND_VERSION ")";
}

std::string general_help() {
  std::string text =
      "torch-export: exports TorchScript models to programs that run without their source.\n\n"
      "Usage: torch-export MODEL --inputs SRC ... [options]\n"
      "       torch-export VERB ...\n\n"
      "Verbs:\n";
  for (const CommandInfo* command : commands()) {
    std::string name(command->name);
    name.resize(10, ' ');
    text += "  " + name + std::string(command->summary) + "\n";
  }
  text +=
      "\n`torch-export VERB --help` describes a verb. Without a verb the arguments are those of "
      "export.\n\n"
      "Options:\n"
      "  -h, --help  this text\n"
      "  --version   the versions of the tool and of LibTorch\n\n"
      "Examples:\n"
      "  torch-export model.pt --inputs inputs.pt\n"
      "  torch-export show model.txp\n"
      "  torch-export run model.txp --inputs inputs.pt --outputs outputs.pt\n";
  return text;
}

// The usage line names the values as docs/cli.md does.
class HelpText : public CLI::Formatter {
 public:
  explicit HelpText(const CommandInfo& info) : info_(info) {
    column_width(36);
    label("REQUIRED", "");
  }
  std::string make_usage(const CLI::App*, std::string) const override {
    return "Usage: torch-export " + std::string(info_.usage) + "\n";
  }
  std::string make_footer(const CLI::App*) const override {
    std::string text = "\nExamples:\n";
    for (const std::string& line : support::split(info_.examples, '\n')) {
      text += "  " + line + "\n";
    }
    return text;
  }

 private:
  const CommandInfo& info_;
};

// A word alone in the place of the model that names no file was meant as a verb.
void refuse_unknown_verb(const std::string& word) {
  const bool is_word = !word.empty() && std::all_of(word.begin(), word.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || c == '-';
  });
  std::error_code ignored;
  if (!is_word || word.front() == '-' || std::filesystem::exists(word, ignored)) return;
  const std::vector<std::string> names = command_names();
  usage_error("`" + word + "` is neither a verb nor a file" + support::did_you_mean(word, names),
              "the verbs are " + support::join(names, ", "));
}

void run_verb(const std::vector<std::string>& args, std::ostream& out, Reporter& reporter,
              const Environment& environment) {
  if (args.empty()) usage_error("a model is missing", "run `torch-export --help` for the usage");
  const CommandInfo* info = find_command(args.front());
  std::vector<std::string> rest(args.begin() + (info ? 1 : 0), args.end());
  if (!info) {
    refuse_unknown_verb(args.front());
    info = &kExportCommand;
  }

  CLI::App app(std::string(info->summary), "torch-export " + std::string(info->name));
  app.formatter(std::make_shared<HelpText>(*info));
  const std::unique_ptr<Command> command = info->make();
  command->declare(app);
  CommonOptions common;
  common.declare(app);
  try {
    parse(app, rest);
  } catch (const CLI::CallForHelp&) {
    out << app.help();
    return;
  }
  common.check();
  reporter.configure(common, LevelChanges(common));
  common.configure_log(environment);
  Context context{out, reporter};
  command->run(context);
}

// How to see an internal error again; the shell can read the line back.
std::string command_line(const std::vector<std::string>& args) {
  std::string line = "torch-export";
  for (const std::string& arg : args) {
    const bool plain = !arg.empty() && arg.find_first_not_of(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./=:,@+") ==
        std::string::npos;
    line += " " + (plain ? arg : "'" + support::replace_all(arg, "'", "'\\''") + "'");
  }
  return line;
}

diag::Diagnostic internal_error(const std::string& what, const std::vector<std::string>& args) {
  // LibTorch appends a C++ stack to its messages.
  const std::string first_line = what.substr(0, what.find('\n'));
  diag::Diagnostic diagnostic(diag::Code::TX0070, "internal error: " + first_line);
  diagnostic.note("this is a mistake in torch-export, not in the model or on the command line");
  diagnostic.note("to see it again: " + command_line(args));
  diagnostic.note(version_line());
  return diagnostic;
}

}  // namespace

int run_cli(const std::vector<std::string>& args, std::ostream& out, std::ostream& err,
            const Environment& environment) {
  Reporter reporter(err, CommonOptions::glance(args), environment);
  log::set_output([&err](std::string_view line) { err << line << "\n"; });
  try {
    if (!args.empty() && (args[0] == "--help" || args[0] == "-h")) {
      out << general_help();
    } else if (!args.empty() && args[0] == "--version") {
      out << version_line() << "\n";
    } else {
      run_verb(args, out, reporter, environment);
    }
    out.flush();
    if (!out) diag::fail(diag::Code::TX0014, "stdout cannot be written");
  } catch (diag::Failure& failure) {
    reporter.emit(std::move(failure.diagnostics()));
  } catch (const std::bad_alloc&) {
    reporter.emit({internal_error("out of memory", args)});
  } catch (const std::exception& error) {
    reporter.emit({internal_error(error.what(), args)});
  }
  log::set_output({});
  return reporter.finish();
}

}  // namespace tx::cli
