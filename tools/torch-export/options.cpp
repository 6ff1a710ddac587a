#include "options.h"

#include <charconv>
#include <cmath>

#include "support/strings.h"

namespace tx::cli {

namespace {

// CLI11 gives an option the next argument whatever it is; another option there means that the
// value was forgotten.
std::string refuse_option(const std::string& value) {
  return value.starts_with("--") ? "a value is missing before `" + value + "`" : "";
}

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    for (const std::string& name : option->get_snames()) names.push_back("-" + name);
  }
  return names;
}

// CLI11's messages start with "--name: " where they are about an option.
std::string subject(const std::string& message) {
  return message.substr(0, message.find(':'));
}

std::string in_words(const CLI::ParseError& error) {
  const std::string what = error.what();
  const std::string rest = what.size() > subject(what).size() + 2
                               ? what.substr(subject(what).size() + 2) : "";
  if (error.get_name() == "ArgumentMismatch") {
    if (what.ends_with("disallowed flag override")) {
      return "`--" + what.substr(0, what.find(' ')) + "` takes no value";
    }
    const bool too_many = rest.find("At Most") != std::string::npos;
    return "`" + subject(what) + "` " + (too_many ? "may be given only once" : "needs a value");
  }
  if (error.get_name() == "RequiredError") return what.substr(0, what.find(' ')) + " is missing";
  if (error.get_name() == "ValidationError") return "`" + subject(what) + "`: " + rest;
  return what;
}

}  // namespace

CLI::Option* add_value(CLI::App& app, const std::string& names, std::string& target,
                       const std::string& value, const std::string& help) {
  return app.add_option(names, target, help)->type_name(value)->check(refuse_option, "");
}

CLI::Option* add_list(CLI::App& app, const std::string& names, std::vector<std::string>& target,
                      const std::string& value, const std::string& help) {
  // Without this a list takes every argument up to the next option, the model included.
  return app.add_option(names, target, help)
      ->allow_extra_args(false)
      ->type_name(value)
      ->check(refuse_option, "");
}

CLI::Option* add_choice(CLI::App& app, const std::string& names, std::string& target,
                        const std::vector<std::string>& choices, const std::string& help) {
  const std::string list = support::join(choices, "|");
  return app.add_option(names, target, help)->type_name(list)->check(
      [choices](const std::string& value) {
        for (const std::string& choice : choices) {
          if (value == choice) return std::string();
        }
        return "`" + value + "` is not one of " + support::join(choices, ", ") +
               support::did_you_mean(value, choices);
      },
      "");
}

CLI::Option* add_switch(CLI::App& app, const std::string& names, bool& target,
                        const std::string& help) {
  // Without this CLI11 takes `--quiet=false`.
  return app.add_flag(names, target, help)->disable_flag_override();
}

CLI::Option* add_positional(CLI::App& app, const std::string& name, std::string& target,
                            const std::string& help) {
  return app.add_option(name, target, help)->required()->type_name("");
}

uint64_t parse_whole_number(const std::string& text, const std::string& option) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    usage_error("`" + option + "`: `" + text + "` is not a whole number from 0");
  }
  return value;
}

std::optional<double> parse_tolerance(const std::string& text, const std::string& option) {
  if (text.empty()) return std::nullopt;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !(value >= 0)) {
    usage_error("`" + option + "`: `" + text + "` is not a number from 0");
  }
  return value;
}

void usage_error(std::string message, std::string note) {
  diag::Diagnostic diagnostic(diag::Code::TX0001, std::move(message));
  if (!note.empty()) diagnostic.note(std::move(note));
  diag::fail(std::move(diagnostic));
}

void parse(CLI::App& app, const std::vector<std::string>& args) {
  const std::string help = "run `" + app.get_name() + " --help` for the usage";
  app.allow_extras();
  try {
    app.parse(std::vector<std::string>(args.rbegin(), args.rend()));
  } catch (const CLI::CallForHelp&) {
    throw;
  } catch (const CLI::ParseError& error) {
    // A mistyped option is the more likely reason for something that is missing.
    if (error.get_name() != "RequiredError" || app.remaining().empty()) {
      usage_error(in_words(error), help);
    }
  }
  for (const std::string& argument : app.remaining()) {
    if (!argument.starts_with("-") || argument == "--") continue;
    const std::string name = argument.substr(0, argument.find('='));
    // Every short option is close to every other.
    const std::string hint =
        name.starts_with("--") ? support::did_you_mean(name, option_names(app)) : "";
    usage_error("unknown option `" + name + "`" + hint, help);
  }
  if (!app.remaining().empty()) {
    usage_error("unexpected argument `" + app.remaining().front() + "`", help);
  }
}

}  // namespace tx::cli
