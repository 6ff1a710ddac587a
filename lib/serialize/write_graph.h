// Writes arguments and graphs (private to lib/serialize).
#pragma once
#include <string>
#include <vector>

#include "serialize/write_pools.h"

namespace tx::serialize {

Offset<fb::Argument> add_argument(FlatBufferBuilder& builder, const ir::Argument& argument,
                                  uint32_t nesting = 0);

/// The graph and its sub-graphs, each after the graph it belongs to. `locations` maps
/// Node::location to what the file has (kNone: no location).
std::vector<Offset<fb::Graph>> add_graphs(FlatBufferBuilder& builder, const ir::Graph& graph,
                                          TypePool& types, OperatorPool& operators,
                                          const std::vector<uint32_t>& locations);

}  // namespace tx::serialize
