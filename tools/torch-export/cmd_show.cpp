// torch-export show FILE: a program as text.
#include "command.h"
#include "options.h"
#include "render/render.h"
#include "serialize/reader.h"
#include "support/atomic_file.h"

namespace tx::cli {

namespace {

class ShowCommand : public Command {
 public:
  void declare(CLI::App& app) override {
    add_positional(app, "FILE", file_, "program file");
    add_choice(app, "--format", format_, render::format_words(),
               "default: program, the annotated code with signature and constraints");
    add_choice(app, "--names", names_, {"tutorial", "qualified"},
               "placeholders as arg0_1 (default) or as p_lin_weight and x");
    add_value(app, "--extract-header", header_, "OUT",
              "write the FlatBuffer part of the file to OUT instead");
  }

  void run(Context& context) override {
    if (!header_.empty()) {
      extract_header();
      context.reporter.say("wrote " + header_);
      return;
    }
    serialize::ReadOptions options;
    options.with_weights = false;
    const ir::Program program = serialize::read_program(file_, options);
    context.out << render::render(program, *render::parse_format(format_),
                                  *render::parse_names(names_));
  }

 private:
  void extract_header() const {
    const std::string bytes = serialize::extract_header(file_);
    try {
      support::write_file_atomically(header_, bytes);
    } catch (const support::FileError& error) {
      diag::fail(diag::Code::TX0014, "`" + header_ + "` cannot be written: " + error.what());
    }
  }

  std::string file_, format_ = "program", names_ = "tutorial", header_;
};

}  // namespace

const CommandInfo kShowCommand = {
    "show",
    "show FILE [--format F] [--names N]",
    "print a program as text",
    "torch-export show model.txp\n"
    "torch-export show model.txp --format graph --names qualified\n"
    "torch-export show model.txp --format json | jq .signature\n"
    "torch-export show model.txp --extract-header model.fb",
    []() -> std::unique_ptr<Command> { return std::make_unique<ShowCommand>(); },
};

}  // namespace tx::cli
