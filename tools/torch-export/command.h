// Command: one verb of the command line. Each cmd_<verb>.cpp defines one; commands.cpp lists them.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common_options.h"
#include "reporter.h"

namespace CLI {
class App;
}

namespace tx::cli {

/// What a running command may use.
struct Context {
  std::ostream& out;
  Reporter& reporter;
};

class Command {
 public:
  virtual ~Command() = default;
  /// Adds the verb's positionals and options, which write to members of this object.
  virtual void declare(CLI::App& app) = 0;
  /// Does the work; everything went well when it returns. Throws diag::Failure.
  virtual void run(Context& context) = 0;
};

struct CommandInfo {
  std::string_view name;
  std::string_view usage;     ///< after "torch-export "
  std::string_view summary;   ///< one line of the list of verbs
  std::string_view examples;  ///< printed below the options, one command a line
  std::unique_ptr<Command> (*make)();
};

/// All verbs in the order of the general help.
const std::vector<const CommandInfo*>& commands();
/// The verb called `name`, or null.
const CommandInfo* find_command(std::string_view name);
std::vector<std::string> command_names();

extern const CommandInfo kExportCommand;
extern const CommandInfo kShowCommand;
extern const CommandInfo kRunCommand;
extern const CommandInfo kVerifyCommand;
extern const CommandInfo kDecomposeCommand;
extern const CommandInfo kOpsCommand;
extern const CommandInfo kExplainCommand;
extern const CommandInfo kExportdbCommand;

}  // namespace tx::cli
