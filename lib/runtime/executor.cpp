#include "runtime/executor.h"

#include <ATen/Context.h>
#include <ATen/core/LegacyTypeDispatch.h>
#include <ATen/core/grad_mode.h>

#include "runtime/convert.h"
#include "runtime/run_graph.h"

namespace tx::runtime {
namespace {

using diag::Code;

/// The program's weights in the places of their placeholders, None in those of user inputs.
std::vector<c10::IValue> weight_values(const ir::Program& program) {
  const size_t num_inputs = program.graph.num_inputs;
  if (program.inputs.size() != num_inputs) {
    diag::fail(Code::TX4002, "the program has " + std::to_string(num_inputs) +
                                 " placeholders but its signature has " +
                                 std::to_string(program.inputs.size()) + " inputs");
  }
  const auto weights = weight_tensors(program);
  std::vector<c10::IValue> values(num_inputs);
  for (size_t i = 0; i < values.size(); ++i) {
    const ir::InputSpec& spec = program.inputs[i];
    if (spec.kind == ir::InputKind::UserInput) continue;
    const auto found = weights.find(spec.target);
    if (found == weights.end()) {
      diag::fail(Code::TX4002, "the program has no value for the weight `" + spec.target + "`");
    }
    values[i] = found->second;
  }
  return values;
}

at::Tensor mutated(const ir::OutputSpec& spec, c10::IValue value) {
  if (value.isTensor()) return std::move(value).toTensor();
  diag::fail(Code::TX4002, "the program's new value of `" + spec.target + "` is " + kind_of(value) +
                               " instead of a tensor");
}

Results sort_outputs(const ir::Program& program, std::vector<c10::IValue> values) {
  Results results;
  for (size_t i = 0; i < values.size(); ++i) {
    const ir::OutputSpec& spec = program.outputs[i];
    switch (spec.kind) {
      case ir::OutputKind::UserOutput:
        results.user_outputs.push_back(std::move(values[i]));
        break;
      case ir::OutputKind::BufferMutation:
        results.buffer_mutations.emplace_back(spec.target, mutated(spec, std::move(values[i])));
        break;
      case ir::OutputKind::UserInputMutation:
        results.input_mutations.emplace_back(spec.target, mutated(spec, std::move(values[i])));
        break;
    }
  }
  return results;
}

}  // namespace

Executor::Executor(const ir::Program& program)
    : program_(program),
      graph_(prepare(program)),
      checker_(program),
      placeholders_(weight_values(program)) {
  if (program.outputs.size() != program.graph.outputs.size()) {
    diag::fail(Code::TX4002, "the program gives " + std::to_string(program.graph.outputs.size()) +
                                 " values but its signature has " +
                                 std::to_string(program.outputs.size()) + " outputs");
  }
}

Results Executor::run(std::vector<c10::IValue> user_leaves, const RunOptions& options) const {
  checker_.check_count(user_leaves.size());
  if (options.check_inputs) checker_.check(user_leaves);
  std::vector<c10::IValue> inputs = placeholders_;
  size_t leaf = 0;
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (program_.inputs[i].kind != ir::InputKind::UserInput) continue;
    inputs[i] = std::move(user_leaves[leaf++]);
  }
  user_leaves.clear();
  if (options.seed) at::manual_seed(*options.seed);
  // Below autograd and view tracking: no operator here needs either, and what comes out are plain
  // tensors (those of inference mode could not be changed by the caller).
  const at::NoGradGuard no_grad;
  const at::AutoDispatchBelowADInplaceOrView below_autograd;
  return sort_outputs(program_, run_graph(*graph_, std::move(inputs), program_.source));
}

}  // namespace tx::runtime
