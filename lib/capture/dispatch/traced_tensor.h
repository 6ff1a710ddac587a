// TracedTensorImpl: a tensor without data that stands for a node of the graph.
//
// Holds: sizes and strides are those of its ir::TensorType (symbolic ones as SymInts); its storage
//        must not be read. It has the key set of a CPU tensor, so LibTorch's composite kernels take
//        the same decisions as for a real one.
#pragma once
#include <ATen/core/Tensor.h>
#include <c10/core/TensorImpl.h>

#include <memory>
#include <optional>
#include <vector>

#include "ir/graph.h"

namespace tx::capture {

class KnownValue;

/// While one lives, a traced tensor asked for plain sizes answers with those of the example and records
/// nothing. For questions about the types of values, whose answers are not used for sizes.
class SizesOfExample {
 public:
  SizesOfExample();
  ~SizesOfExample();
  SizesOfExample(const SizesOfExample&) = delete;
  SizesOfExample& operator=(const SizesOfExample&) = delete;
};

class TracedTensorImpl final : public c10::TensorImpl {
 public:
  TracedTensorImpl(ir::NodeId node, ir::TensorType type, std::shared_ptr<const KnownValue> known,
                   uint32_t scope);

  ir::NodeId node() const { return node_; }
  /// The graph that the node is in (GraphScope::id).
  uint32_t scope() const { return scope_; }
  const ir::TensorType& type() const { return type_; }
  /// How to compute the value when it depends on neither inputs nor weights, else null.
  const std::shared_ptr<const KnownValue>& known() const { return known_; }
  /// The symbolic number a tensor without dimensions holds, where it is one.
  const std::optional<ir::Expr>& number() const { return number_; }
  void set_number(std::optional<ir::Expr> number) { number_ = std::move(number); }

  c10::intrusive_ptr<c10::TensorImpl> shallow_copy_and_detach(
      const c10::VariableVersion& version_counter, bool allow_tensor_metadata_change) const override;
  c10::intrusive_ptr<c10::TensorImpl> shallow_copy_and_detach(
      c10::VariableVersion&& version_counter, bool allow_tensor_metadata_change) const override;

 protected:
  // Asked for plain numbers, a symbolic size is specialised, which the ShapeEnv records.
  c10::IntArrayRef sizes_custom() const override;
  c10::IntArrayRef strides_custom() const override;
  int64_t size_custom(int64_t dim) const override;
  int64_t numel_custom() const override;
  int64_t dim_custom() const override { return static_cast<int64_t>(type_.rank()); }
  int64_t storage_offset_custom() const override { return 0; }
  c10::SymIntArrayRef sym_sizes_custom() const override { return sym_sizes_; }
  c10::SymIntArrayRef sym_strides_custom() const override { return sym_strides_; }
  c10::SymInt sym_size_custom(int64_t dim) const override;
  c10::SymInt sym_numel_custom() const override;
  c10::SymInt sym_storage_offset_custom() const override { return 0; }
  c10::SymBool sym_is_contiguous_custom(at::MemoryFormat format) const override;
  bool is_strides_like_custom(at::MemoryFormat format) const override;
  c10::SymBool sym_is_non_overlapping_and_dense_custom() const override;

 private:
  ir::NodeId node_;
  uint32_t scope_;
  ir::TensorType type_;
  std::shared_ptr<const KnownValue> known_;
  std::optional<ir::Expr> number_;
  // Of symbolic sizes only; static ones are kept by the base class.
  std::vector<c10::SymInt> sym_sizes_, sym_strides_;
  mutable std::vector<int64_t> sizes_, strides_;  ///< once asked for as plain numbers
  mutable std::vector<int64_t> example_sizes_, example_strides_;
};

at::Tensor make_traced(uint32_t scope, ir::NodeId node, ir::TensorType type,
                       std::shared_ptr<const KnownValue> known = nullptr);
/// The traced tensor itself, or null for any other tensor (functional wrappers included).
TracedTensorImpl* as_traced(const at::Tensor& tensor);

}  // namespace tx::capture
