// Programs and files that the tests of this library share.
#pragma once
#include <unistd.h>

#include <cstddef>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ir/program.h"

namespace tx::serialize {

/// relu(x @ weight.T), static, with tied weights and a buffer that is updated.
ir::Program static_sample();
/// Every kind of argument, type, tree, expression, input and output that the format has.
ir::Program everything_sample();

/// A folder that goes away with the object.
struct Folder {
  std::filesystem::path path;
  Folder();
  ~Folder() { std::filesystem::remove_all(path); }
  std::string file(const std::string& name) const { return (path / name).string(); }
};

std::string content(const std::string& path);
void store(const std::string& path, std::string_view bytes);
/// The file that write_program makes, as bytes.
std::string written(const ir::Program& program, bool strip_debug = false);

/// Bytes at an aligned address, to read from and to damage.
struct Image {
  explicit Image(std::string_view file);
  std::span<std::byte> bytes() { return {start, size}; }
  std::span<std::byte> head();  ///< the FlatBuffer part
  /// Makes header and hash fit the bytes again.
  void reseal();
  /// Reads the bytes as a program called "p.txp".
  ir::Program read(bool with_weights = true, bool check_weights = false);

  std::vector<std::byte> buffer;
  std::byte* start;
  size_t size;
};

/// "TX4002: <message>" of the diag::Failure that `action` throws, or "nothing".
std::string failure(const std::function<void()>& action);

}  // namespace tx::serialize
