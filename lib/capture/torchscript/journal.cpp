#include "capture/torchscript/journal.h"

#include <algorithm>

namespace tx::capture::torchscript {

void Journal::note(const Place& place) {
  const bool known = std::any_of(entries_.begin(), entries_.end(),
                                 [&place](const Entry& entry) { return entry.place == place; });
  if (!known) entries_.push_back({place, contents(place)});
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

}  // namespace tx::capture::torchscript
