#include "inputs/read.h"

#include <c10/util/Exception.h>
#include <torch/csrc/jit/serialization/import.h>

#include <cstring>

#include "diag/diagnostic.h"
#include "inputs/made_up.h"
#include "inputs/read_npy.h"
#include "inputs/read_safetensors.h"
#include "inputs/read_torch_save.h"
#include "support/mapped_file.h"
#include "support/pickle.h"
#include "support/strings.h"
#include "support/zip_directory.h"

namespace tx::inputs {
namespace {

using c10::IValue;
using diag::Code;
using diag::Diagnostic;
using NamedValues = std::vector<std::pair<std::string, IValue>>;

const char* const kRecognised =
    "files are read that torch.save wrote, .npy, .npz, .safetensors, a TorchScript archive that "
    "holds tensors, and raw bytes with a shape: f32[8,100]@FILE";

std::string first_line(std::string_view text) {
  return std::string(text.substr(0, text.find('\n')));
}

[[noreturn]] void fail_unreadable(const std::string& path, const std::string& why) {
  diag::fail(Diagnostic(Code::TX0011, path + " cannot be read as input values: " + why)
                 .note(kRecognised));
}

std::shared_ptr<const support::MappedFile> open_file(const std::string& path) {
  try {
    return support::MappedFile::open(path);
  } catch (const support::FileError& error) {
    diag::fail(Code::TX0002, "cannot read " + path + ": " + error.what());
  }
}

/// "f32[800], i64[400], ...": the flat tensors that have this many bytes.
std::string fitting_shapes(uint64_t bytes) {
  std::vector<std::string> fits;
  for (const ir::DType dtype : {ir::DType::F32, ir::DType::F64, ir::DType::F16, ir::DType::I64,
                                ir::DType::I32, ir::DType::U8}) {
    const auto size = static_cast<uint64_t>(ir::element_size(dtype));
    if (bytes % size != 0) continue;
    fits.push_back(std::string(ir::short_name(dtype)) + "[" + std::to_string(bytes / size) + "]");
  }
  return support::join(fits, ", ");
}

at::Tensor read_raw(const std::string& path, const TensorSpec& spec) {
  const auto file = open_file(path);
  int64_t needed = ir::element_size(spec.dtype);
  for (const int64_t size : spec.sizes) needed *= size;
  if (file->bytes().size() != static_cast<uint64_t>(needed)) {
    diag::fail(Diagnostic(Code::TX0011, path + " has " + std::to_string(file->bytes().size()) +
                                            " bytes, its shape needs " + std::to_string(needed))
                   .note("what would fit: " + fitting_shapes(file->bytes().size()) +
                         " and any shape with as many elements"));
  }
  at::Tensor tensor = at::empty(spec.sizes, static_cast<at::ScalarType>(spec.dtype));
  if (needed > 0) std::memcpy(tensor.data_ptr(), file->bytes().data(), static_cast<size_t>(needed));
  return tensor;
}

IValue dict_of(const NamedValues& named) {
  c10::impl::GenericDict dict(c10::StringType::get(), c10::AnyType::get());
  for (const auto& [name, value] : named) dict.insert_or_assign(name, value);
  return dict;
}

/// Whether the names are "0", "1", ...: what torch::save makes of tensors without names.
bool are_numbered(const NamedValues& named) {
  for (size_t i = 0; i < named.size(); ++i) {
    if (named[i].first != std::to_string(i)) return false;
  }
  return !named.empty();
}

/// The tensors (and other values) that a TorchScript archive without `forward` holds.
Content read_container(const std::string& path) {
  std::optional<torch::jit::Module> module;
  try {
    module = torch::jit::load(path, c10::Device(c10::kCPU));
  } catch (const c10::Error& error) {
    fail_unreadable(path, first_line(error.what_without_backtrace()));
  } catch (const std::exception& error) {
    fail_unreadable(path, first_line(error.what()));
  }
  if (module->find_method("forward")) {
    fail_unreadable(path, "it is a TorchScript model, not a container of tensors");
  }
  NamedValues named;
  for (const auto& attribute : module->named_attributes(/*recurse=*/false)) {
    // What every module has, set by torch.
    if (attribute.name == "training" || attribute.name == "_is_full_backward_hook") continue;
    if (attribute.value.isModule()) fail_unreadable(path, "it holds modules, not only tensors");
    named.emplace_back(attribute.name, attribute.value);
  }
  if (are_numbered(named)) {
    if (named.size() == 1) return {named[0].second, {}, true};
    std::vector<IValue> values;
    for (auto& [name, value] : named) values.push_back(std::move(value));
    return {c10::ivalue::Tuple::create(std::move(values)), {}, true};
  }
  IValue whole = dict_of(named);
  return {std::move(whole), std::move(named), true};
}

Content read_zip(const std::string& path, std::string_view bytes) {
  const support::ZipDirectory zip(bytes);
  const support::ZipEntry* pickle = nullptr;
  bool all_arrays = !zip.entries().empty();
  for (const support::ZipEntry& entry : zip.entries()) {
    const std::string_view name = std::string_view(entry.name).substr(entry.name.find('/') + 1);
    if (name == "constants.pkl") return read_container(path);
    if (name == "data.pkl") pickle = &entry;
    all_arrays &= entry.name.ends_with(".npy");
  }
  if (pickle != nullptr) return {read_torch_save(zip, *pickle), {}, true};
  if (!all_arrays) throw FormatError("it is a zip file of something else");
  NamedValues named;
  for (const support::ZipEntry& entry : zip.entries()) {
    const std::string name = entry.name.substr(0, entry.name.size() - 4);
    try {
      named.emplace_back(name, read_npy(zip.read(entry)));
    } catch (const FormatError& error) {
      throw FormatError("in `" + name + "`, " + error.what());
    }
  }
  IValue whole = dict_of(named);
  return {std::move(whole), std::move(named), true};
}

Content read_any(const std::string& path, const support::MappedFile& file) {
  const std::string_view bytes = file.text();
  if (bytes.empty()) throw FormatError("it is empty");
  if (support::starts_as_zip(bytes)) return read_zip(path, bytes);
  if (is_npy(bytes)) return {read_npy(bytes), {}, true};
  if (is_safetensors(bytes)) {
    NamedValues named;
    for (auto& [name, tensor] : read_safetensors(bytes))
      named.emplace_back(name, std::move(tensor));
    IValue whole = dict_of(named);
    return {std::move(whole), std::move(named), true};
  }
  if (bytes.starts_with(std::string_view("\x80\x02\x8a\x0al\xfc\x9c\x46\xf9 j\xa8P\x19", 14))) {
    throw FormatError("it is in the format of torch.save before torch 1.6; load it in Python and "
                      "save it again");
  }
  throw FormatError("its " + std::to_string(bytes.size()) +
                    " bytes are in no known format; if they are raw, say of which shape, such as " +
                    fitting_shapes(bytes.size()) + " before @" + path);
}

/// The entry of a file that `#key` names.
IValue pick(const Content& content, const FileSource& file) {
  std::vector<std::string> keys;
  if (content.value.isGenericDict()) {
    for (const auto& entry : content.value.toGenericDict()) {
      if (!entry.key().isString()) continue;
      if (entry.key().toStringRef() == file.key) return entry.value();
      keys.push_back(entry.key().toStringRef());
    }
  }
  if (keys.empty()) {
    fail_unreadable(file.path, "it has no named entries to take `" + file.key + "` from");
  }
  diag::fail(Code::TX0011, file.path + " has no entry `" + file.key + "`; it has " +
                               support::join(keys, ", ") + support::did_you_mean(file.key, keys));
}

Content read_file_source(const FileSource& file) {
  if (file.raw) return {read_raw(file.path, *file.raw), {}, true};
  Content content = read_file(file.path);
  if (file.key.empty()) return content;
  return {pick(content, file), {}, true};
}

struct LiteralValue {
  IValue operator()(std::monostate) const { return {}; }
  template <class T>
  IValue operator()(const T& value) const { return value; }
};

}  // namespace

Content read_file(const std::string& path) {
  const auto file = open_file(path);
  try {
    return read_any(path, *file);
  } catch (const FormatError& error) {
    fail_unreadable(path, error.what());
  } catch (const support::ZipError& error) {
    fail_unreadable(path, std::string("the archive is damaged: ") + error.what());
  } catch (const support::pickle::PickleError& error) {
    fail_unreadable(path, error.what());
  } catch (const c10::Error& error) {
    fail_unreadable(path, first_line(error.what_without_backtrace()));
  }
}

Content read_source(const Source& source, uint64_t seed) {
  if (const auto* file = std::get_if<FileSource>(&source.what)) return read_file_source(*file);
  if (const auto* literal = std::get_if<Literal>(&source.what)) {
    return {std::visit(LiteralValue(), literal->value), {}, false};
  }
  try {
    return {make_up(std::get<MadeUp>(source.what), seed), {}, false};
  } catch (const c10::Error& error) {
    diag::fail(Code::TX0009, "`--inputs " + source.text +
                                 "`: " + first_line(error.what_without_backtrace()));
  } catch (const std::exception& error) {
    diag::fail(Code::TX0009, "`--inputs " + source.text + "`: " + error.what());
  }
}

}  // namespace tx::inputs
