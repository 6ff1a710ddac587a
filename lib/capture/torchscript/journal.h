// Journal: what a block of instructions changes in lists, dicts and objects, so that it can be undone.
//
// In:  a note before each change.
// Out: the places that were changed, with their contents before and now.
// Holds: undo() leaves every container and object as it was when the journal was new. What tensors
//        hold is not its matter.
#pragma once
#include <ATen/core/ivalue.h>

#include <optional>
#include <unordered_set>
#include <vector>

namespace tx::capture::torchscript {

/// Lists, dicts and objects, by identity.
using Containers = std::unordered_set<const void*>;

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
  /// Forgets changes of what is none of `containers`: nobody else knows what was made in the block.
  void keep_only(const Containers& containers);

  /// A copy of what is there: the items of a container, the value of an attribute.
  static c10::IValue contents(const Place& place);
  static void assign(const Place& place, const c10::IValue& contents);
  /// Nothing is known of what is there.
  static void forget(const Place& place);

 private:
  std::vector<Entry> entries_;
};

}  // namespace tx::capture::torchscript
