#include "serialize/hash.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace tx::serialize {
namespace {

constexpr uint64_t kPrime1 = 0x9E3779B185EBCA87;
constexpr uint64_t kPrime2 = 0xC2B2AE3D27D4EB4F;
constexpr uint64_t kPrime3 = 0x165667B19E3779F9;
constexpr uint64_t kPrime4 = 0x85EBCA77C2B2AE63;
constexpr uint64_t kPrime5 = 0x27D4EB2F165667C5;

template <class T>
T load(const std::byte* at) {
  static_assert(std::endian::native == std::endian::little);
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

uint64_t round(uint64_t lane, uint64_t input) {
  return std::rotl(lane + input * kPrime2, 31) * kPrime1;
}

}  // namespace

void Hash64::consume(const std::byte* stripe) {
  for (size_t i = 0; i < lanes_.size(); ++i) {
    lanes_[i] = round(lanes_[i], load<uint64_t>(stripe + 8 * i));
  }
}

Hash64& Hash64::update(std::span<const std::byte> bytes) {
  if (bytes.empty()) return *this;
  total_ += bytes.size();
  if (rest_size_ > 0) {
    const size_t taken = std::min(kStripe - rest_size_, bytes.size());
    std::memcpy(rest_.data() + rest_size_, bytes.data(), taken);
    rest_size_ += taken;
    bytes = bytes.subspan(taken);
    if (rest_size_ < kStripe) return *this;
    consume(rest_.data());
    rest_size_ = 0;
  }
  for (; bytes.size() >= kStripe; bytes = bytes.subspan(kStripe)) consume(bytes.data());
  if (!bytes.empty()) std::memcpy(rest_.data(), bytes.data(), bytes.size());
  rest_size_ = bytes.size();
  return *this;
}

uint64_t Hash64::digest() const {
  uint64_t hash = kPrime5;
  if (total_ >= kStripe) {
    hash = std::rotl(lanes_[0], 1) + std::rotl(lanes_[1], 7) + std::rotl(lanes_[2], 12) +
           std::rotl(lanes_[3], 18);
    for (const uint64_t lane : lanes_) hash = (hash ^ round(0, lane)) * kPrime1 + kPrime4;
  }
  hash += total_;
  size_t at = 0;
  for (; at + 8 <= rest_size_; at += 8) {
    hash ^= round(0, load<uint64_t>(rest_.data() + at));
    hash = std::rotl(hash, 27) * kPrime1 + kPrime4;
  }
  if (at + 4 <= rest_size_) {
    hash ^= load<uint32_t>(rest_.data() + at) * kPrime1;
    hash = std::rotl(hash, 23) * kPrime2 + kPrime3;
    at += 4;
  }
  for (; at < rest_size_; ++at) {
    hash ^= std::to_integer<uint64_t>(rest_[at]) * kPrime5;
    hash = std::rotl(hash, 11) * kPrime1;
  }
  hash = (hash ^ (hash >> 33)) * kPrime2;
  hash = (hash ^ (hash >> 29)) * kPrime3;
  return hash ^ (hash >> 32);
}

}  // namespace tx::serialize
