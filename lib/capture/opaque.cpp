#include "capture/opaque.h"

#include <algorithm>

namespace tx::capture {
namespace {

struct Marker final : torch::CustomClassHolder {};

using MarkerPtr = c10::intrusive_ptr<torch::CustomClassHolder>;

const MarkerPtr& opaque_marker() {
  static const MarkerPtr marker = c10::make_intrusive<Marker>();
  return marker;
}

const MarkerPtr& uninitialized_marker() {
  static const MarkerPtr marker = c10::make_intrusive<Marker>();
  return marker;
}

const MarkerPtr& items_marker() {
  static const MarkerPtr marker = c10::make_intrusive<Marker>();
  return marker;
}

bool is_marker(const c10::IValue& value, const MarkerPtr& marker) {
  return value.isCapsule() && value.toCapsule() == marker;
}

}  // namespace

c10::IValue opaque_value() { return c10::IValue::make_capsule(opaque_marker()); }
bool is_opaque(const c10::IValue& value) {
  return is_marker(value, opaque_marker()) || is_marker(value, items_marker());
}
c10::IValue unknown_items() { return c10::IValue::make_capsule(items_marker()); }
bool has_unknown_items(const c10::IValue& container) {
  const auto is_items = [](const c10::IValue& value) { return is_marker(value, items_marker()); };
  if (container.isList()) {
    const auto items = container.toListRef();
    return std::any_of(items.begin(), items.end(), is_items);
  }
  if (!container.isGenericDict()) return false;
  for (const auto& entry : container.toGenericDict()) {
    if (is_items(entry.value())) return true;
  }
  return false;
}
c10::IValue uninitialized_value() { return c10::IValue::make_capsule(uninitialized_marker()); }
bool is_uninitialized(const c10::IValue& value) { return is_marker(value, uninitialized_marker()); }

bool holds_opaque(const c10::IValue& value) {
  if (is_opaque(value)) return true;
  if (value.isTuple()) {
    const auto& items = value.toTupleRef().elements();
    return std::any_of(items.begin(), items.end(), holds_opaque);
  }
  if (value.isList()) {
    const auto items = value.toListRef();
    return std::any_of(items.begin(), items.end(), holds_opaque);
  }
  if (value.isGenericDict()) {
    for (const auto& entry : value.toGenericDict()) {
      if (holds_opaque(entry.value())) return true;
    }
  }
  return false;
}

}  // namespace tx::capture
