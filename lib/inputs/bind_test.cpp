#include "inputs/bind.h"

#include <ATen/Functions.h>
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <torch/csrc/jit/serialization/import.h>

#include <filesystem>
#include <fstream>

#include "diag/diagnostic.h"
#include "inputs/pytree.h"
#include "inputs/read.h"

namespace tx::inputs {
namespace {

namespace fs = std::filesystem;
using c10::IValue;
using Texts = std::vector<std::string>;

/// The schema of a method, written as in a Python class.
c10::FunctionSchema schema(const std::string& arguments) {
  torch::jit::Module module("Model");
  const std::string head = "def forward(self" + std::string(arguments.empty() ? "" : ", ");
  module.define(head + arguments + "):\n    return 1\n");
  return module.get_method("forward").function().getSchema();
}

BoundInputs bind(const c10::FunctionSchema& schema, const Texts& texts) {
  std::vector<Source> sources;
  for (const std::string& text : texts) sources.push_back(parse_source(text));
  return bind_inputs(schema, sources, 0);
}

diag::Diagnostic failure_of(const c10::FunctionSchema& schema, const Texts& texts) {
  try {
    bind(schema, texts);
  } catch (const diag::Failure& failure) {
    return failure.diagnostics().front();
  }
  FAIL("no failure for " << (texts.empty() ? "" : texts.front()));
  return {diag::Code::TX0070, ""};
}

TEST_CASE("the order of unnamed sources is the order of arguments") {
  const auto model = schema("x: Tensor, n: int, mask: Optional[Tensor] = None, scale: float = 2.0");
  CHECK(signature_text(model) ==
        "forward(x: Tensor, n: int, mask: Optional[Tensor] = None, scale: float = 2.0)");
  const BoundInputs two = bind(model, {"inputs/tensor.pt", "3"});
  CHECK(two.positional.size() == 2);
  CHECK(two.keyword.empty());
  CHECK(two.arguments.size() == 4);
  CHECK(two.arguments[2].isNone());
  CHECK(two.arguments[3].toDouble() == 2.0);
  CHECK(two.tree.positional_names == Texts{"x", "n"});
  CHECK(two.leaves.size() == 2);

  const BoundInputs named = bind(model, {"scale=3", "inputs/tensor.pt", "n=1"});
  CHECK(named.positional.size() == 1);
  CHECK(named.tree.keyword_names == Texts{"n", "scale"});
  CHECK(named.keyword[1].second.toDouble() == 3.0);
  CHECK(named.arguments[1].toInt() == 1);
  CHECK(leaf_paths(named.tree) == Texts{"x", "n", "scale"});
}

TEST_CASE("a tuple in the only unnamed file is the list of positional arguments") {
  const auto two = schema("x: Tensor, ids: Tensor");
  CHECK(bind(two, {"inputs/tuple.pt"}).positional.size() == 2);
  CHECK(bind(schema(""), {"inputs/empty_tuple.pt"}).arguments.empty());
  CHECK(bind(schema(""), {}).arguments.empty());
  const auto three = schema("x: Tensor, ids: Tensor, n: int = 1");
  CHECK(bind(three, {"inputs/tuple.pt", "n=5"}).arguments[2].toInt() == 5);
  // With another unnamed source, or with a name, a file is one argument.
  const auto pair = schema("p: Tuple[Tensor, Tensor], n: int = 1");
  CHECK(bind(pair, {"inputs/tuple.pt", "5"}).tree.positional[0].text() == "(*, *)");
  CHECK(bind(pair, {"p=inputs/tuple.pt"}).keyword[0].second.isTuple());
  CHECK(failure_of(schema("x: Tensor"), {"inputs/tuple.pt"}).message ==
        "more inputs are given than the 1 that the model takes (from inputs/tuple.pt)");
}

TEST_CASE("named entries bind by name") {
  const auto model = schema("ids: Tensor, x: Tensor, n: int = 1");
  for (const char* file : {"inputs/named.npz", "inputs/deflated.npz", "inputs/dict.pt",
                           "inputs/named.safetensors"}) {
    CAPTURE(file);
    const BoundInputs bound = bind(model, {file});
    CHECK(bound.positional.empty());
    CHECK(bound.tree.keyword_names == Texts{"ids", "x"});
    CHECK(bound.arguments[0].toTensor().sizes() == at::IntArrayRef({2, 2}));
    CHECK(bound.arguments[1].toTensor().sizes() == at::IntArrayRef({2, 3}));
  }
  CHECK(bind(schema("ids: Tensor, x: Tensor, scale: float"), {"inputs/container.pt"}).keyword.size() == 3);
  CHECK(bind(model, {"inputs/named.npz#ids", "inputs/named.npz#x"}).positional.size() == 2);
  // Where a dict is wanted, a dict is one argument.
  const auto dict = schema("d: Dict[str, Tensor], x: Tensor");
  const BoundInputs whole = bind(dict, {"inputs/dict.pt", "inputs/tensor.pt"});
  CHECK(whole.positional[0].toGenericDict().size() == 2);
  CHECK(whole.tree.positional[0].text() == "{'ids': *, 'x': *}");
  CHECK(bind(schema("x: Tensor, d: Optional[Dict[str, Tensor]] = None"),
             {"inputs/tensor.pt", "inputs/dict.pt"}).positional.size() == 2);
  CHECK(failure_of(model, {"inputs/dict_wrong_name.pt"}).message ==
        "the model has no argument `idz` (from inputs/dict_wrong_name.pt); did you mean `ids`?");
  CHECK(failure_of(model, {"inputs/tensor.pt", "inputs/dict.pt"}).message ==
        "`ids` is given twice (from inputs/dict.pt)");
}

TEST_CASE("values get the types of the signature") {
  const auto one = [](const std::string& type, const std::string& text) {
    return bind(schema("a: " + type), {"a=" + text}).arguments[0];
  };
  CHECK(one("List[Tensor]", "inputs/list.pt").type()->str() == "Tensor[]");
  CHECK(one("List[Tensor]", "inputs/tuple.pt").toTensorList().size() == 2);
  CHECK(one("Dict[str, Tensor]", "inputs/named.npz").type()->str() == "Dict(str, Tensor)");
  CHECK(one("Dict[int, Tensor]", "inputs/int_keys.pt").type()->str() == "Dict(int, Tensor)");
  CHECK(one("Optional[List[Tensor]]", "inputs/list.pt").isTensorList());
  CHECK(one("float", "3").toDouble() == 3.0);
  CHECK(one("complex", "3").toComplexDouble() == c10::complex<double>(3, 0));
  CHECK(one("int", "inputs/scalar.npy").toInt() == 7);
  CHECK(one("float", "inputs/scalar.npy").toDouble() == 7.0);
  CHECK(one("bool", "ones:bool[]").toBool());
  CHECK(one("str", "text:abc").toStringRef() == "abc");
  CHECK(one("Union[int, Tensor]", "3").toInt() == 3);
  CHECK(one("Union[float, Tensor]", "3").toDouble() == 3.0);
  CHECK(one("Any", "inputs/list.pt").isList());
  CHECK(one("Device", "text:cuda:1").toDevice().str() == "cuda:1");
  const IValue nested = one("Tuple[Tensor, List[Tensor], Dict[str, Any]]", "inputs/nested.pt");
  CHECK(nested.toTupleRef().elements()[1].isTensorList());
}

TEST_CASE("what does not fit is said in the words of the signature") {
  struct Case {
    const char* arguments;
    Texts texts;
    const char* message;
  };
  const Case cases[] = {
      {"x: Tensor, y: Tensor", {}, "no input is given for `x`, `y`"},
      {"x: Tensor, y: Tensor", {"f32[2]"}, "no input is given for `y`"},
      {"x: Tensor", {"f32[2]", "f32[2]"}, "more inputs are given than the 1 that the model takes"},
      {"", {"f32[2]"}, "more inputs are given than the 0 that the model takes"},
      {"x: Tensor, mask: Tensor", {"f32[2]", "msk=f32[2]"},
       "the model has no argument `msk`; did you mean `mask`?"},
      {"x: Tensor", {"f32[2]", "x=f32[2]"}, "`x` is given twice"},
      {"x: Tensor", {"3"}, "`x` has to be Tensor, not an int"},
      {"x: int", {"f32[2,3]"}, "`x` has to be int, not a Tensor of shape [2, 3]"},
      {"x: int", {"true"}, "`x` has to be int, not a bool"},
      {"x: int", {"2.0"}, "`x` has to be int, not a float"},
      {"x: Optional[int]", {"'a'"}, "`x` has to be int, not a str"},
      {"x: List[int]", {"inputs/list.pt"},
       "`x[0]` has to be int, not a Tensor of shape [2, 3]"},
      {"x: Dict[str, int]", {"inputs/dict.pt"},
       "`x['ids']` has to be int, not a Tensor of shape [2, 2]"},
      {"x: Tuple[Tensor, Tensor, Tensor]", {"x=inputs/tuple.pt"},
       "`x` has to be Tuple[Tensor, Tensor, Tensor], not a tuple of 2"},
      {"x: Device", {"text:nowhere"},
       "`x` has to be a device such as cpu, not 'nowhere'"},
  };
  for (const Case& expected : cases) {
    const auto model = schema(expected.arguments);
    const diag::Diagnostic diagnostic = failure_of(model, expected.texts);
    CHECK(diagnostic.code == diag::Code::TX0010);
    CHECK(diagnostic.message == expected.message);
    CHECK(diagnostic.notes.front() == "the model is " + signature_text(model));
  }
}

TEST_CASE("programs take their inputs by structure") {
  ir::Tree leaf, pair, dict;
  pair.kind = ir::TreeKind::Tuple;
  pair.children = {leaf, leaf};
  dict.kind = ir::TreeKind::Dict;
  dict.keys = {std::string("x"), std::string("ids")};
  dict.children = {leaf, leaf};
  const ir::InputTree tree{{"x", "p"}, {leaf, pair}, {"d"}, {dict}};
  const auto leaves = [&](const Texts& texts) {
    std::vector<Source> sources;
    for (const std::string& text : texts) sources.push_back(parse_source(text));
    return bind_to_tree(tree, sources, 0);
  };
  const auto bound = leaves({"f32[4]", "inputs/tuple.pt", "inputs/dict.pt"});
  CHECK(bound.size() == 5);
  CHECK(bound[0].toTensor().sizes() == at::IntArrayRef({4}));
  CHECK(bound[2].toTensor().sizes() == at::IntArrayRef({2, 2}));
  CHECK(bound[3].toTensor().sizes() == at::IntArrayRef({2, 3}));  // the program's order of keys
  CHECK(leaves({"x=f32[4]", "p=inputs/list.pt", "d=inputs/named.npz"}).size() == 5);
  const auto failure = [&](const Texts& texts) {
    try {
      leaves(texts);
    } catch (const diag::Failure& failed) {
      CHECK(failed.diagnostics().front().code == diag::Code::TX4004);
      CHECK(failed.diagnostics().front().notes.front() ==
            "the program is forward(x, p: (*, *), d: {'x': *, 'ids': *})");
      return failed.diagnostics().front().message;
    }
    return std::string();
  };
  CHECK(failure({"f32[4]", "inputs/tuple.pt"}) == "no input is given for `d`");
  CHECK(failure({"f32[4]", "3", "inputs/dict.pt"}) == "`p` is an int, the program takes (*, *)");
  CHECK(failure({"x=inputs/list.pt", "p=inputs/list.pt", "d=inputs/dict.pt"}) ==
        "`x` is a list of 2, not one value");
  CHECK(failure({"x=3", "p=inputs/list.pt", "d=inputs/dict_wrong_name.pt"}) ==
        "`d` has no entry ['ids']");
  CHECK(failure({"x=3", "p=inputs/list.pt", "e=inputs/dict.pt"}) ==
        "the program has no argument `e`");
}

TEST_CASE("the inputs of the corpus bind, and the models give the expected outputs") {
  const fs::path corpus = fs::path(TX_SOURCE_DIR) / ".." / "shared" / "corpus";
  if (!fs::exists(corpus)) {
    MESSAGE("skipped: no corpus");
    return;
  }
  at::NoGradGuard no_grad;
  int all = 0;
  for (const auto& entry : fs::directory_iterator(corpus)) {
    if (!fs::exists(entry.path() / "model.pt")) continue;
    const std::string name = entry.path().filename().string();
    CAPTURE(name);
    const auto facts = nlohmann::json::parse(std::ifstream(entry.path() / "case.json"));
    torch::jit::Module module = torch::jit::load((entry.path() / "model.pt").string(), at::kCPU);
    const auto& method = module.get_method("forward");
    const BoundInputs bound =
        bind(method.function().getSchema(), {(entry.path() / "inputs.pt").string()});
    CHECK(bound.tree.num_leaves() == bound.leaves.size());
    CHECK(placeholder_names(bound.tree).size() == bound.leaves.size());

    const IValue output = method(bound.arguments);
    std::vector<IValue> leaves;
    const ir::Tree tree = flatten(output, leaves);
    const auto expected = read_file((entry.path() / "expected.pt").string()).value.toTuple();
    REQUIRE(leaves.size() == expected->elements().size());
    for (size_t i = 0; i < leaves.size(); ++i) {
      const IValue& wanted = expected->elements()[i];
      CAPTURE(i);
      if (wanted.isTensor()) {
        CHECK(at::allclose(leaves[i].toTensor(), wanted.toTensor(), facts["rtol"].get<double>(),
                           facts["atol"].get<double>(), /*equal_nan=*/true));
      } else {
        CHECK((leaves[i] == wanted));
      }
    }
    std::vector<IValue> again;
    CHECK(flatten(unflatten(tree, leaves), again) == tree);
    CHECK(again.size() == leaves.size());
    ++all;
  }
  CHECK(all > 40);
}

}  // namespace
}  // namespace tx::inputs
