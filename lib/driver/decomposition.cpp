#include "driver/decomposition.h"

#include <filesystem>

#include "decomp/decompose.h"
#include "driver/model.h"
#include "driver/phases.h"
#include "driver/program_file.h"
#include "driver/quiet_libtorch.h"
#include "inputs/bind.h"
#include "passes/pipeline.h"
#include "runtime/compare.h"
#include "runtime/executor.h"
#include "serialize/reader.h"
#include "serialize/writer.h"

namespace tx::driver {
namespace {

std::string calls(size_t count) {
  return count == 1 ? "one call" : std::to_string(count) + " calls";
}

void locate(diag::Diagnostic& diagnostic, const ir::Program& program, uint32_t location) {
  const ir::Frame* frame = program.source.innermost(location);
  if (!frame) return;
  diagnostic.place = {frame->file, frame->line, frame->column, 1, frame->code};
  diagnostic.module_path = program.source.locations()[location].module_path;
}

// Mismatches of the user's outputs and of the buffers.
runtime::Comparison compare_results(const ir::Program& program, const runtime::Results& expected,
                                    const runtime::Results& actual, const runtime::Tolerance& bounds) {
  runtime::Comparison all = runtime::compare_leaves(actual.user_outputs, expected.user_outputs,
                                                    program.output_tree, bounds);
  for (size_t i = 0; i < expected.buffer_mutations.size(); ++i) {
    const auto& [name, value] = expected.buffer_mutations[i];
    const runtime::Comparison buffer =
        runtime::compare(actual.buffer_mutations.at(i).second, value, bounds, "buffer " + name);
    all.leaves += buffer.leaves;
    all.max_abs_error = std::max(all.max_abs_error, buffer.max_abs_error);
    all.max_rel_error = std::max(all.max_rel_error, buffer.max_rel_error);
    all.mismatches.insert(all.mismatches.end(), buffer.mismatches.begin(), buffer.mismatches.end());
  }
  return all;
}

}  // namespace

size_t decompose(ir::Program& program, const Decomposition& request,
                 std::vector<diag::Diagnostic>& reports) {
  const bool core = request.to.empty();
  const decomp::Plan plan = core ? decomp::Plan::core(request.keep)
                                 : decomp::Plan::only(request.to, request.keep);
  const decomp::Decomposed decomposed = decomp::decompose(program, plan);
  passes::run_pipeline(program);
  if (!core) {
    for (const decomp::Refusal& refusal : decomposed.refusals) {
      diag::Diagnostic diagnostic(diag::Code::TX3006,
                                  refusal.target + " stays whole: " + refusal.reason);
      locate(diagnostic, program, refusal.location);
      reports.push_back(std::move(diagnostic));
    }
  }
  if (core || request.strict_core) {
    for (const decomp::NotCore& left : decomp::not_core(program, plan, decomposed.refusals)) {
      diag::Diagnostic diagnostic(diag::Code::TX3005, left.target + " is not a Core ATen operator (" +
                                                          calls(left.count) + "): " + left.reason);
      if (request.strict_core) diagnostic.level = diag::Level::Error;
      locate(diagnostic, program, left.location);
      reports.push_back(std::move(diagnostic));
    }
  }
  return decomposed.expanded;
}

Comparison compare_programs(const ir::Program& expected, const ir::Program& actual,
                            const InputArgs& inputs, const Tolerance& tolerance) {
  const auto run = [&inputs](const ir::Program& program) {
    const runtime::Executor executor(program);
    return executor.run(inputs::bind_to_tree(program.input_tree, parse_sources(inputs), inputs.seed),
                        {inputs.seed, true});
  };
  const runtime::Comparison comparison = compare_results(
      expected, run(expected), run(actual), runtime::Tolerance{tolerance.rtol, tolerance.atol});
  if (!comparison.agree()) {
    diag::Diagnostic diagnostic(diag::Code::TX4009,
                                "the program and its decomposition give different results: " +
                                    comparison.mismatches.front().text());
    for (size_t i = 1; i < comparison.mismatches.size(); ++i) {
      diagnostic.note(comparison.mismatches[i].text());
    }
    diagnostic.note("random operators are seeded alike, but may use other numbers of a sequence");
    diagnostic.fix("raise --rtol and --atol if the difference is rounding");
    diag::fail(std::move(diagnostic));
  }
  return {comparison.leaves, comparison.max_abs_error, comparison.max_rel_error};
}

DecomposeResult decompose_program(const DecomposeRequest& request) {
  const QuietLibTorch quiet;
  Phases phases(request.progress);
  DecomposeResult result;
  check_writable(request.out);

  phases.start("load");
  load_libraries(request.libraries);
  ir::Program program = serialize::read_program(request.program);
  result.nodes_before = count_calls(program.graph);

  phases.start("decompose");
  result.expanded = decompose(program, request.decomposition, result.diagnostics);
  result.nodes_after = count_calls(program.graph);
  apply_levels(result.diagnostics, request.level);

  phases.start("write");
  Unverified file(request.out);
  serialize::write_program(program, file.path());

  if (!request.inputs.sources.empty()) {
    phases.start("verify");
    result.verified = compare_programs(serialize::read_program(request.program),
                                       serialize::read_program(file.path()), request.inputs,
                                       request.tolerance);
  }
  file.accept();
  result.phases = phases.finish();
  result.peak_memory_bytes = peak_memory_bytes();
  return result;
}

}  // namespace tx::driver
