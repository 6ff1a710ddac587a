#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "archive/code_places.h"
#include "archive/load.h"
#include "capture/capture.h"
#include "driver/attach_weights.h"
#include "driver/driver.h"
#include "driver/dynamic.h"
#include "driver/model.h"
#include "driver/phases.h"
#include "driver/propose_dims.h"
#include "driver/quiet_libtorch.h"
#include "passes/pipeline.h"
#include "serialize/reader.h"
#include "serialize/writer.h"

namespace tx::driver {
namespace {

namespace fs = std::filesystem;

// A program that is not yet verified: it gets its name when it is, and is removed otherwise.
class Unverified {
 public:
  explicit Unverified(std::string out) : out_(std::move(out)), path_(out_ + ".unverified") {}
  ~Unverified() {
    std::error_code ignored;
    if (!accepted_) fs::remove(path_, ignored);
  }
  const std::string& path() const { return path_; }
  void accept() {
    std::error_code error;
    fs::rename(path_, out_, error);
    if (error) diag::fail(diag::Code::TX0014, "cannot write " + out_ + ": " + error.message());
    accepted_ = true;
  }

 private:
  std::string out_, path_;
  bool accepted_ = false;
};

// A folder that cannot be written to is found before the work, not after it.
void check_writable(const std::string& out) {
  const std::string folder = fs::absolute(out).parent_path().string();
  if (access(folder.c_str(), W_OK) == 0) return;
  diag::fail(diag::Code::TX0014, "cannot write `" + out + "`: " + std::strerror(errno));
}

size_t count_calls(const ir::Graph& graph) {
  size_t count = 0;
  for (const ir::Node& node : graph.nodes) count += node.kind == ir::NodeKind::Call;
  for (const auto& [name, subgraph] : graph.subgraphs) count += count_calls(*subgraph);
  return count;
}

// Gives each diagnostic the level the user wants; one that is an error then ends the job.
void apply_levels(std::vector<diag::Diagnostic>& diagnostics, const LevelPolicy& level) {
  if (!level) return;
  bool failed = false;
  for (diag::Diagnostic& diagnostic : diagnostics) {
    diagnostic.level = level(diagnostic);
    failed |= diagnostic.level == diag::Level::Error;
  }
  if (failed) throw diag::Failure(diagnostics);
}

}  // namespace

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
  const archive::LoadedModule model = archive::load_torchscript(request.model);
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
  apply_levels(result.diagnostics, request.level);

  phases.start("passes");
  ir::Program& program = captured.program;
  program.producer = "torch-export " TX_VERSION;
  program.model_name = model.name;
  program.opset_version = archive::operator_set_version();
  program.torch_version = TX_LIBTORCH_VERSION;
  attach_weights(program, captured.weights);
  passes::run_pipeline(program);
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
