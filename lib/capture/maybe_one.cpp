#include "capture/maybe_one.h"

#include <ATen/FunctionalTensorWrapper.h>

#include <algorithm>

#include "capture/dispatch/functional.h"

namespace tx::capture {
namespace {

// What makes a value this one and no other; null for values without identity.
const void* identity(const c10::IValue& value) {
  if (value.isTensor()) {
    const at::Tensor& tensor = value.toTensor();
    return tensor.defined() && at::functionalization::impl::isFunctionalTensor(tensor)
               ? memory_of(tensor).unsafeGetStorageImpl()
               : nullptr;
  }
  return value.isList() || value.isGenericDict() ? value.internalToPointer() : nullptr;
}

bool is_among(const std::vector<c10::IValue>& values, const void* wanted) {
  return std::any_of(values.begin(), values.end(),
                     [wanted](const c10::IValue& value) { return identity(value) == wanted; });
}

}  // namespace

void MaybeOne::add(std::vector<c10::IValue> values) { groups_.push_back(std::move(values)); }

bool MaybeOne::has_others(const c10::IValue& value) const {
  const void* id = identity(value);
  return id && std::any_of(groups_.begin(), groups_.end(),
                           [id](const auto& group) { return is_among(group, id); });
}

void MaybeOne::write(const c10::IValue& value, const diag::Diagnostic& write) {
  // What is one with another's other is one with it too.
  std::vector<const void*> reached{identity(value)};
  for (size_t next = 0; next < reached.size(); ++next) {
    for (const std::vector<c10::IValue>& group : groups_) {
      if (!is_among(group, reached[next])) continue;
      for (const c10::IValue& other : group) {
        const void* id = identity(other);
        if (!id || std::find(reached.begin(), reached.end(), id) != reached.end()) continue;
        reached.push_back(id);
        outdated_.emplace(id, write);
      }
    }
  }
}

const diag::Diagnostic* MaybeOne::lacks(const c10::IValue& value) const {
  if (outdated_.empty()) return nullptr;
  const auto found = outdated_.find(identity(value));
  return found == outdated_.end() ? nullptr : &found->second;
}

}  // namespace tx::capture
