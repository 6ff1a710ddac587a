// Reads arguments and graphs (private to lib/serialize).
//
// In:  the rows of the file.
// Out: graphs that hold what ir/graph.h promises: names are unique, arguments refer to earlier
//      nodes and fit the operators' schemas, sub-graphs exist.
#pragma once
#include <vector>

#include "serialize/read_pools.h"

namespace tx::serialize {

/// An argument that may refer to the first `num_nodes` nodes.
ir::Argument read_argument(const fb::Argument* argument, uint32_t num_nodes, Damage& damage,
                           const Where& where);

/// Graph 0 of the file, with its sub-graphs. `locations` maps locations of the file to those of the
/// program's SourceMap.
ir::Graph read_graphs(const fb::Program& root, const TypeRows& types,
                      const std::vector<OperatorRow>& operators,
                      const std::vector<uint32_t>& locations, Damage& damage);

/// The location of a node or guard in the program.
uint32_t read_location(flatbuffers::Optional<uint32_t> location,
                       const std::vector<uint32_t>& locations, const Damage& damage,
                       const Where& where);

}  // namespace tx::serialize
