#include "ir/types.h"

#include <algorithm>
#include <array>

#include "support/strings.h"

namespace tx::ir {
namespace {

enum class Family : uint8_t { Integral, Floating, Complex, Bool, Other };

struct DTypeRow {
  DType dtype;
  std::string_view short_name, torch_name;
  int8_t size;
  Family family;
};

// In the order of the enumeration, so a row's index is its dtype.
constexpr std::array<DTypeRow, 30> kDTypes = {{
    {DType::U8, "u8", "uint8", 1, Family::Integral},
    {DType::I8, "i8", "int8", 1, Family::Integral},
    {DType::I16, "i16", "int16", 2, Family::Integral},
    {DType::I32, "i32", "int32", 4, Family::Integral},
    {DType::I64, "i64", "int64", 8, Family::Integral},
    {DType::F16, "f16", "float16", 2, Family::Floating},
    {DType::F32, "f32", "float32", 4, Family::Floating},
    {DType::F64, "f64", "float64", 8, Family::Floating},
    {DType::C32, "c32", "complex32", 4, Family::Complex},
    {DType::C64, "c64", "complex64", 8, Family::Complex},
    {DType::C128, "c128", "complex128", 16, Family::Complex},
    {DType::Bool, "b8", "bool", 1, Family::Bool},
    {DType::QI8, "qi8", "qint8", 1, Family::Other},
    {DType::QU8, "qu8", "quint8", 1, Family::Other},
    {DType::QI32, "qi32", "qint32", 4, Family::Other},
    {DType::BF16, "bf16", "bfloat16", 2, Family::Floating},
    {DType::QU4x2, "qu4x2", "quint4x2", 1, Family::Other},
    {DType::QU2x4, "qu2x4", "quint2x4", 1, Family::Other},
    {DType::Bits1x8, "b1x8", "bits1x8", 1, Family::Other},
    {DType::Bits2x4, "b2x4", "bits2x4", 1, Family::Other},
    {DType::Bits4x2, "b4x2", "bits4x2", 1, Family::Other},
    {DType::Bits8, "b8x1", "bits8", 1, Family::Other},
    {DType::Bits16, "b16x1", "bits16", 2, Family::Other},
    {DType::F8E5M2, "f8e5m2", "float8_e5m2", 1, Family::Floating},
    {DType::F8E4M3FN, "f8e4m3fn", "float8_e4m3fn", 1, Family::Floating},
    {DType::F8E5M2FNUZ, "f8e5m2fnuz", "float8_e5m2fnuz", 1, Family::Floating},
    {DType::F8E4M3FNUZ, "f8e4m3fnuz", "float8_e4m3fnuz", 1, Family::Floating},
    {DType::U16, "u16", "uint16", 2, Family::Integral},
    {DType::U32, "u32", "uint32", 4, Family::Integral},
    {DType::U64, "u64", "uint64", 8, Family::Integral},
}};
constexpr bool rows_follow_enum() {
  for (size_t i = 0; i < kDTypes.size(); ++i)
    if (static_cast<size_t>(kDTypes[i].dtype) != i) return false;
  return true;
}
static_assert(rows_follow_enum());

const DTypeRow& row(DType dtype) { return kDTypes.at(static_cast<size_t>(dtype)); }

std::string text(const std::vector<Expr>& sizes) {
  std::vector<std::string> parts;
  for (const Expr& size : sizes) parts.push_back(size.text());
  return "[" + support::join(parts, ", ") + "]";
}

}  // namespace

std::string_view short_name(DType dtype) { return row(dtype).short_name; }
std::string_view torch_name(DType dtype) { return row(dtype).torch_name; }

std::optional<DType> dtype_from_short_name(std::string_view name) {
  for (const DTypeRow& candidate : kDTypes)
    if (candidate.short_name == name) return candidate.dtype;
  return std::nullopt;
}
std::optional<DType> dtype_from_torch_name(std::string_view name) {
  for (const DTypeRow& candidate : kDTypes)
    if (candidate.torch_name == name) return candidate.dtype;
  return std::nullopt;
}

int64_t element_size(DType dtype) { return row(dtype).size; }
bool is_floating_point(DType dtype) { return row(dtype).family == Family::Floating; }
bool is_complex(DType dtype) { return row(dtype).family == Family::Complex; }
bool is_integral(DType dtype) { return row(dtype).family == Family::Integral; }

std::string_view torch_name(Layout layout) {
  switch (layout) {
    case Layout::Strided: return "strided";
    case Layout::Sparse: return "sparse_coo";
    case Layout::SparseCsr: return "sparse_csr";
    case Layout::Mkldnn: return "_mkldnn";
  }
  return "strided";
}

std::string_view torch_name(MemoryFormat format) {
  switch (format) {
    case MemoryFormat::Contiguous: return "contiguous_format";
    case MemoryFormat::Preserve: return "preserve_format";
    case MemoryFormat::ChannelsLast: return "channels_last";
    case MemoryFormat::ChannelsLast3d: return "channels_last_3d";
  }
  return "contiguous_format";
}

std::string Device::text() const {
  return index < 0 ? type : type + ":" + std::to_string(index);
}

std::string Type::annotation() const {
  if (const TensorType* type = tensor())
    return std::string(short_name(type->dtype)) + text(type->sizes);
  if (const auto* type = std::get_if<SymIntType>(&kind)) return "Sym(" + type->value.text() + ")";
  if (const auto* type = std::get_if<SymFloatType>(&kind)) return "Sym(" + type->value.text() + ")";
  if (const auto* type = std::get_if<SymBoolType>(&kind)) return "Sym(" + type->value.text() + ")";
  return "";
}

std::vector<Expr> contiguous_strides(const std::vector<Expr>& sizes) {
  std::vector<Expr> strides(sizes.size(), Expr(1));
  for (size_t i = sizes.size(); i-- > 1;) {
    const Expr& size = sizes[i];
    const Expr counted = size.constant() ? Expr(std::max<int64_t>(*size.constant(), 1)) : size;
    strides[i - 1] = strides[i] * counted;
  }
  return strides;
}

}  // namespace tx::ir
