// Driver: the jobs of the tool as requests and results.
//
// In:  paths, input sources and options, already parsed; nothing here knows a command line.
// Out: results; what cannot be done is a diag::Failure with every diagnostic that says why.
// Holds: after a failure no new file and no half of one exists, and an older output is untouched.
//        Nothing is printed. This header needs no LibTorch.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "capture/control_flow.h"
#include "diag/diagnostic.h"

namespace tx::driver {

/// The arguments of a model or a program, one text for each `--inputs`: "SRC" or "NAME=SRC".
struct InputArgs {
  std::vector<std::string> sources;
  uint64_t seed = 0;  ///< of made-up data, and of random operators when something is run
};

/// Tolerance of a comparison; what is not set is the default of each output's dtype.
struct Tolerance {
  std::optional<double> rtol, atol;
};

/// A step of a job and how long it took.
struct Phase {
  std::string name;  ///< "load", "inputs", "capture", "passes", "decompose", "write", "verify"
  double seconds = 0;
};

/// Called when a phase starts, for progress lines.
using Progress = std::function<void(std::string_view phase)>;

/// The level that a warning or a note gets, so that `--werror`, `--allow` and `--deny` are known
/// before anything is written: a job with a diagnostic raised to Error fails. Empty: unchanged.
using LevelPolicy = std::function<diag::Level(const diag::Diagnostic&)>;

/// What became of comparing a program's outputs with the model's.
struct Comparison {
  size_t outputs = 0;             ///< leaves compared
  double max_abs_error = 0;       ///< largest difference of two finite elements
  double max_rel_error = 0;
};

/// Which operators to replace by simpler ones.
struct Decomposition {
  std::vector<std::string> to;    ///< operators to expand; empty: all that lead to Core ATen
  std::vector<std::string> keep;  ///< operators to leave alone
  bool strict_core = false;       ///< an operator that is not core afterwards is an error (TX3005)
};

struct ExportRequest {
  std::string model;
  InputArgs inputs;
  std::string out;  ///< "*.txp"; empty: default_output_path(model)
  bool verify = true;
  Tolerance tolerance;
  bool allow_input_mutation = false;
  capture::ControlFlow control_flow = capture::ControlFlow::Refuse;
  bool draft = false;  ///< replace breaks by run-time assertions where that is possible
  std::vector<std::string> dynamic;    ///< values of --dynamic: INPUT:AXIS=DIM[,AXIS=DIM] or @FILE
  std::vector<std::string> assumptions;  ///< values of --assume: u0:LO..HI
  /// More sets of example inputs, one source each: sizes that differ become dynamic dimensions.
  std::vector<std::string> inputs_sets;
  bool fix = false;                    ///< export with the suggested fixes
  std::optional<Decomposition> decompose;
  std::vector<std::string> libraries;  ///< operator libraries to load first
  Progress progress;
  LevelPolicy level;
};

/// What became of a dimension that was asked to be dynamic.
struct DimensionRow {
  std::string input;    ///< "x", "kv.0.k"
  uint32_t axis = 0;
  std::string asked;    ///< "batch:2..16", "auto"
  std::string got;      ///< "s0 in [2, 16]", "2*s0", "8"
  std::string because;  ///< the guard that decided it, or empty
  diag::Place place;    ///< of that guard
};

struct ExportResult {
  std::string out;          ///< the file that was written
  uint64_t file_bytes = 0;
  std::string model_name;   ///< class of the exported module
  size_t num_nodes = 0;     ///< calls in the graph, sub-graphs included
  size_t num_weights = 0;   ///< parameters, buffers and constants
  bool draft = false;       ///< breaks were replaced: they are warnings in `diagnostics`
  std::optional<Comparison> verified;  ///< empty with `verify == false`
  std::vector<DimensionRow> dimensions;  ///< the dimension report
  std::vector<std::string> proposed;     ///< values of --dynamic that `inputs_sets` led to
  std::vector<Phase> phases;
  uint64_t peak_memory_bytes = 0;      ///< of the whole process
  std::vector<diag::Diagnostic> diagnostics;  ///< warnings and notes
};

/// Exports a TorchScript archive to a program file and, unless told otherwise, verifies it.
ExportResult export_model(const ExportRequest& request);

/// NAME.txp beside NAME.pt; a name without extension gets ".txp" appended.
std::string default_output_path(const std::string& model);

struct DecomposeRequest {
  std::string program;
  std::string out;
  Decomposition decomposition;
  InputArgs inputs;      ///< with sources: both programs run on them and have to agree
  Tolerance tolerance;
  std::vector<std::string> libraries;
  Progress progress;
  LevelPolicy level;
};

struct DecomposeResult {
  size_t nodes_before = 0, nodes_after = 0;  ///< calls, sub-graphs included
  size_t expanded = 0;                       ///< calls that were replaced
  std::optional<Comparison> verified;        ///< empty without inputs
  std::vector<Phase> phases;
  uint64_t peak_memory_bytes = 0;
  std::vector<diag::Diagnostic> diagnostics;
};

/// Writes the program in other operators to another file, or to the same one.
DecomposeResult decompose_program(const DecomposeRequest& request);

struct RunRequest {
  std::string program;
  InputArgs inputs;
  std::string outputs;  ///< file to write with torch.save's format; empty: render as text
  bool allow_draft = false;
  std::vector<std::string> libraries;
  Progress progress;
};

struct RunResult {
  std::string text;  ///< the outputs in the model's own structure; empty when written to a file
  std::vector<Phase> phases;
  uint64_t peak_memory_bytes = 0;
  std::vector<diag::Diagnostic> diagnostics;
};

/// Runs a program file.
RunResult run_program(const RunRequest& request);

/// Sizes at which program and model do not do the same, or that the program should refuse.
struct SampleProblem {
  enum class Kind : uint8_t {
    Different,     ///< the results differ
    ModelFails,    ///< the program gives a result, the model fails
    ProgramFails,  ///< the model gives a result, or the program's own checks refuse its sizes
    Accepted,      ///< outside of what the program allows, and not refused
  };
  Kind kind;
  std::string sizes;  ///< "x[3, 8], y[8, 2]"
  std::string text;   ///< what happened
};

/// Elements of all inputs of a sample together, or twice as many as the example has.
inline constexpr int64_t kMaxSampleElements = int64_t{1} << 18;

/// Comparison of a program with its model at other sizes than the example's.
struct SampleReport {
  size_t inside = 0;        ///< assignments of sizes that the program allows
  size_t agreed = 0;        ///< of those, how many gave equal results
  size_t both_refused = 0;  ///< how many made an operator fail in the model and in the program
  size_t outside = 0;       ///< assignments of sizes just outside
  size_t refused = 0;       ///< of those, how many the program's checks refused
  double max_abs_error = 0;
  std::vector<SampleProblem> problems;
  std::vector<std::string> refusals;   ///< one text for each of both_refused
  std::vector<std::string> too_large;  ///< bounds that were not tried: "x.size()[0] = 1000000"
};

struct VerifyRequest {
  std::string program;
  std::string model;  ///< the archive the program was exported from
  InputArgs inputs;
  Tolerance tolerance;
  size_t samples = 0;  ///< how many other assignments of sizes to compare; 0: none
  int64_t max_sample_elements = kMaxSampleElements;
  std::vector<std::string> libraries;
  Progress progress;
};

struct VerifyResult {
  Comparison comparison;
  std::optional<SampleReport> samples;  ///< problems of samples are in `diagnostics` as errors
  std::vector<Phase> phases;
  uint64_t peak_memory_bytes = 0;
  std::vector<diag::Diagnostic> diagnostics;
};

/// Runs program and model on the same inputs; a difference beyond the tolerance is a Failure
/// (TX4009). Then, if asked to, on made-up inputs of other sizes.
VerifyResult verify_program(const VerifyRequest& request);

}  // namespace tx::driver
