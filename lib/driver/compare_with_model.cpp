#include <ATen/Context.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/jit/runtime/graph_executor.h>
#include <torch/csrc/jit/runtime/print_handler.h>

#include "driver/model.h"
#include "inputs/map_tensors.h"
#include "inputs/pytree.h"

namespace tx::driver {
namespace {

class Silenced {
 public:
  Silenced() : previous_(torch::jit::getPrintHandler()) {
    torch::jit::setPrintHandler([](const std::string&) {});
  }
  ~Silenced() { torch::jit::setPrintHandler(previous_); }

 private:
  torch::jit::PrintHandler previous_;
};

void append(runtime::Comparison& all, const runtime::Comparison& part) {
  all.leaves += part.leaves;
  all.max_abs_error = std::max(all.max_abs_error, part.max_abs_error);
  all.max_rel_error = std::max(all.max_rel_error, part.max_rel_error);
  all.mismatches.insert(all.mismatches.end(), part.mismatches.begin(), part.mismatches.end());
}

/// The place of a placeholder's tensor among the tensors of the user inputs.
std::optional<size_t> tensor_index(const ir::Program& program, const std::string& placeholder) {
  size_t index = 0;
  for (const ir::InputSpec& spec : program.inputs) {
    if (spec.kind != ir::InputKind::UserInput || spec.constant) continue;
    if (program.graph.node(spec.node).name == placeholder) return index;
    ++index;
  }
  return std::nullopt;
}

[[noreturn]] void fail_different(const std::vector<runtime::Mismatch>& mismatches) {
  diag::Diagnostic diagnostic(
      diag::Code::TX4009,
      "the program and the model give different results: " + mismatches.front().text());
  for (size_t i = 1; i < mismatches.size(); ++i) diagnostic.note(mismatches[i].text());
  diagnostic.note("random operators are seeded alike, but may use other numbers of a sequence");
  diagnostic.fix("raise --rtol and --atol if the difference is rounding; otherwise the program is "
                 "wrong: please report the model");
  diag::fail(std::move(diagnostic));
}

}  // namespace

at::Tensor tensor_of(const torch::jit::Module& module, const std::string& name) {
  c10::IValue value = module._ivalue();
  size_t start = 0;
  while (start < name.size()) {
    const size_t dot = std::min(name.find('.', start), name.size());
    value = value.toObject()->getAttr(name.substr(start, dot - start));
    start = dot + 1;
  }
  return value.toTensor();
}

ModelRun run_model(const torch::jit::Module& module, const std::vector<c10::IValue>& arguments,
                   uint64_t seed, bool record_gradients) {
  const at::AutoGradMode mode(record_gradients);
  ModelRun run;
  // The model may write to its inputs: it gets copies.
  std::vector<c10::IValue> own;
  const auto copy = [&run](const at::Tensor& tensor) {
    return run.inputs.emplace_back(tensor.clone());
  };
  for (const c10::IValue& argument : arguments) {
    own.push_back(inputs::map_tensors(argument, copy));
  }
  at::manual_seed(seed);
  // The model runs once: optimising it would take longer than running it.
  const torch::jit::GraphOptimizerEnabledGuard unoptimized(false);
  // What the model prints is nothing the user asked for here.
  const Silenced silenced;
  try {
    run.output = torch::jit::Module(module)(std::move(own));  // with its hooks
  } catch (const c10::Error& error) {
    return {{}, {}, error.what_without_backtrace()};
  } catch (const std::exception& error) {
    return {{}, {}, error.what()};
  }
  return run;
}

runtime::Comparison compare_results(const ir::Program& program, const runtime::Results& results,
                                    const torch::jit::Module& module, const ModelRun& run,
                                    const Tolerance& tolerance) {
  std::vector<c10::IValue> expected;
  inputs::flatten_as(program.output_tree, run.output, expected, "output");
  const runtime::Tolerance bounds{tolerance.rtol, tolerance.atol};
  runtime::Comparison comparison =
      runtime::compare_leaves(results.user_outputs, expected, program.output_tree, bounds);
  for (const auto& [name, value] : results.buffer_mutations) {
    append(comparison, runtime::compare(value, tensor_of(module, name), bounds, "buffer " + name));
  }
  for (const auto& [placeholder, value] : results.input_mutations) {
    const std::optional<size_t> index = tensor_index(program, placeholder);
    if (!index || *index >= run.inputs.size()) continue;
    append(comparison,
           runtime::compare(value, run.inputs[*index], bounds, "input " + placeholder));
  }
  return comparison;
}

Comparison compare_with_model(const ir::Program& program, const archive::LoadedModule& model,
                              const inputs::BoundInputs& inputs, const Tolerance& tolerance,
                              uint64_t seed) {
  const at::NoGradGuard no_grad;
  const runtime::Executor executor(program);
  const runtime::Results results = executor.run(inputs.leaves, {seed, true});

  // Last, because the model may write to its buffers.
  const ModelRun run = run_model(model.module, inputs.arguments, seed, model.asks_grad_mode);
  if (run.error) {
    diag::fail(diag::Diagnostic(diag::Code::TX1008, *run.error)
                   .note("raised by the model itself, run on the example inputs"));
  }
  const runtime::Comparison comparison =
      compare_results(program, results, model.module, run, tolerance);
  if (!comparison.agree()) fail_different(comparison.mismatches);
  return {comparison.leaves, comparison.max_abs_error, comparison.max_rel_error};
}

}  // namespace tx::driver
