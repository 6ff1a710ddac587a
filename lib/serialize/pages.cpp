#include "serialize/pages.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

namespace tx::serialize {
namespace {

constexpr uint64_t kPiece = 8 << 20;

/// The process's page table, as Linux shows it; not there in some sandboxes.
class PageTable {
 public:
  PageTable() : descriptor_(::open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC)) {}
  ~PageTable() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  PageTable(const PageTable&) = delete;
  PageTable& operator=(const PageTable&) = delete;

  /// Gives back the pages inside of `bytes` that are an unchanged part of a file: the next access
  /// reads the same bytes again. Memory of another kind, changed pages of a private mapping among
  /// it, is left alone.
  void drop_file_pages(std::span<const std::byte> bytes) {
    if (descriptor_ < 0) return;
    const auto first = (reinterpret_cast<uintptr_t>(bytes.data()) + page_ - 1) / page_;
    const auto end = reinterpret_cast<uintptr_t>(bytes.data() + bytes.size()) / page_;
    if (first >= end) return;
    entries_.resize(end - first);
    const size_t wanted = entries_.size() * sizeof(uint64_t);
    const auto at = static_cast<off_t>(first * sizeof(uint64_t));
    if (::pread(descriptor_, entries_.data(), wanted, at) != static_cast<ssize_t>(wanted)) return;
    for (size_t i = 0; i < entries_.size();) {
      size_t run = i;
      while (run < entries_.size() && is_file_page(entries_[run])) ++run;
      if (run > i) {
        ::madvise(reinterpret_cast<void*>((first + i) * page_), (run - i) * page_, MADV_DONTNEED);
      }
      i = run + 1;
    }
  }

 private:
  static bool is_file_page(uint64_t entry) {
    constexpr uint64_t kPresent = uint64_t{1} << 63;
    constexpr uint64_t kFile = uint64_t{1} << 61;
    return (entry & kPresent) && (entry & kFile);
  }

  int descriptor_;
  uintptr_t page_ = static_cast<uintptr_t>(::sysconf(_SC_PAGESIZE));
  std::vector<uint64_t> entries_;
};

}  // namespace

void for_each_piece(const ir::Storage& storage,
                    const std::function<void(std::span<const std::byte>, uint64_t)>& visit) {
  PageTable pages;
  for (uint64_t at = 0; at < storage.bytes; at += kPiece) {
    const std::span piece(storage.data + at, std::min(kPiece, storage.bytes - at));
    visit(piece, at);
    pages.drop_file_pages(piece);
  }
}

}  // namespace tx::serialize
