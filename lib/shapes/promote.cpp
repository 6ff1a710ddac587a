#include "shapes/promote.h"

namespace tx::shapes {

namespace {

/// Bool, integer, floating point, complex.
int kind_of(DType dtype) {
  if (dtype == DType::Bool) return 0;
  if (ir::is_complex(dtype)) return 3;
  return ir::is_floating_point(dtype) ? 2 : 1;
}

bool is_wide_unsigned(DType dtype) {
  return dtype == DType::U16 || dtype == DType::U32 || dtype == DType::U64;
}

/// What a lower-ranked category leaves of a higher-ranked one.
std::optional<DType> combine(const Call& c, std::optional<DType> higher,
                             std::optional<DType> lower) {
  if (!higher) return lower;
  if (!lower || ir::is_complex(*higher)) return higher;
  if (ir::is_floating_point(*higher)) return ir::is_complex(*lower) ? complex_of(*higher) : *higher;
  if (*higher == DType::Bool || ir::is_floating_point(*lower) || ir::is_complex(*lower)) {
    return promote(c, *higher, *lower);
  }
  return higher;
}

}  // namespace

DType complex_of(DType dtype) {
  switch (dtype) {
    case DType::F16:
      return DType::C32;
    case DType::BF16:
    case DType::F32:
      return DType::C64;
    case DType::F64:
      return DType::C128;
    default:
      return ir::is_complex(dtype) ? dtype : DType::C64;
  }
}

DType real_of(DType dtype) {
  switch (dtype) {
    case DType::C32:
      return DType::F16;
    case DType::C64:
      return DType::F32;
    case DType::C128:
      return DType::F64;
    default:
      return dtype;
  }
}

DType float_of(DType dtype) {
  return ir::is_floating_point(dtype) || ir::is_complex(dtype) ? dtype : DType::F32;
}

DType promote(const Call& c, DType a, DType b) {
  if (a == b) return a;
  int ka = kind_of(a), kb = kind_of(b);
  if (ka < kb) return promote(c, b, a);
  if (ka == 3) {
    DType other = kb == 3 ? b : kb == 2 ? complex_of(b) : a;
    if (kb == 2 && a == DType::C32 && b == DType::BF16) other = DType::C64;
    return static_cast<int>(a) > static_cast<int>(other) ? a : other;  // C32 < C64 < C128
  }
  if (ka == 2 && kb == 2) {
    if (a == DType::F64 || b == DType::F64) return DType::F64;
    return DType::F32;  // two different ones of float32, float16 and bfloat16
  }
  if (ka > kb) return a;
  if (is_wide_unsigned(a) || is_wide_unsigned(b)) {
    model_error(
        c, "Promotion for uint16, uint32, uint64 types is not supported, attempted to promote " +
               std::string(ir::torch_name(a)) + " and " + std::string(ir::torch_name(b)));
  }
  if (a == DType::U8 || b == DType::U8) {
    DType other = a == DType::U8 ? b : a;
    return other == DType::I8 ? DType::I16 : other;
  }
  return static_cast<int>(a) > static_cast<int>(b) ? a : b;  // I8 < I16 < I32 < I64
}

DType result_type(const Call& c, const std::vector<size_t>& slots) {
  std::optional<DType> dimensioned, zero_dimensional, number;
  auto merge = [&](std::optional<DType>& into, DType dtype) {
    into = into ? promote(c, *into, dtype) : dtype;
  };
  for (auto slot : slots) {
    if (auto* t = c.optional_tensor(slot)) {
      merge(t->rank() ? dimensioned : zero_dimensional, t->dtype);
    } else if (auto dtype = c.number(slot)) {
      merge(number, *dtype);
    }
  }
  auto result = combine(c, dimensioned, combine(c, zero_dimensional, number));
  if (!result) diag::fail(diag::Code::TX3002, std::string(c.op) + " has no operand with a dtype");
  return *result;
}

}  // namespace tx::shapes
