// Journal: what a block of instructions changes in lists, dicts and objects, so that it can be undone.
//
// In:  a note before each change.
// Out: the places that were changed, with their contents before and now.
// Holds: undo() leaves every container and object as it was when the journal was new. What tensors
//        hold is not its matter.
#pragma once
#include <ATen/core/ivalue.h>

#include <optional>
#include <vector>

namespace tx::capture::torchscript {

class Journal {
 public:
  /// A list, a dict, or an attribute of an object.
  struct Place {
    c10::IValue owner;
    std::optional<size_t> attribute;  ///< of an object
    bool operator==(const Place& other) const {
      return owner.internalToPointer() == other.owner.internalToPointer() &&
             attribute == other.attribute;
    }
  };
  struct Entry {
    Place place;
    c10::IValue before;
  };

  void note(const Place& place);
  const std::vector<Entry>& entries() const { return entries_; }
  void undo() const;

  /// A copy of what is there: the items of a container, the value of an attribute.
  static c10::IValue contents(const Place& place);
  static void assign(const Place& place, const c10::IValue& contents);

 private:
  std::vector<Entry> entries_;
};

}  // namespace tx::capture::torchscript
