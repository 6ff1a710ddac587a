// torch-export decompose PROG -o OUT: a program in simpler operators.
#include <filesystem>

#include "command.h"
#include "driver/driver.h"
#include "job_options.h"
#include "options.h"

namespace tx::cli {

namespace {

class DecomposeCommand : public Command {
 public:
  void declare(CLI::App& app) override {
    add_positional(app, "PROG", program_, "program file");
    add_value(app, "-o,--out", out_, "OUT", "program to write, *.txp");
    decomposition_.declare(app, "--to");
    inputs_.declare(app, "the program; with inputs, both programs run on them and have to agree");
    tolerance_.declare(app);
    declare_libraries(app, libraries_);
  }

  void run(Context& context) override {
    driver::DecomposeRequest request;
    request.program = program_;
    request.out = checked_out();
    request.decomposition = decomposition_.value();
    request.inputs = inputs_.args();
    request.tolerance = tolerance_.values();
    request.libraries = libraries_;
    request.progress = context.reporter.progress();
    request.level = [&](const diag::Diagnostic& d) { return context.reporter.levels().level(d); };
    driver::DecomposeResult result = driver::decompose_program(request);
    context.reporter.emit(std::move(result.diagnostics));
    context.reporter.say("wrote " + out_ + ": " + counted(result.nodes_after, "operator") + ", " +
                         std::to_string(result.nodes_before) + " before, " +
                         std::to_string(result.expanded) + " of them decomposed");
    context.reporter.say(result.verified ? comparison_line(*result.verified, "the program's")
                                         : "not verified: no --inputs");
    context.reporter.timing(result.phases, result.peak_memory_bytes);
  }

 private:
  std::string checked_out() const {
    if (out_.empty()) usage_error("`-o` is missing: the program to write");
    if (std::filesystem::path(out_).extension() != ".txp") {
      usage_error("`-o`: the name of `" + out_ + "` has to end in .txp");
    }
    return out_;
  }

  std::string program_, out_;
  DecompositionOptions decomposition_;
  InputOptions inputs_;
  ToleranceOptions tolerance_;
  std::vector<std::string> libraries_;
};

}  // namespace

const CommandInfo kDecomposeCommand = {
    "decompose",
    "decompose PROG [--to core|OP,...] [--keep OP ...] -o OUT [options]",
    "replace operators of a program by simpler ones, by default by Core ATen operators",
    "torch-export decompose model.txp -o core.txp\n"
    "torch-export decompose model.txp --to core --keep aten.silu --strict-core -o core.txp\n"
    "torch-export decompose model.txp --to aten.t.default,aten.transpose.int -o simple.txp\n"
    "torch-export decompose model.txp -o core.txp --inputs inputs.pt",
    []() -> std::unique_ptr<Command> { return std::make_unique<DecomposeCommand>(); },
};

}  // namespace tx::cli
