// Damage: errors about what a program file contains (private to lib/serialize).
//
// Reading code says with a Where on its stack which part it is at; the text is only made when
// something is wrong there. Damage also counts how much has been read, so that a small file whose
// parts refer to each other over and over cannot ask for unlimited memory or time.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace tx::serialize {

/// A part of a file: "graph 0, node 12 (`add_1`), argument 2".
struct Where {
  const Where* parent = nullptr;
  std::string_view part;
  int64_t index = -1;       ///< -1: the part is not one of several
  std::string_view name{};  ///< of the part, when it has one
  std::string text() const;
};

class Damage {
 public:
  explicit Damage(std::string file) : file_(std::move(file)) {}

  /// TX4002: the file is damaged at `where`.
  [[noreturn]] void fail(const Where& where, const std::string& what) const;
  void require(bool holds, const Where& where, const char* what) const {
    if (!holds) fail(where, what);
  }
  /// `index` refers to one of `size` things called `what` ("type").
  void require_index(uint64_t index, uint64_t size, const Where& where, const char* what) const {
    if (index >= size) fail_index(index, size, where, what);
  }

  /// Sets what may be read in all: in proportion to the FlatBuffer's size.
  void allow(uint64_t flatbuffer_bytes) { allowance_ = kFree + kPerByte * flatbuffer_bytes; }
  /// Counts something that is about to be read; one unit is of the order of 16 bytes.
  void charge(uint64_t units, const Where& where) {
    if (units > allowance_) fail_allowance(where);
    allowance_ -= units;
  }

  const std::string& file() const { return file_; }

 private:
  // Files written by torch-export use less than 1 unit a byte.
  static constexpr uint64_t kPerByte = 16;
  static constexpr uint64_t kFree = 1 << 16;

  [[noreturn]] void fail_index(uint64_t index, uint64_t size, const Where& where,
                               const char* what) const;
  [[noreturn]] void fail_allowance(const Where& where) const;

  std::string file_;
  uint64_t allowance_ = 0;
};

/// TX4003: the file needs a newer reader, because `why`.
[[noreturn]] void fail_newer(const std::string& file, const std::string& why);

}  // namespace tx::serialize
