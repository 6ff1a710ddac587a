#include "decomp/rule_operators.h"

#include <ATen/Dispatch.h>
#include <ATen/ScalarOps.h>
#include <ATen/core/stack.h>
#include <ATen/ops/add.h>
#include <ATen/ops/neg.h>
#include <ATen/ops/sub.h>
#include <torch/csrc/jit/runtime/custom_operator.h>

#include <algorithm>
#include <numeric>

#include "diag/diagnostic.h"

namespace tx::decomp {
namespace {

using torch::jit::Operator;
using torch::jit::Stack;

at::Tensor wrapped(const c10::IValue& number) {
  at::Tensor tensor = c10::scalar_to_tensor(number.toScalar());
  tensor.unsafeGetTensorImpl()->set_wrapped_number(true);
  return tensor;
}

void subtract(Stack& stack) {
  const at::Tensor tensor = torch::jit::pop(stack).toTensor();
  const c10::IValue number = torch::jit::pop(stack);
  if (number.isSymInt() || number.isSymFloat()) {
    stack.emplace_back(at::add(at::neg(tensor), number.toScalar()));
  } else {
    stack.emplace_back(at::sub(wrapped(number), tensor));
  }
}

void known(Stack& stack) {
  const c10::IValue condition = torch::jit::pop(stack);
  stack.back() = condition.isSymBool() ? condition.toSymBool().guard_or_false(__FILE__, __LINE__)
                                       : condition.toBool();
}

void always(Stack& stack) {
  const c10::IValue condition = torch::jit::pop(stack);
  if (condition.isBool()) {
    stack.back() = condition.toBool();
    return;
  }
  try {
    // What follows for the sizes that the program allows is known; anything else is refused.
    stack.back() = condition.toSymBool().guard_bool(__FILE__, __LINE__);
  } catch (const diag::Failure&) {
    stack.back() = false;
  }
}

void layout_order(Stack& stack) {
  const at::Tensor tensor = torch::jit::pop(stack).toTensor();
  const auto strides = tensor.sym_strides();
  std::vector<int64_t> order(static_cast<size_t>(tensor.dim()));
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
    return strides[static_cast<size_t>(a)]
        .sym_gt(strides[static_cast<size_t>(b)])
        .guard_or_false(__FILE__, __LINE__);
  });
  stack.emplace_back(c10::List<int64_t>(order));
}

struct Limits {
  double highest, lowest;
};

Limits limits(c10::ScalarType dtype) {
  Limits result{};
  AT_DISPATCH_FLOATING_TYPES_AND2(c10::kHalf, c10::kBFloat16, dtype, "limits", [&] {
    result = {static_cast<double>(std::numeric_limits<scalar_t>::max()),
              static_cast<double>(std::numeric_limits<scalar_t>::lowest())};
  });
  return result;
}

}  // namespace

void register_rule_operators() {
  static const auto* registered = [] {
    const auto alias = c10::AliasAnalysisKind::CONSERVATIVE;
    return new torch::jit::RegisterOperators({
        // number - tensor. A symbolic number cannot stand where an operator takes a tensor.
        Operator("rule::sub(Scalar a, Tensor b) -> Tensor", subtract, alias),
        // Whether a condition on sizes holds for all that the program allows; the tensor makes the
        // interpreter hand on a symbolic condition.
        Operator("rule::known(Tensor x, bool condition) -> bool", known, alias),
        // The same, also for sizes of 0 and 1.
        Operator("rule::always(Tensor x, bool condition) -> bool", always, alias),
        Operator("rule::is_symbolic(Tensor x, int n) -> bool",
                 [](Stack& stack) {
                   const bool symbolic = torch::jit::pop(stack).isSymInt();
                   stack.back() = symbolic;
                 },
                 alias),
        // What many rules ask, in one step: a rule is walked step by step.
        // A dimension counted from the front; a tensor without dimensions is taken for one with one.
        Operator("rule::dim_of(Tensor x, int dim) -> int",
                 [](Stack& stack) {
                   const int64_t dim = torch::jit::pop(stack).toInt();
                   const int64_t rank = std::max<int64_t>(stack.back().toTensor().dim(), 1);
                   stack.back() = dim >= 0 ? dim : dim + rank;
                 },
                 alias),
        // 0, 1, 2 ...
        Operator("rule::dims(Tensor x) -> int[]",
                 [](Stack& stack) {
                   std::vector<int64_t> dims(static_cast<size_t>(stack.back().toTensor().dim()));
                   std::iota(dims.begin(), dims.end(), 0);
                   stack.back() = c10::List<int64_t>(dims);
                 },
                 alias),
        // The dimensions from the slowest to the fastest.
        Operator("rule::layout_order(Tensor x) -> int[]", layout_order, alias),
        Operator("rule::is_floating_point(int dtype) -> bool",
                 [](Stack& stack) { stack.back() = c10::isFloatingType(stack.back().toScalarType()); },
                 alias),
        Operator("rule::is_complex(int dtype) -> bool",
                 [](Stack& stack) { stack.back() = c10::isComplexType(stack.back().toScalarType()); },
                 alias),
        // The largest and the smallest finite number of a floating-point dtype.
        Operator("rule::highest(int dtype) -> float",
                 [](Stack& stack) { stack.back() = limits(stack.back().toScalarType()).highest; }, alias),
        Operator("rule::lowest(int dtype) -> float",
                 [](Stack& stack) { stack.back() = limits(stack.back().toScalarType()).lowest; }, alias),
    });
  }();
  (void)registered;
}

}  // namespace tx::decomp
