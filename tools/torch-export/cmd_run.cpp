// torch-export run PROG --inputs SRC ...: runs a program file.
#include "command.h"
#include "driver/driver.h"
#include "job_options.h"
#include "options.h"

namespace tx::cli {

namespace {

class RunCommand : public Command {
 public:
  void declare(CLI::App& app) override {
    add_positional(app, "PROG", program_, "program file");
    inputs_.declare(app, "the program");
    add_value(app, "--outputs", outputs_, "FILE",
              "write the outputs in torch.save's format; without it they go to stdout as text");
    add_switch(app, "--allow-draft", allow_draft_,
               "run a draft too, a program with assertions in place of graph breaks");
    declare_libraries(app, libraries_);
  }

  void run(Context& context) override {
    driver::RunRequest request;
    request.program = program_;
    request.inputs = inputs_.args();
    request.outputs = outputs_;
    request.allow_draft = allow_draft_;
    request.libraries = libraries_;
    request.progress = context.reporter.progress();
    driver::RunResult result = driver::run_program(request);
    context.out << result.text;
    context.reporter.emit(std::move(result.diagnostics));
    if (!outputs_.empty()) context.reporter.say("wrote " + outputs_);
    context.reporter.timing(result.phases, result.peak_memory_bytes);
  }

 private:
  std::string program_, outputs_;
  InputOptions inputs_;
  std::vector<std::string> libraries_;
  bool allow_draft_ = false;
};

}  // namespace

const CommandInfo kRunCommand = {
    "run",
    "run PROG --inputs SRC ... [--outputs FILE] [options]",
    "run a program on inputs",
    "torch-export run model.txp --inputs inputs.pt --outputs outputs.pt\n"
    "torch-export run model.txp --inputs x=photo.npy --inputs 'zeros:f32[3]'",
    []() -> std::unique_ptr<Command> { return std::make_unique<RunCommand>(); },
};

}  // namespace tx::cli
