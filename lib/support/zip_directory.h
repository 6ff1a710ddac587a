// ZipDirectory: the members of a zip archive that is in memory.
//
// In:  the bytes of a whole file; zip64, stored and deflated members.
// Out: the central directory as entries, and members' contents, checked by size and CRC.
// Holds: nothing is trusted: every entry lies inside the bytes. The bytes must outlive the object.
#pragma once
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace tx::support {

/// Bytes that are no zip archive, or a damaged one; what() says what is wrong in words.
class ZipError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct ZipEntry {
  std::string name;
  uint16_t method = 0;  ///< 0 stored, 8 deflated
  uint16_t flags = 0;
  uint32_t crc = 0;
  uint64_t compressed_size = 0;
  uint64_t size = 0;
  uint64_t header_offset = 0;
  bool stored() const { return method == 0; }
};

/// Whether the bytes start as a zip archive does, whole or not.
bool starts_as_zip(std::string_view bytes);

class ZipDirectory {
 public:
  /// Throws ZipError.
  explicit ZipDirectory(std::string_view bytes);

  const std::vector<ZipEntry>& entries() const { return entries_; }
  /// The entry of this full name, or null.
  const ZipEntry* find(std::string_view name) const;
  /// The bytes of a member as they are in the file. Throws ZipError if they are not all there.
  std::string_view raw(const ZipEntry& entry) const;
  /// The contents of a member, inflated, its CRC checked. Throws ZipError, which names the member.
  std::string read(const ZipEntry& entry) const;

 private:
  std::string_view bytes_;
  std::vector<ZipEntry> entries_;
};

}  // namespace tx::support
