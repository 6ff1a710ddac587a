#include "archive/refuse.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "archive/describe_pickle.h"
#include "diag/diagnostic.h"
#include "support/pickle.h"

namespace tx::archive {
namespace {

namespace pickle = support::pickle;
using diag::Code;
using diag::Diagnostic;

const char* const kScript =
    "torch.jit.script(model.eval()).save(\"model.pt\"), or "
    "torch.jit.trace(model.eval(), example_inputs).save(\"model.pt\")";

std::string in_python() { return std::string("in Python: ") + kScript; }

bool has_at(std::string_view bytes, size_t offset, std::string_view what) {
  return bytes.size() >= offset && bytes.substr(offset, what.size()) == what;
}

/// A safetensors file starts with the length of a JSON object, and the object.
bool is_safetensors(std::string_view bytes) {
  if (bytes.size() < 10 || bytes[8] != '{') return false;
  uint64_t length = 0;
  for (size_t i = 8; i-- > 0;) length = (length << 8) | static_cast<unsigned char>(bytes[i]);
  return length <= bytes.size() - 8;
}

/// ONNX has no signature: a protobuf message that starts with a small ir_version (field 1) and goes
/// on with another field of a ModelProto.
bool is_onnx(std::string_view bytes) {
  if (bytes.size() < 8 || bytes[0] != 0x08 || bytes[1] < 1 || bytes[1] > 30) return false;
  constexpr std::string_view next_fields = "\x12\x1a\x22\x28\x32\x3a\x42";
  return next_fields.find(bytes[2]) != std::string_view::npos;
}

/// What a file is by its first bytes, for files that no one would take for torch's.
std::optional<std::string_view> foreign_format(std::string_view bytes) {
  if (is_safetensors(bytes)) return "a safetensors file, which holds weights and no program";
  if (has_at(bytes, 0, "\x89HDF\r\n\x1a\n")) return "an HDF5 file (Keras?)";
  if (has_at(bytes, 0, "GGUF")) return "a GGUF file, which holds weights and no program";
  if (has_at(bytes, 4, "TFL3")) return "a TensorFlow Lite model";
  if (has_at(bytes, 0, "\x93NUMPY")) return "a NumPy array";
  if (has_at(bytes, 0, "\x1f\x8b")) return "a gzip-compressed file; unpack it first";
  if (has_at(bytes, 0, std::string_view("\x7f" "ELF"))) return "a compiled program or library";
  if (has_at(bytes, 0, "version https://git-lfs.github.com")) {
    return "a Git LFS pointer; fetch the file itself with git lfs pull";
  }
  if (has_at(bytes, 0, "<!DOCTYPE") || has_at(bytes, 0, "<html")) return "a web page";
  if (is_onnx(bytes)) return "an ONNX model";
  return std::nullopt;
}

[[noreturn]] void refuse(Code code, const std::string& path, std::string_view what,
                         const std::string& remedy) {
  diag::fail(Diagnostic(code, path + " is not a TorchScript archive: it is " + std::string(what))
                 .fix(remedy));
}

/// Files of torch.save before torch 1.6: a pickled magic number, and three more pickles.
bool is_legacy_save(std::string_view bytes) {
  return has_at(bytes, 0, std::string_view("\x80\x02\x8a\x0al\xfc\x9c\x46\xf9 j\xa8P\x19", 14));
}

[[noreturn]] void refuse_legacy_save(const std::string& path, std::string_view bytes) {
  std::string what = "a file of torch.save in the format used before torch 1.6";
  try {
    for (int skipped = 0; skipped < 3; ++skipped) {
      bytes.remove_prefix(pickle::Pickle(bytes).consumed());
    }
    what += ", with " + describe(pickle::Pickle(bytes).root()).text;
  } catch (const pickle::PickleError&) {
    // The format is known even if its contents are not.
  }
  refuse(Code::TX0005, path, what, std::string("load it in Python, then ") + kScript);
}

bool ends_with_record(const support::ZipDirectory& zip, std::string_view record) {
  return std::any_of(zip.entries().begin(), zip.entries().end(), [&](const auto& entry) {
    const std::string_view name = entry.name;
    const size_t slash = name.find('/');
    return name == record || (slash != std::string_view::npos && name.substr(slash + 1) == record);
  });
}

[[noreturn]] void refuse_saved_pickle(const std::string& path, const support::ZipDirectory& zip,
                                      const support::ZipEntry& record) {
  Described contents;
  try {
    contents = describe(pickle::Pickle(zip.read(record)).root());
  } catch (const std::runtime_error& error) {  // ZipError, PickleError
    diag::fail(Diagnostic(Code::TX0007, path + " is a damaged torch.save file: " + error.what())
                   .fix("copy or download the file again, or save it again"));
  }
  if (contents.is_module) {
    refuse(Code::TX0003, path, contents.text + ", which needs its Python class to run",
           "in Python: model = torch.load(\"" + path + "\", weights_only=False)" +
               contents.module_access + ", then " + kScript);
  }
  refuse(Code::TX0004, path, contents.text + ", which holds no program",
         std::string("make the model in Python, load the data into it (load_state_dict), then ") +
             kScript);
}

}  // namespace

void refuse_other_formats(const support::MappedFile& file) {
  const std::string_view bytes = file.text();
  const std::string& path = file.path();
  if (bytes.empty()) {
    diag::fail(Diagnostic(Code::TX0002, path + " is empty").fix("write or copy the file again"));
  }
  if (support::starts_as_zip(bytes)) return;
  if (is_legacy_save(bytes)) refuse_legacy_save(path, bytes);
  if (has_at(bytes, 257, "ustar")) {
    refuse(Code::TX0005, path, "a tar file, the format of torch.save before torch 0.1.10",
           std::string("load it in Python, then ") + kScript);
  }
  if (const auto foreign = foreign_format(bytes)) refuse(Code::TX0006, path, *foreign, in_python());
  if (bytes[0] == '\x80') {
    try {
      const pickle::Pickle whole(bytes);
      refuse(Code::TX0006, path, "a plain Python pickle with " + describe(whole.root()).text,
             in_python());
    } catch (const pickle::PickleError&) {
      // Not a pickle after all.
    }
  }
  refuse(Code::TX0006, path, "in no format this tool knows (TorchScript archives are zip files)",
         in_python());
}

void refuse_other_zips(const std::string& path, const support::ZipDirectory& zip) {
  // constants.pkl is how torch itself tells TorchScript; model.json is its oldest format.
  if (ends_with_record(zip, "constants.pkl") || ends_with_record(zip, "model.json")) return;
  if (ends_with_record(zip, "archive_format")) {
    refuse(Code::TX0006, path, "a .pt2 archive of torch.export: the model is exported already",
           "to export it with this tool, take the model it was made from; " + in_python());
  }
  if (ends_with_record(zip, ".data/extern_modules")) {
    refuse(Code::TX0006, path, "an archive of torch.package",
           std::string("load the model in Python, then ") + kScript);
  }
  for (const support::ZipEntry& entry : zip.entries()) {
    const size_t slash = entry.name.find('/');
    if (slash != std::string::npos && entry.name.substr(slash + 1) == "data.pkl") {
      refuse_saved_pickle(path, zip, entry);
    }
  }
  std::string what = "a zip file without torch's records";
  if (zip.entries().empty()) what = "an empty zip file";
  if (ends_with_record(zip, "MANIFEST.json")) what = "a model archive of TorchServe";
  const bool arrays =
      std::all_of(zip.entries().begin(), zip.entries().end(),
                  [](const auto& entry) { return entry.name.ends_with(".npy"); });
  if (arrays && !zip.entries().empty()) what = "an .npz file of NumPy arrays";
  refuse(Code::TX0006, path, what, in_python());
}

}  // namespace tx::archive
