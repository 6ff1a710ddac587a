#include "capture/torchscript/python_overloads.h"

#include <ATen/core/dispatch/Dispatcher.h>

#include <ATen/ScalarOps.h>

#include <limits>
#include <unordered_map>

namespace tx::capture::torchscript {
namespace {

// Operators whose second argument is a number in TorchScript and a number in a tensor's place in
// Python.
const std::unordered_map<std::string, c10::OperatorHandle>& table() {
  static const auto* handles = [] {
    const auto find = [](const char* name, const char* overload) {
      return c10::Dispatcher::singleton().findSchemaOrThrow(name, overload);
    };
    auto* map = new std::unordered_map<std::string, c10::OperatorHandle>;
    for (const char* name : {"aten::add", "aten::sub", "aten::mul", "aten::div", "aten::add_",
                             "aten::sub_", "aten::mul_", "aten::div_"}) {
      map->emplace(std::string(name) + ".Scalar", find(name, "Tensor"));
    }
    map->emplace("aten::div.Scalar_mode", find("aten::div", "Tensor_mode"));
    map->emplace("aten::div_.Scalar_mode", find("aten::div_", "Tensor_mode"));
    map->emplace("aten::floor_divide.Scalar", find("aten::floor_divide", ""));
    map->emplace("aten::floor_divide_.Scalar", find("aten::floor_divide_", "Tensor"));
    return map;
  }();
  return *handles;
}

}  // namespace

bool call_as_python_does(const torch::jit::Node& node, torch::jit::Stack& stack) {
  const c10::FunctionSchema& schema = node.getOperator().schema();
  if (node.kind() == c10::aten::slice && stack[0].isTensor()) {
    // Python fills in the ends that `x[:n]` leaves out, and calls the operator with them.
    if (stack[2].isNone()) stack[2] = int64_t{0};
    if (stack[3].isNone()) stack[3] = std::numeric_limits<int64_t>::max();
    return false;
  }
  if (schema.overload_name().empty()) return false;
  const auto found = table().find(schema.name() + "." + schema.overload_name());
  if (found == table().end()) return false;
  c10::IValue& number = stack[1];
  if (!number.isScalar() || number.isSymInt() || number.isSymFloat()) return false;
  at::Tensor wrapped = c10::scalar_to_tensor(number.toScalar());
  wrapped.unsafeGetTensorImpl()->set_wrapped_number(true);
  number = wrapped;
  found->second.callBoxed(stack);
  return true;
}

}  // namespace tx::capture::torchscript
