// GraphScope: a graph while it is recorded: the program's own, or one of a branch or a loop.
//
// In:  nodes of this graph; values of graphs around it that are used here.
// Out: a graph whose placeholders stand for those values, and the list of them.
// Holds: a value of an outer graph becomes a placeholder at its first use, and the same one at each
//        later use. An outer value of an outer graph passes through all graphs in between.
#pragma once
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "capture/dispatch/size_nodes.h"
#include "capture/location.h"
#include "ir/graph.h"

namespace tx::capture {

class GraphScope {
 public:
  /// The program's graph. Nodes get the current place of `location`.
  GraphScope(ir::Graph& graph, LocationStack& location);
  /// A graph inside of `outer`, which has to live as long.
  explicit GraphScope(GraphScope& outer);
  GraphScope(const GraphScope&) = delete;
  GraphScope& operator=(const GraphScope&) = delete;

  /// Traced tensors carry the number of the scope that their node is in; no two are the same.
  uint32_t id() const { return id_; }
  ir::Graph& graph() { return *graph_; }
  SizeNodes& sizes() { return sizes_; }
  bool is_inner() const { return outer_ != nullptr; }
  GraphScope* outer() const { return outer_; }
  /// The node of the outer graph that a placeholder stands for.
  std::optional<ir::NodeId> outer_of(ir::NodeId placeholder) const;
  /// Whether a data-dependent symbol is a value here or in a graph around.
  bool defines(const ir::Expr& symbol) const {
    return sizes_.is_defined(symbol) || (outer_ && outer_->defines(symbol));
  }
  /// Whether values of the scope called `id` can be used here.
  bool sees(uint32_t id) const;

  /// The node that stands here for node `node` of the scope called `owner`; kNone where values of
  /// that scope cannot be used any more.
  ir::NodeId reach(uint32_t owner, ir::NodeId node);

  /// Appends a call.
  ir::NodeId append(std::string target, ir::Type type);

  /// A placeholder that stands for no value of an outer graph (what a loop carries).
  ir::NodeId add_parameter(ir::Type type);
  /// The outer values used here, by their nodes in the outer graph, in the order of first use.
  const std::vector<ir::NodeId>& captured() const { return captured_; }

  /// The finished graph. Its inputs are the parameters followed by one for each of `operands`, which
  /// are nodes of the outer graph; what neither the outputs nor an effect needs is gone. The scope is
  /// of no use afterwards.
  std::unique_ptr<ir::Graph> finish(std::vector<ir::Argument> outputs,
                                    const std::vector<ir::NodeId>& operands);
  /// Those of captured() that `outputs` or an effect needs.
  std::vector<ir::NodeId> needed(const std::vector<ir::Argument>& outputs) const;

 private:
  ir::NodeId add_placeholder(ir::Type type);
  ir::NodeId capture(ir::NodeId outer);
  std::vector<bool> live_nodes(const std::vector<ir::Argument>& outputs) const;

  GraphScope* outer_ = nullptr;
  LocationStack& location_;
  std::unique_ptr<ir::Graph> own_;
  ir::Graph* graph_;
  uint32_t id_;
  SizeNodes sizes_;
  std::vector<ir::NodeId> parameters_;
  std::vector<ir::NodeId> captured_;
  std::unordered_map<ir::NodeId, ir::NodeId> placeholder_of_;
};

}  // namespace tx::capture
