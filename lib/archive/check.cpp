#include "archive/check.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <string_view>

#include "diag/diagnostic.h"
#include "support/pickle.h"

namespace tx::archive {
namespace {

namespace pickle = support::pickle;

// Records of this size and more under data/ are weights that are read when they are needed.
constexpr uint64_t kLargeWeight = 64 * 1024;

[[noreturn]] void fail_damaged(const std::string& path, const std::string& what) {
  diag::fail(diag::Diagnostic(diag::Code::TX0007, path + " is a damaged archive: " + what)
                 .fix("copy or download the file again, or save the model again"));
}

bool starts_with(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

/// Bytes of one element of a storage class: "torch.FloatStorage". Nothing for unknown ones.
std::optional<uint64_t> storage_element_size(std::string_view global) {
  static const std::map<std::string_view, uint64_t> sizes = {
      {"torch.ByteStorage", 1},     {"torch.CharStorage", 1},    {"torch.ShortStorage", 2},
      {"torch.IntStorage", 4},      {"torch.LongStorage", 8},    {"torch.HalfStorage", 2},
      {"torch.FloatStorage", 4},    {"torch.DoubleStorage", 8},  {"torch.BoolStorage", 1},
      {"torch.BFloat16Storage", 2}, {"torch.QInt8Storage", 1},   {"torch.QUInt8Storage", 1},
      {"torch.QInt32Storage", 4},   {"torch.ComplexFloatStorage", 8},
      {"torch.ComplexDoubleStorage", 16}};
  const auto found = sizes.find(global);
  return found == sizes.end() ? std::nullopt : std::optional(found->second);
}

/// Checks that the tensors of a pickle lie inside their records, which LibTorch takes on trust.
class TensorCheck {
 public:
  TensorCheck(const std::string& path, const support::ZipDirectory& zip, std::string folder)
      : path_(path), zip_(zip), folder_(std::move(folder)) {}

  void check(const pickle::Pickle& pickle) {
    for (const pickle::Value& value : pickle.values()) {
      if (value.kind == pickle::Kind::Persistent) storage_elements(value);
      const std::string_view type = value.object_type();
      if (starts_with(type, "torch._utils._rebuild_") && value.args->items.size() >= 4) {
        check_tensor(value.args->items);
      }
    }
  }

 private:
  // ('storage', torch.FloatStorage, '0', 'cpu', 1024)
  uint64_t storage_elements(const pickle::Value& id) {
    const auto& parts = id.args->items;
    const bool known = id.args->kind == pickle::Kind::Tuple && parts.size() >= 5 &&
                       parts[2]->kind == pickle::Kind::String &&
                       parts[4]->kind == pickle::Kind::Int;
    if (!known || parts[4]->integer < 0) fail_damaged(path_, "a storage without name or size");
    const auto count = static_cast<uint64_t>(parts[4]->integer);
    const std::string name = folder_ + parts[2]->text;
    const support::ZipEntry* entry = zip_.find(name);
    if (entry == nullptr) fail_damaged(path_, name + " is missing");
    const auto size = storage_element_size(parts[1]->text).value_or(1);
    if (count > entry->size / size) fail_damaged(path_, name + " is smaller than its tensor");
    return count;
  }

  // (storage, offset, sizes, strides, ...)
  void check_tensor(const std::vector<pickle::Value*>& args) {
    if (args[0]->kind != pickle::Kind::Persistent) return;
    const auto elements = static_cast<__int128>(storage_elements(*args[0]));
    const auto& sizes = args[2]->items;
    const auto& strides = args[3]->items;
    bool valid = args[1]->kind == pickle::Kind::Int && args[1]->integer >= 0 &&
                 sizes.size() == strides.size();
    constexpr auto kFar = static_cast<__int128>(1) << 100;  // beyond any storage; sums fit
    __int128 end = args[1]->integer;
    bool empty = false;
    for (size_t i = 0; valid && i < sizes.size(); ++i) {
      valid = sizes[i]->kind == pickle::Kind::Int && strides[i]->kind == pickle::Kind::Int &&
              sizes[i]->integer >= 0 && strides[i]->integer >= 0;
      empty |= sizes[i]->integer == 0;
      if (empty) continue;
      end =
          std::min(end + static_cast<__int128>(sizes[i]->integer - 1) * strides[i]->integer, kFar);
    }
    if (!valid || (!empty && end >= elements)) {
      fail_damaged(path_, "a tensor reaches beyond its data in " + folder_);
    }
  }

  const std::string& path_;
  const support::ZipDirectory& zip_;
  std::string folder_;
};

int64_t parse_version(const std::string& path, std::string_view text, int64_t newest) {
  int64_t version = 0;
  const auto error = std::from_chars(text.data(), text.data() + text.size(), version).ec;
  if (error != std::errc()) fail_damaged(path, "its version is no number");
  if (version > newest) {
    diag::fail(diag::Diagnostic(diag::Code::TX0008,
                                path + " was written by a newer torch: its format version is " +
                                    std::to_string(version) + ", this tool reads up to " +
                                    std::to_string(newest))
                   .fix("save the model again with the torch release this tool is built with"));
  }
  return version;
}

}  // namespace

ArchiveFacts check_torchscript(const std::string& path, const support::ZipDirectory& zip,
                               int64_t newest) {
  ArchiveFacts facts;
  const std::string& first = zip.entries().front().name;
  const std::string top = first.substr(0, first.find('/') + 1);
  try {
    for (const support::ZipEntry& entry : zip.entries()) {
      const std::string_view name = std::string_view(entry.name).substr(
          starts_with(entry.name, top) ? top.size() : 0);
      if (starts_with(name, "data/") && entry.size >= kLargeWeight) {
        zip.raw(entry);
        continue;
      }
      const std::string contents = zip.read(entry);
      if (name == "version" || name == ".data/version") {
        facts.format_version = parse_version(path, contents, newest);
      } else if (name == "data.pkl" || name == "constants.pkl") {
        const std::string folder = top + std::string(name.substr(0, name.find('.'))) + "/";
        TensorCheck(path, zip, folder).check(pickle::Pickle(contents));
        facts.reads_weights_at_load |= contents.find("_rebuild_qtensor") != std::string::npos;
      } else if (starts_with(name, "code/") && name.ends_with(".py")) {
        facts.asks_grad_mode |= contents.find("torch.is_grad_enabled()") != std::string::npos;
        // Both run while objects are made: a class's own method, and a C++ class's.
        facts.reads_weights_at_load |=
            contents.find("def __setstate__") != std::string::npos ||
            contents.find("__torch__.torch.classes.") != std::string::npos;
      }
    }
  } catch (const support::ZipError& error) {
    fail_damaged(path, error.what());
  } catch (const pickle::PickleError& error) {
    fail_damaged(path, error.what());
  }
  return facts;
}

}  // namespace tx::archive
