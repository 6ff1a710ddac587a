// Graph: one functional program of calls in the order of execution.
//
// Holds: every node produces one value and is named uniquely; arguments refer to earlier nodes
//        only; inputs (placeholders) come first. Calls with several results produce a tuple that
//        `operator.getitem` nodes take apart, as in torch.fx.
// Passes that remove or reorder nodes build a new node list (see rewrite.h) instead of patching.
#pragma once
#include <complex>
#include <functional>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "ir/types.h"

namespace tx::ir {

/// Index of a node in Graph::nodes.
using NodeId = uint32_t;
inline constexpr uint32_t kNone = UINT32_MAX;

struct NodeRef {
  NodeId id;
  bool operator==(const NodeRef&) const = default;
};
struct NoneArg { bool operator==(const NoneArg&) const = default; };

struct Argument;
struct ListArg {
  std::vector<Argument> items;
  bool is_tuple = false;  ///< printed as (a, b); cond and while_loop take tuples
  bool operator==(const ListArg&) const;
};

struct Argument {
  std::variant<NoneArg, NodeRef, int64_t, double, bool, std::complex<double>, std::string, DType,
               Layout, MemoryFormat, Device, ListArg> value;
  Argument() = default;
  template <class T>
    requires(!std::is_same_v<std::decay_t<T>, Argument>)
  Argument(T v) : value(std::move(v)) {}  // NOLINT: any kind is an argument
  template <class T> const T* get() const { return std::get_if<T>(&value); }
  bool is_none() const { return std::holds_alternative<NoneArg>(value); }
  bool operator==(const Argument&) const = default;
};
inline bool ListArg::operator==(const ListArg& other) const {
  return is_tuple == other.is_tuple && items == other.items;
}

enum class NodeKind : uint8_t { Placeholder, Call, GetAttr };

struct Node {
  NodeKind kind = NodeKind::Call;
  std::string name;    ///< unique in its graph: "addmm", "slice_1", "arg0_1"
  /// Call: the operator, "aten.add.Tensor", "higher_order.cond", "operator.getitem".
  /// GetAttr: the name of a sub-graph. Placeholder: its name.
  std::string target;
  std::vector<Argument> args;
  std::vector<std::pair<std::string, Argument>> kwargs;
  Type type;
  uint32_t location = kNone;  ///< index into SourceMap::locations
  /// Keeps the node though nothing uses its value: assertions and other effects.
  bool has_effect = false;
};

struct Graph {
  std::vector<Node> nodes;
  uint32_t num_inputs = 0;  ///< the first nodes are the placeholders
  std::vector<Argument> outputs;
  std::map<std::string, std::unique_ptr<Graph>> subgraphs;

  Node& node(NodeId id) { return nodes[id]; }
  const Node& node(NodeId id) const { return nodes[id]; }
};

/// Calls `visit` for each NodeRef in `argument`, in order, lists included.
void visit_refs(const Argument& argument, const std::function<void(NodeRef)>& visit);
/// The nodes an argument list refers to, in argument order, without repetition.
std::vector<NodeId> operands(const Node& node);
/// For each node how often later nodes or the outputs use it (num_users counts users, not uses).
std::vector<uint32_t> num_users(const Graph& graph);

}  // namespace tx::ir
