#include "support/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace tx::support {
namespace {

[[noreturn]] void fail_with_errno(int error) {
  if (error == ENOENT) throw FileError("no such file");
  if (error == EACCES) throw FileError("permission denied");
  throw FileError(std::strerror(error));
}

}  // namespace

std::shared_ptr<const MappedFile> MappedFile::open(const std::string& path) {
  // O_NONBLOCK: opening a pipe that nobody writes must be an error, not a wait without end.
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) fail_with_errno(errno);
  struct stat info {};
  const bool known = ::fstat(descriptor, &info) == 0;
  if (!known || !S_ISREG(info.st_mode)) {
    ::close(descriptor);
    throw FileError(known && S_ISDIR(info.st_mode) ? "is a directory" : "is not a regular file");
  }
  const auto size = static_cast<size_t>(info.st_size);
  const std::byte* data = nullptr;
  if (size > 0) {  // the kernel refuses to map nothing
    void* mapped = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
    if (mapped == MAP_FAILED) {
      const int error = errno;
      ::close(descriptor);
      fail_with_errno(error);
    }
    data = static_cast<const std::byte*>(mapped);
  }
  return std::shared_ptr<const MappedFile>(new MappedFile(path, descriptor, data, size));
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) ::munmap(const_cast<std::byte*>(data_), size_);
  ::close(descriptor_);
}

std::shared_ptr<std::byte> MappedFile::writable_view(uint64_t offset, uint64_t size) const {
  if (offset > size_ || size > size_ - offset) throw FileError("a view outside of the file");
  if (size == 0) return nullptr;
  const auto page = static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
  const uint64_t lead = offset % page;
  void* mapped = ::mmap(nullptr, size + lead, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE,
                        descriptor_, static_cast<off_t>(offset - lead));
  if (mapped == MAP_FAILED) fail_with_errno(errno);
  auto* start = static_cast<std::byte*>(mapped);
  return {start + lead, [start, length = size + lead](std::byte*) { ::munmap(start, length); }};
}

}  // namespace tx::support
