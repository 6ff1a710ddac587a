// torch-export [export] MODEL --inputs SRC ...: a TorchScript archive becomes a program file.
#include <filesystem>

#include "command.h"
#include "driver/driver.h"
#include "job_options.h"
#include "options.h"

namespace tx::cli {

namespace {

class ExportCommand : public Command {
 public:
  void declare(CLI::App& app) override {
    add_positional(app, "MODEL", model_, "TorchScript archive");
    inputs_.declare(app, "the model");
    add_value(app, "-o,--out", out_, "OUT",
              "program to write, *.txp; without it NAME.txp beside NAME.pt");
    add_list(app, "--dynamic", dynamic_, "SPEC",
               "dimensions that may change: INPUT:AXIS=DIM[,AXIS=DIM], e.g. `x:0=batch:2..16`, or @FILE.json");
    add_list(app, "--inputs-set", inputs_sets_, "SRC",
             "one more full set of inputs, a file that holds the tuple (may be repeated): sizes "
             "that differ between the sets become dynamic dimensions; `--dynamic` wins");
    add_switch(app, "--fix", fix_, "export with the suggested fixes when dimensions are violated");
    add_list(app, "--assume", assumptions_, "SYMBOL:LO..HI",
             "a fact about a size that depends on data, e.g. `u0:1..64`; the program checks it");
    decomposition_.declare(app, "--decompose");
    tolerance_.declare(app);
    add_switch(app, "--no-verify", no_verify_,
               "do not compare the written program with the model");
    add_switch(app, "--allow-input-mutation", allow_input_mutation_,
               "record the mutation of a user input instead of refusing it");
    add_choice(app, "--control-flow", control_flow_, {"capture", "capture=all"},
               "record `if` and loops that depend on data as cond and while_loop; with `=all` also an "
               "`if` on a dynamic size that the ranges leave open");
    add_switch(app, "--draft", draft_,
               "write a program though the graph breaks, where assertions at run time can stand for the "
               "breaks: it goes the way of the example inputs, and is marked as a draft");
    declare_libraries(app, libraries_);
  }

  void run(Context& context) override {
    driver::ExportRequest request;
    request.model = model_;
    request.inputs = inputs_.args();
    request.out = checked_out();
    request.verify = !no_verify_;
    request.tolerance = tolerance_.values();
    request.allow_input_mutation = allow_input_mutation_;
    if (!control_flow_.empty()) {
      request.control_flow = control_flow_ == "capture" ? capture::ControlFlow::Data
                                                        : capture::ControlFlow::All;
    }
    request.draft = draft_;
    request.dynamic = dynamic_;
    request.assumptions = assumptions_;
    request.inputs_sets = inputs_sets_;
    request.fix = fix_;
    request.decompose = decomposition_.requested();
    request.libraries = libraries_;
    request.progress = context.reporter.progress();
    request.level = [&](const diag::Diagnostic& d) { return context.reporter.levels().level(d); };

    driver::ExportResult result = driver::export_model(request);
    context.reporter.emit(std::move(result.diagnostics));
    context.reporter.say((result.draft ? "wrote the draft " : "wrote ") + result.out + ": " + result.model_name + ", " +
                         counted(result.num_nodes, "operator") + ", " +
                         counted(result.num_weights, "weight"));
    if (!inputs_sets_.empty()) context.reporter.say(proposal_line(result.proposed));
    context.reporter.dimensions(result.dimensions);
    if (result.verified) {
      context.reporter.say(comparison_line(*result.verified));
    } else {
      context.reporter.say("not verified");
    }
    context.reporter.timing(result.phases, result.peak_memory_bytes);
  }

 private:
  // The values as they are to be pasted into a shell.
  static std::string proposal_line(const std::vector<std::string>& proposed) {
    if (proposed.empty()) return "inferred: no size differs between the sets of inputs";
    std::string line = "inferred:";
    for (const std::string& value : proposed) {
      const bool quoted = value.find('*') != std::string::npos;
      line += " --dynamic " + (quoted ? "'" + value + "'" : value);
    }
    return line;
  }

  std::string checked_out() const {
    if (out_.empty()) return out_;
    const std::filesystem::path path(out_);
    if (path.extension() != ".txp") {
      usage_error("`-o`: the name of `" + out_ + "` has to end in .txp");
    }
    std::error_code ignored;
    if (std::filesystem::equivalent(path, model_, ignored)) {
      usage_error("`-o`: `" + out_ + "` is the model itself");
    }
    return out_;
  }

  std::string model_, out_, control_flow_;
  InputOptions inputs_;
  ToleranceOptions tolerance_;
  DecompositionOptions decomposition_;
  std::vector<std::string> libraries_, dynamic_, inputs_sets_, assumptions_;
  bool fix_ = false, draft_ = false;
  bool no_verify_ = false, allow_input_mutation_ = false;
};

}  // namespace

const CommandInfo kExportCommand = {
    "export",
    "[export] MODEL --inputs SRC ... [-o OUT] [options]",
    "export a TorchScript archive to a program file (the verb may be left out)",
    "torch-export model.pt --inputs inputs.pt\n"
    "torch-export model.pt --inputs inputs.pt --dynamic x:0=batch:2..64\n"
    "torch-export model.pt --inputs 'f32[8,100]' --inputs mask='zeros:b8[8]' -o program.txp\n"
    "torch-export model.pt --inputs 'i64[2,16]:0..30521' --no-verify --report problems.sarif",
    []() -> std::unique_ptr<Command> { return std::make_unique<ExportCommand>(); },
};

}  // namespace tx::cli
