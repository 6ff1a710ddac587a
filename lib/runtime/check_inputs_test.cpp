#include "runtime/check_inputs.h"

#include <ATen/Functions.h>
#include <doctest/doctest.h>

#include "runtime/test_program.h"

using namespace tx;
using namespace tx::runtime;
using diag::Code;
using ir::Expr;

namespace {

constexpr int64_t kNone = ir::kUnbounded;

std::optional<diag::Diagnostic> refusal(const TestProgram& test,
                                        const std::vector<c10::IValue>& inputs) {
  try {
    InputChecker(test.program).check(inputs);
  } catch (const diag::Failure& e) {
    return e.diagnostics().front();
  }
  return std::nullopt;
}
std::string message(const TestProgram& test, const std::vector<c10::IValue>& inputs) {
  const auto diagnostic = refusal(test, inputs);
  return diagnostic ? diagnostic->message : "ok";
}
Code code(const TestProgram& test, const std::vector<c10::IValue>& inputs) {
  const auto diagnostic = refusal(test, inputs);
  REQUIRE(diagnostic);
  return diagnostic->code;
}
at::Tensor ones(std::vector<int64_t> sizes) { return at::ones(sizes); }

/// Two weights first, so that the user inputs are arg2_1 and arg3_1 as in the tutorial.
struct Linear : TestProgram {
  Linear() {
    weight("lin.weight", ones({10, 100}));
    weight("lin.bias", ones({10}));
  }
};

}  // namespace

TEST_CASE("static sizes are checked from the last user input to the first (tutorial, section 5)") {
  Linear test;
  test.user("x", f32({8, 100}));
  test.user("y", f32({8, 100}));
  CHECK(message(test, {ones({8, 100}), ones({8, 100})}) == "ok");
  CHECK(message(test, {ones({10, 100}), ones({10, 100})}) ==
        "Input arg3_1.shape[0] is specialized at 8");
  CHECK(message(test, {ones({10, 100}), ones({8, 100})}) ==
        "Input arg2_1.shape[0] is specialized at 8");
  CHECK(message(test, {ones({9, 99}), ones({8, 100})}) ==
        "Input arg2_1.shape[0] is specialized at 8");
  const auto d = refusal(test, {ones({8, 99}), ones({8, 100})});
  CHECK(d->code == Code::TX4005);
  CHECK(d->message == "Input arg2_1.shape[1] is specialized at 100");
  CHECK(d->notes ==
        std::vector<std::string>{"arg2_1 is the input `x`", "its size in dimension 1 is 99"});
}

TEST_CASE("ranges (tutorial, section 7)") {
  TestProgram test;
  const Expr s0 = test.symbol("s0", {0, kNone}), s1 = test.symbol("s1", {4, 18});
  test.user("x", f32({s0, s1, 2}));
  test.program.range_constraints = {{s0, {2, kNone}}, {s1, {4, 18}}};
  CHECK(message(test, {ones({5, 5, 2})}) == "ok");
  CHECK(message(test, {ones({1, 8, 2})}) == "ok");
  CHECK(message(test, {ones({0, 8, 2})}) == "ok");
  CHECK(message(test, {ones({8, 4, 2})}) == "ok");
  CHECK(message(test, {ones({8, 18, 2})}) == "ok");
  const std::string range = "Input arg0_1.shape[1] is outside of specified dynamic range [4, 18]";
  CHECK(message(test, {ones({8, 1, 2})}) == range);
  CHECK(message(test, {ones({8, 20, 2})}) == range);
  CHECK(message(test, {ones({8, 3, 2})}) == range);
  CHECK(message(test, {ones({8, 19, 2})}) == range);
  CHECK(code(test, {ones({8, 19, 2})}) == Code::TX4005);
  CHECK(message(test, {ones({8, 8, 3})}) == "Input arg0_1.shape[2] is specialized at 2");
  CHECK(message(test, {ones({8, 20, 3})}) == "Input arg0_1.shape[2] is specialized at 2");
}

TEST_CASE("equal sizes and the ranges of the suggested fixes (tutorial, sections 8 and 9.1)") {
  TestProgram test;
  const Expr s0 = test.symbol("s0", {0, 16}), s1 = test.symbol("s1", {0, kNone}),
             s2 = test.symbol("s2", {17, kNone});
  test.user("x", f32({s0, s1}));
  test.user("y", f32({s1, s2}));
  test.program.range_constraints = {{s0, {2, 16}}, {s1, {2, kNone}}, {s2, {17, kNone}}};
  test.program.equality_constraints = {{{0, 1}, {1, 0}}};
  CHECK(message(test, {ones({4, 32}), ones({32, 64})}) == "ok");
  CHECK(message(test, {ones({20, 32}), ones({32, 64})}) ==
        "Input arg0_1.shape[0] is outside of specified dynamic range [2, 16]");
  CHECK(message(test, {ones({4, 32}), ones({32, 8})}) ==
        "Input arg1_1.shape[1] is outside of specified dynamic range [17, 9223372036854775806]");
  const auto d = refusal(test, {ones({4, 32}), ones({31, 64})});
  CHECK(d->code == Code::TX4005);
  CHECK(d->message == "Input arg0_1.shape[1] is not equal to input arg1_1.shape[0]");
  CHECK(d->notes == std::vector<std::string>{"arg0_1.shape[1] (the input `x`) is 32",
                                             "arg1_1.shape[0] (the input `y`) is 31"});
}

TEST_CASE("an equality that no symbol shows is checked as well") {
  TestProgram test;
  test.user("x", f32({test.symbol("s0", {0, kNone})}));
  test.user("y", f32({test.symbol("s1", {0, kNone})}));
  test.program.equality_constraints = {{{0, 0}, {1, 0}}};
  CHECK(message(test, {ones({3}), ones({3})}) == "ok");
  CHECK(message(test, {ones({3}), ones({4})}) ==
        "Input arg0_1.shape[0] is not equal to input arg1_1.shape[0]");
}

TEST_CASE("sizes 0 and 1 are refused where an answer depended on them") {
  const auto program = [](ir::Range range, bool needs_at_least_2) {
    TestProgram test;
    const Expr s0 = test.symbol("s0", range, needs_at_least_2);
    test.user("x", f32({s0}));
    test.program.range_constraints = {{s0, {2, 16}}};
    return message(test, {ones({1})});
  };
  const std::string refused = "Input arg0_1.shape[0] is outside of specified dynamic range [2, 16]";
  CHECK(program({0, 16}, false) == "ok");
  CHECK(program({0, 16}, true) == refused);
  CHECK(program({2, 16}, false) == refused);  // a bound that the user wrote
}

TEST_CASE("derived dimensions with their symbol beside them") {
  TestProgram test;
  const Expr s0 = test.symbol("s0", {2, 16});
  test.user("x", f32({s0}));
  test.user("y", f32({s0 * 2}));
  test.user("z", f32({s0 + 1}));
  CHECK(message(test, {ones({4}), ones({8}), ones({5})}) == "ok");
  CHECK(message(test, {ones({4}), ones({7}), ones({5})}) ==
        "Expected input at arg1_1.shape[0] to be equal to 8, but got 7");
  CHECK(message(test, {ones({4}), ones({8}), ones({6})}) ==
        "Expected input at arg2_1.shape[0] to be equal to 5, but got 6");
  CHECK(message(test, {ones({17}), ones({34}), ones({18})}) ==
        "Input arg0_1.shape[0] is outside of specified dynamic range [2, 16]");
}

TEST_CASE("derived dimensions of a symbol that is no dimension itself") {
  TestProgram test;
  const Expr s65 = test.symbol("s65", {2, 16});
  test.user("x", f32({s65 * 2}));
  test.user("y", f32({s65 * 4 - 3}));
  CHECK(message(test, {ones({8}), ones({13})}) == "ok");
  CHECK(message(test, {ones({7}), ones({12})}) ==
        "Expected input arg0_1.shape[0] = 7 to be of the form 2*s65, where s65 is an integer");
  CHECK(message(test, {ones({8}), ones({14})}) ==
        "Expected input at arg1_1.shape[0] to be equal to 13, but got 14");
  CHECK(message(test, {ones({34}), ones({65})}) ==
        "Input arg0_1.shape[0] is outside of specified dynamic range [4, 32]");
  test.program.range_constraints = {{s65 * 2, {6, 30}}, {s65, {3, 15}}};
  CHECK(message(test, {ones({34}), ones({65})}) ==
        "Input arg0_1.shape[0] is outside of specified dynamic range [6, 30]");
}

TEST_CASE("sums of symbols") {
  TestProgram test;
  const Expr s0 = test.symbol("s0", {0, kNone}), s1 = test.symbol("s1", {0, kNone});
  test.user("x", f32({s0 + s1, s0}));
  CHECK(message(test, {ones({7, 3})}) == "ok");
  CHECK(InputChecker(test.program).bind(std::vector<c10::IValue>{ones({7, 3})}) ==
        SymbolValues{{"s0", 3}, {"s1", 4}});
}

TEST_CASE("other guards are evaluated") {
  TestProgram test;
  const Expr s0 = test.symbol("s0", {0, kNone}), u0 = test.symbol("u0", {0, kNone});
  test.user("x", f32({s0}));
  ir::Guard guard;
  guard.condition = symbolic::eq(symbolic::mod(s0, 8), 0);
  guard.reason = "aten.view.default";
  const uint32_t frame =
      test.program.source.intern(ir::Frame{"m.py", 3, 5, "forward", "x.view(8)"});
  guard.location = test.program.source.intern(ir::Location{{frame}, ""});
  ir::Guard unknown;
  unknown.condition = symbolic::le(u0, s0);  // data-dependent: an assertion in the graph checks it
  test.program.guards = {unknown, guard};
  CHECK(message(test, {ones({16})}) == "ok");
  const auto d = refusal(test, {ones({12})});
  REQUIRE(d);
  CHECK(d->code == Code::TX4005);
  CHECK(d->message == "Guard failed: (x.size()[0] % 8) == 0");
  CHECK(d->place.line == 3);
  CHECK(d->notes ==
        std::vector<std::string>{"Input arg0_1.shape[0] is 12",
                                 "the program relies on it because of aten.view.default"});
}

TEST_CASE("rank, kind and dtype") {
  TestProgram test;
  const Expr s17 = test.symbol("s17", {4, 16});
  test.user("x", f32({s17, 8}));
  CHECK(message(test, {ones({5, 8, 1})}) ==
        "Unexpected number of dimensions in input at arg0_1.shape (expected torch.Size([s17, 8]), "
        "got torch.Size([5, 8, 1]))");
  CHECK(code(test, {ones({5, 8, 1})}) == Code::TX4006);
  CHECK(message(test, {c10::IValue()}) ==
        "Expected input at arg0_1 to be a tensor, but got <class 'NoneType'>");
  CHECK(message(test, {3}) == "Expected input at arg0_1 to be a tensor, but got <class 'int'>");
  CHECK(code(test, {3}) == Code::TX4007);
  CHECK(message(test, {at::ones({5, 8}, at::kDouble)}) ==
        "Expected input at arg0_1 to have dtype torch.float32, but got torch.float64");
  CHECK(code(test, {at::ones({5, 8}, at::kDouble)}) == Code::TX4007);
}

TEST_CASE("constants (symbolic shapes, section 8)") {
  TestProgram test;
  test.constant("flag", true, /*keyword=*/true);
  test.constant("n", int64_t{3}, true);
  test.constant("name", std::string("a"), true);
  test.constant("f", 1.5, true);
  test.constant("nothing", ir::NoneArg{}, true);
  const auto with = [&](size_t at, c10::IValue value) {
    std::vector<c10::IValue> inputs{true, 3, std::string("a"), 1.5, c10::IValue()};
    inputs[at] = std::move(value);
    return message(test, inputs);
  };
  CHECK(with(1, 3) == "ok");
  CHECK(with(1, 4) == "Expected input at 'n' to be equal to 3, but got 4");
  CHECK(with(1, 3.0) == "Expected input at 'n' to be equal to 3, but got 3.0");
  CHECK(with(1, true) == "Expected input at 'n' to be equal to 3, but got True");
  CHECK(with(0, false) == "Expected input at 'flag' to be equal to True, but got False");
  CHECK(with(2, std::string("b")) == "Expected input at 'name' to be equal to a, but got b");
  CHECK(with(3, 2.5) == "Expected input at 'f' to be equal to 1.5, but got 2.5");
  CHECK(with(4, 1) == "Expected input at 'nothing' to be equal to None, but got 1");
  TestProgram positional;
  positional.constant("n", int64_t{3});
  CHECK(message(positional, {4}) == "Expected input at arg0_1 to be equal to 3, but got 4");
  CHECK(code(positional, {4}) == Code::TX4008);
  CHECK(refusal(positional, {4})->notes[0] == "arg0_1 is the input `n`");
}

TEST_CASE("number of inputs") {
  TestProgram test;
  test.user("x", f32({2}));
  CHECK(message(test, {}) == "Unexpected number of inputs (expected 1, got 0)");
  CHECK(code(test, {ones({2}), ones({2})}) == Code::TX4004);
}

TEST_CASE("structure: positional and keyword arguments, containers") {
  const auto tree = [](ir::TreeKind kind, std::vector<ir::Tree> children,
                       std::vector<ir::TreeKey> keys = {}) {
    ir::Tree result;
    result.kind = kind;
    result.children = std::move(children);
    result.keys = std::move(keys);
    return result;
  };
  const auto why = [](const ir::InputTree& expected, const ir::InputTree& given) {
    try {
      match_structure(expected, given);
    } catch (const diag::Failure& e) {
      CHECK(e.diagnostics().front().code == Code::TX4004);
      return e.diagnostics().front().message;
    }
    return std::string("ok");
  };
  const ir::Tree leaf, pair = tree(ir::TreeKind::List, {leaf, leaf});
  ir::InputTree expected, given;
  expected.positional = {
      leaf, tree(ir::TreeKind::Dict, {leaf, pair}, {std::string("a"), std::string("b")})};
  expected.keyword_names = {"k", "m"};
  expected.keyword = {leaf, leaf};
  given = expected;
  CHECK(match_structure(expected, given) == std::vector<size_t>{0, 1, 2, 3, 4, 5});
  std::swap(given.keyword_names[0], given.keyword_names[1]);
  given.positional[1] =
      tree(ir::TreeKind::Dict, {pair, leaf}, {std::string("b"), std::string("a")});
  CHECK(match_structure(expected, given) == std::vector<size_t>{0, 3, 1, 2, 5, 4});

  given.positional.pop_back();
  CHECK(why(expected, given) ==
        "Trying to flatten user inputs with exported input tree spec: \n"
        "((*, {'a': *, 'b': [*, *]}), {'k': *, 'm': *})\n"
        "but actually got inputs with tree spec of: \n"
        "((*,), {'m': *, 'k': *}).\n"
        "Please check that the inputs have the same number and type of args and kwargs as the ones "
        "you used when tracing.");
  given = expected;
  given.positional[1].children[1].kind = ir::TreeKind::Tuple;
  CHECK(why(expected, given).find("'b': (*, *)") != std::string::npos);
  given = expected;
  given.keyword_names.pop_back();
  given.keyword.pop_back();
  CHECK(why(expected, given) ==
        "Ran into a kwarg keyword mismatch: Got the following keywords "
        "['k'] but expected ['k', 'm']");
}
