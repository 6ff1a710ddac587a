#include <unordered_map>
#include <unordered_set>

#include "serialize/enums.h"
#include "serialize/read_graph.h"
#include "serialize/read_root.h"

namespace tx::serialize {
namespace {

// ---- trees -------------------------------------------------------------------------------------

ir::TreeKey read_key(const fb::TreeKey* key, Damage& damage, const Where& where) {
  damage.require(key, where, "it has no key");
  switch (key->kind()) {
    case fb::TreeKeyKind::String: return read_text(key->text(), damage, where);
    case fb::TreeKeyKind::Int: return key->int_value();
    case fb::TreeKeyKind::Float:
      damage.require(key->float_value().has_value(), where, "a float without a value");
      return *key->float_value();
    case fb::TreeKeyKind::Bool: return key->bool_value();
    default: damage.fail(where, "an unknown kind of key");
  }
}

ir::Tree read_tree(const fb::Tree* row, Damage& damage, const Where& where) {
  damage.require(row, where, "it is missing");
  damage.charge(sizeof(ir::Tree) / 16, where);
  ir::Tree tree;
  const std::optional<ir::TreeKind> kind = from_file(kTreeKindPairs, row->kind());
  damage.require(kind.has_value(), where, "an unknown kind of container");
  tree.kind = *kind;
  tree.type_name = read_text(row->type_name(), damage, where);
  tree.element_type = read_text(row->element_type(), damage, where);
  const uint32_t count = length(row->children());
  damage.require(*kind != ir::TreeKind::Leaf || count == 0, where, "a leaf has children");
  for (uint32_t i = 0; i < count; ++i) {
    const fb::Tree* child = row->children()->Get(i);
    const Where place{&where, "child", i};
    tree.children.push_back(read_tree(child, damage, place));
    if (*kind == ir::TreeKind::Dict) tree.keys.push_back(read_key(child->key(), damage, place));
    if (*kind == ir::TreeKind::NamedTuple) {
      tree.fields.push_back(read_text(child->field(), damage, place));
    }
  }
  return tree;
}

std::vector<ir::Tree> read_trees(const flatbuffers::Vector<flatbuffers::Offset<fb::Tree>>* rows,
                                 Damage& damage, const Where& where) {
  std::vector<ir::Tree> trees;
  for (uint32_t i = 0; i < length(rows); ++i) {
    trees.push_back(read_tree(rows->Get(i), damage, {&where, "child", i}));
  }
  return trees;
}

std::vector<std::string> read_texts(
    const flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>* rows, Damage& damage,
    const Where& where) {
  std::vector<std::string> texts;
  for (uint32_t i = 0; i < length(rows); ++i) {
    texts.push_back(read_text(rows->Get(i), damage, where));
  }
  return texts;
}

ir::InputTree read_input_tree(const fb::InputTree* row, Damage& damage) {
  const Where where{nullptr, "input tree"};
  damage.require(row, where, "it is missing");
  ir::InputTree tree;
  tree.positional_names = read_texts(row->positional_names(), damage, where);
  tree.positional = read_trees(row->positional(), damage, {&where, "positional"});
  tree.keyword_names = read_texts(row->keyword_names(), damage, where);
  tree.keyword = read_trees(row->keyword(), damage, {&where, "keyword"});
  damage.require(tree.keyword_names.size() == tree.keyword.size(), where,
                 "it does not have one name for each keyword argument");
  return tree;
}

// ---- inputs and outputs ------------------------------------------------------------------------

/// A placeholder that stands for a weight has its dtype and sizes.
void check_weight_input(const ir::Node& node, const ir::Weight& weight, const Damage& damage,
                        const Where& where) {
  const ir::TensorType* type = node.type.tensor();
  damage.require(type && type->dtype == weight.dtype && type->rank() == weight.sizes.size(), where,
                 "its placeholder has another type than its weight");
  for (size_t i = 0; i < weight.sizes.size(); ++i) {
    damage.require(type->sizes[i].constant() == weight.sizes[i], where,
                   "its placeholder has other sizes than its weight");
  }
}

void check_constant(const ir::InputSpec& input, const ir::Node& node, const Damage& damage,
                    const Where& where) {
  const bool is_constant = std::holds_alternative<ir::ConstantType>(node.type.kind);
  damage.require(input.kind == ir::InputKind::UserInput || !input.constant, where,
                 "a weight has a constant value");
  damage.require(!is_constant || input.constant.has_value(), where, "it has no value");
}

void read_inputs(const fb::Program& root, ir::Program& program, Damage& damage) {
  std::unordered_map<std::string_view, const ir::Weight*> weights;
  for (const ir::Weight& weight : program.weights) weights.emplace(weight.name, &weight);
  damage.require(length(root.inputs()) == program.graph.num_inputs, {nullptr, "signature"},
                 "it does not have one input for each placeholder");
  size_t user_inputs = 0;
  for (uint32_t i = 0; i < length(root.inputs()); ++i) {
    const fb::Input& row = *root.inputs()->Get(i);
    const ir::Node& node = program.graph.nodes[i];
    const Where where{nullptr, "input", i, node.name};
    damage.charge(sizeof(ir::InputSpec) / 16, where);
    const std::optional<ir::InputKind> kind = from_file(kInputKindPairs, row.kind());
    damage.require(kind.has_value(), where, "an unknown kind of input");
    ir::InputSpec input{*kind, i, {}, {}, {}, {}};
    input.target = read_text(row.target(), damage, where);
    input.qualified_name = read_text(row.qualified_name(), damage, where);
    input.path = read_text(row.path(), damage, where);
    if (row.constant()) {
      input.constant = read_argument(row.constant(), 0, damage, {&where, "value"});
    }
    check_constant(input, node, damage, where);
    if (*kind == ir::InputKind::UserInput) {
      ++user_inputs;
    } else {
      const auto found = weights.find(input.target);
      damage.require(found != weights.end(), where, "there is no such weight");
      check_weight_input(node, *found->second, damage, where);
    }
    program.inputs.push_back(std::move(input));
  }
  damage.require(program.input_tree.num_leaves() == user_inputs, {nullptr, "input tree"},
                 "it does not have one leaf for each user input");
}

void read_outputs(const fb::Program& root, ir::Program& program, Damage& damage) {
  std::unordered_set<std::string_view> buffers, user_inputs;
  for (const ir::InputSpec& input : program.inputs) {
    if (input.kind == ir::InputKind::UserInput) {
      user_inputs.insert(program.graph.nodes[input.node].name);
    } else if (input.kind == ir::InputKind::Buffer) {
      buffers.insert(input.target);
    }
  }
  damage.require(length(root.outputs()) == program.graph.outputs.size(), {nullptr, "signature"},
                 "it does not have one output for each output of the graph");
  size_t user_outputs = 0;
  for (uint32_t i = 0; i < length(root.outputs()); ++i) {
    const fb::Output& row = *root.outputs()->Get(i);
    std::string target = read_text(row.target(), damage, {nullptr, "output", i});
    const Where where{nullptr, "output", i, target};
    damage.charge(sizeof(ir::OutputSpec) / 16, where);
    const std::optional<ir::OutputKind> kind = from_file(kOutputKindPairs, row.kind());
    damage.require(kind.has_value(), where, "an unknown kind of output");
    switch (*kind) {
      case ir::OutputKind::UserOutput: ++user_outputs; break;
      case ir::OutputKind::BufferMutation:
        damage.require(buffers.contains(target), where, "there is no such buffer");
        break;
      case ir::OutputKind::UserInputMutation:
        damage.require(user_inputs.contains(target), where, "there is no such user input");
        break;
    }
    program.outputs.push_back({*kind, program.graph.outputs[i], std::move(target)});
  }
  damage.require(program.output_tree.num_leaves() == user_outputs, {nullptr, "output tree"},
                 "it does not have one leaf for each user output");
}

}  // namespace

void read_signature(const fb::Program& root, ir::Program& program, Damage& damage) {
  program.input_tree = read_input_tree(root.input_tree(), damage);
  program.output_tree = read_tree(root.output_tree(), damage, {nullptr, "output tree"});
  read_inputs(root, program, damage);
  read_outputs(root, program, damage);
}

}  // namespace tx::serialize
