// MappedFile: a file's bytes as memory, read on demand by the kernel.
//
// In:  a path of a regular file.
// Out: its bytes, valid as long as the object lives; views keep it alive through a shared_ptr.
// Holds: bytes() never changes and cannot be written; a writable view is a private copy of the
//        pages that are written, the file itself is never changed.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace tx::support {

/// A file that cannot be opened or mapped; what() says why in words ("no such file", "is a
/// directory"), without the path.
class FileError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class MappedFile {
 public:
  /// Throws FileError.
  static std::shared_ptr<const MappedFile> open(const std::string& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  const std::string& path() const { return path_; }
  std::span<const std::byte> bytes() const { return {data_, size_}; }
  std::string_view text() const { return {reinterpret_cast<const char*>(data_), size_}; }
  /// Bytes that may be written without an effect on the file or on other views: a new mapping of
  /// [offset, offset + size), which must lie inside the file. Throws FileError.
  std::shared_ptr<std::byte> writable_view(uint64_t offset, uint64_t size) const;

 private:
  MappedFile(std::string path, int descriptor, const std::byte* data, size_t size)
      : path_(std::move(path)), descriptor_(descriptor), data_(data), size_(size) {}
  std::string path_;
  int descriptor_;
  const std::byte* data_;
  size_t size_;
};

}  // namespace tx::support
