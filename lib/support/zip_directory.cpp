#include "support/zip_directory.h"

#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <optional>

namespace tx::support {
namespace {

// Sizes and signatures of the records, from the zip specification (APPNOTE 6.3, section 4.3).
constexpr uint32_t kLocalSignature = 0x04034b50, kCentralSignature = 0x02014b50;
constexpr uint32_t kEndSignature = 0x06054b50, kEnd64Signature = 0x06064b50;
constexpr uint32_t kLocator64Signature = 0x07064b50;
constexpr size_t kLocalSize = 30, kCentralSize = 46, kEndSize = 22, kEnd64Size = 56;
constexpr size_t kLocator64Size = 20, kMaxComment = 0xffff;
// No deflate stream can grow more than this (RFC 1951: 258 bytes from two bits).
constexpr uint64_t kMaxDeflateRatio = 1032;

template <class T>
T little_endian(std::string_view bytes, size_t offset) {
  T value = 0;
  for (size_t i = sizeof(T); i-- > 0;) {
    value = static_cast<T>((value << 8) | static_cast<unsigned char>(bytes[offset + i]));
  }
  return value;
}

bool has(std::string_view bytes, uint64_t offset, uint64_t size) {
  return offset <= bytes.size() && size <= bytes.size() - offset;
}

bool signature_at(std::string_view bytes, uint64_t offset, uint64_t size, uint32_t signature) {
  return has(bytes, offset, size) && little_endian<uint32_t>(bytes, offset) == signature;
}

struct DirectoryPlace {
  uint64_t offset, size, count;
};

DirectoryPlace find_directory(std::string_view bytes) {
  if (bytes.size() < kEndSize) throw ZipError("it ends before its table of contents");
  const size_t last = bytes.size() - kEndSize;
  const size_t first = last > kMaxComment ? last - kMaxComment : 0;
  std::optional<size_t> end;
  for (size_t at = last + 1; at-- > first;) {
    // The length of the comment must fit, or the signature is part of some member's data.
    if (signature_at(bytes, at, kEndSize, kEndSignature) &&
        little_endian<uint16_t>(bytes, at + 20) == bytes.size() - at - kEndSize) {
      end = at;
      break;
    }
  }
  if (!end) throw ZipError("the table of contents at its end is missing");
  DirectoryPlace place{little_endian<uint32_t>(bytes, *end + 16),
                       little_endian<uint32_t>(bytes, *end + 12),
                       little_endian<uint16_t>(bytes, *end + 10)};
  if (*end >= kLocator64Size &&
      signature_at(bytes, *end - kLocator64Size, kLocator64Size, kLocator64Signature)) {
    const auto end64 = little_endian<uint64_t>(bytes, *end - kLocator64Size + 8);
    if (!signature_at(bytes, end64, kEnd64Size, kEnd64Signature)) {
      throw ZipError("the zip64 record at its end is damaged");
    }
    place = {little_endian<uint64_t>(bytes, end64 + 48), little_endian<uint64_t>(bytes, end64 + 40),
             little_endian<uint64_t>(bytes, end64 + 32)};
  }
  if (!has(bytes, place.offset, place.size)) throw ZipError("the table of contents is cut off");
  return place;
}

// Sizes that do not fit 32 bits are in the extra field of id 1, in this order.
void read_zip64_extra(std::string_view extra, ZipEntry& entry) {
  size_t at = 0;
  while (extra.size() - at >= 4) {
    const auto id = little_endian<uint16_t>(extra, at);
    const auto length = little_endian<uint16_t>(extra, at + 2);
    at += 4;
    if (length > extra.size() - at) throw ZipError("the entry of " + entry.name + " is damaged");
    if (id == 1) {
      const std::string_view field = extra.substr(at, length);
      size_t next = 0;
      for (uint64_t* value : {&entry.size, &entry.compressed_size, &entry.header_offset}) {
        if (*value != 0xffffffff) continue;
        if (!has(field, next, 8)) throw ZipError("the entry of " + entry.name + " is damaged");
        *value = little_endian<uint64_t>(field, next);
        next += 8;
      }
      return;
    }
    at += length;
  }
}

std::string inflate_all(std::string_view compressed, const ZipEntry& entry) {
  if (entry.size / kMaxDeflateRatio > compressed.size()) {
    throw ZipError("the size of " + entry.name + " is not possible");
  }
  std::string out(entry.size, '\0');
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) throw ZipError("zlib does not start");
  // zlib counts in 32 bits: feed it in pieces.
  constexpr uint64_t kPiece = 1u << 30;
  uint64_t read = 0, written = 0;
  int status = Z_OK;
  while (status == Z_OK) {
    const auto give = static_cast<uInt>(std::min<uint64_t>(kPiece, compressed.size() - read));
    const auto room = static_cast<uInt>(std::min<uint64_t>(kPiece, out.size() - written));
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(compressed.data() + read));
    stream.avail_in = give;
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + written);
    stream.avail_out = room;
    status = inflate(&stream, Z_NO_FLUSH);
    read += give - stream.avail_in;
    written += room - stream.avail_out;
    if (status == Z_OK && give == stream.avail_in && room == stream.avail_out) status = Z_BUF_ERROR;
  }
  inflateEnd(&stream);
  if (status != Z_STREAM_END || written != out.size()) {
    throw ZipError("the compressed data of " + entry.name + " is damaged");
  }
  return out;
}

uint32_t crc_of(std::string_view bytes) {
  return static_cast<uint32_t>(
      crc32_z(crc32_z(0, nullptr, 0), reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

}  // namespace

bool starts_as_zip(std::string_view bytes) {
  return signature_at(bytes, 0, 4, kLocalSignature) || signature_at(bytes, 0, 4, kEndSignature);
}

ZipDirectory::ZipDirectory(std::string_view bytes) : bytes_(bytes) {
  const DirectoryPlace place = find_directory(bytes);
  const std::string_view table = bytes.substr(place.offset, place.size);
  // The count is not trusted for an allocation: an entry takes kCentralSize bytes.
  entries_.reserve(std::min<uint64_t>(place.count, table.size() / kCentralSize));
  size_t at = 0;
  for (uint64_t i = 0; i < place.count; ++i) {
    if (!signature_at(table, at, kCentralSize, kCentralSignature)) {
      throw ZipError("the table of contents is damaged");
    }
    const auto name_size = little_endian<uint16_t>(table, at + 28);
    const auto extra_size = little_endian<uint16_t>(table, at + 30);
    const auto comment_size = little_endian<uint16_t>(table, at + 32);
    const uint64_t whole = kCentralSize + uint64_t{name_size} + extra_size + comment_size;
    if (!has(table, at, whole)) throw ZipError("the table of contents is damaged");
    ZipEntry entry;
    entry.flags = little_endian<uint16_t>(table, at + 8);
    entry.method = little_endian<uint16_t>(table, at + 10);
    entry.crc = little_endian<uint32_t>(table, at + 16);
    entry.compressed_size = little_endian<uint32_t>(table, at + 20);
    entry.size = little_endian<uint32_t>(table, at + 24);
    entry.header_offset = little_endian<uint32_t>(table, at + 42);
    entry.name = table.substr(at + kCentralSize, name_size);
    read_zip64_extra(table.substr(at + kCentralSize + name_size, extra_size), entry);
    entries_.push_back(std::move(entry));
    at += whole;
  }
}

const ZipEntry* ZipDirectory::find(std::string_view name) const {
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const ZipEntry& entry) { return entry.name == name; });
  return found == entries_.end() ? nullptr : &*found;
}

std::string_view ZipDirectory::raw(const ZipEntry& entry) const {
  if (!signature_at(bytes_, entry.header_offset, kLocalSize, kLocalSignature)) {
    throw ZipError(entry.name + " is not where the table of contents says");
  }
  // The local header has its own name and extra field, and the latter differs from the table's.
  const uint64_t start = entry.header_offset + kLocalSize +
                         little_endian<uint16_t>(bytes_, entry.header_offset + 26) +
                         little_endian<uint16_t>(bytes_, entry.header_offset + 28);
  if (!has(bytes_, start, entry.compressed_size)) throw ZipError(entry.name + " is cut off");
  if (entry.stored() && entry.compressed_size != entry.size) {
    throw ZipError("the sizes of " + entry.name + " differ");
  }
  return bytes_.substr(start, entry.compressed_size);
}

std::string ZipDirectory::read(const ZipEntry& entry) const {
  constexpr uint16_t kEncrypted = 1;
  if (entry.flags & kEncrypted) throw ZipError(entry.name + " is encrypted");
  const std::string_view data = raw(entry);
  std::string contents;
  if (entry.stored()) {
    contents = data;
  } else if (entry.method == 8) {
    contents = inflate_all(data, entry);
  } else {
    throw ZipError(entry.name + " is compressed with method " + std::to_string(entry.method) +
                   ", which is not deflate");
  }
  if (crc_of(contents) != entry.crc) {
    throw ZipError("the checksum of " + entry.name + " does not match its data");
  }
  return contents;
}

}  // namespace tx::support
