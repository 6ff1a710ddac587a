#include "driver/value_text.h"

#include <ATen/core/Formatting.h>

#include <sstream>

#include "support/strings.h"

namespace tx::driver {
namespace {

// LibTorch's own printing of a tensor, with dtype and shape in the last line.
std::string tensor_text(const at::Tensor& tensor) {
  std::ostringstream out;
  at::print(out, tensor, 120);
  return out.str();
}

std::string text_of(const c10::IValue& value) {
  if (value.isTensor()) return value.toTensor().defined() ? tensor_text(value.toTensor()) : "None";
  if (value.isNone()) return "None";
  if (value.isBool()) return support::python_repr(value.toBool());
  if (value.isInt()) return std::to_string(value.toInt());
  if (value.isDouble()) return support::python_repr(value.toDouble());
  if (value.isString()) return support::python_repr(value.toStringRef());
  std::vector<std::string> items;
  if (value.isTuple()) {
    for (const c10::IValue& item : value.toTupleRef().elements()) items.push_back(text_of(item));
    return "(" + support::join(items, ",\n ") + (items.size() == 1 ? ",)" : ")");
  }
  if (value.isList()) {
    for (const c10::IValue& item : value.toListRef()) items.push_back(text_of(item));
    return "[" + support::join(items, ",\n ") + "]";
  }
  if (value.isGenericDict()) {
    for (const auto& entry : value.toGenericDict()) {
      items.push_back(text_of(entry.key()) + ": " + text_of(entry.value()));
    }
    return "{" + support::join(items, ",\n ") + "}";
  }
  std::ostringstream out;
  out << value;
  return out.str();
}

}  // namespace

std::string value_text(const c10::IValue& value) { return text_of(value) + "\n"; }

}  // namespace tx::driver
