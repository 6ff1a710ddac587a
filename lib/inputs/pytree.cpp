#include "inputs/pytree.h"

#include <torch/csrc/jit/frontend/function_schema_parser.h>

#include <cctype>
#include <set>

#include "inputs/convert.h"
#include "support/strings.h"

namespace tx::inputs {
namespace {

using c10::IValue;
using c10::TypePtr;
using ir::Tree;
using ir::TreeKind;

std::string item_path(const std::string& path, size_t index) {
  return path + "[" + std::to_string(index) + "]";
}

ir::TreeKey tree_key(const IValue& key) {
  if (key.isString()) return key.toStringRef();
  if (key.isInt()) return key.toInt();
  if (key.isDouble()) return key.toDouble();
  return key.toBool();
}
IValue key_value(const ir::TreeKey& key) {
  return std::visit([](const auto& value) { return IValue(value); }, key);
}

bool has_tensor_keys(const Tree& tree) {
  return tree.kind == TreeKind::List && tree.element_type.starts_with("Dict(Tensor");
}

/// "Out" of "__torch__.models.___torch_mangle_3.Out" is models.Out.
std::string plain_name(const std::string& qualified) {
  std::vector<std::string> kept;
  for (const std::string& atom : support::split(qualified, '.')) {
    if (atom != "__torch__" && !atom.starts_with("___torch_mangle_")) kept.push_back(atom);
  }
  return support::join(kept, ".");
}

Tree flatten_dict(const IValue& value, std::vector<IValue>& leaves, const std::string& path) {
  const auto dict = value.toGenericDict();
  Tree tree;
  if (!dict.empty() && dict.begin()->key().isTensor()) {
    tree.kind = TreeKind::List;
    tree.element_type = value.type()->str();
    for (const auto& entry : dict) {
      const std::string place = item_path(path, tree.children.size());
      Tree pair{TreeKind::Tuple, {}, {}, {}, {}, {}};
      pair.children.push_back(flatten(entry.key(), leaves, place + "[0]"));
      pair.children.push_back(flatten(entry.value(), leaves, place + "[1]"));
      tree.children.push_back(std::move(pair));
    }
    return tree;
  }
  tree.kind = TreeKind::Dict;
  if (dict.empty()) tree.element_type = value.type()->str();
  for (const auto& entry : dict) {
    tree.keys.push_back(tree_key(entry.key()));
    tree.children.push_back(flatten(entry.value(), leaves, path + key_text(entry.key())));
  }
  return tree;
}

Tree flatten_tuple(const IValue& value, std::vector<IValue>& leaves, const std::string& path) {
  Tree tree;
  tree.kind = TreeKind::Tuple;
  const auto type = value.type()->cast<c10::TupleType>();
  const bool named = type != nullptr && type->schema() != nullptr;
  if (named) {
    tree.kind = TreeKind::NamedTuple;
    if (type->name()) tree.type_name = plain_name(type->name()->qualifiedName());
    for (const c10::Argument& field : type->schema()->arguments()) {
      tree.fields.push_back(field.name());
    }
  }
  const auto& elements = value.toTupleRef().elements();
  for (size_t i = 0; i < elements.size(); ++i) {
    const std::string place = named ? path + "." + tree.fields[i] : item_path(path, i);
    tree.children.push_back(flatten(elements[i], leaves, place));
  }
  return tree;
}

/// A type in TorchScript's notation: "Tensor", "Dict(str, int)", "int[]". What cannot be parsed
/// (a class) is Any.
TypePtr parse_type(const std::string& text) {
  try {
    return torch::jit::parseSchema("f(" + text + " x) -> ()").arguments().front().type();
  } catch (const std::exception&) {
    return c10::AnyType::get();
  }
}

TypePtr type_of(const IValue& value) {
  return value.isTensor() ? TypePtr(c10::TensorType::get()) : value.type();
}

/// The type that all have; Optional of it if some are None; else Any.
TypePtr common_type(const std::vector<IValue>& values) {
  TypePtr common;
  bool has_none = false;
  for (const IValue& value : values) {
    if (value.isNone()) {
      has_none = true;
      continue;
    }
    const TypePtr type = type_of(value);
    if (common == nullptr) common = type;
    if (*common != *type) return c10::AnyType::get();
  }
  if (common == nullptr) return c10::NoneType::get();
  return has_none ? TypePtr(c10::OptionalType::create(common)) : common;
}

class Unflattener {
 public:
  explicit Unflattener(std::span<const IValue> leaves) : leaves_(leaves) {}

  IValue build(const Tree& tree) {
    if (tree.kind == TreeKind::Leaf) return leaves_[next_++];
    if (has_tensor_keys(tree)) return build_tensor_dict(tree);
    std::vector<IValue> children;
    children.reserve(tree.children.size());
    for (const Tree& child : tree.children) children.push_back(build(child));
    switch (tree.kind) {
      case TreeKind::List: return build_list(tree, children);
      case TreeKind::Dict: return build_dict(tree, children);
      case TreeKind::NamedTuple: return build_named_tuple(tree, std::move(children));
      default: return c10::ivalue::Tuple::create(std::move(children));
    }
  }

 private:
  static IValue build_list(const Tree& tree, const std::vector<IValue>& children) {
    c10::impl::GenericList list(children.empty() ? parse_type(tree.element_type)
                                                 : common_type(children));
    for (const IValue& child : children) list.push_back(child);
    return list;
  }

  static IValue build_dict(const Tree& tree, const std::vector<IValue>& children) {
    if (children.empty()) {
      const auto type = parse_type(tree.element_type)->cast<c10::DictType>();
      if (type == nullptr) {
        return c10::impl::GenericDict(c10::StringType::get(), c10::AnyType::get());
      }
      return c10::impl::GenericDict(type->getKeyType(), type->getValueType());
    }
    if (tree.keys.size() != children.size()) throw TreeError("a dict without a key for each value");
    c10::impl::GenericDict dict(key_value(tree.keys[0]).type(), common_type(children));
    for (size_t i = 0; i < children.size(); ++i) {
      dict.insert_or_assign(key_value(tree.keys[i]), children[i]);
    }
    return dict;
  }

  IValue build_tensor_dict(const Tree& tree) {
    const auto type = parse_type(tree.element_type)->cast<c10::DictType>();
    c10::impl::GenericDict dict(c10::TensorType::get(), type ? type->getValueType()
                                                             : TypePtr(c10::AnyType::get()));
    for (const Tree& pair : tree.children) {
      if (pair.children.size() != 2) throw TreeError("an entry of a dict that is no pair");
      IValue key = build(pair.children[0]);
      dict.insert_or_assign(std::move(key), build(pair.children[1]));
    }
    return dict;
  }

  static IValue build_named_tuple(const Tree& tree, std::vector<IValue> children) {
    if (tree.fields.size() != children.size()) {
      throw TreeError("a named tuple without a name for each field");
    }
    std::vector<TypePtr> types;
    for (const IValue& child : children) types.push_back(type_of(child));
    auto type = c10::TupleType::createNamed(
        c10::QualifiedName(tree.type_name.empty() ? "NamedTuple" : tree.type_name), tree.fields,
        types);
    return c10::ivalue::Tuple::createNamed(std::move(children), std::move(type));
  }

  std::span<const IValue> leaves_;
  size_t next_ = 0;
};

/// Calls `visit` with the steps to each leaf.
template <class Step, class Join, class Visit>
void visit_leaves(const Tree& tree, const Step& prefix, const Join& join, const Visit& visit) {
  if (tree.kind == TreeKind::Leaf) {
    visit(prefix);
    return;
  }
  for (size_t i = 0; i < tree.children.size(); ++i) {
    visit_leaves(tree.children[i], join(prefix, tree, i), join, visit);
  }
}

std::string python_path(const std::string& prefix, const Tree& tree, size_t i) {
  if (tree.kind == TreeKind::NamedTuple) return prefix + "." + tree.fields[i];
  if (tree.kind == TreeKind::Dict) return prefix + key_text(key_value(tree.keys[i]));
  return item_path(prefix, i);
}

/// One step of a placeholder's name, as torch writes keys of a pytree into it.
std::string name_step(const std::string& prefix, const Tree& tree, size_t i) {
  std::string step = std::to_string(i);
  if (tree.kind == TreeKind::NamedTuple) step = tree.fields[i];
  if (tree.kind == TreeKind::Dict) {
    const ir::TreeKey& key = tree.keys[i];
    if (const auto* text = std::get_if<std::string>(&key)) step = *text;
    if (const auto* integer = std::get_if<int64_t>(&key)) step = std::to_string(*integer);
    if (const auto* real = std::get_if<double>(&key)) step = support::python_repr(*real);
    if (const auto* boolean = std::get_if<bool>(&key)) step = support::python_repr(*boolean);
    std::string plain;
    for (size_t at = 0; at < step.size();) {  // a character that is no letter or digit is one `_`
      const bool keep = std::isalnum(static_cast<unsigned char>(step[at]));
      plain += keep ? step[at] : '_';
      at += std::max<size_t>(support::utf8_length(step, at), 1);
    }
    step = plain;
  }
  for (char& c : step) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return prefix + "_" + step;
}

template <class Visit>
void visit_arguments(const ir::InputTree& tree, const Visit& visit) {
  for (size_t i = 0; i < tree.positional.size(); ++i) {
    visit(tree.positional_names[i], tree.positional[i]);
  }
  for (size_t i = 0; i < tree.keyword.size(); ++i) visit(tree.keyword_names[i], tree.keyword[i]);
}

/// torch's way to make names unique (torch._export.utils._rename_without_collisions): a name that
/// is taken gets the number after the highest one that any name of its stem has had.
class PlaceholderNames {
 public:
  std::string unique(const std::string& name) {
    std::string result = name;
    if (used_.count(name)) result = name + "_" + std::to_string(highest_[name] + 1);
    note_suffix(result);
    used_.insert(result);
    return result;
  }

 private:
  void note_suffix(const std::string& name) {
    for (size_t at = name.rfind('_'); at != std::string::npos && at + 1 < name.size();
         at = at == 0 ? std::string::npos : name.rfind('_', at - 1)) {
      if (!std::isdigit(static_cast<unsigned char>(name[at + 1]))) continue;
      int64_t& highest = highest_[name.substr(0, at)];
      highest = std::max<int64_t>(highest, std::strtoll(name.c_str() + at + 1, nullptr, 10));
      return;
    }
  }
  std::set<std::string> used_;
  std::map<std::string, int64_t> highest_;
};

}  // namespace

Tree flatten(const IValue& value, std::vector<IValue>& leaves, const std::string& path) {
  if (value.isTuple()) return flatten_tuple(value, leaves, path);
  if (value.isGenericDict()) return flatten_dict(value, leaves, path);
  if (value.isList()) {
    Tree tree;
    tree.kind = TreeKind::List;
    const auto elements = value.toListRef();
    if (elements.empty())
      tree.element_type = value.type()->expectRef<c10::ListType>().getElementType()->str();
    for (size_t i = 0; i < elements.size(); ++i) {
      tree.children.push_back(flatten(elements[i], leaves, item_path(path, i)));
    }
    return tree;
  }
  const bool leaf = value.isTensor() || value.isNone() || value.isScalar() || value.isBool() ||
                    value.isString() || value.isDevice() || value.isSymInt() ||
                    value.isSymFloat() || value.isSymBool();
  if (!leaf) {
    throw TreeError("`" + path + "` is " + kind_text(value) +
                    "; only tensors, numbers, strings, None, and tuples, lists and dicts of them "
                    "can be passed");
  }
  leaves.push_back(value);
  return {};
}

void flatten_as(const Tree& tree, const IValue& value, std::vector<IValue>& leaves,
                const std::string& path) {
  const bool container = value.isTuple() || value.isList() || value.isGenericDict();
  if (tree.kind == TreeKind::Leaf) {
    if (container) throw TreeError("`" + path + "` is " + kind_text(value) + ", not one value");
    leaves.push_back(value);
    return;
  }
  const auto differ = [&]() {
    throw TreeError("`" + path + "` is " + kind_text(value) + ", the program takes " + tree.text());
  };
  if (has_tensor_keys(tree)) {
    if (!value.isGenericDict() || value.toGenericDict().size() != tree.children.size()) differ();
    flatten(value, leaves, path);
    return;
  }
  if (tree.kind == TreeKind::Dict || (tree.kind == TreeKind::NamedTuple && value.isGenericDict())) {
    if (!value.isGenericDict()) differ();
    const auto dict = value.toGenericDict();
    if (dict.size() != tree.children.size()) differ();
    for (size_t i = 0; i < tree.children.size(); ++i) {
      const IValue key =
          tree.kind == TreeKind::Dict ? key_value(tree.keys[i]) : IValue(tree.fields[i]);
      const auto found = dict.find(key);
      if (found == dict.end()) throw TreeError("`" + path + "` has no entry " + key_text(key));
      flatten_as(tree.children[i], found->value(), leaves, python_path(path, tree, i));
    }
    return;
  }
  if (!value.isTuple() && !value.isList()) differ();
  std::vector<IValue> elements;
  if (value.isList()) elements = value.toListRef().vec();
  else for (const IValue& element : value.toTupleRef().elements()) elements.push_back(element);
  if (elements.size() != tree.children.size()) differ();
  for (size_t i = 0; i < elements.size(); ++i) {
    flatten_as(tree.children[i], elements[i], leaves, python_path(path, tree, i));
  }
}

IValue unflatten(const Tree& tree, std::span<const IValue> leaves) {
  if (leaves.size() != tree.num_leaves()) {
    throw TreeError(std::to_string(leaves.size()) + " values for a structure of " +
                    std::to_string(tree.num_leaves()));
  }
  return Unflattener(leaves).build(tree);
}

std::vector<std::string> leaf_paths(const Tree& tree, const std::string& root) {
  std::vector<std::string> paths;
  visit_leaves(tree, root, python_path, [&](const std::string& path) { paths.push_back(path); });
  return paths;
}

std::vector<std::string> leaf_paths(const ir::InputTree& tree) {
  std::vector<std::string> paths;
  visit_arguments(tree, [&](const std::string& name, const Tree& argument) {
    for (std::string& path : leaf_paths(argument, name)) paths.push_back(std::move(path));
  });
  return paths;
}

std::vector<std::string> placeholder_names(const ir::InputTree& tree) {
  std::vector<std::string> names;
  PlaceholderNames unique;
  visit_arguments(tree, [&](std::string name, const Tree& argument) {
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    visit_leaves(argument, name, name_step,
                 [&](const std::string& leaf) { names.push_back(unique.unique(leaf)); });
  });
  return names;
}

}  // namespace tx::inputs
