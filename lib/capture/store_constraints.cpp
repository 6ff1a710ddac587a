#include "capture/store_constraints.h"

namespace tx::capture {
namespace {

// symbolic/ and ir/ mark an open end each in its own way.
ir::Range to_ir(const symbolic::Range& range) {
  ir::Range result;
  result.min = range.min == symbolic::kNoLowerBound ? 0 : range.min;
  result.max = range.max == symbolic::kNoBound ? ir::kUnbounded : range.max;
  return result;
}

void simplify(ir::Type& type, const symbolic::ShapeEnv& env) {
  if (auto* tensor = std::get_if<ir::TensorType>(&type.kind)) {
    for (ir::Expr& size : tensor->sizes) size = env.simplify(size);
    for (ir::Expr& stride : tensor->strides) stride = env.simplify(stride);
  } else if (auto* tuple = std::get_if<ir::TupleType>(&type.kind)) {
    for (ir::Type& element : tuple->elements) simplify(element, env);
  } else if (auto* number = std::get_if<ir::SymIntType>(&type.kind)) {
    number->value = env.simplify(number->value);
  } else if (auto* real = std::get_if<ir::SymFloatType>(&type.kind)) {
    real->value = env.simplify(real->value);
  } else if (auto* truth = std::get_if<ir::SymBoolType>(&type.kind)) {
    truth->value = env.simplify(truth->value);
  }
}

void simplify(ir::Graph& graph, const symbolic::ShapeEnv& env) {
  for (ir::Node& node : graph.nodes) simplify(node.type, env);
  for (auto& [name, subgraph] : graph.subgraphs) simplify(*subgraph, env);
}

}  // namespace

void simplify_types(ir::Program& program, const symbolic::ShapeEnv& env) {
  simplify(program.graph, env);
}

void store_constraints(ir::Program& program, const symbolic::Constraints& constraints,
                       const std::vector<ir::NodeId>& input_nodes) {
  const auto dim = [&](const symbolic::InputAxis& axis) {
    return ir::InputDim{input_nodes.at(axis.input), axis.axis};
  };
  for (const symbolic::SymbolRecord& record : constraints.symbols) {
    ir::SymbolInfo info;
    info.name = record.name;
    info.dim_name = record.dim_name;
    info.range = to_ir(record.range);
    // The lower bound 2 that nobody wrote is an assumption. It counts where an answer rests on it
    // (needs_at_least); elsewhere sizes 0 and 1 are as good as others.
    if (record.min_is_default && info.range.min == 2) info.range.min = 0;
    info.hint = record.hint;
    if (record.origin) info.origin = dim(*record.origin);
    info.range.min = std::max(info.range.min, std::min<int64_t>(record.needs_at_least, 1));
    info.needs_at_least_2 = record.needs_at_least >= 2;
    program.symbols.push_back(std::move(info));
  }
  for (const auto& [expr, range] : constraints.ranges) {
    program.range_constraints.emplace_back(expr, to_ir(range));
  }
  for (const auto& group : constraints.equalities) {
    std::vector<ir::InputDim> dims;
    for (const symbolic::InputAxis& axis : group) dims.push_back(dim(axis));
    program.equality_constraints.push_back(std::move(dims));
  }
  for (const symbolic::GuardRecord& guard : constraints.guards) {
    program.guards.push_back({guard.condition, guard.provenance.location, guard.provenance.op});
  }
}

}  // namespace tx::capture
