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
enum class Result { Promoted, Float, Bool, Real, RealFloat };

const std::unordered_map<std::string_view, Result>& result_kinds() {
  static const auto* kinds = [] {
    auto* map = new std::unordered_map<std::string_view, Result>;
    for (auto name :
         {"acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "copysign", "cos", "cosh",
          "deg2rad", "digamma", "div", "erf", "erfc", "erfinv", "exp", "exp2", "expm1", "i0",
          "ldexp", "lgamma", "log", "log10", "log1p", "log2", "logaddexp", "logaddexp2", "logit", "mvlgamma", "polygamma",
          "rad2deg", "reciprocal", "rsqrt", "sigmoid", "sin", "sinc", "sinh", "sqrt", "tan", "tanh",
          "xlogy", "igamma", "igammac"}) {
      (*map)[name] = Result::Float;
    }
    for (auto name : {"eq", "ne", "lt", "le", "gt", "ge", "isinf", "isnan", "isneginf", "isposinf",
                      "logical_and", "logical_not", "logical_or", "logical_xor", "signbit"}) {
      (*map)[name] = Result::Bool;
    }
    (*map)["abs"] = Result::Real;
    (*map)["angle"] = Result::RealFloat;
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

DType result_dtype(const Call& c, DType promoted) {
  auto base = base_of(c.op);
  auto& kinds = result_kinds();
  auto it = kinds.find(base);
  Result kind = it != kinds.end()                ? it->second
                : base.starts_with("special_")   ? Result::Float
                                                 : Result::Promoted;
  if (base == "div" && c.has("rounding_mode") && !c.text("rounding_mode").empty()) {
    kind = Result::Promoted;
  }
  switch (kind) {
    case Result::Promoted: return promoted;
    case Result::Float: return float_of(promoted);
    case Result::Bool: return DType::Bool;
    case Result::Real: return real_of(promoted);
    case Result::RealFloat: return real_of(float_of(promoted));
  }
  return promoted;
}

/// where(condition, self, other): the condition has no say in the dtype.
Type where(const Call& c) {
  std::vector<const TensorType*> operands;
  std::vector<size_t> promoted;
  bool numbers = false;
  for (size_t i = 0; i < 3; ++i) {
    if (auto* t = c.optional_tensor(i)) operands.push_back(t);
    else numbers = true;
    if (i > 0) promoted.push_back(i);
  }
  return elementwise(c, result_type(c, promoted), operands, numbers);
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
  TensorType mantissa = elementwise(c, self.dtype, {&self});
  TensorType exponent = mantissa;
  exponent.dtype = DType::I32;
  return results({mantissa, exponent});
}

/// The dtype of self, whatever the other operands.
Type like_self(const Call& c) {
  return elementwise(c, c.tensor(0).dtype, operands_of(c).tensors);
}

Type log_sigmoid_forward(const Call& c) {
  auto& self = c.tensor("self");
  // The buffer is only used where the kernel is not vectorised: an empty tensor elsewhere.
  return results({empty_like(c, self, self.dtype), contiguous(self.dtype, self.sizes, self.device)});
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

}  // namespace

Type pointwise(const Call& c) {
  auto operands = operands_of(c);
  if (operands.tensors.empty()) {
    diag::fail(diag::Code::TX3002, std::string(c.op) + " has no tensor operand");
  }
  DType promoted = result_type(c, operands.slots);
  return elementwise(c, result_dtype(c, promoted), operands.tensors, operands.numbers);
}

void register_pointwise(Table& table) {
  add(table, {"where.self", "where.ScalarOther", "where.ScalarSelf"}, where);
  add(table, {"masked_fill.Scalar", "masked_fill.Tensor"}, masked_fill);
  add(table, {"fill.Scalar", "fill.Tensor", "zero"}, fill);
  add(table, {"copy"}, copy);
  add(table, {"frexp.Tensor"}, frexp);
  add(table, {"threshold", "leaky_relu", "hardtanh", "elu", "celu", "softplus"}, like_self);
  add(table, {"log_sigmoid_forward"}, log_sigmoid_forward);
  add(table, {"glu"}, glu);
  // Element-wise, though without torch's tag.
  add(table,
      {"_prelu_kernel", "hardswish", "floor_divide", "floor_divide.Scalar", "rsub.Tensor",
       "float_power.Tensor_Tensor", "complex", "lerp.Scalar", "_conj_physical", "_add_relu.Tensor",
       "special_entr", "nan_to_num"},
      pointwise);
}

}  // namespace tx::shapes
