// Naming: the names under which the nodes of a program are printed (private to lib/render).
//
// In:  a program.
// Out: a name for each node of the graph and of its sub-graphs.
// Holds: unique in each graph; a placeholder that torch 2.13 names after its argument or weight
//        keeps that name, and calls that want it too go to the next number.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "ir/program.h"
#include "ir/text.h"

namespace tx::render {

class Naming {
 public:
  /// The names in the program.
  static Naming tutorial(const ir::Program& program);
  /// The names of torch 2.13's placeholder naming.
  static Naming qualified(const ir::Program& program);

  const std::string& name(const ir::Graph& graph, ir::NodeId id) const {
    return names_.at(&graph)[id];
  }
  ir::NameOf of(const ir::Graph& graph) const {
    return [this, &graph](ir::NodeId id) { return name(graph, id); };
  }

 private:
  void name_subgraphs(const ir::Graph& graph);
  void name_after_operands(const ir::Graph& subgraph, const std::vector<std::string>& operands);
  std::map<const ir::Graph*, std::vector<std::string>> names_;
};

}  // namespace tx::render
