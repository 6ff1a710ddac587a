// Programs for the tests of this library, built by hand.
#pragma once
#include <ATen/core/Tensor.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ir/program.h"

namespace tx::runtime {

/// The type of a float tensor.
inline ir::Type f32(std::vector<ir::Expr> sizes) {
  ir::TensorType type;
  type.dtype = ir::DType::F32;
  type.strides = ir::contiguous_strides(sizes);
  type.sizes = std::move(sizes);
  return type;
}

inline ir::ListArg list(std::vector<ir::Argument> items, bool is_tuple = false) {
  return {std::move(items), is_tuple};
}

/// Adds nodes to a graph; inputs first.
class GraphBuilder {
 public:
  explicit GraphBuilder(ir::Graph& graph) : graph_(graph) {}

  ir::NodeRef input(ir::Type type) {
    ir::Node node;
    node.kind = ir::NodeKind::Placeholder;
    node.name = node.target = "arg" + std::to_string(graph_.num_inputs++) + "_1";
    node.type = std::move(type);
    return add(std::move(node));
  }
  ir::NodeRef call(std::string target, std::vector<ir::Argument> args,
                   std::vector<std::pair<std::string, ir::Argument>> kwargs = {}) {
    ir::Node node;
    node.name = "n" + std::to_string(graph_.nodes.size());
    node.target = std::move(target);
    node.args = std::move(args);
    node.kwargs = std::move(kwargs);
    return add(std::move(node));
  }
  /// A sub-graph, built by `build`, and the node that stands for it.
  template <class Build>
  ir::NodeRef subgraph(const std::string& name, Build build) {
    auto subgraph = std::make_unique<ir::Graph>();
    build(GraphBuilder(*subgraph));
    graph_.subgraphs[name] = std::move(subgraph);
    ir::Node node;
    node.kind = ir::NodeKind::GetAttr;
    node.name = node.target = name;
    node.type = ir::GraphType{};
    return add(std::move(node));
  }
  void outputs(std::vector<ir::Argument> values) { graph_.outputs = std::move(values); }
  ir::Node& node(ir::NodeRef ref) { return graph_.node(ref.id); }

 private:
  ir::NodeRef add(ir::Node node) {
    graph_.nodes.push_back(std::move(node));
    return {static_cast<ir::NodeId>(graph_.nodes.size() - 1)};
  }
  ir::Graph& graph_;
};

/// A whole program: weights and user inputs are declared as its inputs.
struct TestProgram {
  ir::Program program;
  GraphBuilder graph{program.graph};

  ir::NodeRef user(const std::string& path, ir::Type type) {
    const ir::NodeRef ref = graph.input(std::move(type));
    program.inputs.push_back({ir::InputKind::UserInput, ref.id, "", path, path, std::nullopt});
    program.input_tree.positional_names.push_back(path);
    program.input_tree.positional.emplace_back();
    return ref;
  }
  ir::NodeRef constant(const std::string& path, ir::Argument value, bool keyword = false) {
    const ir::NodeRef ref = graph.input(ir::ConstantType{});
    program.inputs.push_back({ir::InputKind::UserInput, ref.id, "", path, path, std::move(value)});
    if (keyword) {
      program.input_tree.keyword_names.push_back(path);
      program.input_tree.keyword.emplace_back();
    } else {
      program.input_tree.positional_names.push_back(path);
      program.input_tree.positional.emplace_back();
    }
    return ref;
  }
  /// A weight whose bytes are those of `value`, a contiguous float tensor.
  ir::NodeRef weight(const std::string& name, const at::Tensor& value,
                     ir::InputKind kind = ir::InputKind::Parameter) {
    std::vector<ir::Expr> sizes(value.sizes().begin(), value.sizes().end());
    const ir::NodeRef ref = graph.input(f32(sizes));
    program.inputs.push_back({kind, ref.id, name, name, "", std::nullopt});
    auto owner = std::make_shared<at::Tensor>(value);
    program.storages.push_back(
        {owner, static_cast<const std::byte*>(owner->const_data_ptr()), owner->nbytes()});
    program.weights.push_back({name, ir::DType::F32, value.sizes().vec(), value.strides().vec(), 0,
                               static_cast<uint32_t>(program.storages.size() - 1), true});
    return ref;
  }
  ir::Expr symbol(const std::string& name, ir::Range range, bool needs_at_least_2 = false) {
    ir::SymbolInfo info;
    info.name = name;
    info.range = range;
    info.needs_at_least_2 = needs_at_least_2;
    program.symbols.push_back(info);
    return ir::Expr::symbol(name);
  }
  void returns(std::vector<ir::Argument> values) {
    program.output_tree.kind = ir::TreeKind::Tuple;
    for (const ir::Argument& value : values) {
      program.outputs.push_back({ir::OutputKind::UserOutput, value, ""});
      program.output_tree.children.emplace_back();
    }
    graph.outputs(std::move(values));
  }
};

}  // namespace tx::runtime
