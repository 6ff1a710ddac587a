#include "capture/dispatch/holds_number.h"

#include <algorithm>

#include "capture/dispatch/convert.h"
#include "capture/dispatch/sym_node.h"
#include "capture/dispatch/traced_tensor.h"

namespace tx::capture {

bool holds_number(const ir::Type& type, const IsSought& is_sought) {
  if (const ir::TensorType* tensor = type.tensor()) {
    return std::any_of(tensor->sizes.begin(), tensor->sizes.end(), is_sought) ||
           std::any_of(tensor->strides.begin(), tensor->strides.end(), is_sought);
  }
  if (const ir::TupleType* tuple = type.tuple()) {
    return std::any_of(tuple->elements.begin(), tuple->elements.end(),
                       [&](const ir::Type& element) { return holds_number(element, is_sought); });
  }
  return false;
}

bool holds_number(const c10::IValue& value, const IsSought& is_sought) {
  if (value.isSymInt()) return is_sought(to_expr(value.toSymInt()));
  if (value.isSymFloat()) return is_sought(expr_of(value.toSymFloat().toSymNodeImpl()));
  if (value.isSymBool()) return is_sought(expr_of(value.toSymBool().toSymNodeImpl()));
  if (value.isTensor()) {
    const TracedTensorImpl* traced =
        value.toTensor().defined() ? as_traced(value.toTensor()) : nullptr;
    return traced && holds_number(ir::Type(traced->type()), is_sought);
  }
  if (!value.isList()) return false;
  const auto items = value.toListRef();
  return std::any_of(items.begin(), items.end(),
                     [&](const c10::IValue& item) { return holds_number(item, is_sought); });
}

}  // namespace tx::capture
