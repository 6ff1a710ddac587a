// Options: the strict forms of CLI11 options that the verbs use, and their values.
//
// Holds: an option takes exactly one value; only add_list options may be repeated. Values are text
//        until a verb asks for a number, so that every mistake is a TX0001 that quotes it.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "diag/diagnostic.h"

namespace tx::cli {

/// `names` as in CLI11 ("-o,--out"); `value` is the name of the value in the help.
CLI::Option* add_value(CLI::App& app, const std::string& names, std::string& target,
                       const std::string& value, const std::string& help);
CLI::Option* add_list(CLI::App& app, const std::string& names, std::vector<std::string>& target,
                      const std::string& value, const std::string& help);
CLI::Option* add_choice(CLI::App& app, const std::string& names, std::string& target,
                        const std::vector<std::string>& choices, const std::string& help);
CLI::Option* add_switch(CLI::App& app, const std::string& names, bool& target,
                        const std::string& help);
CLI::Option* add_positional(CLI::App& app, const std::string& name, std::string& target,
                            const std::string& help);

/// A whole number from 0; `option` is for the message.
uint64_t parse_whole_number(const std::string& text, const std::string& option);
/// A number from 0, or nothing for an empty text.
std::optional<double> parse_tolerance(const std::string& text, const std::string& option);

/// A mistake on the command line.
[[noreturn]] void usage_error(std::string message, std::string note = {});

/// Parses the arguments after the verb. Throws diag::Failure (TX0001); CLI::CallForHelp passes.
void parse(CLI::App& app, const std::vector<std::string>& args);

}  // namespace tx::cli
