// torch-export verify PROG --against MODEL --inputs SRC ...: compares a program with its model.
#include "command.h"
#include "driver/driver.h"
#include "job_options.h"
#include "options.h"

namespace tx::cli {

namespace {

class VerifyCommand : public Command {
 public:
  void declare(CLI::App& app) override {
    add_positional(app, "PROG", program_, "program file");
    add_value(app, "--against", model_, "MODEL", "the archive the program was exported from")
        ->required();
    inputs_.declare(app, "both");
    add_value(app, "--samples", samples_, "N",
              "also compare at N other assignments of sizes that the program allows (bounds and "
              "their neighbours first), and check that sizes just outside are refused; the inputs "
              "of a sample have at most " +
                  std::to_string(driver::kMaxSampleElements) +
                  " elements together, or twice as many as the example");
    tolerance_.declare(app);
    declare_libraries(app, libraries_);
  }

  void run(Context& context) override {
    driver::VerifyRequest request;
    request.program = program_;
    request.model = model_;
    request.inputs = inputs_.args();
    request.tolerance = tolerance_.values();
    request.samples = parse_whole_number(samples_, "--samples");
    request.libraries = libraries_;
    request.progress = context.reporter.progress();
    driver::VerifyResult result = driver::verify_program(request);
    context.reporter.say(comparison_line(result.comparison));
    if (result.samples) context.reporter.samples(*result.samples);
    context.reporter.emit(std::move(result.diagnostics));
    context.reporter.timing(result.phases, result.peak_memory_bytes);
  }

 private:
  std::string program_, model_, samples_ = "0";
  InputOptions inputs_;
  ToleranceOptions tolerance_;
  std::vector<std::string> libraries_;
};

}  // namespace

const CommandInfo kVerifyCommand = {
    "verify",
    "verify PROG --against MODEL --inputs SRC ... [--samples N] [options]",
    "compare a program's outputs with its model's",
    "torch-export verify model.txp --against model.pt --inputs inputs.pt\n"
    "torch-export verify model.txp --against model.pt --inputs inputs.pt --samples 50\n"
    "torch-export verify model.txp --against model.pt --inputs 'f32[8,100]' --seed 7 --rtol 1e-5",
    []() -> std::unique_ptr<Command> { return std::make_unique<VerifyCommand>(); },
};

}  // namespace tx::cli
