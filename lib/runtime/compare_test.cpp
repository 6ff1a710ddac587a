#include "runtime/compare.h"

#include <ATen/Functions.h>
#include <doctest/doctest.h>

#include <cmath>

using namespace tx;
using namespace tx::runtime;
using c10::IValue;

namespace {
Comparison of(const IValue& actual, const IValue& expected, Tolerance tolerance = {}) {
  return compare(actual, expected, tolerance);
}
}  // namespace

TEST_CASE("default tolerances by dtype") {
  const auto agrees = [](at::ScalarType dtype, double expected, double actual) {
    return of(at::full({1}, actual, dtype), at::full({1}, expected, dtype)).agree();
  };
  // |actual - expected| <= atol + rtol * |expected|
  CHECK(agrees(at::kDouble, 1, 1 + 1.0e-6));
  CHECK_FALSE(agrees(at::kDouble, 1, 1 + 1.2e-6));
  CHECK(agrees(at::kDouble, 0, 1e-7));
  CHECK_FALSE(agrees(at::kDouble, 0, 1.1e-7));
  CHECK(agrees(at::kFloat, 1, 1.001));
  CHECK_FALSE(agrees(at::kFloat, 1, 1.0012));
  CHECK(agrees(at::kFloat, 0, 0.00009));
  CHECK_FALSE(agrees(at::kFloat, 0, 0.00011));
  CHECK(agrees(at::kHalf, 1, 1.01));
  CHECK_FALSE(agrees(at::kHalf, 1, 1.013));
  CHECK(agrees(at::kBFloat16, 1, 1.03125));
  CHECK_FALSE(agrees(at::kBFloat16, 1, 1.0390625));
  CHECK_FALSE(agrees(at::kLong, 1, 2));
}

TEST_CASE("the worst element of a tensor is reported") {
  const at::Tensor expected = at::zeros({2, 3});
  at::Tensor actual = expected.clone();
  actual.index_put_({at::tensor(0), at::tensor(1)}, at::tensor(0.25f));
  actual.index_put_({at::tensor(1), at::tensor(2)}, at::tensor(-0.5f));
  const Comparison result = of(actual, expected);
  REQUIRE(result.mismatches.size() == 1);
  const Mismatch& m = result.mismatches[0];
  CHECK(m.path == "output");
  CHECK(m.what == "values");
  CHECK(m.index == std::vector<int64_t>{1, 2});
  CHECK(m.num_elements == 6);
  CHECK(m.num_different == 2);
  CHECK(m.abs_error == 0.5);
  CHECK(m.text() ==
        "output differs in 2 of 6 elements; the worst is at [1, 2]: -0.5 instead of 0.0");
  CHECK(result.max_abs_error == 0.5);
  CHECK(of(actual, expected, {.rtol = 0, .atol = 1}).agree());
}

TEST_CASE("errors are reported of values that agree, too") {
  const Comparison result =
      of(at::tensor({1.0, 2.0, 0.0}, at::kDouble), at::tensor({1.0, 2.0 + 2e-7, 0.0}, at::kDouble));
  CHECK(result.agree());
  CHECK(result.leaves == 1);
  CHECK(result.max_abs_error == doctest::Approx(2e-7));
  CHECK(result.max_rel_error == doctest::Approx(1e-7));
}

TEST_CASE("NaN and infinity") {
  const float nan = std::nanf(""), inf = INFINITY;
  CHECK(of(at::tensor({nan, inf, -inf}), at::tensor({nan, inf, -inf})).agree());
  Comparison result = of(at::tensor({1.0f, nan, 9.0f}), at::tensor({1.0f, 1.0f, 1.0f}));
  REQUIRE_FALSE(result.agree());
  CHECK(result.mismatches[0].num_different == 2);
  CHECK(result.mismatches[0].index == std::vector<int64_t>{1});
  CHECK(result.mismatches[0].actual == "nan");
  CHECK(std::isnan(result.mismatches[0].abs_error));
  CHECK(result.max_abs_error == 8);
  CHECK_FALSE(of(at::tensor({inf}), at::tensor({-inf})).agree());
  CHECK_FALSE(of(at::tensor({1.0f}), at::tensor({inf}), {.rtol = 1, .atol = 1}).agree());
}

TEST_CASE("integers and bools are equal, also beyond the precision of doubles") {
  const int64_t large = int64_t{1} << 60;
  CHECK(of(at::tensor({large}), at::tensor({large})).agree());
  const Comparison result =
      of(at::tensor({large + 1}), at::tensor({large}), {.rtol = 1, .atol = 9});
  REQUIRE_FALSE(result.agree());
  CHECK(result.mismatches[0].text() ==
        "output is 1152921504606846977 instead of 1152921504606846976");
  CHECK_FALSE(of(at::ones({1}, at::kBool), at::zeros({1}, at::kBool)).agree());
  CHECK(of(at::ones({1}, at::kBool), at::ones({1}, at::kBool)).agree());
}

TEST_CASE("complex and strided tensors, empty tensors") {
  const at::Tensor x = at::complex(at::arange(4, at::kDouble), at::ones({4}, at::kDouble));
  CHECK(of(x.conj(), at::conj_physical(x)).agree());
  CHECK_FALSE(of(x.conj(), x).agree());
  const at::Tensor m = at::arange(6, at::kFloat).view({2, 3});
  CHECK(of(m.t(), m.t().contiguous()).agree());
  CHECK(of(at::empty({0, 3}), at::empty({0, 3})).agree());
}

TEST_CASE("dtype, shape and kind come before values") {
  CHECK(of(at::ones({2}, at::kHalf), at::ones({2})).mismatches.at(0).text() ==
        "output: the dtype is float16 instead of float32");
  CHECK(of(at::ones({2, 1}), at::ones({2})).mismatches.at(0).text() ==
        "output: the shape is [2, 1] instead of [2]");
  CHECK(of(at::ones({}), 1.0).mismatches.at(0).text() ==
        "output: the kind is a tensor instead of a float");
  CHECK(of(1, 1.0).mismatches.at(0).text() == "output: the kind is an int instead of a float");
  CHECK(of(IValue(), 1).mismatches.at(0).text() == "output: the kind is None instead of an int");
}

TEST_CASE("numbers, strings, None") {
  CHECK(of(3, 3).agree());
  CHECK(of(4, 3).mismatches.at(0).text() == "output is 4 instead of 3");
  CHECK(of(1.0 + 1e-7, 1.0).agree());
  CHECK_FALSE(of(1.0 + 1e-5, 1.0).agree());
  CHECK(of(std::nan(""), std::nan("")).agree());
  CHECK(of(std::string("a"), std::string("a")).agree());
  CHECK_FALSE(of(std::string("a"), std::string("b")).agree());
  CHECK(of(IValue(), IValue()).agree());
}

TEST_CASE("containers, leaf by leaf, with paths") {
  c10::Dict<std::string, at::Tensor> left, right;
  left.insert("a", at::ones({1}));
  right.insert("a", at::zeros({1}));
  const IValue actual = c10::ivalue::Tuple::create(IValue(at::ones({1})), IValue(left));
  const IValue expected = c10::ivalue::Tuple::create(IValue(at::ones({1})), IValue(right));
  const Comparison result = of(actual, expected);
  CHECK(result.leaves == 2);
  REQUIRE(result.mismatches.size() == 1);
  CHECK(result.mismatches[0].path == "output[1]['a']");
  right.insert("b", at::zeros({1}));
  CHECK(of(left, right).mismatches.at(0).text() ==
        "output: the structure is a dict of 1 instead of a dict of 2");
  CHECK(of(c10::List<int64_t>({1, 2}), c10::List<int64_t>({1})).mismatches.at(0).text() ==
        "output: the structure is a list of 2 instead of a list of 1");
}

TEST_CASE("leaves of a program are named by its output tree") {
  ir::Tree tree, dict, named;
  tree.kind = ir::TreeKind::Tuple;
  dict.kind = ir::TreeKind::Dict;
  dict.children.resize(2);
  dict.keys = {std::string("k"), int64_t{3}};
  named.kind = ir::TreeKind::NamedTuple;
  named.children.resize(1);
  named.fields = {"loss"};
  tree.children = {dict, ir::Tree(), named};
  CHECK(leaf_paths(tree, "output") ==
        std::vector<std::string>{"output[0]['k']", "output[0][3]", "output[1]", "output[2].loss"});
  CHECK(leaf_paths(ir::Tree(), "output") == std::vector<std::string>{"output"});
  const std::vector<IValue> expected{1, 2, 3, 4}, actual{1, 2, 3, 5};
  const Comparison result = compare_leaves(actual, expected, tree, {});
  REQUIRE(result.mismatches.size() == 1);
  CHECK(result.mismatches[0].text() == "output[2].loss is 5 instead of 4");
  CHECK(compare_leaves(std::span(actual).first(3), expected, tree, {}).mismatches.at(0).text() ==
        "output: the structure is 3 leaves instead of 4 leaves");
}
