#include "capture/dispatch/convert.h"

#include <stdexcept>

#include "capture/dispatch/sym_node.h"

namespace tx::capture {

c10::ScalarType to_scalar_type(ir::DType dtype) { return static_cast<c10::ScalarType>(dtype); }
ir::DType to_dtype(c10::ScalarType type) { return static_cast<ir::DType>(type); }
ir::Device to_device(const c10::Device& device) {
  return {c10::DeviceTypeName(device.type(), /*lower_case=*/true), device.index()};
}

c10::SymInt to_sym_int(const ir::Expr& value) {
  return value.is_constant() ? c10::SymInt(value.value()) : make_sym_int(value);
}

std::vector<c10::SymInt> to_sym_ints(const std::vector<ir::Expr>& values) {
  std::vector<c10::SymInt> result;
  result.reserve(values.size());
  for (const ir::Expr& value : values) result.push_back(to_sym_int(value));
  return result;
}

ir::Expr to_expr(const c10::SymInt& value) {
  if (const auto constant = value.maybe_as_int()) return ir::Expr(*constant);
  return expr_of(value.toSymNode());
}

std::string target_of(const c10::OperatorName& name) {
  std::string target = name.name;
  if (const auto colons = target.find("::"); colons != std::string::npos) {
    target.replace(colons, 2, ".");
  }
  return target + "." + (name.overload_name.empty() ? "default" : name.overload_name);
}

ir::TensorType type_of(const at::Tensor& tensor) {
  ir::TensorType type;
  type.dtype = to_dtype(tensor.scalar_type());
  type.device = to_device(tensor.device());
  for (const c10::SymInt& size : tensor.sym_sizes()) type.sizes.push_back(to_expr(size));
  for (const c10::SymInt& stride : tensor.sym_strides()) type.strides.push_back(to_expr(stride));
  return type;
}

namespace {

c10::TypePtr without_optional(const c10::TypePtr& type) {
  if (type->kind() == c10::TypeKind::OptionalType) {
    return type->expectRef<c10::OptionalType>().getElementType();
  }
  return type;
}

}  // namespace

ir::Argument to_argument(const c10::IValue& value, const c10::TypePtr& real_type,
                         const std::function<ir::Argument(const at::Tensor&)>& tensor,
                         const std::function<ir::Argument(const ir::Expr&)>& symbol) {
  if (value.isNone()) return ir::NoneArg{};
  const c10::TypePtr type = without_optional(real_type);
  if (value.isTensor()) {
    if (!value.toTensor().defined()) return ir::NoneArg{};
    return tensor(value.toTensor());
  }
  if (value.isInt()) {
    switch (type->kind()) {
      case c10::TypeKind::ScalarTypeType: return static_cast<ir::DType>(value.toInt());
      case c10::TypeKind::LayoutType: return static_cast<ir::Layout>(value.toInt());
      case c10::TypeKind::MemoryFormatType: return static_cast<ir::MemoryFormat>(value.toInt());
      default: return value.toInt();
    }
  }
  if (value.isSymInt()) {
    const ir::Expr expr = to_expr(value.toSymInt());
    if (expr.is_constant()) return expr.value();
    return symbol(expr);
  }
  if (value.isSymBool()) return symbol(expr_of(value.toSymBool().toSymNodeImpl()));
  if (value.isSymFloat()) return symbol(expr_of(value.toSymFloat().toSymNodeImpl()));
  if (value.isBool()) return value.toBool();
  if (value.isDouble()) return value.toDouble();
  if (value.isComplexDouble()) {
    return std::complex<double>(value.toComplexDouble().real(), value.toComplexDouble().imag());
  }
  if (value.isString()) return value.toStringRef();
  if (value.isDevice()) return to_device(value.toDevice());
  if (value.isList()) {
    ir::ListArg list;
    const c10::TypePtr element = type->kind() == c10::TypeKind::ListType
                                     ? type->expectRef<c10::ListType>().getElementType()
                                     : value.toList().elementType();
    for (const c10::IValue& item : value.toListRef()) {
      list.items.push_back(to_argument(item, element, tensor, symbol));
    }
    return list;
  }
  throw std::invalid_argument(value.tagKind());
}

}  // namespace tx::capture
