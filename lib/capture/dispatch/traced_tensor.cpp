#include "capture/dispatch/traced_tensor.h"

#include "capture/dispatch/convert.h"
#include "capture/dispatch/known_value.h"

namespace tx::capture {
namespace {

c10::DispatchKeySet traced_keys() {
  return c10::DispatchKeySet({c10::DispatchKey::CPU, c10::DispatchKey::AutogradCPU,
                              c10::DispatchKey::ADInplaceOrView});
}

// A storage of no bytes: nothing may read it, and nothing is allocated for it.
c10::Storage no_storage() {
  return c10::Storage(c10::make_intrusive<c10::StorageImpl>(
      c10::StorageImpl::use_byte_size_t(), 0, at::DataPtr(nullptr, c10::Device(c10::kCPU)),
      /*allocator=*/nullptr, /*resizable=*/false));
}

std::optional<std::vector<int64_t>> constants(const std::vector<ir::Expr>& values) {
  std::vector<int64_t> result;
  for (const ir::Expr& value : values) {
    if (!value.is_constant()) return std::nullopt;
    result.push_back(value.value());
  }
  return result;
}

}  // namespace

TracedTensorImpl::TracedTensorImpl(ir::NodeId node, ir::TensorType type,
                                   std::shared_ptr<const KnownValue> known)
    : c10::TensorImpl(no_storage(), traced_keys(), c10::scalarTypeToTypeMeta(to_scalar_type(type.dtype))),
      node_(node),
      type_(std::move(type)),
      known_(std::move(known)) {
  const auto sizes = constants(type_.sizes);
  const auto strides = constants(type_.strides);
  if (sizes && strides) {
    set_sizes_and_strides(*sizes, *strides);
  } else {
    const auto sym_sizes = to_sym_ints(type_.sizes);
    const auto sym_strides = to_sym_ints(type_.strides);
    set_sizes_and_strides(c10::SymIntArrayRef(sym_sizes), c10::SymIntArrayRef(sym_strides));
  }
  set_storage_access_should_throw();
}

c10::intrusive_ptr<c10::TensorImpl> TracedTensorImpl::shallow_copy_and_detach(
    const c10::VariableVersion& version_counter, bool allow_tensor_metadata_change) const {
  auto copy = c10::make_intrusive<TracedTensorImpl>(node_, type_, known_);
  copy->set_version_counter(version_counter);
  copy->set_allow_tensor_metadata_change(allow_tensor_metadata_change);
  return copy;
}

c10::intrusive_ptr<c10::TensorImpl> TracedTensorImpl::shallow_copy_and_detach(
    c10::VariableVersion&& version_counter, bool allow_tensor_metadata_change) const {
  auto copy = c10::make_intrusive<TracedTensorImpl>(node_, type_, known_);
  copy->set_version_counter(std::move(version_counter));
  copy->set_allow_tensor_metadata_change(allow_tensor_metadata_change);
  return copy;
}

at::Tensor make_traced(ir::NodeId node, ir::TensorType type,
                       std::shared_ptr<const KnownValue> known) {
  return at::Tensor(c10::make_intrusive<TracedTensorImpl>(node, std::move(type), std::move(known)));
}

TracedTensorImpl* as_traced(const at::Tensor& tensor) {
  return dynamic_cast<TracedTensorImpl*>(tensor.unsafeGetTensorImpl());
}

}  // namespace tx::capture
