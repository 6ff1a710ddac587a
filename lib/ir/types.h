// Types of values in a graph: what is known of a value without running anything.
//
// Sizes and strides are symbolic::Expr; a static size is a constant expression.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "symbolic/expr.h"

namespace tx::ir {

using symbolic::Expr;

/// Numbers are those of torch's ScalarType, which the archive and `.pt2` formats use too.
enum class DType : int8_t {
  U8 = 0, I8 = 1, I16 = 2, I32 = 3, I64 = 4, F16 = 5, F32 = 6, F64 = 7,
  C32 = 8, C64 = 9, C128 = 10, Bool = 11, QI8 = 12, QU8 = 13, QI32 = 14, BF16 = 15,
  QU4x2 = 16, QU2x4 = 17, Bits1x8 = 18, Bits2x4 = 19, Bits4x2 = 20, Bits8 = 21, Bits16 = 22,
  F8E5M2 = 23, F8E4M3FN = 24, F8E5M2FNUZ = 25, F8E4M3FNUZ = 26, U16 = 27, U32 = 28, U64 = 29,
};
/// "f32", "i64", "b8": the abbreviations of graph annotations.
std::string_view short_name(DType dtype);
/// "float32", "int64", "bool": torch's names, without "torch.".
std::string_view torch_name(DType dtype);
std::optional<DType> dtype_from_short_name(std::string_view name);
std::optional<DType> dtype_from_torch_name(std::string_view name);
/// Bytes of one element.
int64_t element_size(DType dtype);
bool is_floating_point(DType dtype);
bool is_complex(DType dtype);
/// Integers without bool.
bool is_integral(DType dtype);

/// Numbers are those of torch's Layout and MemoryFormat.
enum class Layout : int8_t { Strided = 0, Sparse = 1, SparseCsr = 2, Mkldnn = 3 };
enum class MemoryFormat : int8_t { Contiguous = 0, Preserve = 1, ChannelsLast = 2, ChannelsLast3d = 3 };
std::string_view torch_name(Layout layout);        ///< "strided"
std::string_view torch_name(MemoryFormat format);  ///< "contiguous_format"

struct Device {
  std::string type = "cpu";
  int index = -1;  ///< -1: no index
  std::string text() const;
  bool operator==(const Device&) const = default;
};

struct TensorType {
  DType dtype = DType::F32;
  std::vector<Expr> sizes;
  std::vector<Expr> strides;  ///< in elements, one for each size
  Device device;
  size_t rank() const { return sizes.size(); }
  bool operator==(const TensorType&) const = default;
};

struct Type;
/// Several results of one call: a tuple, or a list whose length the call decided.
struct TupleType {
  std::vector<Type> elements;
  bool operator==(const TupleType&) const;
};
struct NoneType { bool operator==(const NoneType&) const = default; };
/// A plain number that is a value of the graph, e.g. of aten.sym_size.int.
struct SymIntType { Expr value; bool operator==(const SymIntType&) const = default; };
struct SymFloatType { Expr value; bool operator==(const SymFloatType&) const = default; };
struct SymBoolType { Expr value; bool operator==(const SymBoolType&) const = default; };
/// A user input that is no tensor; its value is in the signature.
struct ConstantType { bool operator==(const ConstantType&) const = default; };
/// A sub-graph (of a get_attr node).
struct GraphType { bool operator==(const GraphType&) const = default; };

struct Type {
  std::variant<NoneType, TensorType, TupleType, SymIntType, SymFloatType, SymBoolType, ConstantType,
               GraphType> kind;
  Type() = default;
  template <class T>
    requires(!std::is_same_v<std::decay_t<T>, Type>)
  Type(T value) : kind(std::move(value)) {}  // NOLINT: any kind is a type
  const TensorType* tensor() const { return std::get_if<TensorType>(&kind); }
  const TupleType* tuple() const { return std::get_if<TupleType>(&kind); }
  bool operator==(const Type&) const = default;
  /// "f32[s0, 100]", "Sym(s0 > 10)": the annotation of the tutorial's code form, without quotes;
  /// empty for tuples, constants and sub-graphs, which carry none.
  std::string annotation() const;
};
inline bool TupleType::operator==(const TupleType& other) const { return elements == other.elements; }

/// Strides of a contiguous tensor of these sizes. A size of 0 counts as 1, as in torch.
std::vector<Expr> contiguous_strides(const std::vector<Expr>& sizes);

}  // namespace tx::ir
