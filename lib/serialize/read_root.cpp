#include "serialize/read_root.h"

#include <unordered_set>

#include "serialize/enums.h"
#include "serialize/read_graph.h"

namespace tx::serialize {
namespace {

ir::Range read_range(const fb::Range* range, const Damage& damage, const Where& where) {
  damage.require(range, where, "it has no range");
  const int64_t max = range->max().has_value() ? *range->max() : ir::kUnbounded;
  damage.require(range->min() <= max, where, "an empty range");
  return {range->min(), max};
}

std::vector<ir::SymbolInfo> read_symbols(const fb::Program& root, Damage& damage) {
  std::vector<ir::SymbolInfo> symbols;
  std::unordered_set<std::string> names;
  for (uint32_t i = 0; i < length(root.symbols()); ++i) {
    const fb::Symbol& row = *root.symbols()->Get(i);
    ir::SymbolInfo symbol;
    symbol.name = read_text(row.name(), damage, {nullptr, "symbol", i});
    const Where where{nullptr, "symbol", i, symbol.name};
    damage.charge(sizeof(ir::SymbolInfo) / 16, where);
    damage.require(!symbol.name.empty(), where, "it has no name");
    damage.require(names.insert(symbol.name).second, where, "its name is taken");
    symbol.dim_name = read_text(row.dim_name(), damage, where);
    symbol.range = read_range(row.range(), damage, where);
    if (row.hint().has_value()) symbol.hint = *row.hint();
    if (row.origin()) symbol.origin = ir::InputDim{row.origin()->node(), row.origin()->dim()};
    symbol.needs_at_least_2 = row.needs_at_least_2();
    symbols.push_back(std::move(symbol));
  }
  return symbols;
}

/// Fills the source map and gives the program's number for each location of the file.
std::vector<uint32_t> read_source(const fb::DebugInfo* debug, ir::SourceMap& source,
                                  Damage& damage) {
  if (!debug) return {};
  std::vector<uint32_t> frames;
  for (uint32_t i = 0; i < length(debug->frames()); ++i) {
    const fb::Frame& row = *debug->frames()->Get(i);
    const Where where{nullptr, "frame", i};
    damage.charge(sizeof(ir::Frame) / 16, where);
    ir::Frame frame;
    frame.file = read_text(row.file(), damage, where);
    frame.line = row.line();
    frame.column = row.column();
    frame.function = read_text(row.function(), damage, where);
    frame.code = read_text(row.code(), damage, where);
    frames.push_back(source.intern(frame));
  }
  std::vector<uint32_t> locations;
  for (uint32_t i = 0; i < length(debug->locations()); ++i) {
    const fb::Location& row = *debug->locations()->Get(i);
    const Where where{nullptr, "location", i};
    ir::Location location;
    damage.charge(2 + length(row.frames()), where);
    for (uint32_t j = 0; j < length(row.frames()); ++j) {
      damage.require_index(row.frames()->Get(j), frames.size(), where, "frame");
      location.frames.push_back(frames[row.frames()->Get(j)]);
    }
    location.module_path = read_text(row.module_path(), damage, where);
    locations.push_back(source.intern(location));
  }
  return locations;
}

void check_input_dim(const ir::InputDim& dim, const ir::Graph& graph, const Damage& damage,
                     const Where& where) {
  damage.require_index(dim.node, graph.num_inputs, where, "placeholder");
  const ir::TensorType* type = graph.nodes[dim.node].type.tensor();
  damage.require(type, where, "its input is no tensor");
  damage.require_index(dim.dim, type->rank(), where, "dimension");
}

void read_constraints(const fb::Program& root, const ExpressionRows& expressions,
                      const std::vector<uint32_t>& locations, ir::Program& program,
                      Damage& damage) {
  for (uint32_t i = 0; i < program.symbols.size(); ++i) {
    const ir::SymbolInfo& symbol = program.symbols[i];
    if (!symbol.origin) continue;
    check_input_dim(*symbol.origin, program.graph, damage, {nullptr, "symbol", i, symbol.name});
  }
  for (uint32_t i = 0; i < length(root.range_constraints()); ++i) {
    const fb::RangeConstraint& row = *root.range_constraints()->Get(i);
    const Where where{nullptr, "range constraint", i};
    program.range_constraints.emplace_back(expressions.integer(row.expression(), damage, where),
                                           read_range(row.range(), damage, where));
  }
  for (uint32_t i = 0; i < length(root.equality_constraints()); ++i) {
    const fb::EqualityConstraint& row = *root.equality_constraints()->Get(i);
    const Where where{nullptr, "equality constraint", i};
    std::vector<ir::InputDim> dims;
    for (uint32_t j = 0; j < length(row.dims()); ++j) {
      const fb::InputDim& dim = *row.dims()->Get(j);
      dims.push_back({dim.node(), dim.dim()});
      check_input_dim(dims.back(), program.graph, damage, where);
    }
    program.equality_constraints.push_back(std::move(dims));
  }
  for (uint32_t i = 0; i < length(root.guards()); ++i) {
    const fb::Guard& row = *root.guards()->Get(i);
    const Where where{nullptr, "guard", i};
    ir::Guard guard;
    guard.condition = expressions.truth(row.condition(), damage, where);
    guard.location = read_location(row.location(), locations, damage, where);
    guard.reason = read_text(row.reason(), damage, where);
    program.guards.push_back(std::move(guard));
  }
}

}  // namespace

ir::Program read_root(const fb::Program& root, const WeightBytes& weights, Damage& damage) {
  const Where where{nullptr, "program"};
  ir::Program program;
  program.producer = read_text(root.writer(), damage, where);
  program.model_name = read_text(root.model_name(), damage, where);
  program.opset_version = root.opset_version();
  program.torch_version = read_text(root.torch_version(), damage, where);
  program.draft = root.draft();

  program.symbols = read_symbols(root, damage);
  const ExpressionRows expressions = read_expressions(root, program.symbols, damage);
  const TypeRows types = read_types(root, expressions, damage);
  const std::vector<OperatorRow> operators = read_operators(root, damage);
  for (const OperatorRow& op : operators) {
    if (op.schema) program.schemas.emplace(op.name, op.schema_text);
  }
  const std::vector<uint32_t> locations = read_source(root.debug(), program.source, damage);
  program.graph = read_graphs(root, types, operators, locations, damage);
  read_constraints(root, expressions, locations, program, damage);
  read_weights(root, weights, program, damage);
  read_signature(root, program, damage);
  return program;
}

}  // namespace tx::serialize
