// Where the value of a tensor comes from: the operators between it and the inputs of the program.
#include <deque>
#include <map>

#include "capture/dispatch/traced_tensor.h"
#include "capture/tracer.h"

namespace tx::capture {
namespace {

// Of a longer chain the middle is left out.
constexpr size_t kShownCalls = 8;

// A node of one of the graphs that are being recorded.
struct Step {
  GraphScope* scope;
  ir::NodeId node;
  auto operator<=>(const Step&) const = default;
};

// What `step` is computed from, in order.
std::vector<Step> sources(const Step& step) {
  const ir::Node& node = step.scope->graph().node(step.node);
  if (node.kind == ir::NodeKind::Placeholder) {
    const auto outer = step.scope->outer_of(step.node);
    return outer ? std::vector<Step>{{step.scope->outer(), *outer}} : std::vector<Step>{};
  }
  std::vector<Step> result;
  for (const ir::NodeId id : ir::operands(node)) {
    if (step.scope->graph().node(id).kind != ir::NodeKind::GetAttr) result.push_back({step.scope, id});
  }
  return result;
}

std::string call_text(const Step& step, const ir::SourceMap& source) {
  const ir::Node& node = step.scope->graph().node(step.node);
  const ir::Frame* frame = source.innermost(node.location);
  return node.target +
         (frame ? " (" + frame->file + ":" + std::to_string(frame->line) + ")" : std::string());
}

}  // namespace

std::string Recorder::origin_of(const at::Tensor& traced) {
  const TracedTensorImpl* impl = as_traced(traced);
  if (!impl) return "";
  GraphScope* scope = scope_;
  while (scope && scope->id() != impl->scope()) scope = scope->outer();
  if (!scope) return "";
  const auto spec_of = [this](const Step& step) -> const ir::InputSpec* {
    if (step.scope != &program_scope_) return nullptr;
    const auto found = std::find_if(program_.inputs.begin(), program_.inputs.end(),
                                    [&](const ir::InputSpec& spec) { return spec.node == step.node; });
    return found == program_.inputs.end() ? nullptr : &*found;
  };

  // The shortest way to a user input; without one, that to a weight.
  std::map<Step, Step> next;  // towards the tensor
  const Step start{scope, impl->node()};
  std::deque<Step> queue{start};
  next.emplace(start, start);
  std::optional<Step> found;
  const ir::InputSpec* input = nullptr;
  while (!queue.empty() && !(input && input->kind == ir::InputKind::UserInput)) {
    const Step step = queue.front();
    queue.pop_front();
    const ir::InputSpec* spec = spec_of(step);
    if (spec && (!input || spec->kind == ir::InputKind::UserInput)) {
      input = spec;
      found = step;
    }
    for (const Step& source : sources(step)) {
      if (next.emplace(source, step).second) queue.push_back(source);
    }
  }
  if (!found) return "";
  std::vector<std::string> calls;
  for (Step step = *found; !(step == start);) {
    step = next.at(step);
    const ir::Node& node = step.scope->graph().node(step.node);
    if (node.kind == ir::NodeKind::Call && node.target != "operator.getitem") {
      calls.push_back(call_text(step, program_.source));
    }
  }
  if (calls.size() > kShownCalls) {
    calls.erase(calls.begin() + kShownCalls / 2, calls.end() - kShownCalls / 2);
    calls.insert(calls.begin() + kShownCalls / 2, "...");
  }
  std::string text = input->kind == ir::InputKind::UserInput
                         ? "computed from the input `" + input->path + "`"
                         : "computed from `" + input->target + "`";
  for (size_t i = 0; i < calls.size(); ++i) text += (i ? ", " : " by ") + calls[i];
  return text;
}

std::string Tracer::origin_of(const at::Tensor& tensor) {
  return recorder_.origin_of(from_functional(tensor));
}

}  // namespace tx::capture
