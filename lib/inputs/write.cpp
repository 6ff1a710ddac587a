#include "inputs/write.h"

#include <caffe2/serialize/inline_container.h>

#include <cstring>
#include <exception>

#include "diag/diagnostic.h"
#include "ir/types.h"
#include "support/atomic_file.h"

namespace tx::inputs {
namespace {

using c10::IValue;

/// A value that the format has no place for; what() names its kind.
class NoPlace : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// "FloatStorage"; empty for dtypes that were added after typed storages were given up.
std::string typed_storage(at::ScalarType dtype) {
  switch (dtype) {
    case at::kByte: return "ByteStorage";
    case at::kChar: return "CharStorage";
    case at::kShort: return "ShortStorage";
    case at::kInt: return "IntStorage";
    case at::kLong: return "LongStorage";
    case at::kHalf: return "HalfStorage";
    case at::kFloat: return "FloatStorage";
    case at::kDouble: return "DoubleStorage";
    case at::kBool: return "BoolStorage";
    case at::kBFloat16: return "BFloat16Storage";
    case at::kComplexFloat: return "ComplexFloatStorage";
    case at::kComplexDouble: return "ComplexDoubleStorage";
    default: return "";
  }
}

/// Writes the pickle (protocol 2, opcodes as in Python's pickletools) and collects the storages.
class Pickler {
 public:
  std::string pickle(const IValue& value) {
    out_ = "\x80\x02";
    write(value);
    out_ += '.';
    return std::move(out_);
  }
  /// Storages in the order of their keys.
  const std::vector<c10::Storage>& storages() const { return storages_; }

 private:
  void write(const IValue& value) {
    if (value.isTensor()) tensor(value.toTensor());
    else if (value.isNone()) out_ += 'N';
    else if (value.isBool()) out_ += value.toBool() ? '\x88' : '\x89';
    else if (value.isInt()) integer(value.toInt());
    else if (value.isDouble()) real(value.toDouble());
    else if (value.isString()) text(value.toStringRef());
    else if (value.isTuple()) tuple(value.toTupleRef().elements());
    else if (value.isList()) list(value.toListRef());
    else if (value.isGenericDict()) dict(value.toGenericDict());
    else if (value.isComplexDouble()) complex(value.toComplexDouble());
    else throw NoPlace("a value of type " + value.type()->annotation_str());
  }

  void global(const std::string& module, const std::string& name) {
    out_ += "c" + module + "\n" + name + "\n";
  }
  template <class T>
  void little_endian(T value, size_t bytes = sizeof(T)) {
    for (size_t i = 0; i < bytes; ++i) {
      out_ += static_cast<char>((static_cast<uint64_t>(value) >> (8 * i)) & 0xff);
    }
  }

  void integer(int64_t value) {
    if (value >= INT32_MIN && value <= INT32_MAX) {
      out_ += 'J';
      little_endian(value, 4);
    } else {
      out_ += "\x8a\x08";
      little_endian(value);
    }
  }
  void real(double value) {
    uint64_t bits = 0;
    std::memcpy(&bits, &value, sizeof bits);
    out_ += 'G';
    for (int shift = 56; shift >= 0; shift -= 8) out_ += static_cast<char>((bits >> shift) & 0xff);
  }
  void text(const std::string& value) {
    if (value.size() > UINT32_MAX) throw NoPlace("a string of more than 4 GiB");
    out_ += 'X';
    little_endian(static_cast<uint32_t>(value.size()));
    out_ += value;
  }
  void complex(c10::complex<double> value) {
    global("__builtin__", "complex");
    real(value.real());
    real(value.imag());
    out_ += "\x86R";
  }

  template <class Values>
  void tuple(const Values& values) {
    out_ += '(';
    for (const IValue& value : values) write(value);
    out_ += 't';
  }
  void list(c10::ArrayRef<IValue> values) {
    out_ += "](";
    for (const IValue& value : values) write(value);
    out_ += 'e';
  }
  void dict(const c10::Dict<IValue, IValue>& entries) {
    out_ += "}(";
    for (const auto& entry : entries) {
      write(entry.key());
      write(entry.value());
    }
    out_ += 'u';
  }
  void sizes(at::IntArrayRef values) {
    out_ += '(';
    for (const int64_t value : values) integer(value);
    out_ += 't';
  }

  void tensor(const at::Tensor& given) {
    if (!given.defined() || given.layout() != at::kStrided || given.is_quantized() ||
        !given.device().is_cpu()) {
      throw NoPlace("a tensor that is sparse, quantized or not on the CPU");
    }
    at::Tensor tensor = given.detach().resolve_conj().resolve_neg();
    // A view of a part would drag all of its storage into the file.
    if (tensor.nbytes() != tensor.storage().nbytes())
      tensor = tensor.clone(at::MemoryFormat::Contiguous);
    const std::string storage_class = typed_storage(tensor.scalar_type());
    global("torch._utils", storage_class.empty() ? "_rebuild_tensor_v3" : "_rebuild_tensor_v2");
    out_ += "((";
    text("storage");
    if (storage_class.empty()) global("torch.storage", "UntypedStorage");
    else global("torch", storage_class);
    text(std::to_string(key_of(tensor.storage())));
    text("cpu");
    integer(storage_class.empty() ? static_cast<int64_t>(tensor.nbytes()) : tensor.numel());
    out_ += "tQ";
    integer(tensor.storage_offset());
    sizes(tensor.sizes());
    sizes(tensor.strides());
    out_ += '\x89';
    global("collections", "OrderedDict");
    out_ += ")R";
    if (storage_class.empty()) {
      const auto dtype = static_cast<ir::DType>(tensor.scalar_type());
      global("torch", std::string(ir::torch_name(dtype)));
    }
    out_ += "tR";
  }

  size_t key_of(const c10::Storage& storage) {
    for (size_t i = 0; i < storages_.size(); ++i) {
      if (storages_[i].is_alias_of(storage)) return i;
    }
    storages_.push_back(storage);
    return storages_.size() - 1;
  }

  std::string out_;
  std::vector<c10::Storage> storages_;
};

void write_archive(const IValue& value, support::AtomicFile& file) {
  Pickler pickler;
  const std::string pickle = pickler.pickle(value);
  // The writer's destructor goes on writing after an error: keep it in the dark about errors.
  std::exception_ptr error;
  caffe2::serialize::PyTorchStreamWriter writer([&](const void* data, size_t size) {
    try {
      if (!error) file.write({static_cast<const char*>(data), size});
    } catch (const support::FileError&) {
      error = std::current_exception();
    }
    return size;
  });
  writer.writeRecord("data.pkl", pickle.data(), pickle.size());
  const std::string_view order = "little";
  writer.writeRecord("byteorder", order.data(), order.size());
  for (size_t i = 0; i < pickler.storages().size(); ++i) {
    const c10::Storage& storage = pickler.storages()[i];
    writer.writeRecord("data/" + std::to_string(i), storage.data(), storage.nbytes());
  }
  writer.writeEndOfFile();
  if (error) std::rethrow_exception(error);
}

}  // namespace

void write_values(const IValue& value, const std::string& path) {
  const std::string what = "cannot write " + path + ": ";
  try {
    support::AtomicFile file(path);
    write_archive(value, file);
    file.commit();
  } catch (const support::FileError& error) {
    diag::fail(diag::Code::TX0014, what + error.what());
  } catch (const NoPlace& error) {
    diag::fail(diag::Code::TX0014, what + "its format has no place for " + error.what());
  } catch (const c10::Error& error) {
    diag::fail(diag::Code::TX0014, what + error.what_without_backtrace());
  }
}

}  // namespace tx::inputs
