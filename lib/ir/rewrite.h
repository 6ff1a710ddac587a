// The few ways in which passes change a graph.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "ir/program.h"

namespace tx::ir {

/// Gives out node names as torch.fx does: "add", "add_1", ...; the name of a Python builtin or
/// keyword starts at "_1" (source: tutorial cases, section 0.3).
class NameAllocator {
 public:
  /// `base` is an operator's name without overload ("add", "_softmax").
  std::string fresh(std::string_view base);
  /// Marks a name as used; placeholders keep their names even if builtins.
  void reserve(std::string_view name);

 private:
  std::unordered_map<std::string, int> next_;
  std::unordered_set<std::string> used_;
};

/// The base name of a call's target: "aten.add.Tensor" -> "add", "operator.getitem" -> "getitem".
std::string base_name(std::string_view target);

/// Every reference in `argument` to node i becomes one to node new_id[i].
void renumber(Argument& argument, const std::vector<NodeId>& new_id);
/// The same for all arguments of a node.
void renumber(Node& node, const std::vector<NodeId>& new_id);

/// A copy with all sub-graphs.
std::unique_ptr<Graph> clone(const Graph& graph);

/// Keeps the nodes for which `keep` holds and renumbers every reference. A removed node must have
/// no users left; a removed placeholder no InputSpec.
void filter_nodes(Program& program, Graph& graph, const std::function<bool(NodeId)>& keep);

/// Names every call of `graph` anew, in order, and `true_graph_0`, ... for sub-graphs.
void rename_nodes(Graph& graph);

/// What is wrong with a program by the promises of ir/'s headers, as a sentence that names the node
/// or the part; nothing for a sound program. Reads out of no bounds, whatever the program holds.
std::optional<std::string> find_violation(const Program& program);

/// Checks what the headers of ir/ promise ("Holds"); throws a diag::Failure (TX0070) that names the
/// pass `after` and the node. Runs between passes.
void verify(const Program& program, std::string_view after);

}  // namespace tx::ir
