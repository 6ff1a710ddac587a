#include "driver/sample.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Functions.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <set>

#include "driver/model.h"
#include "inputs/made_up_like.h"
#include "inputs/map_tensors.h"
#include "inputs/pytree.h"
#include "runtime/size_sampler.h"

namespace tx::driver {
namespace {

using Kind = SampleProblem::Kind;

/// Problems of one kind that a diagnostic lists.
constexpr size_t kListed = 5;

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

/// The reason in a message of the TorchScript interpreter stands behind the call stack.
std::string reason(const std::string& text) {
  const size_t end = text.find_last_not_of('\n');
  const size_t line = end == std::string::npos ? end : text.rfind('\n', end);
  return line == std::string::npos ? text : text.substr(line + 1, end - line);
}

bool writes_attribute(const torch::jit::Block& block) {
  for (const torch::jit::Node* node : block.nodes()) {
    if (node->kind() == c10::prim::SetAttr) return true;
    for (const torch::jit::Block* inner : node->blocks()) {
      if (writes_attribute(*inner)) return true;
    }
  }
  return false;
}

/// Gives a module in its first state for each run.
class Fresh {
 public:
  Fresh(const torch::jit::Module& module, const ir::Program& program) : module_(module) {
    for (const ir::OutputSpec& output : program.outputs) {
      if (output.kind == ir::OutputKind::BufferMutation) written_.insert(output.target);
    }
    has_state_ = !written_.empty();
    for (const torch::jit::Module& part : module.modules()) {
      for (const torch::jit::Method& method : part.get_methods()) {
        has_state_ = has_state_ || writes_attribute(*method.graph()->block());
      }
    }
    // What is written stays as it is now in copies that the model does not see.
    if (has_state_) first_ = copy_of(module_);
  }

  torch::jit::Module module() const { return has_state_ ? copy_of(first_) : module_; }

 private:
  torch::jit::Module copy_of(const torch::jit::Module& module) const {
    // Weights that nothing writes to are shared.
    c10::IValue::HashIdentityIValueMap known;
    const auto share = [&](const std::string& name, const at::Tensor& tensor) {
      if (!written_.contains(name)) known.emplace(tensor, tensor);
    };
    for (const auto& item : module.named_parameters()) share(item.name, item.value);
    for (const auto& item : module.named_buffers()) share(item.name, item.value);
    try {
      return torch::jit::Module(module._ivalue()->deepcopy(known));
    } catch (const c10::Error& error) {
      diag::fail(diag::Diagnostic(diag::Code::TX1008, error.what_without_backtrace())
                     .note("the model keeps state between calls that cannot be copied, so that it "
                           "cannot be run for several samples"));
    }
  }

  torch::jit::Module module_, first_;
  std::set<std::string> written_;
  bool has_state_ = false;
};

struct Inputs {
  std::vector<c10::IValue> leaves, arguments;
};

/// The example's inputs with made-up tensors of other sizes in the places of its tensors.
Inputs made_up(const inputs::BoundInputs& example, const runtime::InputSizes& sizes,
               uint64_t seed) {
  at::Generator generator = at::detail::createCPUGenerator(seed);
  Inputs result;
  std::vector<at::Tensor> tensors;
  for (size_t i = 0; i < example.leaves.size(); ++i) {
    const c10::IValue& leaf = example.leaves[i];
    if (sizes[i]) {
      tensors.push_back(inputs::made_up_like(leaf.toTensor(), *sizes[i], generator));
      result.leaves.emplace_back(tensors.back());
    } else {
      result.leaves.push_back(leaf);
    }
  }
  size_t next = 0;
  for (const c10::IValue& argument : example.arguments) {
    result.arguments.push_back(
        inputs::map_tensors(argument, [&](const at::Tensor&) { return tensors.at(next++); }));
  }
  return result;
}

class Sampling {
 public:
  Sampling(const ir::Program& program, const torch::jit::Module& module,
           const inputs::BoundInputs& example, const SampleOptions& options)
      : program_(program),
        example_(example),
        options_(options),
        executor_(program),
        checker_(program),
        fresh_(module, program),
        sampler_(program, sizes_of(example), options.seed, options.max_elements) {}

  SampleReport run() {
    const at::NoGradGuard no_grad;
    uint64_t seed = options_.seed;
    for (const runtime::InputSizes& sizes : sampler_.inside(options_.count)) {
      compare(sizes, ++seed);
    }
    report_.too_large = sampler_.too_large();
    for (const runtime::OutsideSizes& outside : sampler_.outside()) expect_refusal(outside);
    return std::move(report_);
  }

 private:
  static runtime::InputSizes sizes_of(const inputs::BoundInputs& example) {
    runtime::InputSizes sizes;
    for (const c10::IValue& leaf : example.leaves) {
      if (leaf.isTensor() && leaf.toTensor().defined()) {
        sizes.emplace_back(leaf.toTensor().sizes().vec());
      } else {
        sizes.emplace_back();
      }
    }
    return sizes;
  }

  void problem(Kind kind, const runtime::InputSizes& sizes, std::string text) {
    report_.problems.push_back(
        {kind, runtime::sizes_text(program_, sizes), std::move(text)});
  }

  void compare(const runtime::InputSizes& sizes, uint64_t seed) {
    ++report_.inside;
    const Inputs inputs = made_up(example_, sizes, seed);
    try {
      checker_.check(inputs.leaves);
    } catch (const diag::Failure& failure) {
      problem(Kind::ProgramFails, sizes, failure.what());
      return;
    }
    runtime::Results results;
    std::string program_error;
    try {
      results = executor_.run(inputs.leaves, {seed, false});
    } catch (const diag::Failure& failure) {
      program_error = first_line(failure.what());
    }
    const torch::jit::Module module = fresh_.module();
    const ModelRun run = run_model(module, inputs.arguments, seed, options_.record_gradients);
    if (run.error && !program_error.empty()) {
      ++report_.both_refused;
      report_.refusals.push_back(runtime::sizes_text(program_, sizes) + ": " + program_error);
    } else if (run.error) {
      problem(Kind::ModelFails, sizes, reason(*run.error));
    } else if (!program_error.empty()) {
      problem(Kind::ProgramFails, sizes, program_error);
    } else {
      judge(sizes, results, module, run);
    }
  }

  void judge(const runtime::InputSizes& sizes, const runtime::Results& results,
             const torch::jit::Module& module, const ModelRun& run) {
    try {
      const runtime::Comparison comparison =
          compare_results(program_, results, module, run, options_.tolerance);
      report_.max_abs_error = std::max(report_.max_abs_error, comparison.max_abs_error);
      if (comparison.agree()) {
        ++report_.agreed;
      } else {
        problem(Kind::Different, sizes, comparison.mismatches.front().text());
      }
    } catch (const inputs::TreeError& error) {
      problem(Kind::Different, sizes, error.what());
    }
  }

  void expect_refusal(const runtime::OutsideSizes& outside) {
    ++report_.outside;
    std::vector<c10::IValue> leaves = example_.leaves;
    for (size_t i = 0; i < leaves.size(); ++i) {
      // One element, however large the tensor.
      if (!outside.sizes[i]) continue;
      leaves[i] = at::zeros({}, leaves[i].toTensor().options()).expand(*outside.sizes[i]);
    }
    try {
      checker_.check(leaves);
      problem(Kind::Accepted, outside.sizes, outside.broken);
    } catch (const diag::Failure&) {
      ++report_.refused;
    }
  }

  const ir::Program& program_;
  const inputs::BoundInputs& example_;
  const SampleOptions& options_;
  runtime::Executor executor_;
  runtime::InputChecker checker_;
  Fresh fresh_;
  runtime::SizeSampler sampler_;
  SampleReport report_;
};

std::string headline(Kind kind, const SampleProblem& first) {
  switch (kind) {
    case Kind::Different:
      return "the program and the model give different results for inputs of other sizes, " +
             first.sizes + ": " + first.text;
    case Kind::ModelFails:
      return "the model fails for sizes that the program allows, " + first.sizes + ": " +
             first.text;
    case Kind::ProgramFails:
      return "the program fails for sizes that it allows, " + first.sizes + ": " + first.text;
    case Kind::Accepted:
      return "the program does not refuse sizes that it does not allow, " + first.sizes +
             ": not " + first.text;
  }
  return {};
}

}  // namespace

SampleReport compare_samples(const ir::Program& program, const torch::jit::Module& module,
                             const inputs::BoundInputs& example, const SampleOptions& options) {
  return Sampling(program, module, example, options).run();
}

std::vector<diag::Diagnostic> diagnostics_of(const SampleReport& report) {
  std::vector<diag::Diagnostic> result;
  for (const Kind kind :
       {Kind::Different, Kind::ModelFails, Kind::ProgramFails, Kind::Accepted}) {
    std::vector<const SampleProblem*> of_kind;
    for (const SampleProblem& problem : report.problems) {
      if (problem.kind == kind) of_kind.push_back(&problem);
    }
    if (of_kind.empty()) continue;
    diag::Diagnostic diagnostic(diag::Code::TX4009, headline(kind, *of_kind.front()));
    for (size_t i = 1; i < std::min(of_kind.size(), kListed); ++i) {
      diagnostic.note(of_kind[i]->sizes + ": " + of_kind[i]->text);
    }
    if (of_kind.size() > kListed) {
      diagnostic.note("and " + std::to_string(of_kind.size() - kListed) + " more");
    }
    if (kind == Kind::Different) {
      diagnostic.fix("raise --rtol and --atol if the difference is rounding; otherwise the program "
                     "is wrong: please report the model");
    }
    diagnostic.count = static_cast<int>(of_kind.size());
    result.push_back(std::move(diagnostic));
  }
  return result;
}

}  // namespace tx::driver
