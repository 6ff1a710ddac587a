// The first bytes of a program file (private to lib/serialize).
//
// A FlatBuffer starts with the offset of its root table and a 4-byte identifier. The extended
// header stands between those 8 bytes and the tables: a FlatBuffer reader steps over it, because
// the root offset does. All numbers are little-endian.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tx::serialize {

inline constexpr std::string_view kIdentifier = "TXP1";
inline constexpr std::string_view kHeaderMagic = "TXPH";
inline constexpr uint64_t kHeaderAt = 8;
/// Keeps the alignment of everything behind it.
inline constexpr uint32_t kHeaderLength = 64;
inline constexpr uint64_t kSegmentAlignment = 4096;
inline constexpr uint64_t kStorageAlignment = 64;
/// What the offsets inside of a FlatBuffer can reach.
inline constexpr uint64_t kMaxFlatbuffer = (uint64_t{1} << 31) - 1;

struct Header {
  uint64_t flatbuffer_bytes = 0;  ///< from the start of the file, this header included
  uint64_t segment_base = 0;      ///< where segments start in the file
  uint64_t segment_bytes = 0;     ///< from segment_base to the end of the file
  uint64_t hash = 0;              ///< of the FlatBuffer part, with this field as 0
};

constexpr uint64_t align_up(uint64_t value, uint64_t alignment) {
  return (value + alignment - 1) / alignment * alignment;
}

/// Puts the header into a finished FlatBuffer: `flatbuffer` grows by kHeaderLength.
void insert_header(std::vector<std::byte>& flatbuffer);
/// Fills in the header's fields and the hash; `head` is a FlatBuffer with a header.
void seal(std::span<std::byte> head, uint64_t segment_bytes);

/// Whether the bytes start as a program file of any version does.
bool starts_as_program(std::span<const std::byte> bytes);
/// The header of the file `bytes`, checked against their number and the hash. Throws a
/// diag::Failure (TX4001, TX4002, TX4003).
Header read_header(std::span<const std::byte> bytes, const std::string& file);

}  // namespace tx::serialize
