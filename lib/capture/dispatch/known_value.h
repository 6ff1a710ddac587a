// KnownValue: the value of a traced tensor that depends on neither inputs nor weights.
//
// Models branch on such values (`torch.tensor(2).item()`, sizes that a traced archive carries through
// tensors). A value is only computed when somebody asks for it, so capture runs no kernel otherwise.
#pragma once
#include <ATen/core/Tensor.h>
#include <ATen/core/dispatch/Dispatcher.h>

#include <memory>
#include <optional>
#include <vector>

namespace tx::capture {

class KnownValue {
 public:
  /// A literal.
  explicit KnownValue(at::Tensor value);
  /// Result number `output` (flattened) of a call whose tensor arguments are known themselves.
  KnownValue(c10::OperatorHandle op, std::vector<c10::IValue> arguments, size_t output);

  /// The value, or an undefined tensor when its computation fails or would be large.
  const at::Tensor& value() const;

  /// Whether results of `op` with these arguments are known: no randomness, no unknown tensors.
  static bool derivable(const c10::OperatorHandle& op, const std::vector<c10::IValue>& arguments);
  /// All results of such a call, or nothing when its computation fails or would be large.
  static std::optional<std::vector<c10::IValue>> results(const c10::OperatorHandle& op,
                                                         const std::vector<c10::IValue>& arguments);

 private:
  at::Tensor compute() const;

  std::optional<c10::OperatorHandle> op_;
  std::vector<c10::IValue> arguments_;
  size_t output_ = 0;
  mutable std::optional<at::Tensor> value_;
};

}  // namespace tx::capture
