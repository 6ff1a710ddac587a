// Pytrees of IValues: nested values to flat leaves and back.
//
// In:  values of tuples, named tuples, lists and dicts of tensors, numbers, strings and None.
// Out: a Tree and its leaves from left to right; the leaves of a tree as nested values.
// Holds: None is a leaf, as in torch. A dict whose keys are tensors is a List of (key, value)
//        tuples whose element_type is the type of the dict: tensors cannot be part of a Tree.
//        Otherwise element_type is set for empty containers only, so trees of equal structure are
//        equal.
#pragma once
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include <ATen/core/ivalue.h>

#include "ir/tree.h"

namespace tx::inputs {

/// A value that a tree cannot hold, such as an object; or leaves that do not fit a tree.
class TreeError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Appends the leaves of `value` to `leaves`. Throws TreeError; `path` is what it calls the value.
ir::Tree flatten(const c10::IValue& value, std::vector<c10::IValue>& leaves,
                 const std::string& path = "value");

/// As flatten(), for a value that has to have the structure of `tree`; a list may stand for a
/// tuple, and a dict of the fields for a named tuple. Throws TreeError.
void flatten_as(const ir::Tree& tree, const c10::IValue& value, std::vector<c10::IValue>& leaves,
                const std::string& path = "value");

/// The value of a tree; `leaves` must be as many as the tree has. Throws TreeError.
c10::IValue unflatten(const ir::Tree& tree, std::span<const c10::IValue> leaves);

/// Where each leaf is, as Python writes it: "x", "kv[0]['k']", "out.logits".
std::vector<std::string> leaf_paths(const ir::Tree& tree, const std::string& root);
std::vector<std::string> leaf_paths(const ir::InputTree& tree);

/// torch 2.13's names of the placeholders of user inputs, one for each leaf: "x", "d_a", "l_0".
std::vector<std::string> placeholder_names(const ir::InputTree& tree);

}  // namespace tx::inputs
