// Numbers in tensors without dimensions, as traced archives compute sizes:
// aten::size -> prim::NumToTensor -> aten::mul -> aten::Int.
#pragma once
#include <ATen/core/dispatch/Dispatcher.h>

#include <optional>
#include <vector>

#include "symbolic/expr.h"
#include "symbolic/shape_env.h"

namespace tx::capture {

/// The number that a call on number tensors gives, where it follows from symbols: `op` with these
/// arguments, of which at least one is a symbol or a tensor that holds one. Nothing for other calls,
/// and where the ranges in `env` leave the rounding of a division open.
std::optional<symbolic::Expr> symbolic_number(const c10::OperatorHandle& op,
                                              const std::vector<c10::IValue>& arguments,
                                              symbolic::ShapeEnv& env);

}  // namespace tx::capture
