#include "capture/torchscript/journal.h"

#include <algorithm>

#include "capture/opaque.h"

namespace tx::capture::torchscript {
namespace {

c10::IValue some_key(const c10::Type& type) {
  switch (type.kind()) {
    case c10::TypeKind::IntType: return 0;
    case c10::TypeKind::FloatType: return 0.0;
    case c10::TypeKind::BoolType: return false;
    default: return "";
  }
}

}  // namespace

void Journal::note(const Place& place) {
  const bool known = std::any_of(entries_.begin(), entries_.end(),
                                 [&place](const Entry& entry) { return entry.place == place; });
  if (!known) entries_.push_back({place, contents(place)});
}

void Journal::keep_only(const Containers& containers) {
  std::erase_if(entries_, [&containers](const Entry& entry) {
    return !containers.contains(entry.place.owner.internalToPointer());
  });
}

void Journal::undo() const {
  for (const Entry& entry : entries_) assign(entry.place, entry.before);
}

c10::IValue Journal::contents(const Place& place) {
  if (place.attribute) return place.owner.toObjectRef().getSlot(*place.attribute);
  if (place.owner.isGenericDict()) return place.owner.toGenericDict().copy();
  return place.owner.toList().copy();
}

void Journal::assign(const Place& place, const c10::IValue& contents) {
  if (place.attribute) {
    place.owner.toObject()->setSlot(*place.attribute, contents);
  } else if (place.owner.isGenericDict()) {
    auto dict = place.owner.toGenericDict();
    dict.clear();
    for (const auto& entry : contents.toGenericDict()) dict.insert(entry.key(), entry.value());
  } else {
    auto list = place.owner.toList();
    list.clear();
    for (const c10::IValue& item : contents.toListRef()) list.push_back(item);
  }
}

void Journal::forget(const Place& place) {
  if (place.attribute) {
    assign(place, opaque_value());
  } else if (place.owner.isList()) {
    auto list = place.owner.toList();
    list.clear();
    list.push_back(unknown_items());
  } else {
    auto dict = place.owner.toGenericDict();
    dict.clear();
    dict.insert(some_key(*dict.keyType()), unknown_items());
  }
}

}  // namespace tx::capture::torchscript
