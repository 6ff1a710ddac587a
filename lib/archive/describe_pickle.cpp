#include "archive/describe_pickle.h"

#include <algorithm>
#include <string_view>
#include <vector>

namespace tx::archive {
namespace {

using support::pickle::Kind;
using support::pickle::Value;

bool is_tensor(const Value& value) {
  const std::string_view type = value.object_type();
  return type.substr(0, 22) == "torch._utils._rebuild_" ||
         type == "torch._tensor._rebuild_from_type_v2";
}

bool is_dict(const Value& value) {
  const std::string_view type = value.object_type();
  return value.kind == Kind::Dict || type == "collections.OrderedDict" ||
         type == "collections.defaultdict";
}

/// Every nn.Module keeps its children under this name.
bool is_module(const Value& value) {
  if (value.kind != Kind::Object || value.state == nullptr) return false;
  const auto& state = value.state->entries;
  return std::any_of(state.begin(), state.end(), [](const auto& entry) {
    return entry.first->kind == Kind::String && entry.first->text == "_modules";
  });
}

/// In files of before torch 1.6 the class of a module is ('module', class, file, source).
std::string class_of(const Value& object) {
  const Value* callable = object.callable;
  if (callable->kind == Kind::Persistent && callable->args->items.size() > 1) {
    callable = callable->args->items[1];
  }
  // Python's way to make an object of a plain class is a function with the class as argument.
  if (callable->is_global("copy_reg._reconstructor") && !object.args->items.empty()) {
    callable = object.args->items[0];
  }
  return callable->kind == Kind::Global ? callable->text : std::string("unknown");
}

std::string plural(size_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

std::string first_keys(const Value& dict) {
  constexpr size_t kShown = 4;
  std::string keys;
  size_t shown = 0;
  for (const auto& [key, value] : dict.entries) {
    if (key->kind != Kind::String && key->kind != Kind::Int) continue;
    if (shown == kShown) return keys + ", ...";
    if (!keys.empty()) keys += ", ";
    keys += key->kind == Kind::String ? key->text.substr(0, 80) : std::to_string(key->integer);
    ++shown;
  }
  return keys;
}

}  // namespace

Described describe(const Value& root) {
  if (is_tensor(root)) return {"a tensor saved with torch.save", false, ""};
  if (is_module(root)) return {"a pickled module of class " + class_of(root), true, ""};
  if (is_dict(root)) {
    for (const auto& [key, value] : root.entries) {
      if (key->kind == Kind::String && is_module(*value)) {
        return {"a checkpoint with a pickled module of class " + class_of(*value) + " in '" +
                    key->text + "'",
                true, "[\"" + key->text + "\"]"};
      }
    }
    const auto tensors = static_cast<size_t>(
        std::count_if(root.entries.begin(), root.entries.end(),
                      [](const auto& entry) { return is_tensor(*entry.second); }));
    const std::string keys = root.entries.empty() ? "" : " (" + first_keys(root) + ")";
    if (tensors > 0 && tensors == root.entries.size()) {
      return {"a state_dict of " + plural(tensors, "tensor") + keys, false, ""};
    }
    const std::string entries =
        root.entries.size() == 1 ? "1 entry" : std::to_string(root.entries.size()) + " entries";
    return {"a dict of " + entries + " saved with torch.save" + keys, false, ""};
  }
  switch (root.kind) {
    case Kind::Tuple: return {"a tuple of " + plural(root.items.size(), "value"), false, ""};
    case Kind::List: return {"a list of " + plural(root.items.size(), "value"), false, ""};
    case Kind::Object: return {"a pickled object of class " + class_of(root), false, ""};
    case Kind::Global: return {"the name " + root.text, false, ""};
    default: return {"a plain value", false, ""};
  }
}

}  // namespace tx::archive
