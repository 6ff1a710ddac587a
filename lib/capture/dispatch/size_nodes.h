// SizeNodes: symbolic numbers as values of the graph.
//
// In:  dimensions of inputs and the expressions that are their sizes; an expression an operator
//      takes as an argument.
// Out: the node that computes it: aten.sym_size.int of an input, Python operators on those.
// Holds: equal expressions are computed once (source: core-aten, section 7).
#pragma once
#include <functional>
#include <optional>
#include <unordered_map>
#include <vector>

#include "ir/graph.h"

namespace tx::capture {

class SizeNodes {
 public:
  /// Appends a call and gives its id.
  using Append =
      std::function<ir::NodeId(std::string target, std::vector<ir::Argument> args, ir::Type type)>;
  explicit SizeNodes(Append append) : append_(std::move(append)) {}
  /// Gives the node of a symbol that no source here has.
  using Outer = std::function<ir::NodeId(const ir::Expr& symbol)>;
  void set_outer(Outer outer) { outer_ = std::move(outer); }

  /// `size` is the size of `axis` of a tensor in the graph. Of two inputs with the same symbol the
  /// later one is asked, as in torch.
  void add_source(ir::NodeId tensor, uint32_t axis, const ir::Expr& size);
  /// `node` computes `expression`, e.g. a data-dependent symbol.
  void define(const ir::Expr& expression, ir::NodeId node) { computed_.emplace(expression, node); }
  bool is_defined(const ir::Expr& symbol) const { return computed_.contains(symbol); }
  /// Knows the same sizes and symbols, but computes every other expression anew with `append`.
  SizeNodes afresh(Append append) const;
  /// The node that computes `expression`, if there is one.
  std::optional<ir::NodeId> find(const ir::Expr& expression) const;
  /// The nodes from `first` on are no longer there.
  void forget_from(ir::NodeId first);
  /// The argument that stands for `expression`: a number, or a node. Throws diag::Failure (TX1005)
  /// for expressions no tensor's size gives.
  ir::Argument argument(const ir::Expr& expression);

 private:
  struct Source {
    ir::NodeId tensor;
    uint32_t axis;
    ir::Expr size;
  };
  ir::NodeId compute(const ir::Expr& expression);
  ir::NodeId symbol(const ir::Expr& symbol);
  ir::NodeId fold(const char* target, const ir::Expr& expression);
  ir::NodeId size_of(const Source& source);

  Append append_;
  Outer outer_;
  std::vector<Source> sources_;
  std::unordered_map<ir::Expr, ir::NodeId> computed_;
};

}  // namespace tx::capture
