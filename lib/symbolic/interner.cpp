#include <array>
#include <atomic>
#include <bit>
#include <functional>
#include <mutex>
#include <unordered_set>

#include "symbolic/node.h"

namespace tx::symbolic {
namespace {

constexpr int64_t kSmallMin = -256;
constexpr int64_t kSmallMax = 4096;
constexpr size_t kRecentConstants = 1024;  // a power of two
constexpr size_t kShards = 16;

size_t mix(size_t seed, size_t value) {
  return (seed ^ value) * 0x9E3779B97F4A7C15ULL + (seed >> 29);
}

size_t content_hash(const Node& node) {
  size_t h = mix(static_cast<size_t>(node.op) + 1, static_cast<size_t>(node.value));
  h = mix(h, std::bit_cast<uint64_t>(node.real));
  if (!node.name.empty()) h = mix(h, std::hash<std::string>()(node.name));
  for (const Expr& e : node.operands) h = mix(h, e.identity()->hash);
  return h ^ (h >> 31);
}

struct ContentHash {
  size_t operator()(const Node* node) const { return node->hash; }
};
struct SameContent {
  bool operator()(const Node* a, const Node* b) const {
    // Reals are compared by their bits: NaN equals itself, 0.0 differs from -0.0.
    return a->hash == b->hash && a->op == b->op && a->value == b->value &&
           std::bit_cast<uint64_t>(a->real) == std::bit_cast<uint64_t>(b->real) &&
           a->operands == b->operands && a->name == b->name;
  }
};

struct Shard {
  std::mutex mutex;
  std::unordered_set<const Node*, ContentHash, SameContent> nodes;
};

struct Interner {
  std::array<Node, kSmallMax - kSmallMin + 1> small;
  std::array<std::atomic<const Node*>, kRecentConstants> recent{};
  std::array<Shard, kShards> shards;

  Interner() {
    for (int64_t v = kSmallMin; v <= kSmallMax; ++v) {
      Node& node = small[static_cast<size_t>(v - kSmallMin)];
      node.value = v;
      node.hash = content_hash(node);
    }
  }

  const Node* intern(Node&& key) {
    key.hash = content_hash(key);
    Shard& shard = shards[key.hash % kShards];
    std::lock_guard lock(shard.mutex);
    if (auto found = shard.nodes.find(&key); found != shard.nodes.end()) return *found;
    const Node* node = new Node(std::move(key));
    shard.nodes.insert(node);
    return node;
  }
};

Interner& interner() {
  // Never destroyed: expressions in static objects may outlive any other order of destruction.
  static Interner* const instance = new Interner;
  return *instance;
}

}  // namespace

const Node* intern(Op op, std::vector<Expr> operands) {
  Node key;
  key.op = op;
  key.operands = std::move(operands);
  return interner().intern(std::move(key));
}

const Node* intern_constant(int64_t value) {
  Interner& all = interner();
  if (value >= kSmallMin && value <= kSmallMax) {
    return &all.small[static_cast<size_t>(value - kSmallMin)];
  }
  const size_t slot_index = mix(1, static_cast<size_t>(value)) >> 40 & (kRecentConstants - 1);
  std::atomic<const Node*>& slot = all.recent[slot_index];
  const Node* recent = slot.load(std::memory_order_acquire);
  if (recent && recent->value == value) return recent;
  Node key;
  key.value = value;
  const Node* node = all.intern(std::move(key));
  slot.store(node, std::memory_order_release);
  return node;
}

const Node* intern_symbol(std::string_view name) {
  Node key;
  key.op = Op::Symbol;
  key.name = name;
  return interner().intern(std::move(key));
}

const Node* intern_real(double value) {
  Node key;
  key.op = Op::Real;
  key.real = value;
  return interner().intern(std::move(key));
}

}  // namespace tx::symbolic
