#include "capture/dispatch/meta_kernel.h"

#include <ATen/ops/empty_strided.h>

#include "capture/dispatch/convert.h"
#include "capture/dispatch/layers.h"
#include "capture/dispatch/traced_tensor.h"

namespace tx::capture {
namespace {

std::vector<int64_t> hints(const std::vector<ir::Expr>& values, const symbolic::ShapeEnv& env) {
  std::vector<int64_t> result;
  result.reserve(values.size());
  for (const ir::Expr& value : values) {
    const auto hint = env.stand_in(value);
    TORCH_CHECK_NOT_IMPLEMENTED(hint.has_value(), "a size without an example value");
    result.push_back(*hint);
  }
  return result;
}

c10::IValue to_symbolic_meta(const c10::IValue& value) {
  if (value.isTensor()) {
    const TracedTensorImpl* traced = as_traced(value.toTensor());
    if (!traced) return value;
    const ir::TensorType& type = traced->type();
    const auto symbols = [](const std::vector<ir::Expr>& values) {
      std::vector<c10::SymInt> result;
      for (const ir::Expr& each : values) result.push_back(to_sym_int(each));
      return result;
    };
    return at::empty_strided_symint(symbols(type.sizes), symbols(type.strides),
                                    at::TensorOptions(to_scalar_type(type.dtype)).device(c10::kMeta));
  }
  if (value.isDevice()) return c10::Device(c10::kMeta);
  if (value.isTensorList() || value.isOptionalTensorList()) {
    c10::impl::GenericList list(value.toList().elementType());
    for (const c10::IValue& item : value.toListRef()) list.push_back(to_symbolic_meta(item));
    return list;
  }
  return value;
}

c10::IValue to_meta(const c10::IValue& value, const symbolic::ShapeEnv& env) {
  if (value.isTensor()) {
    const at::Tensor& tensor = value.toTensor();
    if (!tensor.defined()) return value;
    const TracedTensorImpl* traced = as_traced(tensor);
    if (!traced) return value;  // a wrapped number
    const ir::TensorType& type = traced->type();
    return at::empty_strided(hints(type.sizes, env), hints(type.strides, env),
                             at::TensorOptions(to_scalar_type(type.dtype)).device(c10::kMeta));
  }
  if (value.isDevice()) return c10::Device(c10::kMeta);
  if (value.isSymInt()) {
    const ir::Expr expr = to_expr(value.toSymInt());
    return hints({expr}, env).front();
  }
  if (value.isList()) {
    const auto items = value.toListRef();
    if (std::any_of(items.begin(), items.end(), [](const c10::IValue& v) { return v.isSymInt(); })) {
      // Kernels that take plain sizes look at the type of the list.
      c10::List<int64_t> sizes;
      for (const c10::IValue& item : items) sizes.push_back(to_meta(item, env).toInt());
      return sizes;
    }
    c10::impl::GenericList list(value.toList().elementType());
    for (const c10::IValue& item : items) list.push_back(to_meta(item, env));
    return list;
  }
  return value;
}

// Factories take the device from an argument that may be left out.
void ask_for_meta_device(const c10::FunctionSchema& schema, torch::jit::Stack& stack) {
  bool has_tensor = false;
  for (const c10::IValue& value : stack) has_tensor |= value.isTensor() || value.isTensorList();
  for (size_t i = 0; i < stack.size(); ++i) {
    if (!has_tensor && stack[i].isNone() && schema.arguments()[i].name() == "device") {
      stack[i] = c10::Device(c10::kMeta);
    }
    if (schema.arguments()[i].name() == "pin_memory") stack[i] = c10::IValue();
  }
}

ir::Type type_of_value(const c10::IValue& value) {
  if (value.isTensor()) {
    if (!value.toTensor().defined()) return ir::NoneType{};
    ir::TensorType type = type_of(value.toTensor());
    type.device = ir::Device{};
    return type;
  }
  if (value.isList()) {
    ir::TupleType list;
    for (const c10::IValue& item : value.toListRef()) list.elements.push_back(type_of_value(item));
    return list;
  }
  return ir::NoneType{};
}

}  // namespace

namespace {

// Meta kernels of LibTorch that are wrong: a number in a tensor has no dimensions, theirs has one.
bool has_wrong_kernel(const c10::OperatorHandle& op) {
  static const c10::OperatorName isin("aten::isin", "Scalar_Tensor");
  return op.operator_name() == isin;
}

}  // namespace

MetaSupport meta_support(const c10::OperatorHandle& op) {
  if (has_wrong_kernel(op)) return MetaSupport::None;
  if (op.hasKernelForDispatchKey(c10::DispatchKey::Meta)) return MetaSupport::Direct;
  // LibTorch has a fallback for all others, which only says that there is no kernel.
  for (const auto key : {c10::DispatchKey::CompositeExplicitAutograd,
                         c10::DispatchKey::CompositeExplicitAutogradNonFunctional,
                         c10::DispatchKey::CompositeImplicitAutograd}) {
    if (op.hasKernelForDispatchKey(key)) return MetaSupport::Composite;
  }
  return MetaSupport::None;
}

std::optional<ir::Type> run_meta_kernel(const c10::OperatorHandle& op,
                                        const std::vector<c10::IValue>& arguments,
                                        const symbolic::ShapeEnv& env) {
  const BelowCapture below;
  torch::jit::Stack stack;
  try {
    for (const c10::IValue& value : arguments) stack.push_back(to_meta(value, env));
    ask_for_meta_device(op.schema(), stack);
    op.callBoxed(stack);
  } catch (const c10::NotImplementedError&) {
    return std::nullopt;
  }
  return type_of_results(op.schema(), stack);
}

std::optional<ir::Type> run_symbolic_meta_kernel(const c10::OperatorHandle& op,
                                                 const std::vector<c10::IValue>& arguments,
                                                 std::string& reason) {
  const BelowCapture below;
  torch::jit::Stack stack;
  try {
    for (const c10::IValue& value : arguments) stack.push_back(to_symbolic_meta(value));
    ask_for_meta_device(op.schema(), stack);
    op.callBoxed(stack);
    return type_of_results(op.schema(), stack);
  } catch (const c10::Error& error) {
    reason = error.what_without_backtrace();
    reason.resize(std::min(reason.find('\n'), reason.size()));
    // What LibTorch says when it is asked for the value of a symbolic size.
    if (reason.find("Python") != std::string::npos) reason = "it asks for sizes as plain numbers";
  }
  return std::nullopt;
}

ir::Type type_of_results(const c10::FunctionSchema& schema,
                         const std::vector<c10::IValue>& results) {
  if (schema.returns().size() == 1) return type_of_value(results.front());
  ir::TupleType tuple;
  for (const c10::IValue& result : results) tuple.elements.push_back(type_of_value(result));
  return tuple;
}

}  // namespace tx::capture
