// Tree: how the flat inputs and outputs of a graph make up the model's own values.
//
// torch's pytree, with names: the leaves of a tree, left to right, are the flat values.
#pragma once
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace tx::ir {

enum class TreeKind : uint8_t { Leaf, Tuple, List, Dict, NamedTuple };

/// A dict's key: string, int, float or bool.
using TreeKey = std::variant<std::string, int64_t, double, bool>;

struct Tree {
  TreeKind kind = TreeKind::Leaf;
  std::vector<Tree> children;
  std::vector<TreeKey> keys;            ///< of a Dict, one for each child
  std::vector<std::string> fields;      ///< of a NamedTuple
  std::string type_name;                ///< of a NamedTuple: its qualified name
  /// Element type of an empty List or the key and value types of an empty Dict, in TorchScript's
  /// notation ("Tensor", "Dict(str, int)"), so that an empty container keeps its type.
  std::string element_type;

  size_t num_leaves() const;
  bool operator==(const Tree&) const = default;
  /// "(*, [*, *], {'a': *})": for messages.
  std::string text() const;
};

/// The inputs of a program: the positional and the keyword arguments that were given.
struct InputTree {
  std::vector<std::string> positional_names;  ///< argument names of the model's signature
  std::vector<Tree> positional;
  std::vector<std::string> keyword_names;
  std::vector<Tree> keyword;
  size_t num_leaves() const;
  bool operator==(const InputTree&) const = default;
};

}  // namespace tx::ir
