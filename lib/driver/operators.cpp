#include "driver/operators.h"

#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/runtime/operator.h>

#include <algorithm>
#include <functional>
#include <regex>
#include <set>

#include "archive/load.h"
#include "decomp/inventory.h"
#include "decomp/operator_names.h"
#include "decomp/plan.h"
#include "decomp/rule_book.h"
#include "driver/model.h"
#include "driver/quiet_libtorch.h"
#include "serialize/reader.h"

namespace tx::driver {
namespace {

std::string text_of(decomp::ShapeSource source) {
  switch (source) {
    case decomp::ShapeSource::Rule: return "rule";
    case decomp::ShapeSource::PointwiseRule: return "pointwise rule";
    case decomp::ShapeSource::CompositeKernel: return "composite kernel";
    case decomp::ShapeSource::MetaKernel: return "meta kernel (static sizes)";
    case decomp::ShapeSource::None: return "none";
  }
  return "none";
}

std::string text_of(decomp::Action action) {
  switch (action) {
    case decomp::Action::Rule: return "rule";
    case decomp::Action::Kernel: return "composite kernel";
    default: return "none";
  }
}

OperatorInfo describe(const c10::OperatorHandle& op, bool with_rule) {
  OperatorInfo info;
  info.name = decomp::target_of(op);
  info.schema = c10::toString(op.schema());
  info.is_core = decomp::is_core(op);
  info.is_pointwise = op.hasTag(at::Tag::pointwise);
  info.is_mutable = op.schema().is_mutable();
  info.is_composite = decomp::is_composite(op);
  info.shapes = text_of(decomp::shape_source(op));
  info.decomposition = text_of(decomp::core_action(op));
  if (with_rule) {
    const decomp::RuleBook& book = decomp::RuleBook::instance();
    info.decomposes_into = decomp::rule_calls(op);
    if (const std::string* rule = book.find(op)) info.rule = book.text(*rule);
  }
  return info;
}

bool passes(const OperatorInfo& info, const OperatorsRequest& request) {
  return (!request.core || info.is_core) && (!request.pointwise || info.is_pointwise) &&
         (!request.is_mutable || info.is_mutable) && (!request.composite || info.is_composite) &&
         (!request.decomposes || info.decomposition != "none") &&
         (!request.without_shapes || info.shapes == "none");
}

class Missing {
 public:
  void add(const std::string& name, const std::string& why) {
    if (seen_.insert(name).second) found_.push_back({name, why});
  }
  bool empty() const { return found_.empty(); }
  std::vector<MissingOperator> take() { return std::move(found_); }

 private:
  std::set<std::string> seen_;
  std::vector<MissingOperator> found_;
};

const char* kUnknown = "this LibTorch does not know it: --load-library FILE.so";

void look_at(const c10::OperatorHandle& op, Missing& missing) {
  if (decomp::shape_source(op) != decomp::ShapeSource::None) return;
  const std::string target = decomp::target_of(op);
  missing.add(target, target.starts_with("aten.")
                          ? "nothing tells the shape of its result"
                          : "it has no kernel that tells the shape of its result: register a Meta kernel");
}

void look_at(torch::jit::Block& block, Missing& missing) {
  for (torch::jit::Node* node : block.nodes()) {
    for (torch::jit::Block* inner : node->blocks()) look_at(*inner, missing);
    const c10::FunctionSchema* schema = node->maybeSchema();
    if (!schema) continue;
    const auto op =
        c10::Dispatcher::singleton().findSchema({schema->name(), schema->overload_name()});
    if (op) look_at(*op, missing);
  }
}

void look_at(const archive::LoadedModule& model, Missing& missing) {
  for (const auto& module : model.module.modules()) {
    for (const auto& method : module.get_methods()) look_at(*method.graph()->block(), missing);
  }
}

void look_at_model(const std::string& file, Missing& missing) {
  const auto add_unknown = [&missing](const std::vector<std::string>& names) {
    for (const std::string& name : names) {
      missing.add(std::regex_replace(name, std::regex("::"), "."), kUnknown);
    }
  };
  try {
    const archive::LoadedModule model = archive::load_with_stand_ins(file);
    if (model.stand_ins) add_unknown(model.stand_ins->names());
    look_at(model, missing);
  } catch (const diag::Failure& failure) {
    // LibTorch does not load the rest: what is unknown is all there is to say.
    if (failure.diagnostics().front().code == diag::Code::TX0008) add_unknown(archive::unknown_operators(file));
    if (missing.empty()) throw;
  }
}

void look_at_program(const std::string& file, Missing& missing) {
  serialize::ReadOptions options;
  options.with_weights = false;
  const ir::Program program = serialize::read_program(file, options);
  const std::function<void(const ir::Graph&)> visit = [&](const ir::Graph& graph) {
    for (const ir::Node& node : graph.nodes) {
      const bool known = !program.schemas.contains(node.target) || decomp::operator_of(node.target);
      if (!known) missing.add(node.target, kUnknown);
    }
    for (const auto& [name, subgraph] : graph.subgraphs) visit(*subgraph);
  };
  visit(program.graph);
}

}  // namespace

std::vector<OperatorInfo> list_operators(const OperatorsRequest& request) {
  const QuietLibTorch quiet;
  load_libraries(request.libraries);
  const bool all = request.name.empty();
  std::vector<OperatorInfo> result;
  for (const c10::OperatorHandle& op :
       all ? decomp::all_operators() : decomp::find_operators(request.name)) {
    OperatorInfo info = describe(op, !all);
    if (passes(info, request)) result.push_back(std::move(info));
  }
  return result;
}

std::vector<MissingOperator> missing_operators(const std::string& file,
                                               const std::vector<std::string>& libraries) {
  const QuietLibTorch quiet;
  load_libraries(libraries);
  Missing missing;
  if (serialize::looks_like_program(file)) {
    look_at_program(file, missing);
  } else {
    look_at_model(file, missing);
  }
  return missing.take();
}

}  // namespace tx::driver
