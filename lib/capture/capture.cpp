#include "capture/capture.h"

#include "capture/dispatch/convert.h"
#include "capture/dispatch/layers.h"
#include "capture/dispatch/recorder.h"
#include "capture/dispatch/traced_tensor.h"
#include "capture/torchscript/interpreter.h"
#include "capture/torchscript/traced_module.h"
#include "capture/draft.h"
#include "capture/opaque.h"
#include "capture/store_constraints.h"
#include "capture/tracer.h"
#include "capture/user_inputs.h"
#include "inputs/pytree.h"

namespace tx::capture {
namespace {

// What a leaf of the outputs is in the graph: a node, or a constant.
ir::Argument output_leaf(const c10::IValue& leaf, Tracer& tracer) {
  const auto tensor = [&tracer](const at::Tensor& value) -> ir::Argument {
    const at::Tensor inner = from_functional(value);
    return tracer.recorder().node_of(as_traced(inner) ? inner : tracer.recorder().lift_constant(inner));
  };
  const auto symbol = [&tracer](const ir::Expr& expr) { return tracer.recorder().number_argument(expr); };
  // The type of a tensor's value would ask for its sizes as plain numbers.
  return to_argument(leaf, c10::AnyType::get(), tensor, symbol);
}

std::vector<ir::OutputSpec> user_outputs(const c10::IValue& value, Tracer& tracer, ir::Tree& tree) {
  std::vector<c10::IValue> leaves;
  try {
    {
      const SizesOfExample types_only;
      tree = inputs::flatten(value, leaves, "output");
    }
    std::vector<ir::OutputSpec> outputs;
    for (const c10::IValue& leaf : leaves) {
      outputs.push_back({ir::OutputKind::UserOutput, output_leaf(leaf, tracer), ""});
    }
    return outputs;
  } catch (const inputs::TreeError& error) {
    diag::fail(diag::Code::TX1009, std::string("a program cannot return this value: ") + error.what());
  } catch (const std::invalid_argument& kind) {
    diag::fail(diag::Code::TX1009, std::string("a program cannot return a value of this kind: ") + kind.what());
  }
}

ir::InputSpec& spec_of(ir::Program& program, const std::string& target) {
  const auto found = std::find_if(program.inputs.begin(), program.inputs.end(),
                                  [&](const ir::InputSpec& spec) { return spec.target == target; });
  TORCH_INTERNAL_ASSERT(found != program.inputs.end(), target);
  return *found;
}

// An assumption about a symbol that the capture did not create says nothing: it is a mistake.
void check_assumptions(const std::vector<symbolic::Assumption>& assumptions,
                       const symbolic::Constraints& constraints) {
  std::string known;
  for (const symbolic::SymbolRecord& record : constraints.symbols) {
    if (record.unbacked) known += (known.empty() ? "" : ", ") + record.name;
  }
  for (const symbolic::Assumption& assumption : assumptions) {
    const auto is_it = [&](const symbolic::SymbolRecord& record) {
      return record.unbacked && record.name == assumption.symbol;
    };
    if (std::any_of(constraints.symbols.begin(), constraints.symbols.end(), is_it)) continue;
    diag::fail(diag::Diagnostic(diag::Code::TX2012, "--assume " + assumption.symbol +
                                                        ": the model has no data-dependent size of "
                                                        "this name")
                   .note(known.empty() ? "it has none at all" : "it has " + known));
  }
}

class Capture {
 public:
  Capture(const torch::jit::Module& module, const inputs::BoundInputs& bound,
          const CaptureOptions& options)
      : options_(options),
        env_(options.log),
        location_(captured_.program.source),
        recorder_(captured_.program, env_, location_),
        scope_(recorder_, options.expander),
        tracer_(recorder_, location_, options.control_flow),
        module_(module, tracer_),
        inputs_(bound, module.get_method(options.method).function().getSchema(), options.dims, tracer_) {
    captured_.program.input_tree = bound.tree;
    for (const symbolic::Assumption& assumption : options.assumptions) {
      env_.assume(assumption.symbol, assumption.range);
    }
    tracer_.set_on_mutation([this] { inputs_.observe_mutations(); });
    if (options.draft) {
      draft_.emplace(tracer_, ExampleValues(captured_.program, [this, &bound](size_t input) {
                       return example_input(bound, input);
                     }));
    }
  }

  Captured run() {
    try {
      return finish(call());
    } catch (diag::Failure& failure) {
      // Without a program nothing was replaced.
      if (draft_) {
        const std::vector<diag::Diagnostic> replaced = draft_->breaks().diagnostics();
        failure.diagnostics().insert(failure.diagnostics().begin(), replaced.begin(), replaced.end());
      }
      throw;
    }
  }

 private:
  Captured finish(const c10::IValue& output) {
    if (!tracer_.breaks().empty()) fail_with_all(output);
    TORCH_INTERNAL_ASSERT(!holds_opaque(output));
    std::vector<ir::OutputSpec> outputs;
    // The order of torch: mutated buffers, mutated inputs, then what the user returns.
    for (const auto& mutation : module_.mutations()) {
      // An attribute that the program writes is a buffer, whatever the model called it.
      ir::InputSpec& spec = spec_of(captured_.program, mutation.name);
      spec.kind = ir::InputKind::Buffer;
      outputs.push_back({ir::OutputKind::BufferMutation, output_leaf(mutation.value, tracer_), mutation.name});
    }
    std::vector<std::pair<size_t, ir::NodeId>> mutated_inputs;
    for (const InputMutation& mutation : inputs_.mutations(options_.allow_input_mutation)) {
      mutated_inputs.emplace_back(outputs.size(), mutation.node);
      outputs.push_back({ir::OutputKind::UserInputMutation, output_leaf(mutation.value, tracer_), ""});
    }
    std::vector<ir::OutputSpec> user = user_outputs(output, tracer_, captured_.program.output_tree);
    std::move(user.begin(), user.end(), std::back_inserter(outputs));

    env_.finish();
    const symbolic::Constraints constraints = env_.constraints();
    check_assumptions(options_.assumptions, constraints);
    recorder_.assert_at_run_time(constraints);
    captured_.dims = symbolic::solve_dims(env_);
    captured_.outcomes = symbolic::dim_outcomes(env_);
    const std::vector<ir::NodeId> new_id = recorder_.finish(std::move(outputs));
    ir::Program& program = captured_.program;
    if (!constraints.symbols.empty()) {
      simplify_types(program, env_);
      store_constraints(program, constraints, input_nodes(new_id));
    }
    for (const auto& [output_index, node] : mutated_inputs) {
      program.outputs[output_index].target = program.graph.node(new_id[node]).name;
    }
    collect_weights();
    captured_.reports = env_.warnings();
    if (draft_) report_draft();
    std::move(tracer_.reports().begin(), tracer_.reports().end(),
              std::back_inserter(captured_.reports));
    return std::move(captured_);
  }

  c10::IValue call() {
    torchscript::Interpreter interpreter(tracer_, module_);
    try {
      return interpreter.call_method(module_.root(), options_.method, inputs_.arguments());
    } catch (const diag::Failure& failure) {
      // What the model fails of comes after the breaks on the way there.
      std::vector<diag::Diagnostic> all = tracer_.breaks().diagnostics();
      all.insert(all.end(), failure.diagnostics().begin(), failure.diagnostics().end());
      throw diag::Failure(std::move(all));
    }
  }

  /// There is no program: looks for what else is wrong, and throws everything.
  [[noreturn]] void fail_with_all(const c10::IValue& output) {
    Breaks& breaks = tracer_.breaks();
    const auto look = [&breaks](const std::function<void()>& check) {
      try {
        check();
      } catch (const diag::Failure& failure) {
        for (const diag::Diagnostic& diagnostic : failure.diagnostics()) breaks.add(diagnostic);
      } catch (const inputs::TreeError&) {  // of opaque values, about which all has been said
      }
    };
    look([&] { module_.mutations(); });
    look([&] { inputs_.mutations(options_.allow_input_mutation); });
    if (!holds_opaque(output)) look([&] { user_outputs(output, tracer_, captured_.program.output_tree); });
    look([&] {
      env_.finish();
      const symbolic::DimReport dims = symbolic::solve_dims(env_);
      if (!dims.ok()) breaks.add(dims.diagnostic());
    });
    throw diag::Failure(breaks.diagnostics());
  }

  void report_draft() {
    captured_.program.draft = !draft_->breaks().empty();
    for (diag::Diagnostic& diagnostic : draft_->breaks().diagnostics()) {
      diagnostic.level = diag::Level::Warning;
      captured_.reports.push_back(std::move(diagnostic));
    }
  }

  c10::IValue example_input(const inputs::BoundInputs& bound, size_t input) const {
    const ir::InputSpec& spec = captured_.program.inputs[input];
    switch (spec.kind) {
      case ir::InputKind::UserInput: {
        const auto before = std::count_if(
            captured_.program.inputs.begin(), captured_.program.inputs.begin() + static_cast<std::ptrdiff_t>(input),
            [](const ir::InputSpec& other) { return other.kind == ir::InputKind::UserInput; });
        return bound.leaves[static_cast<size_t>(before)];
      }
      case ir::InputKind::ConstantTensor:
        for (const auto& [name, tensor] : recorder_.constants()) {
          if (name == spec.target) return tensor;
        }
        break;
      default: break;
    }
    for (const auto& tensor : module_.tensors()) {
      if (tensor.name == spec.target) return tensor.value;
    }
    TORCH_INTERNAL_ASSERT(false, "an input without a value: ", spec.target);
  }

  /// Final placeholder of each input leaf.
  std::vector<ir::NodeId> input_nodes(const std::vector<ir::NodeId>& new_id) const {
    std::vector<ir::NodeId> result;
    for (const ir::NodeId node : inputs_.nodes()) result.push_back(node == ir::kNone ? node : new_id[node]);
    return result;
  }

  void collect_weights() {
    for (const auto& tensor : module_.tensors()) captured_.weights.emplace(tensor.name, tensor.value);
    for (const auto& [name, tensor] : recorder_.constants()) captured_.weights.emplace(name, tensor);
  }

  const CaptureOptions& options_;
  Captured captured_;
  symbolic::ShapeEnv env_;
  LocationStack location_;
  Recorder recorder_;
  CaptureScope scope_;
  Tracer tracer_;
  torchscript::TracedModule module_;
  UserInputs inputs_;
  std::optional<Draft> draft_;
};

}  // namespace

Captured capture(const torch::jit::Module& module, const inputs::BoundInputs& inputs,
                 const CaptureOptions& options) {
  return Capture(module, inputs, options).run();
}

}  // namespace tx::capture
