// Where each TorchScript node comes from, in the source the author wrote.
#pragma once
#include <torch/csrc/jit/ir/ir.h>

#include <unordered_map>

#include "capture/location.h"

namespace tx::capture::torchscript {

/// Instructions are torch::jit::Node pointers. Scripted archives carry file, line and text of each
/// node; traced archives the Python stack of the call that made it.
class SourcePlaces final : public PlaceResolver {
 public:
  const SourcePlace& place_of(const void* instruction) override;
  /// Tells the name of the function a graph belongs to, for call stacks.
  void set_function(const torch::jit::Block* body, c10::QualifiedName name);

 private:
  std::unordered_map<const void*, SourcePlace> places_;
  std::unordered_map<const torch::jit::Block*, c10::QualifiedName> functions_;
};

}  // namespace tx::capture::torchscript
