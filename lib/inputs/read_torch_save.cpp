#include "inputs/read_torch_save.h"

#include <ATen/Functions.h>
#include <c10/core/CPUAllocator.h>

#include <cstring>
#include <set>

#include "ir/types.h"
#include "support/pickle.h"

namespace tx::inputs {
namespace {

using c10::IValue;
using support::pickle::Kind;
using support::pickle::Value;

constexpr int kMaxDepth = 500;

std::optional<at::ScalarType> storage_dtype(std::string_view global) {
  static const std::map<std::string_view, at::ScalarType> dtypes = {
      {"torch.ByteStorage", at::kByte},         {"torch.CharStorage", at::kChar},
      {"torch.ShortStorage", at::kShort},       {"torch.IntStorage", at::kInt},
      {"torch.LongStorage", at::kLong},         {"torch.HalfStorage", at::kHalf},
      {"torch.FloatStorage", at::kFloat},       {"torch.DoubleStorage", at::kDouble},
      {"torch.BoolStorage", at::kBool},         {"torch.BFloat16Storage", at::kBFloat16},
      {"torch.ComplexFloatStorage", at::kComplexFloat},
      {"torch.ComplexDoubleStorage", at::kComplexDouble},
      {"torch.storage.UntypedStorage", at::kByte}};
  const auto found = dtypes.find(global);
  return found == dtypes.end() ? std::nullopt : std::optional(found->second);
}

std::optional<at::ScalarType> dtype_of_global(const Value& value) {
  if (value.kind != Kind::Global || !value.text.starts_with("torch.")) return std::nullopt;
  const auto dtype = ir::dtype_from_torch_name(std::string_view(value.text).substr(6));
  return dtype ? std::optional(static_cast<at::ScalarType>(*dtype)) : std::nullopt;
}

class Reader {
 public:
  Reader(const support::ZipDirectory& zip, std::string folder)
      : zip_(zip), folder_(std::move(folder)) {}

  IValue value(const Value& from) {
    const auto known = done_.find(&from);
    if (known != done_.end()) return known->second;
    // A value that contains itself would be read without end.
    if (!open_.insert(&from).second) throw FormatError("it holds a value that contains itself");
    if (open_.size() > kMaxDepth) throw FormatError("it is nested too deeply");
    IValue result = convert(from);
    open_.erase(&from);
    done_.emplace(&from, result);
    return result;
  }

 private:
  struct StorageRef {
    c10::Storage storage;
    at::ScalarType dtype;
  };

  IValue convert(const Value& from) {
    switch (from.kind) {
      case Kind::None: return {};
      case Kind::Bool: return from.boolean;
      case Kind::Int: return from.integer;
      case Kind::Float: return from.real;
      case Kind::String: return from.text;
      case Kind::Tuple: return c10::ivalue::Tuple::create(values(from.items));
      case Kind::List: return list(from.items);
      case Kind::Dict: return dict(from.entries);
      case Kind::Object: return object(from);
      case Kind::Global:
        if (const auto dtype = dtype_of_global(from)) return static_cast<int64_t>(*dtype);
        throw FormatError("it holds the class or function " + from.text + ", not a value");
      case Kind::BigInt: throw FormatError("it holds an integer of more than 64 bits");
      case Kind::Bytes: throw FormatError("it holds bytes; save a tensor of uint8 instead");
      case Kind::Set: throw FormatError("it holds a set; save a list instead");
      case Kind::Persistent: throw FormatError("it holds a bare storage; save the tensor instead");
    }
    throw FormatError("it holds a value of an unknown kind");
  }

  std::vector<IValue> values(const std::vector<Value*>& items) {
    std::vector<IValue> result;
    result.reserve(items.size());
    for (const Value* item : items) result.push_back(value(*item));
    return result;
  }

  IValue list(const std::vector<Value*>& items) {
    c10::impl::GenericList result(c10::AnyType::get());
    for (const Value* item : items) result.push_back(value(*item));
    return result;
  }

  IValue dict(const std::vector<std::pair<Value*, Value*>>& entries) {
    c10::TypePtr key_type = c10::StringType::get();
    if (!entries.empty()) key_type = value(*entries[0].first).type();
    if (key_type->kind() == c10::TypeKind::TensorType) key_type = c10::TensorType::get();
    c10::impl::GenericDict result(key_type, c10::AnyType::get());
    for (const auto& [key, item] : entries) {
      const IValue converted = value(*key);
      if (!converted.type()->isSubtypeOf(*key_type)) {
        throw FormatError("it holds a dict with keys of different types");
      }
      if (!converted.isString() && !converted.isInt() && !converted.isDouble() &&
          !converted.isBool() && !converted.isTensor()) {
        throw FormatError("it holds a dict with keys of type " + converted.tagKind());
      }
      result.insert_or_assign(converted, value(*item));
    }
    return result;
  }

  IValue object(const Value& from) {
    const std::string type(from.object_type());
    if (type == "collections.OrderedDict" || type == "collections.defaultdict") {
      return dict(from.entries);
    }
    if (type == "torch._tensor._rebuild_from_type_v2") {
      // (function, class, its arguments, Python attributes)
      const auto& args = from.args->items;
      if (args.size() == 4 && args[0]->kind == Kind::Global && args[2]->kind == Kind::Tuple) {
        return call(args[0]->text, args[2]->items, from);
      }
    }
    return call(type, from.args->items, from);
  }

  /// What Python would get by calling `name`.
  IValue call(const std::string& name, const std::vector<Value*>& args, const Value& from) {
    const size_t count = args.size();
    if (name.starts_with("torch._utils._rebuild_")) return rebuild(name, args, from);
    if (name == "torch.Size" && count == 1) return value(*args[0]);
    if (name == "torch.device" && count >= 1 && args[0]->kind == Kind::String) return device(args);
    if (name.ends_with(".complex") && count == 2) {
      return c10::complex<double>(number(*args[0]), number(*args[1]));
    }
    // LibTorch's own pickler writes the types of lists and dicts beside them.
    if (name.starts_with("torch.jit._pickle.") && count >= 1) return value(*args[0]);
    if (name.ends_with("core.multiarray.scalar") && count == 2) {
      const at::Scalar scalar = numpy(*args[0], {}, false, *args[1]).item();
      return scalar;
    }
    if (name.ends_with("core.multiarray._reconstruct") && from.state != nullptr &&
        from.state->items.size() == 5) {
      // (version, shape, dtype, is in Fortran order, bytes)
      const auto& state = from.state->items;
      return numpy(*state[2], sizes(*state[1]), state[3]->boolean, *state[4]);
    }
    if (from.constructed && from.state == nullptr && from.items.empty()) {
      // A named tuple, or a class of its own kind of dict.
      if (count > 0 && from.entries.empty()) return c10::ivalue::Tuple::create(values(args));
      if (count == 0 && !from.entries.empty()) return dict(from.entries);
    }
    refuse_class(name, from);
  }

  [[noreturn]] void refuse_class(std::string name, const Value& from) {
    if (name == "copy_reg._reconstructor" && !from.args->items.empty()) {
      name = from.args->items[0]->text;
    }
    if (name.ends_with(".set") || name.ends_with(".frozenset")) {
      throw FormatError("it holds a set; save a list instead");
    }
    if (name == "_codecs.encode")
      throw FormatError("it holds bytes; save a tensor of uint8 instead");
    if (name.empty()) name = "without a name";
    throw FormatError("it holds an object of class " + name +
                      "; save plain tensors, numbers, tuples, lists and dicts");
  }

  IValue rebuild(const std::string& name, const std::vector<Value*>& args, const Value& from) {
    const size_t count = args.size();
    if ((name == "torch._utils._rebuild_tensor" || name == "torch._utils._rebuild_tensor_v2") &&
        count >= 4) {
      at::Tensor result = tensor(args, std::nullopt);
      if (count >= 7) apply_metadata(*args[6], result);
      return result;
    }
    if (name == "torch._utils._rebuild_tensor_v3" && count >= 7) {
      return tensor(args, dtype_of_global(*args[6]));
    }
    if (name.starts_with("torch._utils._rebuild_parameter") && count >= 1) return value(*args[0]);
    if (name == "torch._utils._rebuild_qtensor") throw FormatError("it holds a quantized tensor");
    if (name == "torch._utils._rebuild_sparse_tensor")
      throw FormatError("it holds a sparse tensor");
    refuse_class(name, from);
  }

  at::Tensor tensor(const std::vector<Value*>& args, std::optional<at::ScalarType> dtype) {
    if (args[0]->kind != Kind::Persistent || args[1]->kind != Kind::Int) {
      throw FormatError("it holds a damaged tensor");
    }
    const StorageRef& ref = storage(*args[0]);
    const at::ScalarType type = dtype.value_or(ref.dtype);
    const std::vector<int64_t> shape = sizes(*args[2]), strides = sizes(*args[3]);
    const int64_t offset = args[1]->integer;
    check_extent(offset, shape, strides, ref.storage.nbytes() / c10::elementSize(type));
    at::Tensor result = at::empty({0}, type);
    result.set_(ref.storage, offset, shape, strides);
    return result;
  }

  static void check_extent(int64_t offset, const std::vector<int64_t>& shape,
                           const std::vector<int64_t>& strides, size_t elements) {
    bool valid = shape.size() == strides.size() && offset >= 0;
    const bool empty = std::find(shape.begin(), shape.end(), 0) != shape.end();
    int64_t last = offset;
    for (size_t i = 0; valid && !empty && i < shape.size(); ++i) {
      int64_t extent = 0;
      valid = !__builtin_mul_overflow(shape[i] - 1, strides[i], &extent) &&
              !__builtin_add_overflow(last, extent, &last);
    }
    if (!valid || (!empty && static_cast<uint64_t>(last) >= elements)) {
      throw FormatError("it holds a tensor that reaches beyond its data");
    }
  }

  // ('storage', torch.FloatStorage, '0', 'cpu', 1024): the record data/0.
  const StorageRef& storage(const Value& id) {
    const auto& parts = id.args->items;
    if (id.args->kind != Kind::Tuple || parts.size() < 5 || parts[1]->kind != Kind::Global ||
        parts[2]->kind != Kind::String) {
      throw FormatError("it holds a damaged tensor");
    }
    const auto known = storages_.find(parts[2]->text);
    if (known != storages_.end()) return known->second;
    const auto dtype = storage_dtype(parts[1]->text);
    if (!dtype) throw FormatError("it holds a tensor of the storage class " + parts[1]->text);
    const support::ZipEntry* entry = zip_.find(folder_ + "data/" + parts[2]->text);
    if (entry == nullptr) throw FormatError("its record data/" + parts[2]->text + " is missing");
    const std::string bytes = zip_.read(*entry);
    c10::Storage storage(c10::Storage::use_byte_size_t(), bytes.size(), c10::GetCPUAllocator());
    if (!bytes.empty()) std::memcpy(storage.mutable_data(), bytes.data(), bytes.size());
    return storages_.emplace(parts[2]->text, StorageRef{std::move(storage), *dtype}).first->second;
  }

  /// Lazy conjugation and negation are flags of a tensor: {'conj': True}.
  void apply_metadata(const Value& metadata, at::Tensor& tensor) {
    for (const auto& [key, flag] : metadata.entries) {
      if (flag->kind != Kind::Bool || !flag->boolean) continue;
      if (key->text == "conj") tensor = at::conj_physical(tensor);
      if (key->text == "neg") tensor = at::neg(tensor);
    }
  }

  std::vector<int64_t> sizes(const Value& from) {
    const Value& tuple = from.object_type() == "torch.Size" && !from.args->items.empty()
                             ? *from.args->items[0]
                             : from;
    std::vector<int64_t> result;
    for (const Value* item : tuple.items) {
      if (item->kind != Kind::Int || item->integer < 0)
        throw FormatError("it holds a damaged tensor");
      result.push_back(item->integer);
    }
    return result;
  }

  double number(const Value& from) {
    if (from.kind == Kind::Int) return static_cast<double>(from.integer);
    if (from.kind == Kind::Float) return from.real;
    throw FormatError("it holds a damaged complex number");
  }

  IValue device(const std::vector<Value*>& args) {
    std::string name = args[0]->text;
    if (args.size() > 1 && args[1]->kind == Kind::Int)
      name += ":" + std::to_string(args[1]->integer);
    return c10::Device(name);
  }

  /// `dtype` is numpy.dtype('f4') with the byte order in its state.
  at::Tensor numpy(const Value& dtype, std::vector<int64_t> shape, bool fortran_order,
                   const Value& data) {
    if (dtype.object_type() != "numpy.dtype" || dtype.args->items.empty()) {
      throw FormatError("it holds a damaged NumPy value");
    }
    std::string descr = dtype.args->items[0]->text;
    if (dtype.state != nullptr && dtype.state->items.size() > 1) {
      descr = dtype.state->items[1]->text + descr;
    }
    return tensor_from_numpy(descr, std::move(shape), fortran_order, bytes(data));
  }

  /// Bytes as protocol 2 writes them: text of which each character is one byte.
  std::string bytes(const Value& from) {
    if (from.kind == Kind::Bytes) return from.text;
    if (from.object_type() != "_codecs.encode" || from.args->items.empty()) {
      throw FormatError("it holds a damaged NumPy value");
    }
    const std::string& text = from.args->items[0]->text;
    std::string result;
    for (size_t i = 0; i < text.size(); ++i) {
      const auto byte = static_cast<unsigned char>(text[i]);
      if (byte < 0x80) {
        result += text[i];
      } else if ((byte == 0xc2 || byte == 0xc3) && i + 1 < text.size()) {
        result +=
            static_cast<char>(((byte & 3) << 6) | (static_cast<unsigned char>(text[++i]) & 0x3f));
      } else {
        throw FormatError("it holds a damaged NumPy value");
      }
    }
    return result;
  }

  const support::ZipDirectory& zip_;
  std::string folder_;
  std::unordered_map<const Value*, IValue> done_;
  std::set<const Value*> open_;
  std::map<std::string, StorageRef> storages_;
};

}  // namespace

IValue read_torch_save(const support::ZipDirectory& zip, const support::ZipEntry& record) {
  const std::string folder = record.name.substr(0, record.name.find('/') + 1);
  const support::ZipEntry* order = zip.find(folder + "byteorder");
  if (order != nullptr && zip.read(*order) != "little") {
    throw FormatError("it was written on a big-endian machine");
  }
  const support::pickle::Pickle pickle(zip.read(record));
  return Reader(zip, folder).value(pickle.root());
}

}  // namespace tx::inputs
