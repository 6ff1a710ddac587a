#include "serialize/writer.h"

#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "diag/diagnostic.h"
#include "ir/rewrite.h"
#include "serialize/hash.h"
#include "serialize/header.h"
#include "serialize/pages.h"
#include "serialize/read_root.h"
#include "serialize/write_head.h"
#include "support/atomic_file.h"

namespace tx::serialize {
namespace {

std::string_view text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

bool is_zero(std::span<const std::byte> bytes) {
  return bytes.front() == std::byte{0} &&
         std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0;
}

void write_file(Head& head, const std::string& path) {
  const uint64_t segment_at = align_up(head.bytes.size(), kSegmentAlignment);
  support::AtomicFile file(path);
  // The file gets its size first: what is not written afterwards is zero and takes no room on disk.
  if (head.segment_bytes > 0) {
    file.write_at(segment_at + head.segment_bytes - 1, std::string_view("\0", 1));
  }
  for (size_t i = 0; i < head.placements.size(); ++i) {
    const Placement& placement = head.placements[i];
    Hash64 hash;
    for_each_piece(*placement.storage, [&](std::span<const std::byte> piece, uint64_t at) {
      hash.update(piece);
      if (!is_zero(piece)) file.write_at(segment_at + placement.offset + at, text(piece));
    });
    set_storage_hash(head, i, hash.digest());
  }
  seal(head.bytes, head.segment_bytes);
  file.write_at(0, text(head.bytes));
  file.commit();
}

/// A program that readers would refuse is not written at all.
void check_readable(const Head& head) {
  try {
    const WeightBytes weights{nullptr, nullptr, head.segment_bytes, false, false};
    read_flatbuffer(head.bytes, weights, "the new file");
  } catch (const diag::Failure& failure) {
    diag::fail(diag::Code::TX0070,
               std::string("the program could not be read back: ") + failure.what());
  }
}

}  // namespace

void write_program(const ir::Program& program, const std::string& path,
                   const WriteOptions& options) {
  if (std::optional<std::string> violation = ir::find_violation(program)) {
    diag::fail(diag::Code::TX0070, "the program is not sound: " + *violation);
  }
  Head head = build_head(program, options.strip_debug);
  check_readable(head);
  try {
    write_file(head, path);
  } catch (const support::FileError& error) {
    diag::fail(diag::Code::TX0014, "cannot write `" + path + "`: " + error.what());
  }
}

}  // namespace tx::serialize
