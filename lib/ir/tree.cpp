#include "ir/tree.h"

#include "support/strings.h"

namespace tx::ir {

size_t Tree::num_leaves() const {
  if (kind == TreeKind::Leaf) return 1;
  size_t count = 0;
  for (const Tree& child : children) count += child.num_leaves();
  return count;
}

namespace {
std::string key_text(const TreeKey& key) {
  return std::visit(
      [](const auto& value) -> std::string {
        if constexpr (std::is_same_v<std::decay_t<decltype(value)>, int64_t>)
          return std::to_string(value);
        else
          return support::python_repr(value);
      },
      key);
}
}  // namespace

std::string Tree::text() const {
  if (kind == TreeKind::Leaf) return "*";
  std::vector<std::string> parts;
  for (size_t i = 0; i < children.size(); ++i) {
    std::string label;
    if (kind == TreeKind::Dict && i < keys.size()) label = key_text(keys[i]) + ": ";
    if (kind == TreeKind::NamedTuple && i < fields.size()) label = fields[i] + "=";
    parts.push_back(label + children[i].text());
  }
  const std::string inner = support::join(parts, ", ");
  switch (kind) {
    case TreeKind::List: return "[" + inner + "]";
    case TreeKind::Dict: return "{" + inner + "}";
    case TreeKind::NamedTuple: return type_name.substr(type_name.rfind('.') + 1) + "(" + inner + ")";
    default: return "(" + inner + (children.size() == 1 ? ",)" : ")");
  }
}

size_t InputTree::num_leaves() const {
  size_t count = 0;
  for (const Tree& tree : positional) count += tree.num_leaves();
  for (const Tree& tree : keyword) count += tree.num_leaves();
  return count;
}

}  // namespace tx::ir
