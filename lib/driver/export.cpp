#include <filesystem>

#include "archive/code_places.h"
#include "archive/load.h"
#include "capture/capture.h"
#include "decomp/keep_whole.h"
#include "driver/attach_weights.h"
#include "driver/decomposition.h"
#include "driver/driver.h"
#include "driver/dynamic.h"
#include "driver/model.h"
#include "driver/phases.h"
#include "driver/program_file.h"
#include "driver/propose_dims.h"
#include "driver/quiet_libtorch.h"
#include "passes/pipeline.h"
#include "serialize/reader.h"
#include "serialize/writer.h"

namespace tx::driver {

namespace fs = std::filesystem;

std::string default_output_path(const std::string& model) {
  return fs::path(model).replace_extension(".txp").string();
}

ExportResult export_model(const ExportRequest& request) {
  const QuietLibTorch quiet;
  Phases phases(request.progress);
  ExportResult result;
  result.out = request.out.empty() ? default_output_path(request.model) : request.out;
  check_writable(result.out);

  phases.start("load");
  load_libraries(request.libraries);
  const archive::LoadedModule model = archive::load_with_stand_ins(request.model);
  result.model_name = model.name;

  phases.start("inputs");
  const inputs::BoundInputs inputs = bind_to_model(model, request.inputs);

  // What was asked for, and what the sets of inputs say of the other dimensions.
  ExportRequest asked = request;
  if (!request.inputs_sets.empty()) {
    result.proposed = propose_dims(model, inputs, request);
    asked.dynamic.insert(asked.dynamic.end(), result.proposed.begin(), result.proposed.end());
  }

  phases.start("capture");
  capture::CaptureOptions options;
  options.allow_input_mutation = request.allow_input_mutation;
  for (const std::string& text : request.assumptions) {
    options.assumptions.push_back(symbolic::parse_assumption(text));
  }
  options.control_flow = request.control_flow;
  options.draft = request.draft;
  std::unique_ptr<capture::Expander> keeper;
  if (request.decompose) keeper = decomp::keep_whole(request.decompose->keep);
  options.expander = keeper.get();
  DynamicCapture dynamic;
  try {
    dynamic = capture_with_dims(model, inputs, asked, options);
  } catch (diag::Failure& failure) {
    for (diag::Diagnostic& diagnostic : failure.diagnostics()) {
      archive::complete_place(model, diagnostic);
    }
    throw;
  }
  result.dimensions = std::move(dynamic.report);
  capture::Captured& captured = dynamic.captured;
  result.diagnostics = std::move(captured.reports);
  for (diag::Diagnostic& diagnostic : result.diagnostics) archive::complete_place(model, diagnostic);
  result.draft = captured.program.draft;
  apply_levels(result.diagnostics, request.level);

  phases.start("passes");
  ir::Program& program = captured.program;
  program.producer = "torch-export " TX_VERSION;
  program.model_name = model.name;
  program.opset_version = archive::operator_set_version();
  program.torch_version = TX_LIBTORCH_VERSION;
  attach_weights(program, captured.weights);
  passes::run_pipeline(program);
  if (request.decompose) {
    phases.start("decompose");
    decompose(program, *request.decompose, result.diagnostics);
    apply_levels(result.diagnostics, request.level);
  }
  result.num_nodes = count_calls(program.graph);
  result.num_weights = program.weights.size();

  phases.start("write");
  Unverified file(result.out);
  serialize::write_program(program, file.path());
  result.file_bytes = fs::file_size(file.path());

  if (request.verify) {
    phases.start("verify");
    const ir::Program written = serialize::read_program(file.path());
    result.verified =
        compare_with_model(written, model, inputs, request.tolerance, request.inputs.seed);
  }
  file.accept();
  result.phases = phases.finish();
  result.peak_memory_bytes = peak_memory_bytes();
  return result;
}

}  // namespace tx::driver
