#include "runtime/convert.h"

#include <c10/core/StorageImpl.h>
#include <c10/core/TensorImpl.h>

#include "diag/diagnostic.h"
#include "support/strings.h"

namespace tx::runtime {
namespace {

using ir::Argument;

template <class T>
bool all_are(const ir::ListArg& list) {
  return std::all_of(list.items.begin(), list.items.end(),
                     [](const Argument& item) { return item.get<T>() != nullptr; });
}

template <class To, class From = To>
c10::IValue typed_list(const ir::ListArg& list) {
  c10::List<To> result;
  result.reserve(list.items.size());
  for (const Argument& item : list.items) result.push_back(To(*item.get<From>()));
  return result;
}

c10::IValue list_value(const ir::ListArg& list) {
  if (list.is_tuple) {
    std::vector<c10::IValue> elements;
    for (const Argument& item : list.items) elements.push_back(to_ivalue(item));
    return c10::ivalue::Tuple::create(std::move(elements));
  }
  // An empty list is an int[]: by far the most frequent kind, and unboxing checks the tag only.
  if (all_are<int64_t>(list)) return typed_list<int64_t>(list);
  if (all_are<double>(list)) return typed_list<double>(list);
  if (all_are<bool>(list)) return typed_list<bool>(list);
  if (all_are<std::string>(list)) return typed_list<std::string>(list);
  c10::impl::GenericList result(c10::AnyType::get());
  for (const Argument& item : list.items) result.push_back(to_ivalue(item));
  return result;
}

std::optional<ir::ListArg> list_argument(c10::ArrayRef<c10::IValue> values, bool is_tuple) {
  ir::ListArg list;
  list.is_tuple = is_tuple;
  for (const c10::IValue& value : values) {
    std::optional<Argument> item = to_argument(value);
    if (!item) return std::nullopt;
    list.items.push_back(std::move(*item));
  }
  return list;
}

[[noreturn]] void bad_weight(const ir::Weight& weight, const std::string& what) {
  diag::fail(diag::Code::TX4002, "the weight `" + weight.name + "` " + what);
}

/// One past the last byte of the storage that a weight touches.
unsigned __int128 end_of(const ir::Weight& weight, size_t element_size) {
  __int128 last = weight.offset;
  for (size_t d = 0; d < weight.sizes.size(); ++d) {
    if (weight.sizes[d] < 0 || weight.strides[d] < 0)
      bad_weight(weight, "has a negative size or stride");
    if (weight.sizes[d] == 0) return 0;
    const __int128 reach = __int128(weight.sizes[d] - 1) * weight.strides[d];
    // Sums of two products of 63-bit numbers fit; more could overflow, so stop as soon as it is
    // clear that no storage is that large.
    last += reach;
    if (last > std::numeric_limits<int64_t>::max())
      bad_weight(weight, "is larger than its storage");
  }
  return static_cast<unsigned __int128>(last + 1) * element_size;
}

at::Storage make_storage(const ir::Storage& bytes) {
  auto* owner = new std::shared_ptr<const void>(bytes.owner);
  // LibTorch has no read-only storage; a functional program never writes to a weight.
  void* data = const_cast<std::byte*>(bytes.data);
  at::DataPtr pointer(
      data, owner, [](void* context) { delete static_cast<std::shared_ptr<const void>*>(context); },
      c10::Device(c10::kCPU));
  return at::Storage(c10::make_intrusive<c10::StorageImpl>(
      c10::StorageImpl::use_byte_size_t(), static_cast<size_t>(bytes.bytes), std::move(pointer),
      /*allocator=*/nullptr, /*resizable=*/false));
}

at::Tensor make_weight(const ir::Weight& weight, const ir::Storage& bytes,
                       const at::Storage& storage) {
  const at::ScalarType dtype = to_torch(weight.dtype);
  if (c10::isQIntType(dtype)) bad_weight(weight, "is quantised, which a program cannot hold");
  if (weight.sizes.size() != weight.strides.size()) {
    bad_weight(weight, "has " + std::to_string(weight.sizes.size()) + " sizes and " +
                           std::to_string(weight.strides.size()) + " strides");
  }
  if (weight.offset < 0 || end_of(weight, c10::elementSize(dtype)) > bytes.bytes) {
    bad_weight(weight,
               "does not lie inside its storage of " + std::to_string(bytes.bytes) + " bytes");
  }
  const c10::DispatchKeySet keys(c10::DispatchKey::CPU);
  at::Tensor tensor = at::detail::make_tensor<c10::TensorImpl>(c10::Storage(storage), keys,
                                                               c10::scalarTypeToTypeMeta(dtype));
  tensor.unsafeGetTensorImpl()->set_sizes_and_strides(weight.sizes, weight.strides, weight.offset);
  return tensor;
}

}  // namespace

at::ScalarType to_torch(ir::DType dtype) { return static_cast<at::ScalarType>(dtype); }
at::Layout to_torch(ir::Layout layout) { return static_cast<at::Layout>(layout); }
at::MemoryFormat to_torch(ir::MemoryFormat format) { return static_cast<at::MemoryFormat>(format); }

c10::Device to_torch(const ir::Device& device) {
  try {
    return c10::Device(device.text());
  } catch (const c10::Error&) {
    diag::fail(diag::Code::TX4010, "this LibTorch knows no device `" + device.text() + "`");
  }
}

std::optional<ir::DType> from_torch(at::ScalarType dtype) {
  const auto number = static_cast<int>(dtype);
  if (number < 0 || number > static_cast<int>(ir::DType::U64)) return std::nullopt;
  return static_cast<ir::DType>(number);
}

std::optional<ir::Layout> from_torch(at::Layout layout) {
  if (static_cast<int>(layout) > static_cast<int>(ir::Layout::Mkldnn)) return std::nullopt;
  return static_cast<ir::Layout>(layout);
}

std::optional<ir::MemoryFormat> from_torch(at::MemoryFormat format) {
  if (format >= at::MemoryFormat::NumOptions) return std::nullopt;
  return static_cast<ir::MemoryFormat>(format);
}

ir::Device from_torch(const c10::Device& device) {
  return {c10::DeviceTypeName(device.type(), /*lower_case=*/true), device.index()};
}

c10::IValue to_ivalue(const Argument& constant) {
  struct Visitor {
    c10::IValue operator()(ir::NoneArg) const { return {}; }
    c10::IValue operator()(ir::NodeRef) const {
      diag::fail(diag::Code::TX0070, "a reference to a node where a constant is expected");
    }
    c10::IValue operator()(int64_t v) const { return v; }
    c10::IValue operator()(double v) const { return v; }
    c10::IValue operator()(bool v) const { return v; }
    c10::IValue operator()(std::complex<double> v) const { return c10::complex<double>(v); }
    c10::IValue operator()(const std::string& v) const { return v; }
    c10::IValue operator()(ir::DType v) const { return static_cast<int64_t>(v); }
    c10::IValue operator()(ir::Layout v) const { return static_cast<int64_t>(v); }
    c10::IValue operator()(ir::MemoryFormat v) const { return static_cast<int64_t>(v); }
    c10::IValue operator()(const ir::Device& v) const { return to_torch(v); }
    c10::IValue operator()(const ir::ListArg& v) const { return list_value(v); }
  };
  return std::visit(Visitor{}, constant.value);
}

std::optional<Argument> to_argument(const c10::IValue& value) {
  if (value.isNone()) return Argument();
  if (value.isInt()) return Argument(value.toInt());
  if (value.isDouble()) return Argument(value.toDouble());
  if (value.isBool()) return Argument(value.toBool());
  if (value.isComplexDouble()) {
    return Argument(static_cast<std::complex<double>>(value.toComplexDouble()));
  }
  if (value.isString()) return Argument(value.toStringRef());
  if (value.isDevice()) return Argument(from_torch(value.toDevice()));
  std::optional<ir::ListArg> list;
  if (value.isTuple()) list = list_argument(value.toTupleRef().elements().vec(), /*is_tuple=*/true);
  if (value.isList()) list = list_argument(value.toListRef(), /*is_tuple=*/false);
  return list ? std::optional<Argument>(std::move(*list)) : std::nullopt;
}

std::optional<ir::TensorType> type_of(const at::Tensor& tensor) {
  if (!tensor.defined() || tensor.layout() != at::kStrided) return std::nullopt;
  const std::optional<ir::DType> dtype = from_torch(tensor.scalar_type());
  if (!dtype) return std::nullopt;
  ir::TensorType type;
  type.dtype = *dtype;
  type.sizes.assign(tensor.sizes().begin(), tensor.sizes().end());
  type.strides.assign(tensor.strides().begin(), tensor.strides().end());
  type.device = from_torch(tensor.device());
  return type;
}

std::optional<ir::Type> type_of(const c10::IValue& value) {
  if (value.isNone()) return ir::Type(ir::NoneType{});
  if (value.isTensor()) {
    std::optional<ir::TensorType> type = type_of(value.toTensor());
    return type ? std::optional<ir::Type>(std::move(*type)) : std::nullopt;
  }
  if (value.isInt()) return ir::Type(ir::SymIntType{value.toInt()});
  if (value.isDouble()) return ir::Type(ir::SymFloatType{ir::Expr::real(value.toDouble())});
  if (value.isBool()) return ir::Type(ir::SymBoolType{ir::Expr::boolean(value.toBool())});
  if (!value.isTuple() && !value.isList()) return std::nullopt;
  ir::TupleType tuple;
  const std::vector<c10::IValue> elements =
      value.isTuple() ? value.toTupleRef().elements().vec() : value.toListRef().vec();
  for (const c10::IValue& element : elements) {
    std::optional<ir::Type> type = type_of(element);
    if (!type) return std::nullopt;
    tuple.elements.push_back(std::move(*type));
  }
  return ir::Type(std::move(tuple));
}

std::unordered_map<std::string, at::Tensor> weight_tensors(const ir::Program& program) {
  std::vector<at::Storage> storages;
  storages.reserve(program.storages.size());
  for (const ir::Storage& bytes : program.storages) storages.push_back(make_storage(bytes));
  std::unordered_map<std::string, at::Tensor> tensors;
  for (const ir::Weight& weight : program.weights) {
    if (weight.storage >= storages.size())
      bad_weight(weight, "names a storage that does not exist");
    tensors[weight.name] =
        make_weight(weight, program.storages[weight.storage], storages[weight.storage]);
  }
  return tensors;
}

std::string kind_of(const c10::IValue& value) {
  if (value.isNone()) return "None";
  if (value.isTensor()) return "a tensor";
  if (value.isInt()) return "an int";
  if (value.isDouble()) return "a float";
  if (value.isBool()) return "a bool";
  if (value.isComplexDouble()) return "a complex number";
  if (value.isString()) return "a string";
  if (value.isTuple()) return "a tuple";
  if (value.isList()) return "a list";
  if (value.isGenericDict()) return "a dict";
  if (value.isDevice()) return "a device";
  return "a " + value.tagKind();
}

std::string python_class(const c10::IValue& value) {
  const char* name = value.isNone()            ? "NoneType"
                     : value.isTensor()        ? "torch.Tensor"
                     : value.isInt()           ? "int"
                     : value.isDouble()        ? "float"
                     : value.isBool()          ? "bool"
                     : value.isComplexDouble() ? "complex"
                     : value.isString()        ? "str"
                     : value.isTuple()         ? "tuple"
                     : value.isList()          ? "list"
                     : value.isGenericDict()   ? "dict"
                     : value.isDevice()        ? "torch.device"
                                               : "object";
  return "<class '" + std::string(name) + "'>";
}

std::string python_str(const c10::IValue& value) {
  if (value.isNone()) return "None";
  if (value.isInt()) return std::to_string(value.toInt());
  if (value.isDouble()) return support::python_repr(value.toDouble());
  if (value.isBool()) return support::python_repr(value.toBool());
  if (value.isComplexDouble()) {
    return support::python_repr(static_cast<std::complex<double>>(value.toComplexDouble()));
  }
  if (value.isString()) return value.toStringRef();
  return kind_of(value);
}

}  // namespace tx::runtime
