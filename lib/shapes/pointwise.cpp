// Element-wise operators: one rule for every operator with torch's `pointwise` tag, and the few
// that differ from it.
#include <algorithm>
#include <unordered_map>

#include "shapes/elementwise.h"
#include "shapes/families.h"
#include "shapes/promote.h"

namespace tx::shapes {

namespace {

/// What becomes of the promoted dtype.
enum class Result { Promoted, Float, Bool, Real, RealFloat, Complex };

const std::unordered_map<std::string_view, Result>& result_kinds() {
  static const auto* kinds = [] {
    auto* map = new std::unordered_map<std::string_view, Result>;
    for (auto name :
         {"acos",     "acosh",     "asin",    "asinh",      "atan",      "atan2",      "atanh",
          "copysign", "cos",       "cosh",    "deg2rad",    "digamma",   "div",        "erf",
          "erfc",     "erfinv",    "exp",     "exp2",       "expm1",     "i0",         "lgamma",
          "log",      "log10",     "log1p",   "log2",       "logaddexp", "logaddexp2", "logit",
          "mvlgamma", "polygamma", "rad2deg", "reciprocal", "rsqrt",     "sigmoid",    "sin",
          "sinc",     "sinh",      "sqrt",    "tan",        "tanh",      "xlogy",      "igamma",
          "igammac"}) {
      (*map)[name] = Result::Float;
    }
    for (auto name : {"eq", "ne", "lt", "le", "gt", "ge", "isinf", "isnan", "isneginf", "isposinf",
                      "logical_and", "logical_not", "logical_or", "logical_xor", "signbit"}) {
      (*map)[name] = Result::Bool;
    }
    (*map)["abs"] = Result::Real;
    (*map)["angle"] = Result::RealFloat;
    (*map)["complex"] = (*map)["polar"] = Result::Complex;
    return map;
  }();
  return *kinds;
}

/// "aten.add.Tensor" -> "add".
std::string_view base_of(std::string_view op) {
  op.remove_prefix(std::min(op.size(), op.find('.') + 1));
  return op.substr(0, op.find('.'));
}

bool is_operand_name(std::string_view name) {
  for (auto operand : {"self", "other", "exponent", "min", "max", "x", "n"}) {
    if (name == operand) return true;
  }
  return false;
}

struct Operands {
  std::vector<const TensorType*> tensors;
  std::vector<size_t> slots;  ///< all that take part in type promotion
  bool numbers = false;       ///< plain numbers become 0-d operands of the iterator
};

Operands operands_of(const Call& c) {
  Operands operands;
  auto base = base_of(c.op);
  for (size_t i = 0; i < c.size(); ++i) {
    if (auto* tensor = c.optional_tensor(i)) {
      operands.tensors.push_back(tensor);
      operands.slots.push_back(i);
    } else if (c.number(i) && is_operand_name(c.name(i)) && base != "polygamma") {
      operands.slots.push_back(i);
      operands.numbers = true;
    }
  }
  // These take their number as a parameter of a unary kernel.
  if (c.op == "aten.clamp.default" || c.op == "aten.clamp_min.default" ||
      c.op == "aten.clamp_max.default" || c.op == "aten.pow.Tensor_Scalar") {
    operands.numbers = false;
  }
  return operands;
}

struct Dtypes {
  DType common;  ///< what operands are converted to
  DType result;
};

Dtypes dtypes_of(const Call& c, DType promoted) {
  auto base = base_of(c.op);
  auto& kinds = result_kinds();
  auto it = kinds.find(base);
  Result kind = it != kinds.end()              ? it->second
                : base.starts_with("special_") ? Result::Float
                                               : Result::Promoted;
  if (base == "div" && c.has("rounding_mode") && !c.text("rounding_mode").empty()) {
    kind = Result::Promoted;
  }
  switch (kind) {
    case Result::Promoted:
      return {promoted, promoted};
    case Result::Float:
      return {float_of(promoted), float_of(promoted)};
    case Result::Bool:
      return {promoted, DType::Bool};
    case Result::Real:
      return {promoted, real_of(promoted)};
    case Result::RealFloat:
      return {promoted, real_of(float_of(promoted))};
    case Result::Complex:
      return {promoted, complex_of(promoted)};
  }
  return {promoted, promoted};
}

/// where(condition, self, other): the condition has no say in the dtype.
Type where(const Call& c) {
  std::vector<const TensorType*> operands;
  std::vector<size_t> promoted;
  bool numbers = false;
  for (size_t i = 0; i < 3; ++i) {
    if (auto* t = c.optional_tensor(i))
      operands.push_back(t);
    else
      numbers = true;
    if (i > 0) promoted.push_back(i);
  }
  DType dtype = result_type(c, promoted);
  // Only self and other are converted.
  std::vector<TensorType> converted;
  converted.reserve(2);
  for (size_t i = 0; i < operands.size(); ++i) {
    bool is_condition = i == 0 && c.optional_tensor(size_t{0}) != nullptr;
    if (!is_condition && operands[i]->dtype != dtype) {
      operands[i] = &converted.emplace_back(empty_like(c, *operands[i], dtype));
    }
  }
  return elementwise(c, dtype, operands, numbers);
}

/// masked_fill(self, mask, value): a contiguous copy of the broadcast self.
Type masked_fill(const Call& c) {
  auto& self = c.tensor("self");
  auto& mask = c.tensor("mask");
  return contiguous(self.dtype, broadcast(c, mask.sizes, self.sizes), self.device);
}

Type same_as_self(const Call& c) {
  auto& self = c.tensor(0);
  return empty_like(c, self, self.dtype);
}

/// fill(self, value): value may be a 0-d tensor.
Type fill(const Call& c) { return same_as_self(c); }

/// copy(self, src): the layout and dtype of self.
Type copy(const Call& c) {
  auto& self = c.tensor("self");
  broadcast(c, self.sizes, c.tensor("src").sizes);
  return clone_preserving_strides(c, self);
}

Type frexp(const Call& c) {
  auto& self = c.tensor("self");
  TensorType mantissa = empty_like(c, self, self.dtype);
  TensorType exponent = mantissa;
  exponent.dtype = DType::I32;
  return results({mantissa, exponent});
}

/// The dtype of self, whatever the other operands.
Type like_self(const Call& c) { return elementwise(c, c.tensor(0).dtype, operands_of(c).tensors); }

Type log_sigmoid_forward(const Call& c) {
  auto& self = c.tensor("self");
  auto result = contiguous(self.dtype, self.sizes, self.device);
  return results({result, result});
}

/// fake_quantize_*_cachemask: the rounded values, and which of them were in range.
Type fake_quantize(const Call& c) {
  auto& self = c.tensor("self");
  return results({empty_like(c, self, self.dtype), empty_like(c, self, DType::Bool)});
}

/// glu: half of `dim`.
Type glu(const Call& c) {
  auto& self = c.tensor("self");
  auto dim = dim_argument(c, "dim", self.rank());
  auto sizes = self.sizes;
  Expr whole = sizes.at(dim);
  require(c, symbolic::eq(symbolic::mod(whole, 2), 0),
          "Halving dimension must be even, but dimension " + std::to_string(dim) + " is size " +
              whole.text());
  sizes[dim] = symbolic::floor_div(whole, 2);
  TensorType half{self.dtype, sizes, self.strides, self.device};
  return TensorType{self.dtype, sizes, iterator_strides(c, sizes, {&half, &half}), self.device};
}

/// ldexp(self, other) is self * 2**other, and the power is written contiguously.
Type ldexp(const Call& c) {
  auto& self = c.tensor("self");
  auto& other = c.tensor("other");
  TensorType power = contiguous(float_of(other.dtype), other.sizes, other.device);
  DType dtype = float_of(result_type(c, {0, 1}));
  return elementwise(c, dtype, {&self, &power}, false, dtype);
}

/// Unary kernels that write into an `empty_like` of self.
Type into_like(const Call& c) {
  auto& self = c.tensor("self");
  return empty_like(c, self, dtypes_of(c, self.dtype).result);
}

/// isinf: a kernel for floating point, zeros for integers.
Type isinf(const Call& c) {
  DType dtype = c.tensor("self").dtype;
  return ir::is_floating_point(dtype) || ir::is_complex(dtype) ? pointwise(c) : into_like(c);
}

/// abs of complex numbers is written into an `empty_like`.
Type abs(const Call& c) {
  return ir::is_complex(c.tensor("self").dtype) ? into_like(c) : pointwise(c);
}

/// pow(number, exponent), mvlgamma, and the angle of complex numbers, are written contiguously.
Type written_contiguously(const Call& c) {
  Type result = pointwise(c);
  auto& t = *result.tensor();
  return contiguous(t.dtype, t.sizes, t.device);
}

Type angle(const Call& c) {
  return ir::is_complex(c.tensor("self").dtype) ? written_contiguously(c) : pointwise(c);
}

}  // namespace

Type pointwise(const Call& c) {
  auto operands = operands_of(c);
  if (operands.tensors.empty()) {
    diag::fail(diag::Code::TX3002, std::string(c.op) + " has no tensor operand");
  }
  auto dtypes = dtypes_of(c, result_type(c, operands.slots));
  // rsub(a, b) is sub(b, a).
  if (c.op == "aten.rsub.Tensor") std::reverse(operands.tensors.begin(), operands.tensors.end());
  return elementwise(c, dtypes.result, operands.tensors, operands.numbers, dtypes.common);
}

void register_pointwise(Table& table) {
  add(table, {"where.self", "where.ScalarOther", "where.ScalarSelf"}, where);
  add(table, {"masked_fill.Scalar", "masked_fill.Tensor"}, masked_fill);
  add(table, {"fill.Scalar", "fill.Tensor", "zero"}, fill);
  add(table, {"copy"}, copy);
  add(table, {"frexp.Tensor"}, frexp);
  add(table, {"threshold", "leaky_relu", "elu", "celu", "softplus"}, like_self);
  add(table, {"hardtanh", "nan_to_num", "deg2rad", "rad2deg", "_conj_physical"}, into_like);
  add(table, {"isinf"}, isinf);
  add(table, {"abs"}, abs);
  add(table, {"pow.Scalar", "mvlgamma"}, written_contiguously);
  add(table, {"angle"}, angle);
  add(table, {"ldexp.Tensor"}, ldexp);
  add(table, {"log_sigmoid_forward"}, log_sigmoid_forward);
  add(table,
      {"fake_quantize_per_tensor_affine_cachemask", "fake_quantize_per_channel_affine_cachemask",
       "_fake_quantize_per_tensor_affine_cachemask_tensor_qparams"},
      fake_quantize);
  add(table, {"glu"}, glu);
  // Element-wise, though without torch's tag.
  add(table,
      {"_prelu_kernel", "hardswish", "floor_divide", "floor_divide.Scalar", "rsub.Tensor",
       "complex", "polar", "lerp.Scalar", "_add_relu.Tensor", "special_entr"},
      pointwise);
}

}  // namespace tx::shapes
