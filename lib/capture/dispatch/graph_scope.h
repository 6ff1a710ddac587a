// GraphScope: a graph while it is recorded: the program's own, or one of a branch or a loop.
//
// In:  nodes of this graph; values of graphs around it that are used here.
// Out: a graph whose placeholders stand for those values, and the list of them.
// Holds: a value of an outer graph becomes a placeholder at its first use, and the same one at each
//        later use. An outer value of an outer graph passes through all graphs in between.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "capture/dispatch/size_nodes.h"
#include "capture/location.h"
#include "ir/graph.h"
#include "symbolic/shape_env.h"

namespace tx::capture {

class GraphScope {
 public:
  /// The program's graph. Nodes get the current place of `location`.
  GraphScope(ir::Graph& graph, LocationStack& location);
  /// A graph inside of `outer`, which has to live as long.
  explicit GraphScope(GraphScope& outer);
  ~GraphScope() {
    if (on_drop_ && !symbols_.empty()) on_drop_(symbols_);
  }
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
  /// A data-dependent symbol that a value of this graph gives.
  void add_symbol(const ir::Expr& symbol, ir::NodeId node) {
    sizes_.define(symbol, node);
    if (is_inner()) symbols_.push_back(symbol);
  }
  /// Those of an inner graph, which then forgets them.
  std::vector<ir::Expr> take_symbols() { return std::exchange(symbols_, {}); }
  /// Called with the symbols of a graph that ends without being used.
  void set_on_drop(std::function<void(const std::vector<ir::Expr>&)> on_drop) { on_drop_ = std::move(on_drop); }
  /// Whether the data-dependent symbols in a size are values here or in a graph around.
  bool can_use(const ir::Expr& size, const symbolic::ShapeEnv& env) const;
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
  std::vector<ir::Expr> symbols_;
  std::function<void(const std::vector<ir::Expr>&)> on_drop_;
  std::vector<ir::NodeId> parameters_;
  std::vector<ir::NodeId> captured_;
  std::unordered_map<ir::NodeId, ir::NodeId> placeholder_of_;
};

}  // namespace tx::capture
