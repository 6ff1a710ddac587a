// Inventory: what is known of an operator.
#pragma once
#include <ATen/core/dispatch/Dispatcher.h>

#include <string>
#include <vector>

namespace tx::decomp {

/// Where the shape of an operator's result comes from.
enum class ShapeSource {
  Rule,            ///< a rule of its own, for dynamic sizes too
  PointwiseRule,   ///< the rule of all element-wise operators, for dynamic sizes too
  CompositeKernel, ///< the operators that its composite kernel calls
  MetaKernel,      ///< LibTorch's meta kernel or the operator's own: static sizes only
  None,
};
ShapeSource shape_source(const c10::OperatorHandle& op);

/// "aten.sigmoid.default": the operators that the rule of `op` calls, in order of appearance; empty
/// without a rule.
std::vector<std::string> rule_calls(const c10::OperatorHandle& op);

}  // namespace tx::decomp
