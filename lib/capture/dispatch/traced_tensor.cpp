#include "capture/dispatch/traced_tensor.h"

#include "capture/dispatch/convert.h"
#include "capture/dispatch/known_value.h"
#include "capture/dispatch/sym_node.h"

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
                                   std::shared_ptr<const KnownValue> known, uint32_t scope)
    : c10::TensorImpl(no_storage(), traced_keys(), c10::scalarTypeToTypeMeta(to_scalar_type(type.dtype))),
      node_(node),
      scope_(scope),
      type_(std::move(type)),
      known_(std::move(known)) {
  const auto sizes = constants(type_.sizes);
  const auto strides = constants(type_.strides);
  if (sizes && strides) {
    set_sizes_and_strides(*sizes, *strides);
  } else {
    sym_sizes_ = to_sym_ints(type_.sizes);
    sym_strides_ = to_sym_ints(type_.strides);
    // First the base class's own symbolic sizes, which functionalization's storages look at, then
    // the hooks below for every question.
    set_sizes_and_strides(c10::SymIntArrayRef(sym_sizes_), c10::SymIntArrayRef(sym_strides_));
    set_custom_sizes_strides(SizesStridesPolicy::CustomSizes);
  }
  set_storage_access_should_throw();
}

c10::intrusive_ptr<c10::TensorImpl> TracedTensorImpl::shallow_copy_and_detach(
    const c10::VariableVersion& version_counter, bool allow_tensor_metadata_change) const {
  auto copy = c10::make_intrusive<TracedTensorImpl>(node_, type_, known_, scope_);
  copy->set_number(number_);
  copy->set_version_counter(version_counter);
  copy->set_allow_tensor_metadata_change(allow_tensor_metadata_change);
  return copy;
}

c10::intrusive_ptr<c10::TensorImpl> TracedTensorImpl::shallow_copy_and_detach(
    c10::VariableVersion&& version_counter, bool allow_tensor_metadata_change) const {
  auto copy = c10::make_intrusive<TracedTensorImpl>(node_, type_, known_, scope_);
  copy->set_number(number_);
  copy->set_version_counter(std::move(version_counter));
  copy->set_allow_tensor_metadata_change(allow_tensor_metadata_change);
  return copy;
}

namespace {

std::vector<int64_t> specialized(const std::vector<c10::SymInt>& values) {
  std::vector<int64_t> result;
  for (const c10::SymInt& value : values) result.push_back(value.guard_int(__FILE__, __LINE__));
  return result;
}

thread_local int sizes_of_example = 0;

std::vector<int64_t> example(const std::vector<c10::SymInt>& values) {
  std::vector<int64_t> result;
  for (const c10::SymInt& value : values) result.push_back(hint_of(value));
  return result;
}

// The dimensions from the fastest to the slowest in a layout.
std::vector<size_t> layout_order(size_t rank, at::MemoryFormat format) {
  if (format == at::MemoryFormat::ChannelsLast && rank == 4) return {1, 3, 2, 0};
  if (format == at::MemoryFormat::ChannelsLast3d && rank == 5) return {1, 4, 3, 2, 0};
  std::vector<size_t> order;
  for (size_t i = rank; i-- > 0;) order.push_back(i);
  return order;
}

// Whether the strides in this order have no gaps; dimensions of size 1 do not count.
ir::Expr dense_in_order(const ir::TensorType& type, const std::vector<size_t>& order) {
  ir::Expr expected(1);
  ir::Expr result = ir::Expr::boolean(true);
  for (const size_t dim : order) {
    if (type.sizes[dim] == ir::Expr(1)) continue;
    result = symbolic::logical_and(result, symbolic::eq(type.strides[dim], expected));
    expected = expected * type.sizes[dim];
  }
  return result;
}

}  // namespace

SizesOfExample::SizesOfExample() { ++sizes_of_example; }
SizesOfExample::~SizesOfExample() { --sizes_of_example; }

c10::IntArrayRef TracedTensorImpl::sizes_custom() const {
  if (sizes_of_example > 0) return example_sizes_ = example(sym_sizes_);
  if (sizes_.size() != type_.rank()) sizes_ = specialized(sym_sizes_);
  return sizes_;
}
c10::IntArrayRef TracedTensorImpl::strides_custom() const {
  if (sizes_of_example > 0) return example_strides_ = example(sym_strides_);
  if (strides_.size() != type_.rank()) strides_ = specialized(sym_strides_);
  return strides_;
}
int64_t TracedTensorImpl::size_custom(int64_t dim) const {
  return sym_size_custom(dim).guard_int(__FILE__, __LINE__);
}
int64_t TracedTensorImpl::numel_custom() const {
  return sym_numel_custom().guard_int(__FILE__, __LINE__);
}
c10::SymInt TracedTensorImpl::sym_size_custom(int64_t dim) const {
  const auto rank = static_cast<int64_t>(type_.rank());
  TORCH_CHECK_INDEX(dim >= -rank && dim < rank, "Dimension out of range: ", dim);
  return sym_sizes_[static_cast<size_t>(dim < 0 ? dim + rank : dim)];
}
c10::SymInt TracedTensorImpl::sym_numel_custom() const {
  ir::Expr numel(1);
  for (const ir::Expr& size : type_.sizes) numel = numel * size;
  return to_sym_int(numel);
}
c10::SymBool TracedTensorImpl::sym_is_contiguous_custom(at::MemoryFormat format) const {
  const bool channels_last = format != at::MemoryFormat::Contiguous;
  if (channels_last && layout_order(type_.rank(), format)[0] != 1) return false;
  return make_sym_bool(dense_in_order(type_, layout_order(type_.rank(), format)));
}
bool TracedTensorImpl::is_strides_like_custom(at::MemoryFormat format) const {
  return sym_is_contiguous_custom(format).guard_or_false(__FILE__, __LINE__);
}
c10::SymBool TracedTensorImpl::sym_is_non_overlapping_and_dense_custom() const {
  return make_sym_bool(dense_in_order(type_, layout_order(type_.rank(), at::MemoryFormat::Contiguous)));
}

at::Tensor make_traced(uint32_t scope, ir::NodeId node, ir::TensorType type,
                       std::shared_ptr<const KnownValue> known) {
  return at::Tensor(
      c10::make_intrusive<TracedTensorImpl>(node, std::move(type), std::move(known), scope));
}

TracedTensorImpl* as_traced(const at::Tensor& tensor) {
  return dynamic_cast<TracedTensorImpl*>(tensor.unsafeGetTensorImpl());
}

}  // namespace tx::capture
