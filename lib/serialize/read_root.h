// Copies a verified FlatBuffer into a program, checking what it means on the way (private to
// lib/serialize).
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "ir/program.h"
#include "serialize/read_pools.h"

namespace tx::serialize {

/// Where the segments of a file are.
struct WeightBytes {
  std::shared_ptr<const void> owner;
  const std::byte* base;
  uint64_t bytes;
  bool use;    ///< give the storages their data
  bool check;  ///< compare it with their hashes
};

/// The program in the FlatBuffer part of a file, which starts at a multiple of 8. Throws a
/// diag::Failure (TX4002, TX4003) that names `name` and the part which is wrong.
ir::Program read_flatbuffer(std::span<const std::byte> flatbuffer, const WeightBytes& weights,
                            const std::string& name);

/// The same, after the FlatBuffers verifier and the version check.
ir::Program read_root(const fb::Program& root, const WeightBytes& weights, Damage& damage);

/// Storages and weights of the program.
void read_weights(const fb::Program& root, const WeightBytes& weights, ir::Program& program,
                  Damage& damage);

/// Inputs, outputs and the trees they make up. The graph and the weights have been read.
void read_signature(const fb::Program& root, ir::Program& program, Damage& damage);

}  // namespace tx::serialize
