// torch-export explain [CODE]: the page of a diagnostic code, or the list of all codes.
#include "command.h"
#include "diag/sinks.h"
#include "diagnostic_pages.h"
#include "options.h"

namespace tx::cli {

namespace {

class ExplainCommand : public Command {
 public:
  void declare(CLI::App& app) override {
    add_positional(app, "CODE", code_, "TXnnnn; without it all codes are listed")
        ->required(false);
  }

  void run(Context& context) override {
    if (code_.empty()) {
      for (const diag::Kind& kind : diag::all_kinds()) {
        std::string level(diag::level_name(kind.level));
        level.resize(9, ' ');
        context.out << kind.name << "  " << level << kind.title << "\n";
      }
      return;
    }
    context.out << page(known_kind(code_).name);
  }

 private:
  std::string code_;
};

}  // namespace

const CommandInfo kExplainCommand = {
    "explain",
    "explain [CODE]",
    "explain a diagnostic code",
    "torch-export explain TX1001\n"
    "torch-export explain",
    []() -> std::unique_ptr<Command> { return std::make_unique<ExplainCommand>(); },
};

}  // namespace tx::cli
