#include "driver/driver.h"
#include "driver/model.h"
#include "driver/phases.h"
#include "driver/quiet_libtorch.h"
#include "driver/sample.h"
#include "driver/value_text.h"
#include "inputs/bind.h"
#include "inputs/pytree.h"
#include "inputs/write.h"
#include "runtime/executor.h"
#include "serialize/reader.h"

namespace tx::driver {
namespace {

[[noreturn]] void refuse_draft(const std::string& path) {
  diag::fail(diag::Diagnostic(diag::Code::TX4012, "`" + path + "` is a draft: run-time assertions stand "
                                                  "in it for graph breaks of the model")
                 .note("it goes the way of the example inputs that it was exported with; for inputs that "
                       "go another way an assertion fails")
                 .fix("pass --allow-draft to run it all the same"));
}

}  // namespace

RunResult run_program(const RunRequest& request) {
  const QuietLibTorch quiet;
  Phases phases(request.progress);
  RunResult result;
  phases.start("load");
  load_libraries(request.libraries);
  const ir::Program program = serialize::read_program(request.program);
  if (program.draft && !request.allow_draft) refuse_draft(request.program);
  const runtime::Executor executor(program);

  phases.start("inputs");
  std::vector<c10::IValue> leaves =
      inputs::bind_to_tree(program.input_tree, parse_sources(request.inputs), request.inputs.seed);

  phases.start("run");
  const runtime::Results results = executor.run(std::move(leaves), {request.inputs.seed, true});
  const c10::IValue value = inputs::unflatten(program.output_tree, results.user_outputs);

  phases.start("write");
  if (request.outputs.empty()) {
    result.text = value_text(value);
  } else {
    inputs::write_values(value, request.outputs);
  }
  result.phases = phases.finish();
  result.peak_memory_bytes = peak_memory_bytes();
  return result;
}

VerifyResult verify_program(const VerifyRequest& request) {
  const QuietLibTorch quiet;
  Phases phases(request.progress);
  VerifyResult result;
  phases.start("load");
  load_libraries(request.libraries);
  const ir::Program program = serialize::read_program(request.program);
  const archive::LoadedModule model = archive::load_torchscript(request.model);

  phases.start("inputs");
  const inputs::BoundInputs inputs = bind_to_model(model, request.inputs);

  phases.start("verify");
  result.comparison =
      compare_with_model(program, model, inputs, request.tolerance, request.inputs.seed);

  if (request.samples > 0) {
    phases.start("samples");
    SampleOptions options;
    options.count = request.samples;
    options.seed = request.inputs.seed;
    options.tolerance = request.tolerance;
    options.max_elements = request.max_sample_elements;
    // The first comparison may have written to the model's buffers.
    const archive::LoadedModule again = archive::load_torchscript(request.model);
    options.record_gradients = again.asks_grad_mode;
    result.samples = compare_samples(program, again.module, inputs, options);
    result.diagnostics = diagnostics_of(*result.samples);
  }
  result.phases = phases.finish();
  result.peak_memory_bytes = peak_memory_bytes();
  return result;
}

}  // namespace tx::driver
