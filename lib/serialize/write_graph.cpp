#include "serialize/write_graph.h"

#include "serialize/enums.h"
#include "serialize/header.h"

namespace tx::serialize {
namespace {

class ArgumentVisitor {
 public:
  ArgumentVisitor(FlatBufferBuilder& builder, uint32_t nesting)
      : builder_(builder), nesting_(nesting) {}
  using Result = Offset<fb::Argument>;

  Result operator()(const ir::NoneArg&) { return finish(fb::ArgumentKind::None, [](auto&) {}); }
  Result operator()(const ir::NodeRef& ref) {
    return finish(fb::ArgumentKind::Node, [&](auto& row) { row.add_node(ref.id); });
  }
  Result operator()(int64_t value) {
    return finish(fb::ArgumentKind::Int, [&](auto& row) { row.add_int_value(value); });
  }
  Result operator()(double value) {
    return finish(fb::ArgumentKind::Float, [&](auto& row) { row.add_float_value(value); });
  }
  Result operator()(bool value) {
    return finish(fb::ArgumentKind::Bool, [&](auto& row) { row.add_bool_value(value); });
  }
  Result operator()(std::complex<double> value) {
    return finish(fb::ArgumentKind::Complex, [&](auto& row) {
      row.add_float_value(value.real());
      row.add_imaginary(value.imag());
    });
  }
  Result operator()(const std::string& value) {
    const auto text = add_text(builder_, value);
    return finish(fb::ArgumentKind::String, [&](auto& row) { row.add_text(text); });
  }
  Result operator()(ir::DType value) {
    return finish(fb::ArgumentKind::DType,
                  [&](auto& row) { row.add_dtype(to_file(kDTypePairs, value)); });
  }
  Result operator()(ir::Layout value) {
    return finish(fb::ArgumentKind::Layout,
                  [&](auto& row) { row.add_layout(to_file(kLayoutPairs, value)); });
  }
  Result operator()(ir::MemoryFormat value) {
    return finish(fb::ArgumentKind::MemoryFormat, [&](auto& row) {
      row.add_memory_format(to_file(kMemoryFormatPairs, value));
    });
  }
  Result operator()(const ir::Device& value) {
    const auto device = fb::CreateDevice(builder_, add_text(builder_, value.type), value.index);
    return finish(fb::ArgumentKind::Device, [&](auto& row) { row.add_device(device); });
  }
  Result operator()(const ir::ListArg& list) {
    check_nesting(nesting_, "an argument");
    std::vector<Result> items;
    items.reserve(list.items.size());
    for (const ir::Argument& item : list.items) {
      items.push_back(add_argument(builder_, item, nesting_ + 1));
    }
    const auto vector = add_vector(builder_, items);
    return finish(list.is_tuple ? fb::ArgumentKind::Tuple : fb::ArgumentKind::List,
                  [&](auto& row) { row.add_items(vector); });
  }

 private:
  template <class Fill>
  Result finish(fb::ArgumentKind kind, Fill fill) {
    fb::ArgumentBuilder row(builder_);
    row.add_kind(kind);
    fill(row);
    return row.Finish();
  }
  FlatBufferBuilder& builder_;
  uint32_t nesting_;
};

class GraphWriter {
 public:
  GraphWriter(FlatBufferBuilder& builder, TypePool& types, OperatorPool& operators,
              const std::vector<uint32_t>& locations)
      : builder_(builder), types_(types), operators_(operators), locations_(locations) {}

  void add(const ir::Graph& graph, uint32_t nesting) {
    check_nesting(nesting, "a sub-graph");
    const size_t index = graphs.size();
    graphs.emplace_back();
    std::vector<Offset<fb::Node>> nodes;
    nodes.reserve(graph.nodes.size());
    for (const ir::Node& node : graph.nodes) nodes.push_back(add_node(node));
    const auto node_vector = add_vector(builder_, nodes);
    const auto outputs = add_arguments(graph.outputs);
    std::vector<Offset<fb::Subgraph>> subgraphs;
    for (const auto& [name, subgraph] : graph.subgraphs) {
      const auto subgraph_index = static_cast<uint32_t>(graphs.size());
      add(*subgraph, nesting + 1);
      subgraphs.push_back(fb::CreateSubgraph(builder_, add_text(builder_, name), subgraph_index));
    }
    const auto subgraph_vector = add_vector(builder_, subgraphs);
    graphs[index] =
        fb::CreateGraph(builder_, node_vector, graph.num_inputs, outputs, subgraph_vector);
  }

  std::vector<Offset<fb::Graph>> graphs;

 private:
  Offset<flatbuffers::Vector<Offset<fb::Argument>>> add_arguments(
      const std::vector<ir::Argument>& arguments) {
    std::vector<Offset<fb::Argument>> items;
    items.reserve(arguments.size());
    for (const ir::Argument& argument : arguments) {
      items.push_back(add_argument(builder_, argument));
    }
    return add_vector(builder_, items);
  }

  Offset<fb::Node> add_node(const ir::Node& node) {
    // FlatBuffers' offsets have 31 bits; a table more must always fit.
    if (builder_.GetSize() > kMaxFlatbuffer / 2) {
      fail_unwritable("its graph takes more than a GiB without its weights");
    }
    const auto name = add_text(builder_, node.name);
    const auto args = add_arguments(node.args);
    std::vector<Offset<fb::KeywordArgument>> kwargs;
    for (const auto& [keyword, argument] : node.kwargs) {
      const auto value = add_argument(builder_, argument);
      kwargs.push_back(
          fb::CreateKeywordArgument(builder_, add_text(builder_, keyword), value));
    }
    const auto kwarg_vector = add_vector(builder_, kwargs);
    const bool is_call = node.kind == ir::NodeKind::Call;
    const uint32_t op = is_call ? operators_.row(node.target) : 0;
    const auto target = is_call ? 0 : add_text(builder_, node.target);
    const uint32_t type = types_.row(node.type);

    fb::NodeBuilder row(builder_);
    row.add_kind(to_file(kNodeKindPairs, node.kind));
    row.add_name(name);
    row.add_op(op);
    row.add_target(target);
    row.add_args(args);
    row.add_kwargs(kwarg_vector);
    row.add_type(type);
    if (node.location < locations_.size() && locations_[node.location] != ir::kNone) {
      row.add_location(locations_[node.location]);
    }
    row.add_has_effect(node.has_effect);
    return row.Finish();
  }

  FlatBufferBuilder& builder_;
  TypePool& types_;
  OperatorPool& operators_;
  const std::vector<uint32_t>& locations_;
};

}  // namespace

Offset<fb::Argument> add_argument(FlatBufferBuilder& builder, const ir::Argument& argument,
                                  uint32_t nesting) {
  return std::visit(ArgumentVisitor(builder, nesting), argument.value);
}

std::vector<Offset<fb::Graph>> add_graphs(FlatBufferBuilder& builder, const ir::Graph& graph,
                                          TypePool& types, OperatorPool& operators,
                                          const std::vector<uint32_t>& locations) {
  GraphWriter writer(builder, types, operators, locations);
  writer.add(graph, 0);
  return std::move(writer.graphs);
}

}  // namespace tx::serialize
