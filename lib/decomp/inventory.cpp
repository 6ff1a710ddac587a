#include "decomp/inventory.h"

#include <torch/csrc/jit/api/function_impl.h>
#include <torch/csrc/jit/ir/ir.h>

#include <algorithm>

#include "capture/dispatch/meta_kernel.h"
#include "decomp/operator_names.h"
#include "decomp/plan.h"
#include "decomp/rule_book.h"
#include "shapes/rule.h"

namespace tx::decomp {
namespace {

bool takes_or_gives_tensors(const c10::FunctionSchema& schema) {
  const auto is_tensor = [](const c10::Argument& argument) {
    return argument.type()->str().find("Tensor") != std::string::npos;
  };
  return std::any_of(schema.arguments().begin(), schema.arguments().end(), is_tensor) ||
         std::any_of(schema.returns().begin(), schema.returns().end(), is_tensor);
}

void collect(torch::jit::Block& block, std::vector<std::string>& calls);

void collect(torch::jit::Function& function, std::vector<std::string>& calls) {
  if (torch::jit::GraphFunction* graph = torch::jit::tryToGraphFunction(function)) {
    graph->ensure_defined();
    collect(*graph->graph()->block(), calls);
  }
}

void collect(torch::jit::Block& block, std::vector<std::string>& calls) {
  for (torch::jit::Node* node : block.nodes()) {
    for (torch::jit::Block* inner : node->blocks()) collect(*inner, calls);
    if (node->kind() == c10::prim::CallFunction) {
      collect(*node->input(0)->type()->expectRef<c10::FunctionType>().function(), calls);
      continue;
    }
    const c10::FunctionSchema* schema = node->maybeSchema();
    if (!schema || !takes_or_gives_tensors(*schema)) continue;
    const auto op =
        c10::Dispatcher::singleton().findSchema({schema->name(), schema->overload_name()});
    if (!op) continue;
    const std::string target = target_of(*op);
    if (std::find(calls.begin(), calls.end(), target) == calls.end()) calls.push_back(target);
  }
}

}  // namespace

ShapeSource shape_source(const c10::OperatorHandle& op) {
  if (shapes::table().find(target_of(op))) return ShapeSource::Rule;
  if (op.hasTag(at::Tag::pointwise)) return ShapeSource::PointwiseRule;
  if (is_composite(op)) return ShapeSource::CompositeKernel;
  return capture::meta_support(op) == capture::MetaSupport::None ? ShapeSource::None
                                                                : ShapeSource::MetaKernel;
}

std::vector<std::string> rule_calls(const c10::OperatorHandle& op) {
  std::vector<std::string> calls;
  RuleBook& book = RuleBook::instance();
  if (const std::string* rule = book.find(op)) collect(book.function(*rule), calls);
  return calls;
}

}  // namespace tx::decomp
