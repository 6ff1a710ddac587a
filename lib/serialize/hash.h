// Hash64: XXH64 with seed 0, computed piece by piece.
//
// The hash of a program file guards against damage, not against a forger.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace tx::serialize {

class Hash64 {
 public:
  Hash64& update(std::span<const std::byte> bytes);
  /// The hash of everything given so far.
  uint64_t digest() const;

 private:
  static constexpr size_t kStripe = 32;
  void consume(const std::byte* stripe);

  std::array<uint64_t, 4> lanes_ = {0x60EA27EEADC0B5D6, 0xC2B2AE3D27D4EB4F, 0, 0x61C8864E7A143579};
  std::array<std::byte, kStripe> rest_{};
  size_t rest_size_ = 0;
  uint64_t total_ = 0;
};

}  // namespace tx::serialize
