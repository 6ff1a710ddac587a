#include "inputs/pytree.h"

#include <ATen/Functions.h>
#include <doctest/doctest.h>

namespace tx::inputs {
namespace {

using c10::IValue;
using Texts = std::vector<std::string>;

IValue named_tuple(std::vector<IValue> values) {
  auto type = c10::TupleType::createNamed(
      c10::QualifiedName("__torch__.models.___torch_mangle_4.Out"), Texts{"logits", "Hidden"},
      {c10::TensorType::get(), c10::IntType::get()});
  return c10::ivalue::Tuple::createNamed(std::move(values), std::move(type));
}

IValue sample() {
  c10::Dict<std::string, at::Tensor> dict;
  dict.insert("b.c", at::ones({1}));
  dict.insert("a", at::ones({2}));
  return c10::ivalue::Tuple::create(
      {at::ones({3}), c10::List<at::Tensor>({at::ones({4}), at::ones({5})}), dict,
       named_tuple({at::ones({6}), 7}), IValue(), c10::List<int64_t>(),
       c10::Dict<std::string, at::Tensor>(), c10::ivalue::Tuple::create({1.5})});
}

TEST_CASE("nested values to leaves and back") {
  std::vector<IValue> leaves;
  const ir::Tree tree = flatten(sample(), leaves, "out");
  CHECK(tree.text() == "(*, [*, *], {'b.c': *, 'a': *}, Out(logits=*, Hidden=*), *, [], {}, (*,))");
  CHECK(tree.num_leaves() == 9);
  CHECK(leaves.size() == 9);
  CHECK(leaves[6].toInt() == 7);
  CHECK(leaves[7].isNone());
  CHECK(tree.children[3].type_name == "models.Out");
  CHECK(tree.children[5].element_type == "int");
  CHECK(tree.children[6].element_type == "Dict(str, Tensor)");
  CHECK(leaf_paths(tree, "out") ==
        Texts{"out[0]", "out[1][0]", "out[1][1]", "out[2]['b.c']", "out[2]['a']", "out[3].logits",
              "out[3].Hidden", "out[4]", "out[7][0]"});

  const IValue back = unflatten(tree, leaves);
  std::vector<IValue> again;
  CHECK(flatten(back, again) == tree);
  const std::vector<IValue> elements = back.toTupleRef().elements().vec();
  CHECK(elements[1].isTensorList());
  CHECK(elements[2].type()->str() == "Dict(str, Tensor)");
  CHECK(elements[3].type()->expectRef<c10::TupleType>().schema()->arguments()[0].name() == "logits");
  CHECK(elements[5].isIntList());
  CHECK(elements[6].type()->str() == "Dict(str, Tensor)");
  CHECK_THROWS_WITH_AS(unflatten(tree, std::span(leaves).first(3)),
                       "3 values for a structure of 9", TreeError);
}

TEST_CASE("lists with None and of different values") {
  const IValue some = c10::List<std::optional<at::Tensor>>({at::ones({1}), std::nullopt});
  std::vector<IValue> leaves;
  const ir::Tree tree = flatten(some, leaves);
  CHECK(unflatten(tree, leaves).type()->str() == "Tensor?[]");
  const std::vector<IValue> mixed{1, at::ones({1})};
  CHECK(unflatten(tree, mixed).type()->str() == "Any[]");
}

TEST_CASE("a dict with tensors as keys keeps its keys as leaves") {
  const at::Tensor key = at::ones({1});
  c10::impl::GenericDict dict(c10::TensorType::get(), c10::StringType::get());
  dict.insert(key, "x");
  std::vector<IValue> leaves;
  const ir::Tree tree = flatten(dict, leaves);
  CHECK(tree.kind == ir::TreeKind::List);
  CHECK(tree.element_type == "Dict(Tensor, str)");
  CHECK(leaves.size() == 2);
  CHECK(leaves[1].toStringRef() == "x");
  const IValue back = unflatten(tree, leaves);
  CHECK(back.type()->str() == "Dict(Tensor, str)");
  CHECK(back.toGenericDict().at(key).toStringRef() == "x");
  std::vector<IValue> same;
  flatten_as(tree, dict, same);
  CHECK(same.size() == 2);
}

TEST_CASE("objects are refused, with their place") {
  torch::jit::Module module("Thing");
  std::vector<IValue> leaves;
  CHECK_THROWS_WITH_AS(
      flatten(c10::ivalue::Tuple::create({1, module._ivalue()}), leaves, "out"),
      "`out[1]` is a value of type Thing; only tensors, numbers, strings, None, and tuples, lists "
      "and dicts of them can be passed",
      TreeError);
}

// Expected: torch 2.13, ExportedProgram.graph_signature of a module with these inputs.
TEST_CASE("placeholder names are those of torch.export") {
  std::vector<IValue> leaves;
  c10::Dict<std::string, at::Tensor> dict;
  dict.insert("Key 1", at::ones({1}));
  dict.insert("b.c", at::ones({1}));
  ir::InputTree tree;
  tree.positional_names = {"x", "L", "d", "n", "x_1"};
  tree.positional = {{},
                     flatten(c10::List<at::Tensor>({at::ones({1}), at::ones({1})}), leaves),
                     flatten(dict, leaves),
                     flatten(named_tuple({at::ones({1}), 2}), leaves),
                     {}};
  tree.keyword_names = {"l_0"};
  tree.keyword = {{}};
  CHECK(placeholder_names(tree) ==
        Texts{"x", "l_0", "l_1", "d_key_1", "d_b_c", "n_logits", "n_hidden", "x_1", "l_0_1"});
  CHECK(leaf_paths(tree) == Texts{"x", "L[0]", "L[1]", "d['Key 1']", "d['b.c']", "n.logits",
                                  "n.Hidden", "x_1", "l_0"});
}

}  // namespace
}  // namespace tx::inputs
