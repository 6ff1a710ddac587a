#include <unordered_set>

#include "serialize/hash.h"
#include "serialize/header.h"
#include "serialize/pages.h"
#include "serialize/read_root.h"

namespace tx::serialize {
namespace {

struct Segment {
  uint64_t offset, bytes;
};

std::vector<Segment> read_segments(const fb::Program& root, const WeightBytes& weights,
                                   Damage& damage) {
  std::vector<Segment> segments;
  for (uint32_t i = 0; i < length(root.segments()); ++i) {
    const fb::Segment& row = *root.segments()->Get(i);
    const Where where{nullptr, "segment", i};
    damage.charge(1, where);
    damage.require(row.offset() % kSegmentAlignment == 0, where, "it is not aligned");
    damage.require(row.bytes() <= weights.bytes && row.offset() <= weights.bytes - row.bytes(),
                   where, "it lies outside of the file");
    segments.push_back({row.offset(), row.bytes()});
  }
  return segments;
}

ir::Storage read_storage(const fb::Storage& row, const std::vector<Segment>& segments,
                         const WeightBytes& weights, const Damage& damage, const Where& where) {
  damage.require_index(row.segment(), segments.size(), where, "segment");
  const Segment& segment = segments[row.segment()];
  damage.require(row.offset() % kStorageAlignment == 0, where, "it is not aligned");
  damage.require(row.bytes() <= segment.bytes && row.offset() <= segment.bytes - row.bytes(),
                 where, "it lies outside of its segment");
  ir::Storage storage;
  storage.bytes = row.bytes();
  if (!weights.use && !weights.check) return storage;
  storage.data = weights.base + segment.offset + row.offset();
  if (weights.check) {
    Hash64 hash;
    for_each_piece(storage,
                   [&](std::span<const std::byte> piece, uint64_t) { hash.update(piece); });
    damage.require(hash.digest() == row.hash(), where, "its bytes do not match its hash");
  }
  if (weights.use) {
    storage.owner = weights.owner;
  } else {
    storage.data = nullptr;
  }
  return storage;
}

/// Whether the elements of the weight lie inside of `bytes` bytes.
bool lies_inside(const ir::Weight& weight, uint64_t bytes) {
  bool empty = false;
  for (const int64_t size : weight.sizes) empty |= size == 0;
  // The index of the last element; of an empty tensor, the elements that come before it.
  uint64_t last = static_cast<uint64_t>(weight.offset);
  for (size_t i = 0; i < weight.sizes.size() && !empty; ++i) {
    uint64_t step;
    if (__builtin_mul_overflow(static_cast<uint64_t>(weight.sizes[i] - 1),
                               static_cast<uint64_t>(weight.strides[i]), &step) ||
        __builtin_add_overflow(last, step, &last)) {
      return false;
    }
  }
  const uint64_t elements = bytes / static_cast<uint64_t>(ir::element_size(weight.dtype));
  return empty ? last <= elements : last < elements;
}

/// The FlatBuffers verifier looks at the alignment of a vector's length only, not of its elements.
std::vector<int64_t> read_integers(const flatbuffers::Vector<int64_t>* vector, Damage& damage,
                                   const Where& where) {
  if (!vector) return {};
  damage.charge(1 + vector->size() / 2, where);
  damage.require(reinterpret_cast<uintptr_t>(vector->Data()) % alignof(int64_t) == 0, where,
                 "its sizes or strides are not aligned");
  return {vector->begin(), vector->end()};
}

ir::Weight read_weight(const fb::Weight& row, const ir::Program& program, Damage& damage,
                       const Where& where) {
  ir::Weight weight;
  weight.dtype = read_dtype(row.dtype(), damage, where);
  weight.offset = row.offset();
  weight.storage = row.storage();
  weight.requires_grad = row.requires_grad();
  damage.charge(sizeof(ir::Weight) / 16, where);
  weight.sizes = read_integers(row.sizes(), damage, where);
  weight.strides = read_integers(row.strides(), damage, where);
  damage.require(weight.sizes.size() == weight.strides.size(), where,
                 "it does not have one stride for each size");
  for (size_t i = 0; i < weight.sizes.size(); ++i) {
    damage.require(weight.sizes[i] >= 0 && weight.strides[i] >= 0, where,
                   "a negative size or stride");
  }
  damage.require(weight.offset >= 0, where, "a negative offset");
  damage.require_index(weight.storage, program.storages.size(), where, "storage");
  damage.require(lies_inside(weight, program.storages[weight.storage].bytes), where,
                 "it reaches beyond its storage");
  return weight;
}

}  // namespace

void read_weights(const fb::Program& root, const WeightBytes& weights, ir::Program& program,
                  Damage& damage) {
  const std::vector<Segment> segments = read_segments(root, weights, damage);
  for (uint32_t i = 0; i < length(root.storages()); ++i) {
    const Where where{nullptr, "storage", i};
    damage.charge(2, where);
    program.storages.push_back(
        read_storage(*root.storages()->Get(i), segments, weights, damage, where));
  }
  std::unordered_set<std::string> names;
  for (uint32_t i = 0; i < length(root.weights()); ++i) {
    const fb::Weight& row = *root.weights()->Get(i);
    std::string name = read_text(row.name(), damage, {nullptr, "weight", i});
    const Where where{nullptr, "weight", i, name};
    damage.require(!name.empty(), where, "it has no name");
    damage.require(names.insert(name).second, where, "its name is taken");
    ir::Weight weight = read_weight(row, program, damage, where);
    weight.name = name;
    program.weights.push_back(std::move(weight));
  }
}

}  // namespace tx::serialize
