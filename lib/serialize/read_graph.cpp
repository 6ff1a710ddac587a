#include "serialize/read_graph.h"

#include <unordered_set>

#include "serialize/check_call.h"
#include "serialize/enums.h"
#include "serialize/version.h"

namespace tx::serialize {
namespace {

template <class Memory, class File, size_t n>
ir::Argument read_enum(const EnumPair<Memory, File> (&pairs)[n], File value, const Damage& damage,
                       const Where& where) {
  const std::optional<Memory> known = from_file(pairs, value);
  damage.require(known.has_value(), where, "an unknown enumerator");
  return *known;
}

class GraphReader {
 public:
  GraphReader(const fb::Program& root, const TypeRows& types,
              const std::vector<OperatorRow>& operators, const std::vector<uint32_t>& locations,
              Damage& damage)
      : root_(root),
        types_(types),
        operators_(operators),
        locations_(locations),
        damage_(damage),
        used_(length(root.graphs()), false) {}

  ir::Graph read(uint32_t index, uint32_t nesting, const Where& where) {
    damage_.require(nesting < kMaxNesting, where, "sub-graphs nested too deeply");
    damage_.require_index(index, used_.size(), where, "graph");
    damage_.require(!used_[index], where, "the graph belongs to another one already");
    used_[index] = true;
    const fb::Graph& file_graph = *root_.graphs()->Get(index);

    ir::Graph graph;
    const uint32_t num_nodes = length(file_graph.nodes());
    damage_.charge(uint64_t{num_nodes} * (sizeof(ir::Node) / 16), where);
    damage_.require(file_graph.num_inputs() <= num_nodes, where, "more inputs than nodes");
    graph.num_inputs = file_graph.num_inputs();
    graph.nodes.reserve(num_nodes);
    std::unordered_set<std::string_view> subgraphs;
    for (uint32_t i = 0; i < length(file_graph.subgraphs()); ++i) {
      const flatbuffers::String* name = file_graph.subgraphs()->Get(i)->name();
      if (name) subgraphs.insert({name->c_str(), name->size()});
    }
    std::unordered_set<std::string> names;
    for (uint32_t id = 0; id < num_nodes; ++id) {
      const fb::Node& row = *file_graph.nodes()->Get(id);
      const Where place{&where, "node", id, name_of(row)};
      ir::Node node = read_node(row, graph, place);
      damage_.require(!node.name.empty(), place, "it has no name");
      damage_.require(names.insert(node.name).second, place, "its name is taken");
      if (node.kind == ir::NodeKind::GetAttr) {
        damage_.require(subgraphs.contains(node.target), place, "there is no such sub-graph");
      }
      graph.nodes.push_back(std::move(node));
    }
    for (uint32_t i = 0; i < length(file_graph.outputs()); ++i) {
      const Where place{&where, "output", i};
      graph.outputs.push_back(
          read_argument(file_graph.outputs()->Get(i), num_nodes, damage_, place));
    }
    for (uint32_t i = 0; i < length(file_graph.subgraphs()); ++i) {
      const fb::Subgraph& row = *file_graph.subgraphs()->Get(i);
      const std::string name = read_text(row.name(), damage_, where);
      const Where place{&where, "sub-graph", i, name};
      damage_.require(!name.empty(), place, "it has no name");
      damage_.require(row.graph() > index, place, "it comes before the graph it belongs to");
      auto subgraph = std::make_unique<ir::Graph>(read(row.graph(), nesting + 1, place));
      damage_.require(graph.subgraphs.emplace(name, std::move(subgraph)).second, place,
                      "its name is taken");
    }
    return graph;
  }

  void check_all_used() const {
    for (size_t i = 0; i < used_.size(); ++i) {
      damage_.require(used_[i], {nullptr, "graph", static_cast<int64_t>(i)},
                      "no other graph refers to it");
    }
  }

 private:
  static std::string_view name_of(const fb::Node& row) {
    return row.name() ? std::string_view(row.name()->c_str(), row.name()->size())
                      : std::string_view();
  }

  ir::Node read_node(const fb::Node& row, const ir::Graph& graph, const Where& where) {
    const auto id = static_cast<uint32_t>(graph.nodes.size());
    ir::Node node;
    const std::optional<ir::NodeKind> kind = from_file(kNodeKindPairs, row.kind());
    damage_.require(kind.has_value(), where, "an unknown kind of node");
    node.kind = *kind;
    damage_.require((*kind == ir::NodeKind::Placeholder) == (id < graph.num_inputs), where,
                    "placeholders stand before all other nodes, and nowhere else");
    node.name = read_text(row.name(), damage_, where);
    for (uint32_t i = 0; i < length(row.args()); ++i) {
      node.args.push_back(
          read_argument(row.args()->Get(i), id, damage_, {&where, "argument", i}));
    }
    for (uint32_t i = 0; i < length(row.kwargs()); ++i) {
      const fb::KeywordArgument& keyword = *row.kwargs()->Get(i);
      const Where place{&where, "keyword argument", i};
      std::string name = read_text(keyword.name(), damage_, place);
      node.kwargs.emplace_back(std::move(name),
                               read_argument(keyword.value(), id, damage_, place));
    }
    node.type = types_.copy(row.type(), damage_, where);
    node.location = read_location(row.location(), locations_, damage_, where);
    node.has_effect = row.has_effect();
    if (*kind == ir::NodeKind::Call) {
      read_call(row, graph, node, where);
    } else {
      node.target = read_text(row.target(), damage_, where);
      damage_.require(!node.target.empty(), where, "it has no target");
      damage_.require(node.args.empty() && node.kwargs.empty(), where,
                      "only calls have arguments");
      damage_.require((*kind == ir::NodeKind::GetAttr) ==
                          std::holds_alternative<ir::GraphType>(node.type.kind),
                      where, "only a sub-graph has the type of one");
    }
    return node;
  }

  void read_call(const fb::Node& row, const ir::Graph& graph, ir::Node& node, const Where& where) {
    damage_.require_index(row.op(), operators_.size(), where, "operator");
    const OperatorRow& op = operators_[row.op()];
    damage_.charge(op.name.size() / 16, where);
    node.target = op.name;
    if (op.schema) {
      damage_.charge(op.schema->arguments.size() * (1 + node.kwargs.size()) / 4, where);
      check_call(node, graph.nodes, *op.schema, damage_, where);
    } else if (op.name == "operator.getitem") {
      check_getitem(node, graph.nodes, damage_, where);
    }
  }

  const fb::Program& root_;
  const TypeRows& types_;
  const std::vector<OperatorRow>& operators_;
  const std::vector<uint32_t>& locations_;
  Damage& damage_;
  std::vector<bool> used_;
};

}  // namespace

ir::Argument read_argument(const fb::Argument* argument, uint32_t num_nodes, Damage& damage,
                           const Where& where) {
  damage.require(argument, where, "it has no value");
  damage.charge(sizeof(ir::Argument) / 16, where);
  switch (argument->kind()) {
    case fb::ArgumentKind::None: return ir::NoneArg{};
    case fb::ArgumentKind::Node:
      damage.require_index(argument->node(), num_nodes, where, "(earlier) node");
      return ir::NodeRef{argument->node()};
    case fb::ArgumentKind::Int: return argument->int_value();
    case fb::ArgumentKind::Float:
      damage.require(argument->float_value().has_value(), where, "a float without a value");
      return *argument->float_value();
    case fb::ArgumentKind::Bool: return argument->bool_value();
    case fb::ArgumentKind::Complex:
      damage.require(argument->float_value().has_value() && argument->imaginary().has_value(),
                     where, "a complex number without a value");
      return std::complex<double>(*argument->float_value(), *argument->imaginary());
    case fb::ArgumentKind::String: return read_text(argument->text(), damage, where);
    case fb::ArgumentKind::DType:
      return read_enum(kDTypePairs, argument->dtype(), damage, where);
    case fb::ArgumentKind::Layout:
      return read_enum(kLayoutPairs, argument->layout(), damage, where);
    case fb::ArgumentKind::MemoryFormat:
      return read_enum(kMemoryFormatPairs, argument->memory_format(), damage, where);
    case fb::ArgumentKind::Device: return read_device(argument->device(), damage, where);
    case fb::ArgumentKind::List:
    case fb::ArgumentKind::Tuple: {
      ir::ListArg list;
      list.is_tuple = argument->kind() == fb::ArgumentKind::Tuple;
      for (uint32_t i = 0; i < length(argument->items()); ++i) {
        list.items.push_back(
            read_argument(argument->items()->Get(i), num_nodes, damage, {&where, "item", i}));
      }
      return list;
    }
    default: damage.fail(where, "an unknown kind of argument");
  }
}

uint32_t read_location(flatbuffers::Optional<uint32_t> location,
                       const std::vector<uint32_t>& locations, const Damage& damage,
                       const Where& where) {
  if (!location.has_value()) return ir::kNone;
  damage.require_index(*location, locations.size(), where, "location");
  return locations[*location];
}

ir::Graph read_graphs(const fb::Program& root, const TypeRows& types,
                      const std::vector<OperatorRow>& operators,
                      const std::vector<uint32_t>& locations, Damage& damage) {
  GraphReader reader(root, types, operators, locations, damage);
  ir::Graph graph = reader.read(0, 0, {nullptr, "graph"});
  reader.check_all_used();
  return graph;
}

}  // namespace tx::serialize
