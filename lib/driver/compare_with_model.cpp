#include <ATen/Context.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/jit/runtime/graph_executor.h>
#include <torch/csrc/jit/runtime/print_handler.h>

#include "driver/model.h"
#include "inputs/map_tensors.h"
#include "inputs/pytree.h"
#include "runtime/compare.h"
#include "runtime/executor.h"

namespace tx::driver {
namespace {

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

class Silenced {
 public:
  Silenced() : previous_(torch::jit::getPrintHandler()) {
    torch::jit::setPrintHandler([](const std::string&) {});
  }
  ~Silenced() { torch::jit::setPrintHandler(previous_); }

 private:
  torch::jit::PrintHandler previous_;
};

[[noreturn]] void fail_different(const std::vector<runtime::Mismatch>& mismatches) {
  diag::Diagnostic diagnostic(diag::Code::TX4009, "the program and the model give different results: " +
                                                      mismatches.front().text());
  for (size_t i = 1; i < mismatches.size(); ++i) diagnostic.note(mismatches[i].text());
  diagnostic.note("random operators are seeded alike, but may use other numbers of a sequence");
  diagnostic.fix("raise --rtol and --atol if the difference is rounding; otherwise the program is wrong: "
                 "please report the model");
  diag::fail(std::move(diagnostic));
}

}  // namespace

Comparison compare_with_model(const ir::Program& program, const archive::LoadedModule& model,
                              const inputs::BoundInputs& inputs, const Tolerance& tolerance,
                              uint64_t seed) {
  const at::NoGradGuard no_grad;
  const runtime::Executor executor(program);
  const runtime::Results results = executor.run(inputs.leaves, {seed, true});

  // The model may write to its inputs and buffers: it gets copies, and runs last.
  std::vector<c10::IValue> arguments;
  const auto copy = [](const at::Tensor& tensor) { return tensor.clone(); };
  for (const c10::IValue& argument : inputs.arguments) {
    arguments.push_back(inputs::map_tensors(argument, copy));
  }
  const torch::jit::Module& module = model.module;
  c10::IValue output;
  at::manual_seed(seed);
  // The model runs once: optimising it would take longer than running it.
  const torch::jit::GraphOptimizerEnabledGuard unoptimized(false);
  // What the model prints is nothing the user asked for here.
  const Silenced silenced;
  try {
    output = module.get_method("forward")(std::move(arguments));
  } catch (const c10::Error& error) {
    diag::fail(diag::Diagnostic(diag::Code::TX1008, error.what_without_backtrace())
                   .note("raised by the model itself, run on the example inputs"));
  } catch (const std::exception& error) {
    diag::fail(diag::Diagnostic(diag::Code::TX1008, error.what())
                   .note("raised by the model itself, run on the example inputs"));
  }

  std::vector<c10::IValue> expected;
  inputs::flatten_as(program.output_tree, output, expected, "output");
  const runtime::Tolerance bounds{tolerance.rtol, tolerance.atol};
  runtime::Comparison comparison =
      runtime::compare_leaves(results.user_outputs, expected, program.output_tree, bounds);
  for (const auto& [name, value] : results.buffer_mutations) {
    const runtime::Comparison buffer =
        runtime::compare(value, tensor_of(module, name), bounds, "buffer " + name);
    comparison.leaves += buffer.leaves;
    comparison.max_abs_error = std::max(comparison.max_abs_error, buffer.max_abs_error);
    comparison.max_rel_error = std::max(comparison.max_rel_error, buffer.max_rel_error);
    comparison.mismatches.insert(comparison.mismatches.end(), buffer.mismatches.begin(),
                                 buffer.mismatches.end());
  }
  if (!comparison.agree()) fail_different(comparison.mismatches);
  return {comparison.leaves, comparison.max_abs_error, comparison.max_rel_error};
}

}  // namespace tx::driver
