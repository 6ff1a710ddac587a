#include "command.h"

namespace tx::cli {

const std::vector<const CommandInfo*>& commands() {
  static const std::vector<const CommandInfo*> all = {
      &kExportCommand,    &kShowCommand, &kRunCommand,     &kVerifyCommand,
      &kDecomposeCommand, &kOpsCommand,  &kExplainCommand, &kExportdbCommand,
  };
  return all;
}

const CommandInfo* find_command(std::string_view name) {
  for (const CommandInfo* command : commands()) {
    if (command->name == name) return command;
  }
  return nullptr;
}

std::vector<std::string> command_names() {
  std::vector<std::string> names;
  for (const CommandInfo* command : commands()) names.emplace_back(command->name);
  return names;
}

}  // namespace tx::cli
