#include "serialize/reader.h"

#include <algorithm>

#include "diag/diagnostic.h"
#include "serialize/damage.h"
#include "serialize/header.h"
#include "serialize/read_root.h"
#include "serialize/version.h"
#include "support/mapped_file.h"

namespace tx::serialize {
namespace {

std::shared_ptr<const support::MappedFile> open(const std::string& path) {
  try {
    return support::MappedFile::open(path);
  } catch (const support::FileError& error) {
    diag::fail(diag::Code::TX0002, "cannot read `" + path + "`: " + error.what());
  }
}

/// The FlatBuffer part, after the FlatBuffers verifier has found that every offset in it is good.
const fb::Program& verified_root(std::span<const std::byte> bytes, const std::string& name) {
  flatbuffers::Verifier::Options limits;
  // A file without shared tables has at least 8 bytes for each; torch-export shares strings only.
  limits.max_tables = static_cast<flatbuffers::uoffset_t>(bytes.size() / 8);
  // Arguments, trees and graphs nest at most kMaxNesting deep, in at most 8 tables above them.
  limits.max_depth = kMaxNesting + 8;
  const auto* start = reinterpret_cast<const uint8_t*>(bytes.data());
  flatbuffers::Verifier verifier(start, bytes.size(), limits);
  if (!fb::VerifyProgramBuffer(verifier)) {
    Damage(name).fail({nullptr, "FlatBuffer"}, "its tables are not well-formed");
  }
  return *fb::GetProgram(start);
}

std::string text(const fb::Version& version) {
  return std::to_string(version.major()) + "." + std::to_string(version.minor());
}

void check_version(const fb::Program& root, const std::string& name) {
  const Damage damage(name);
  const fb::Version* least = root.min_reader();
  if (!root.version() || !least) damage.fail({nullptr, "version"}, "it is missing");
  const std::string own = std::to_string(kMajor) + "." + std::to_string(kMinor);
  const uint32_t least_number = (uint32_t{least->major()} << 16) + least->minor();
  const uint32_t own_number = (uint32_t{kMajor} << 16) + kMinor;
  if (least_number > own_number) {
    fail_newer(name, "it takes a reader of format " + text(*least) + ", this one reads " + own);
  }
  for (uint32_t i = 0; i < length(root.required_features()); ++i) {
    const std::string_view feature = root.required_features()->Get(i)->string_view();
    if (std::find(kFeatures.begin(), kFeatures.end(), feature) == kFeatures.end()) {
      fail_newer(name, "it uses the feature `" + std::string(feature.substr(0, 100)) +
                           "`, which this one does not know");
    }
  }
}

}  // namespace

ir::Program read_flatbuffer(std::span<const std::byte> flatbuffer, const WeightBytes& weights,
                            const std::string& name) {
  const fb::Program& root = verified_root(flatbuffer, name);
  check_version(root, name);
  Damage damage(name);
  damage.allow(flatbuffer.size());
  return read_root(root, weights, damage);
}

ir::Program read_program(std::shared_ptr<const void> owner, std::span<const std::byte> bytes,
                         const std::string& name, const ReadOptions& options) {
  const Header header = read_header(bytes, name);
  const WeightBytes weights{options.with_weights ? std::move(owner) : nullptr,
                            bytes.data() + std::min<uint64_t>(header.segment_base, bytes.size()),
                            header.segment_bytes, options.with_weights, options.check_weights};
  return read_flatbuffer(bytes.first(header.flatbuffer_bytes), weights, name);
}

ir::Program read_program(const std::string& path, const ReadOptions& options) {
  const std::shared_ptr<const support::MappedFile> file = open(path);
  return read_program(file, file->bytes(), path, options);
}

std::string extract_header(const std::string& path) {
  const std::shared_ptr<const support::MappedFile> file = open(path);
  const Header header = read_header(file->bytes(), path);
  return std::string(file->text().substr(0, header.flatbuffer_bytes));
}

bool looks_like_program(std::span<const std::byte> bytes) { return starts_as_program(bytes); }

bool looks_like_program(const std::string& path) {
  try {
    return starts_as_program(support::MappedFile::open(path)->bytes());
  } catch (const support::FileError&) {
    return false;
  }
}

}  // namespace tx::serialize
