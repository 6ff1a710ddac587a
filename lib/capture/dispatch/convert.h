// Between LibTorch's values and those of ir/ and symbolic/.
#pragma once
#include <ATen/core/Tensor.h>
#include <ATen/core/function_schema.h>
#include <ATen/core/ivalue.h>
#include <c10/core/SymInt.h>

#include <functional>
#include <vector>

#include "ir/graph.h"

namespace tx::capture {

c10::ScalarType to_scalar_type(ir::DType dtype);
ir::DType to_dtype(c10::ScalarType type);
ir::Device to_device(const c10::Device& device);

c10::SymInt to_sym_int(const ir::Expr& value);
std::vector<c10::SymInt> to_sym_ints(const std::vector<ir::Expr>& values);
ir::Expr to_expr(const c10::SymInt& value);

/// "aten.add.Tensor", "aten.mm.default".
std::string target_of(const c10::OperatorName& name);

/// Type of any tensor that has metadata (traced, meta or real).
ir::TensorType type_of(const at::Tensor& tensor);

/// What an operator's argument becomes in the graph. `tensor` gives the node or number that stands
/// for a tensor, `symbol` the node of a symbolic number. Throws std::invalid_argument naming the
/// kind for values that no program can hold (custom classes, generators, streams).
ir::Argument to_argument(const c10::IValue& value, const c10::TypePtr& real_type,
                         const std::function<ir::Argument(const at::Tensor&)>& tensor,
                         const std::function<ir::Argument(const ir::Expr&)>& symbol);

}  // namespace tx::capture
