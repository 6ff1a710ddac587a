#include "capture/dispatch/symbolic_number.h"

#include "capture/dispatch/convert.h"
#include "capture/dispatch/known_value.h"
#include "capture/dispatch/layers.h"
#include "capture/dispatch/traced_tensor.h"

namespace tx::capture {
namespace {

using symbolic::Expr;

struct Operand {
  std::optional<Expr> value;
  bool symbolic = false;
};

std::optional<Expr> whole_number(const at::Tensor& tensor) {
  if (!tensor.defined() || tensor.dim() != 0 || !c10::isIntegralType(tensor.scalar_type(), false)) {
    return std::nullopt;
  }
  const BelowCapture below;
  return Expr(tensor.item().toLong());
}

Operand operand(const c10::IValue& value) {
  if (value.isSymInt()) {
    const Expr expr = to_expr(value.toSymInt());
    return {expr, !expr.is_constant()};
  }
  if (value.isInt()) return {Expr(value.toInt()), false};
  if (!value.isTensor() || !value.toTensor().defined()) return {};
  const TracedTensorImpl* traced = as_traced(value.toTensor());
  if (!traced) return {whole_number(value.toTensor()), false};
  if (traced->number()) return {traced->number(), true};
  if (traced->dim() == 0 && traced->known()) return {whole_number(traced->known()->value()), false};
  return {};
}

// a / b rounded; towards zero is the floor where neither is negative.
std::optional<Expr> rounded_quotient(const Expr& a, const Expr& b, const c10::IValue& rounding,
                                     symbolic::ShapeEnv& env) {
  if (!rounding.isString()) return std::nullopt;
  const bool floors = rounding.toStringRef() == "floor" ||
                      (env.statically_known(symbolic::ge(a, Expr(0))) == true &&
                       env.statically_known(symbolic::gt(b, Expr(0))) == true);
  return floors ? std::optional(floor_div(a, b)) : std::nullopt;
}

}  // namespace

std::optional<Expr> symbolic_number(const c10::OperatorHandle& op,
                                    const std::vector<c10::IValue>& arguments,
                                    symbolic::ShapeEnv& env) {
  if (arguments.empty()) return std::nullopt;
  const Operand a = operand(arguments[0]);
  if (!a.value) return std::nullopt;
  const std::string& name = op.operator_name().name;
  if (a.symbolic) {
    if (name == "aten::scalar_tensor" || name == "aten::clone" || name == "aten::detach" ||
        name == "aten::alias" || name == "aten::lift_fresh_copy") {
      return a.value;
    }
    // A conversion between integers keeps the number; to a float it is one no more.
    if (name == "aten::_to_copy" && arguments.size() > 1) {
      const bool integral = arguments[1].isNone() ||
                            c10::isIntegralType(arguments[1].toScalarType(), false);
      return integral ? a.value : std::nullopt;
    }
    if (name == "aten::neg") return -*a.value;
  }
  if (arguments.size() < 2) return std::nullopt;
  const Operand b = operand(arguments[1]);
  if (!b.value || !(a.symbolic || b.symbolic)) return std::nullopt;
  if (name == "aten::mul") return *a.value * *b.value;
  if (name == "aten::floor_divide") return floor_div(*a.value, *b.value);
  if (name == "aten::remainder") return mod(*a.value, *b.value);
  if (name == "aten::maximum") return max(*a.value, *b.value);
  if (name == "aten::minimum") return min(*a.value, *b.value);
  if (name == "aten::div" && arguments.size() > 2) {
    return rounded_quotient(*a.value, *b.value, arguments[2], env);
  }
  if (name == "aten::add" || name == "aten::sub" || name == "aten::rsub") {
    const Operand alpha = arguments.size() > 2 ? operand(arguments[2]) : Operand{Expr(1), false};
    if (!alpha.value) return std::nullopt;
    if (name == "aten::add") return *a.value + *alpha.value * *b.value;
    if (name == "aten::sub") return *a.value - *alpha.value * *b.value;
    return *b.value - *alpha.value * *a.value;
  }
  return std::nullopt;
}

}  // namespace tx::capture
