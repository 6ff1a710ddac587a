// TracedTensorImpl: a tensor without data that stands for a node of the graph.
//
// Holds: sizes and strides are those of its ir::TensorType (symbolic ones as SymInts); its storage
//        must not be read. It has the key set of a CPU tensor, so LibTorch's composite kernels take
//        the same decisions as for a real one.
#pragma once
#include <ATen/core/Tensor.h>
#include <c10/core/TensorImpl.h>

#include <memory>

#include "ir/graph.h"

namespace tx::capture {

class KnownValue;

class TracedTensorImpl final : public c10::TensorImpl {
 public:
  TracedTensorImpl(ir::NodeId node, ir::TensorType type, std::shared_ptr<const KnownValue> known);

  ir::NodeId node() const { return node_; }
  const ir::TensorType& type() const { return type_; }
  /// How to compute the value when it depends on neither inputs nor weights, else null.
  const std::shared_ptr<const KnownValue>& known() const { return known_; }

  c10::intrusive_ptr<c10::TensorImpl> shallow_copy_and_detach(
      const c10::VariableVersion& version_counter, bool allow_tensor_metadata_change) const override;
  c10::intrusive_ptr<c10::TensorImpl> shallow_copy_and_detach(
      c10::VariableVersion&& version_counter, bool allow_tensor_metadata_change) const override;

 private:
  ir::NodeId node_;
  ir::TensorType type_;
  std::shared_ptr<const KnownValue> known_;
};

at::Tensor make_traced(ir::NodeId node, ir::TensorType type,
                       std::shared_ptr<const KnownValue> known = nullptr);
/// The traced tensor itself, or null for any other tensor (functional wrappers included).
TracedTensorImpl* as_traced(const at::Tensor& tensor);

}  // namespace tx::capture
