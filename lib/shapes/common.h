// Helpers of the shape rules: sizes, strides and memory formats as torch computes them, over
// symbolic sizes.
//
// Holds: for constant sizes every function is torch's own arithmetic and asks nothing. For symbolic
//        sizes, questions that only choose among layouts (is it contiguous?) record no guard when
//        the ranges leave them open; questions about legality do.
#pragma once
#include <initializer_list>
#include <string>
#include <vector>

#include "shapes/rule.h"

namespace tx::shapes {

using ir::MemoryFormat;
using ir::TupleType;
using Sizes = std::vector<Expr>;

// ---- errors ------------------------------------------------------------------------------------

/// The model itself is wrong for these sizes: TX1008 with torch's wording.
[[noreturn]] void model_error(const Call& c, const std::string& message);
/// The result's size depends on data: TX1003.
[[noreturn]] void data_dependent(const Call& c);
/// "[2, 3]".
std::string sizes_text(const Sizes& sizes);
/// "2x3".
std::string product_text(const Sizes& sizes);
/// `condition` becomes a guard, or the model is wrong (`message`).
void require(const Call& c, const Expr& condition, const std::string& message);

// ---- dimensions --------------------------------------------------------------------------------

/// `dim` counted from the front; 0-d tensors count as one dimension, as in torch.
int64_t wrap_dim(const Call& c, int64_t dim, size_t rank);
/// The same for each of `dims`, which have to be distinct.
std::vector<int64_t> wrap_dims(const Call& c, const std::vector<int64_t>& dims, size_t rank);
/// The argument `dim`, wrapped.
int64_t dim_argument(const Call& c, Slot slot, size_t rank);

// ---- sizes -------------------------------------------------------------------------------------

Expr numel(const Sizes& sizes);
bool all_constant(const Sizes& values);
/// Known to be equal; nothing is recorded.
bool same(const Call& c, const Expr& a, const Expr& b);
bool same(const Call& c, const Sizes& a, const Sizes& b);
bool is_one(const Call& c, const Expr& size);
bool is_zero(const Call& c, const Expr& size);
/// Known to have no elements.
bool is_empty(const Call& c, const Sizes& sizes);
/// Orders two strides of one tensor. Where sizes of 1 would make them equal, the order is that of
/// larger sizes; asks the ShapeEnv only when even that is open.
bool smaller(const Call& c, const Expr& a, const Expr& b);
/// An integer, or what a list of one integer stands for, for each of `n` spatial dimensions.
Sizes spatial(const Call& c, Slot slot, size_t n);

// ---- strides -----------------------------------------------------------------------------------

bool is_contiguous(const Call& c, const TensorType& t);
bool is_contiguous(const Call& c, const TensorType& t, MemoryFormat format);
bool is_non_overlapping_and_dense(const Call& c, const TensorType& t);
bool has_internal_overlap(const Call& c, const TensorType& t);
/// Strides of a dense tensor in `format`, which is no Preserve.
Sizes format_strides(const Call& c, const Sizes& sizes, MemoryFormat format);
/// torch's guess of the layout from the strides.
MemoryFormat suggest_memory_format(const Call& c, const TensorType& t);
/// The dimension order from innermost to outermost that TensorIterator would take.
std::vector<size_t> iteration_order(const Call& c, const Sizes& shape,
                                    const std::vector<Sizes>& operand_strides);
/// Dense strides in the dimension order of `t`.
Sizes dense_strides(const Call& c, const TensorType& t);

// ---- results -----------------------------------------------------------------------------------

TensorType contiguous(DType dtype, Sizes sizes, const ir::Device& device = {});
TensorType in_format(const Call& c, DType dtype, Sizes sizes, MemoryFormat format,
                     const ir::Device& device = {});
/// What `empty_like(t, dtype, format)` returns.
TensorType empty_like(const Call& c, const TensorType& t, DType dtype,
                      MemoryFormat format = MemoryFormat::Preserve);
/// The strides of `t` kept even when it is not dense; the base of `*_scatter`.
TensorType clone_preserving_strides(const Call& c, const TensorType& t);
/// A tuple of several results.
Type results(std::initializer_list<Type> elements);

// ---- registration ------------------------------------------------------------------------------

/// Adds one rule for several operators, named without "aten.".
void add(Table& table, std::initializer_list<std::string_view> operators, Rule rule);

}  // namespace tx::shapes
