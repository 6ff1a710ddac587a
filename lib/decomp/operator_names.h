// Operators as people write them: "aten.t.default", "aten::transpose.int", "aten.t", "relu".
//
// In:  names from a command line.
// Out: operators of the dispatcher, libraries that were loaded included.
#pragma once
#include <ATen/core/dispatch/Dispatcher.h>

#include <string>
#include <string_view>
#include <vector>

namespace tx::decomp {

/// The operators that `text` names: one, or without overload every overload of the name. Without
/// namespace it is aten's. Throws diag::Failure (TX3004) that lists close names when there is none.
std::vector<c10::OperatorHandle> find_operators(std::string_view text);

/// Every operator the dispatcher knows, in alphabetical order.
std::vector<c10::OperatorHandle> all_operators();

/// "aten::add.Tensor", "aten::mm".
std::string qualified_name(const c10::OperatorHandle& op);
/// "aten.add.Tensor", "aten.mm.default".
std::string target_of(const c10::OperatorHandle& op);
/// The operator of a call in a graph, or nothing for what is no operator (operator.getitem).
std::optional<c10::OperatorHandle> operator_of(std::string_view target);

}  // namespace tx::decomp
