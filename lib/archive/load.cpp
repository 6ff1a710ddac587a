#include "archive/load.h"

#include <caffe2/serialize/versions.h>
#include <torch/csrc/jit/serialization/import.h>

#include <cstring>

#include "archive/check.h"
#include "archive/lazy_weights.h"
#include "archive/load_error.h"
#include "archive/refuse.h"
#include "diag/diagnostic.h"

namespace tx::archive {
namespace {

std::shared_ptr<const support::MappedFile> open_file(const std::string& path) {
  try {
    return support::MappedFile::open(path);
  } catch (const support::FileError& error) {
    diag::fail(diag::Code::TX0002, "cannot read " + path + ": " + error.what());
  }
}

support::ZipDirectory open_zip(const support::MappedFile& file) {
  try {
    return support::ZipDirectory(file.text());
  } catch (const support::ZipError& error) {
    diag::fail(diag::Diagnostic(diag::Code::TX0007, file.path() +
                                                        " is a damaged or incomplete archive: " +
                                                        error.what())
                   .fix("copy or download the file again, or save the model again"));
  }
}

/// Loads the module; weights are placed in the file if `lazy`. Nothing if that did not work out.
std::optional<torch::jit::Module> try_load(const std::shared_ptr<LazyReader>& reader) {
  torch::jit::Module module = torch::jit::load(reader, c10::Device(c10::kCPU));
  if (!place_weights(module, *reader)) return std::nullopt;
  return module;
}

std::string class_name(const torch::jit::Module& module) {
  const auto name = module.type()->name();
  return name ? name->name() : std::string();
}

}  // namespace

int64_t operator_set_version() {
  return static_cast<int64_t>(caffe2::serialize::kMaxSupportedFileFormatVersion);
}

LoadedModule load_torchscript(const std::string& path) {
  LoadedModule loaded;
  loaded.file = open_file(path);
  refuse_other_formats(*loaded.file);
  const support::ZipDirectory zip = open_zip(*loaded.file);
  refuse_other_zips(path, zip);
  const ArchiveFacts facts = check_torchscript(path, zip, operator_set_version());
  loaded.format_version = facts.format_version;

  auto reader = std::make_shared<LazyReader>(loaded.file, zip, !facts.reads_weights_at_load);
  std::optional<torch::jit::Module> module;
  try {
    module = try_load(reader);
    if (!module) {
      reader = std::make_shared<LazyReader>(loaded.file, zip, false);
      module = try_load(reader);
    }
  } catch (const std::exception& error) {
    fail_unloadable(path, error);
  }
  loaded.module = std::move(*module);
  loaded.asks_grad_mode = facts.asks_grad_mode;
  loaded.lazy = !reader->deferred().empty();
  loaded.name = class_name(loaded.module);
  return loaded;
}

LoadedModule load_with_stand_ins(const std::string& path) {
  try {
    return load_torchscript(path);
  } catch (const diag::Failure& failure) {
    // Of a damaged file nothing is read any more.
    if (failure.diagnostics().front().code != diag::Code::TX0008) throw;
    const std::vector<std::string> unknown = unknown_operators(path);
    if (unknown.empty()) throw;
    try {
      auto stand_ins = std::make_shared<const StandIns>(unknown);
      LoadedModule loaded = load_torchscript(path);
      loaded.stand_ins = std::move(stand_ins);
      return loaded;
    } catch (const diag::Failure&) {
      throw failure;  // says which operator is unknown
    }
  }
}

}  // namespace tx::archive
