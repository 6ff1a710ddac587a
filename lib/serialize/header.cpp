#include "serialize/header.h"

#include <bit>
#include <cctype>
#include <cstring>

#include "diag/diagnostic.h"
#include "serialize/damage.h"
#include "serialize/hash.h"

namespace tx::serialize {
namespace {

static_assert(std::endian::native == std::endian::little);

// Offsets of the fields from the start of the file.
constexpr size_t kMagicAt = kHeaderAt;
constexpr size_t kLengthAt = kHeaderAt + 4;
constexpr size_t kFlatbufferBytesAt = kHeaderAt + 8;
constexpr size_t kSegmentBaseAt = kHeaderAt + 16;
constexpr size_t kSegmentBytesAt = kHeaderAt + 24;
constexpr size_t kHashAt = kHeaderAt + 32;
constexpr size_t kFieldsEnd = kHashAt + 8;

template <class T>
T load(std::span<const std::byte> bytes, size_t at) {
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}
template <class T>
void store(std::span<std::byte> bytes, size_t at, T value) {
  std::memcpy(bytes.data() + at, &value, sizeof value);
}

std::string_view text(std::span<const std::byte> bytes, size_t at, size_t size) {
  if (bytes.size() < at + size) return {};
  return {reinterpret_cast<const char*>(bytes.data()) + at, size};
}

uint64_t head_hash(std::span<const std::byte> head) {
  const std::byte zeros[8] = {};
  return Hash64()
      .update(head.first(kHashAt))
      .update(zeros)
      .update(head.subspan(kFieldsEnd))
      .digest();
}

/// What a file that is no program seems to be.
std::string kind_of(std::span<const std::byte> bytes) {
  if (bytes.empty()) return "it is empty";
  const std::string_view start = text(bytes, 0, std::min<size_t>(bytes.size(), 16));
  if (start.starts_with("PK\x03\x04") || start.starts_with("PK\x05\x06")) {
    return "it is a zip archive, as TorchScript archives, torch.save files and .pt2 files are";
  }
  if (start.size() > 1 && start[0] == '\x80' && start[1] >= 2 && start[1] <= 5) {
    return "it is a pickle file";
  }
  if (start.starts_with("\x93NUMPY")) return "it is a NumPy array";
  bool printable = true;
  for (const char c : start) {
    printable &= std::isprint(static_cast<unsigned char>(c)) || std::isspace(c);
  }
  if (printable) return "it is text";
  return "it does not start as one";
}

[[noreturn]] void fail_not_a_program(std::span<const std::byte> bytes, const std::string& file) {
  diag::Diagnostic diagnostic(diag::Code::TX4001,
                              "`" + file + "` is not a program file: " + kind_of(bytes));
  diagnostic.note("torch-export MODEL --inputs SRC -o PROGRAM.txp writes a program file");
  diag::fail(std::move(diagnostic));
}

}  // namespace

void insert_header(std::vector<std::byte>& flatbuffer) {
  flatbuffer.insert(flatbuffer.begin() + kHeaderAt, kHeaderLength, std::byte{0});
  store(flatbuffer, 0, load<uint32_t>(flatbuffer, 0) + kHeaderLength);
}

void seal(std::span<std::byte> head, uint64_t segment_bytes) {
  std::memcpy(head.data() + kMagicAt, kHeaderMagic.data(), kHeaderMagic.size());
  store(head, kLengthAt, kHeaderLength);
  store(head, kFlatbufferBytesAt, uint64_t{head.size()});
  store(head, kSegmentBaseAt, align_up(head.size(), kSegmentAlignment));
  store(head, kSegmentBytesAt, segment_bytes);
  store(head, kHashAt, head_hash(head));
}

bool starts_as_program(std::span<const std::byte> bytes) {
  return text(bytes, 4, 3) == kIdentifier.substr(0, 3) &&
         text(bytes, kMagicAt, 4) == kHeaderMagic;
}

Header read_header(std::span<const std::byte> bytes, const std::string& file) {
  // A file that was cut off inside of its first bytes is still a program file, a damaged one.
  if (text(bytes, 4, 3) != kIdentifier.substr(0, 3)) fail_not_a_program(bytes, file);
  if (text(bytes, 4, 4) != kIdentifier) {
    fail_newer(file, "it is of format " + std::string(text(bytes, 4, 4)) + ", this one reads " +
                         std::string(kIdentifier));
  }
  const Damage damage(file);
  const Where where{nullptr, "header"};
  if (bytes.size() < kHeaderAt + kHeaderLength) damage.fail(where, "the file ends inside of it");
  if (text(bytes, kMagicAt, 4) != kHeaderMagic) damage.fail(where, "its magic is missing");

  const Header header{load<uint64_t>(bytes, kFlatbufferBytesAt),
                      load<uint64_t>(bytes, kSegmentBaseAt), load<uint64_t>(bytes, kSegmentBytesAt),
                      load<uint64_t>(bytes, kHashAt)};
  const uint64_t length = load<uint32_t>(bytes, kLengthAt);
  if (header.flatbuffer_bytes > bytes.size() || header.flatbuffer_bytes > kMaxFlatbuffer) {
    damage.fail(where, "the FlatBuffer takes " + std::to_string(header.flatbuffer_bytes) +
                           " bytes, the file has " + std::to_string(bytes.size()));
  }
  if (length < kHeaderLength || length % 8 != 0 || kHeaderAt + length >= header.flatbuffer_bytes) {
    damage.fail(where, "a length of " + std::to_string(length) + " bytes");
  }
  if (load<uint32_t>(bytes, 0) < kHeaderAt + length) {
    damage.fail(where, "the root of the FlatBuffer lies inside of it");
  }
  if (header.segment_base % kSegmentAlignment != 0 ||
      header.segment_base < header.flatbuffer_bytes) {
    damage.fail(where, "segments cannot start at byte " + std::to_string(header.segment_base));
  }
  // A program without weights ends with its FlatBuffer.
  const uint64_t end = header.segment_bytes == 0 ? header.flatbuffer_bytes
                                                 : header.segment_base + header.segment_bytes;
  if (end < header.segment_bytes || end != bytes.size()) {
    damage.fail(where, "the file should have " + std::to_string(end) + " bytes, it has " +
                           std::to_string(bytes.size()));
  }
  if (head_hash(bytes.first(header.flatbuffer_bytes)) != header.hash) {
    damage.fail({nullptr, "FlatBuffer"}, "its bytes do not match the hash in the header");
  }
  return header;
}

}  // namespace tx::serialize
