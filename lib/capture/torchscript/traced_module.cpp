#include "capture/torchscript/traced_module.h"

#include <ATen/FunctionalTensorWrapper.h>

#include "capture/dispatch/convert.h"
#include "capture/dispatch/traced_tensor.h"

namespace tx::capture::torchscript {
namespace {

using c10::ivalue::Object;

std::string join(const std::string& path, const std::string& name) {
  return path.empty() ? name : path + "." + name;
}

// Two tensors with the same identity are one weight.
std::string identity(const at::Tensor& tensor) {
  std::string key = std::to_string(reinterpret_cast<uintptr_t>(tensor.storage().unsafeGetStorageImpl()));
  const auto add = [&key](int64_t number) { key += "," + std::to_string(number); };
  add(static_cast<int64_t>(tensor.scalar_type()));
  add(tensor.storage_offset());
  for (const int64_t size : tensor.sizes()) add(size);
  key += ";";
  for (const int64_t stride : tensor.strides()) add(stride);
  // Tensors without elements have no bytes to share.
  if (tensor.numel() == 0) key = std::to_string(reinterpret_cast<uintptr_t>(tensor.unsafeGetTensorImpl()));
  return key;
}

std::string qualified_placeholder(ir::InputKind kind, std::string name) {
  std::replace(name.begin(), name.end(), '.', '_');
  const char* prefix = kind == ir::InputKind::Parameter ? "p_"
                       : kind == ir::InputKind::Buffer  ? "b_"
                                                        : "c_";
  return prefix + name;
}

}  // namespace

TracedModule::TracedModule(const torch::jit::Module& module, Tracer& tracer) : tracer_(tracer) {
  collect(module);
  root_ = copy_object(module._ivalue(), "");
}

// Lists parameters, then buffers, as named_parameters() and named_buffers() do.
void TracedModule::collect(const torch::jit::Module& module) {
  const auto add_all = [&](ir::InputKind kind) {
    for (const auto& named : module.named_modules()) {
      const auto object = named.value._ivalue();
      const auto type = object->type();
      for (size_t i = 0; i < type->numAttributes(); ++i) {
        const bool wanted = kind == ir::InputKind::Parameter ? type->is_parameter(i) : type->is_buffer(i);
        const c10::IValue value = object->getSlot(i);
        if (!wanted || !value.isTensor() || !value.toTensor().defined()) continue;
        copy_tensor(value.toTensor(), join(named.name, type->getAttributeName(i)), kind);
      }
    }
  };
  add_all(ir::InputKind::Parameter);
  add_all(ir::InputKind::Buffer);
}

at::Tensor TracedModule::copy_tensor(const at::Tensor& tensor, const std::string& path,
                                     ir::InputKind kind) {
  if (!tensor.defined()) return tensor;
  if (tensor.is_quantized() || tensor.layout() != c10::kStrided || tensor.is_sparse()) {
    tracer_.break_graph({diag::Code::TX1005, "the tensor `" + path +
                                                 "` is quantized or not strided; a program cannot hold it"});
  }
  const std::string key = identity(tensor);
  if (const auto known = tensor_by_identity_.find(key); known != tensor_by_identity_.end()) {
    return tensors_[known->second].traced;
  }
  ir::InputSpec spec;
  spec.kind = kind;
  spec.target = path;
  spec.qualified_name = qualified_placeholder(kind, path);
  ir::TensorType type = type_of(tensor);
  type.device = ir::Device{};
  const at::Tensor traced = to_functional(tracer_.recorder().add_input(std::move(spec), std::move(type)));
  tensor_by_identity_.emplace(key, tensors_.size());
  tensors_.push_back({path, kind, tensor, traced});
  return traced;
}

c10::IValue TracedModule::copy(const c10::IValue& value, const std::string& path,
                               ir::InputKind kind) {
  if (value.isTensor()) return copy_tensor(value.toTensor(), path, kind);
  if (value.isObject()) return copy_object(value.toObject(), path);
  if (!value.isList() && !value.isGenericDict() && !value.isTuple()) return value;
  const void* key = value.internalToPointer();
  if (const auto known = copied_.find(key); known != copied_.end()) return known->second;
  if (value.isTuple()) {
    std::vector<c10::IValue> items;
    size_t index = 0;
    for (const c10::IValue& item : value.toTupleRef().elements()) {
      items.push_back(copy(item, join(path, std::to_string(index++)), kind));
    }
    const auto type = value.type()->expect<c10::TupleType>();
    return copied_[key] = type->schema() ? c10::ivalue::Tuple::createNamed(std::move(items), type)
                                         : c10::ivalue::Tuple::create(std::move(items));
  }
  if (value.isList()) {
    c10::impl::GenericList list(value.toList().elementType());
    copied_[key] = list;
    size_t index = 0;
    for (const c10::IValue& item : value.toListRef()) {
      list.push_back(copy(item, join(path, std::to_string(index++)), kind));
    }
    return list;
  }
  const auto source = value.toGenericDict();
  c10::impl::GenericDict dict(source.keyType(), source.valueType());
  copied_[key] = dict;
  for (const auto& entry : source) {
    const std::string name = entry.key().isString() ? entry.key().toStringRef() : "value";
    dict.insert(entry.key(), copy(entry.value(), join(path, name), kind));
  }
  return dict;
}

c10::intrusive_ptr<Object> TracedModule::copy_object(const c10::intrusive_ptr<Object>& object,
                                                     const std::string& path) {
  const void* key = object.get();
  if (const auto known = copied_.find(key); known != copied_.end()) return known->second.toObject();
  const auto result = object->copy();
  copied_[key] = result;
  const auto type = object->type();
  if (type->is_module()) paths_.emplace(result.get(), path);
  for (size_t i = 0; i < type->numAttributes(); ++i) {
    const ir::InputKind kind = !type->is_module()       ? ir::InputKind::ConstantTensor
                               : type->is_parameter(i) ? ir::InputKind::Parameter
                               : type->is_buffer(i)    ? ir::InputKind::Buffer
                                                       : ir::InputKind::ConstantTensor;
    result->setSlot(i, copy(object->getSlot(i), join(path, type->getAttributeName(i)), kind));
  }
  return result;
}

const std::string* TracedModule::path_of(const Object* object) const {
  const auto found = paths_.find(object);
  return found == paths_.end() ? nullptr : &found->second;
}

bool TracedModule::requires_grad(const at::Tensor& tensor) const {
  return std::any_of(tensors_.begin(), tensors_.end(), [&tensor](const ModuleTensor& t) {
    return t.traced.is_same(tensor) && t.value.requires_grad();
  });
}

void TracedModule::attribute_written(const Object* object, const std::string& attribute) {
  for (const Written& earlier : written_) {
    if (earlier.object.get() == object && earlier.attribute == attribute) return;
  }
  const std::string* path = path_of(object);
  if (!path) return;  // an object that the program made, or a value of the module's own class
  const std::string name = join(*path, attribute);
  diag::Diagnostic report(diag::Code::TX1007,
                          "the attribute `" + name + "` is written, and it is not a buffer: a program "
                          "starts each run with the value that the model was saved with");
  report.fix("register `" + name + "` as a buffer, or return the new value from forward");
  tracer_.location().locate(report);
  written_.push_back({c10::intrusive_ptr<Object>::reclaim_copy(const_cast<Object*>(object)), attribute,
                      object->type()->getAttribute(attribute)->isSubtypeOf(*c10::TensorType::get())
                          ? object->getAttr(attribute)
                          : c10::IValue(),
                      std::move(report)});
}

std::vector<BufferMutation> TracedModule::mutations() {
  namespace functional = at::functionalization::impl;
  std::vector<BufferMutation> result;
  // Attributes that hold another tensor now.
  std::unordered_map<const c10::TensorImpl*, at::Tensor> replaced;
  for (Written& write : written_) {
    const c10::IValue now = write.object->getAttr(write.attribute);
    const bool is_tensor = write.before.isTensor() && write.before.toTensor().defined();
    if (is_tensor && now.isTensor()) {
      replaced[write.before.toTensor().unsafeGetTensorImpl()] = now.toTensor();
    } else {
      tracer_.report(write.report);
    }
  }
  for (ModuleTensor& tensor : tensors_) {
    auto* wrapper = functional::unsafeGetFunctionalWrapper(tensor.traced);
    const auto other = replaced.find(tensor.traced.unsafeGetTensorImpl());
    const bool is_replaced = other != replaced.end() && !other->second.is_same(tensor.traced);
    if (!is_replaced && !wrapper->has_data_mutation() && !wrapper->has_metadata_mutation()) continue;
    if (tensor.kind == ir::InputKind::Parameter) {
      tracer_.break_graph({diag::Code::TX1005, "the parameter `" + tensor.name +
                                                   "` is mutated; a program can only write buffers"});
    }
    result.push_back({tensor.name, is_replaced ? other->second : tensor.traced});
  }
  return result;
}

}  // namespace tx::capture::torchscript
