// The arithmetic of views: inferred sizes, strides of a reshaped tensor, lengths of slices.
#pragma once
#include <optional>

#include "shapes/common.h"

namespace tx::shapes {

/// `sizes` with a -1 replaced so that the elements of `from` fit.
Sizes inferred_size(const Call& c, Sizes sizes, const Sizes& from);
/// Strides under which `t` is seen as `sizes` without a copy, or nullopt when it cannot be.
std::optional<Sizes> view_strides(const Call& c, const TensorType& t, const Sizes& sizes);
/// The elements of size[start:end:step]. Bounds are clamped as Python's; a clamp that the ranges
/// leave open becomes a guard. Nothing where data decide one.
std::optional<Expr> slice_length(const Call& c, const Expr& size, std::optional<Expr> start,
                                 std::optional<Expr> end, const Expr& step);
/// The length of a diagonal of a rows x columns matrix.
Expr diagonal_length(const Expr& rows, const Expr& columns, int64_t offset);
/// `index` is inside of dimension `dim`, counted from either end.
void require_index(const Call& c, const Expr& index, const Sizes& sizes, int64_t dim);
/// The question whether a slice is contiguous, which torch asks of every new tensor: records the
/// guard that says it is not. A slice that happens to be contiguous at the example sizes records
/// nothing, so that its size stays dynamic.
void ask_contiguity(const Call& c, const TensorType& t);

}  // namespace tx::shapes
