// AtomicFile: a file that gets its name only when it is complete.
//
// In:  a path and the bytes in order.
// Out: after commit() the file, flushed to disk; without it no file, and an older one as it was.
// Holds: the bytes stand in a new file beside the target until commit() renames it, so readers see
//        the old file or the new one; a symbolic link is followed, its target is replaced.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "support/mapped_file.h"

namespace tx::support {

class AtomicFile {
 public:
  /// Throws FileError, as write() and commit() do.
  explicit AtomicFile(const std::string& path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::string_view bytes);
  /// Writes at `offset` from the start; write() goes on where it was. Gaps are zero.
  void write_at(uint64_t offset, std::string_view bytes);
  void commit();

 private:
  void discard();
  std::string target_, temporary_;
  int descriptor_ = -1;
};

/// Writes a whole file in this way. Throws FileError.
void write_file_atomically(const std::string& path, std::string_view bytes);

}  // namespace tx::support
