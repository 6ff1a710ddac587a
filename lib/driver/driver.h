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
  std::string name;  ///< "load", "inputs", "capture", "passes", "write", "verify"
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

struct ExportRequest {
  std::string model;
  InputArgs inputs;
  std::string out;  ///< "*.txp"; empty: default_output_path(model)
  bool verify = true;
  Tolerance tolerance;
  bool allow_input_mutation = false;
  std::vector<std::string> dynamic;    ///< values of --dynamic: INPUT:AXIS=DIM[,AXIS=DIM] or @FILE
  std::vector<std::string> assumptions;  ///< values of --assume: u0:LO..HI
  bool fix = false;                    ///< export with the suggested fixes
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
  std::optional<Comparison> verified;  ///< empty with `verify == false`
  std::vector<DimensionRow> dimensions;  ///< the dimension report
  std::vector<Phase> phases;
  uint64_t peak_memory_bytes = 0;      ///< of the whole process
  std::vector<diag::Diagnostic> diagnostics;  ///< warnings and notes
};

/// Exports a TorchScript archive to a program file and, unless told otherwise, verifies it.
ExportResult export_model(const ExportRequest& request);

/// NAME.txp beside NAME.pt; a name without extension gets ".txp" appended.
std::string default_output_path(const std::string& model);

struct RunRequest {
  std::string program;
  InputArgs inputs;
  std::string outputs;  ///< file to write with torch.save's format; empty: render as text
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

struct VerifyRequest {
  std::string program;
  std::string model;  ///< the archive the program was exported from
  InputArgs inputs;
  Tolerance tolerance;
  std::vector<std::string> libraries;
  Progress progress;
};

struct VerifyResult {
  Comparison comparison;
  std::vector<Phase> phases;
  uint64_t peak_memory_bytes = 0;
  std::vector<diag::Diagnostic> diagnostics;
};

/// Runs program and model on the same inputs; a difference beyond the tolerance is a Failure
/// (TX4009).
VerifyResult verify_program(const VerifyRequest& request);

}  // namespace tx::driver
