// Builds the FlatBuffer part of a program file (private to lib/serialize).
//
// In:  a program.
// Out: the FlatBuffer with room for the extended header, and where each storage goes.
// Holds: its size does not depend on the hashes of the storages, which are filled in afterwards:
//        the weights are read once.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "ir/program.h"

namespace tx::serialize {

struct Placement {
  const ir::Storage* storage;
  uint64_t offset;  ///< from the start of the segment
};

struct Head {
  std::vector<std::byte> bytes;
  std::vector<Placement> placements;  ///< the file's storages, in order
  uint64_t segment_bytes = 0;
};

Head build_head(const ir::Program& program, bool strip_debug);
/// Fills in the hash of storage `index`.
void set_storage_hash(Head& head, size_t index, uint64_t hash);

}  // namespace tx::serialize
