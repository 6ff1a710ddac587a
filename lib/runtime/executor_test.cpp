#include "runtime/executor.h"

#include <ATen/Context.h>
#include <ATen/Functions.h>
#include <doctest/doctest.h>

#include "runtime/test_program.h"

using namespace tx;
using namespace tx::runtime;
using ir::Argument;
using ir::NodeRef;

namespace {

std::vector<c10::IValue> run(const TestProgram& test, std::vector<c10::IValue> inputs,
                             RunOptions options = {}) {
  return Executor(test.program).run(std::move(inputs), options).user_outputs;
}

diag::Diagnostic failure(const TestProgram& test, std::vector<c10::IValue> inputs = {},
                         RunOptions options = {}) {
  try {
    run(test, std::move(inputs), options);
  } catch (const diag::Failure& e) {
    return e.diagnostics().front();
  }
  FAIL("no failure");
  return {diag::Code::TX0070, ""};
}

void check_equal(const c10::IValue& actual, const at::Tensor& expected) {
  REQUIRE(actual.isTensor());
  CHECK((actual.toTensor().scalar_type() == expected.scalar_type()));
  CHECK(actual.toTensor().sizes() == expected.sizes());
  CHECK(at::equal(actual.toTensor(), expected));
}

}  // namespace

TEST_CASE("a linear layer with weights gives eager's values") {
  at::manual_seed(0);
  const at::Tensor weight = at::randn({10, 100}), bias = at::randn({10}), x = at::randn({8, 100});
  TestProgram test;
  const NodeRef w = test.weight("lin.weight", weight), b = test.weight("lin.bias", bias);
  const NodeRef in = test.user("x", f32({8, 100}));
  const NodeRef t = test.graph.call("aten.t.default", {w});
  const NodeRef addmm = test.graph.call("aten.addmm.default", {b, in, t});
  const NodeRef relu = test.graph.call("aten.relu.default", {addmm});
  test.returns({relu});
  check_equal(run(test, {x})[0], at::relu(at::linear(x, weight, bias)));
}

TEST_CASE("numbers in tensor slots promote as in eager mode") {
  TestProgram test;
  ir::TensorType half, ints;
  half.dtype = ir::DType::F16;
  ints.dtype = ir::DType::I64;
  half.sizes = ints.sizes = {ir::Expr(3)};
  half.strides = ints.strides = {ir::Expr(1)};
  const NodeRef h = test.user("h", half), i = test.user("i", ints);
  test.returns({test.graph.call("aten.mul.Tensor", {h, 2.5}),
                test.graph.call("aten.add.Tensor", {i, 1.5}),
                test.graph.call("aten.add.Tensor", {i, int64_t{1}}, {{"alpha", int64_t{3}}}),
                test.graph.call("aten.mul.Tensor", {h, i})});
  const at::Tensor x = at::arange(3).to(at::kHalf), y = at::arange(3);
  const auto out = run(test, {x, y});
  check_equal(out[0], at::mul(x, 2.5));
  check_equal(out[1], at::add(y, 1.5));
  check_equal(out[2], at::add(y, 1, 3));
  check_equal(out[3], at::mul(x, y));
  CHECK((out[0].toTensor().scalar_type() == at::kHalf));
  CHECK((out[1].toTensor().scalar_type() == at::kFloat));
}

TEST_CASE("sizes are values: sym_size, arithmetic, lists with values in them") {
  TestProgram test;
  const ir::Expr s0 = test.symbol("s0", {0, ir::kUnbounded});
  const NodeRef x = test.user("x", f32({s0, 6}));
  const NodeRef size = test.graph.call("aten.sym_size.int", {x, int64_t{0}});
  const NodeRef doubled = test.graph.call("operator.mul", {size, int64_t{2}});
  const NodeRef view = test.graph.call("aten.view.default", {x, list({doubled, int64_t{3}})});
  const NodeRef scaled = test.graph.call("aten.mul.Tensor", {view, doubled});
  const NodeRef full = test.graph.call("aten.full.default", {list({size}), doubled},
                                       {{"dtype", ir::DType::F64},
                                        {"layout", ir::Layout::Strided},
                                        {"device", ir::Device{}},
                                        {"pin_memory", false}});
  test.returns({scaled, full, doubled, int64_t{7}, ir::NoneArg{}, std::string("text")});
  const at::Tensor in = at::arange(30, at::kFloat).view({5, 6});
  const auto out = run(test, {in});
  check_equal(out[0], at::mul(in.view({10, 3}), 10));
  check_equal(out[1], at::full({5}, 10, at::kDouble));
  CHECK(out[2].toInt() == 10);
  CHECK(out[3].toInt() == 7);
  CHECK(out[4].isNone());
  CHECK(out[5].toStringRef() == "text");
}

TEST_CASE("calls with several results, lists of tensors, optional tensors") {
  TestProgram test;
  const NodeRef x = test.user("x", f32({7, 3}));
  const NodeRef split = test.graph.call("aten.split.Tensor", {x, int64_t{3}});
  const NodeRef first = test.graph.call("operator.getitem", {split, int64_t{0}});
  const NodeRef last = test.graph.call("operator.getitem", {split, int64_t{2}});
  const NodeRef cat = test.graph.call("aten.cat.default", {list({last, first})});
  const NodeRef whole = test.graph.call("aten.cat.default", {split});
  const NodeRef top = test.graph.call("aten.topk.default", {x, int64_t{2}, int64_t{1}});
  const NodeRef values = test.graph.call("operator.getitem", {top, int64_t{0}});
  const NodeRef indices = test.graph.call("operator.getitem", {top, int64_t{1}});
  const NodeRef rows = test.graph.call("aten.select.int", {indices, int64_t{1}, int64_t{0}});
  const NodeRef picked = test.graph.call("aten.index.Tensor", {x, list({ir::NoneArg{}, rows})});
  test.returns({cat, whole, values, picked});
  at::manual_seed(1);
  const at::Tensor in = at::randn({7, 3});
  const auto out = run(test, {in});
  check_equal(out[0], at::cat({in.slice(0, 6, 7), in.slice(0, 0, 3)}));
  check_equal(out[1], in);
  const auto [expected_values, expected_indices] = at::topk(in, 2, 1);
  check_equal(out[2], expected_values);
  check_equal(out[3], in.index_select(1, expected_indices.select(1, 0)));
}

TEST_CASE("one number fills an int[2]; ints become floats where the schema wants floats") {
  TestProgram test;
  const NodeRef x = test.user("x", f32({1, 1, 6, 6}));
  test.returns({test.graph.call("aten.avg_pool2d.default", {x, int64_t{2}}),
                test.graph.call("aten.elu.default", {x, int64_t{1}}),
                test.graph.call("aten.native_layer_norm.default",
                                {x, list({int64_t{6}}), ir::NoneArg{}, ir::NoneArg{}, 1e-5})});
  at::manual_seed(2);
  const at::Tensor in = at::randn({1, 1, 6, 6});
  const auto out = run(test, {in});
  check_equal(out[0], at::avg_pool2d(in, {2, 2}));
  check_equal(out[1], at::elu(in));
  check_equal(out[2].toTupleRef().elements()[0], at::layer_norm(in, {6}));
}

TEST_CASE("cond takes one branch; its operands may be values and constants of the graph") {
  TestProgram test;
  const NodeRef x = test.user("x", f32({3}));
  const NodeRef sum = test.graph.call("aten.sum.default", {x});
  const NodeRef positive = test.graph.call("aten.gt.Scalar", {sum, int64_t{0}});
  const NodeRef then = test.graph.subgraph("true_graph_0", [](GraphBuilder g) {
    const NodeRef a = g.input(f32({3}));
    g.outputs({g.call("aten.sin.default", {a}), a});
  });
  const NodeRef otherwise = test.graph.subgraph("false_graph_0", [](GraphBuilder g) {
    const NodeRef a = g.input(f32({3}));
    g.outputs({g.call("aten.cos.default", {a}), g.call("aten.neg.default", {a})});
  });
  const NodeRef cond = test.graph.call("higher_order.cond",
                                       {positive, then, otherwise, list({x}, /*is_tuple=*/true)});
  test.returns({test.graph.call("operator.getitem", {cond, int64_t{0}}),
                test.graph.call("operator.getitem", {cond, int64_t{1}})});
  const at::Tensor up = at::ones({3});
  auto out = run(test, {up});
  check_equal(out[0], up.sin());
  check_equal(out[1], up);
  out = run(test, {-up});
  check_equal(out[0], (-up).cos());
  check_equal(out[1], up);
}

TEST_CASE("while_loop carries tensors until its condition is false") {
  TestProgram test;
  const NodeRef x = test.user("x", f32({2}));
  const NodeRef limit = test.user("limit", f32({}));
  const NodeRef condition = test.graph.subgraph("while_loop_cond_graph_0", [](GraphBuilder g) {
    const NodeRef a = g.input(f32({2})), most = g.input(f32({}));
    const NodeRef sum = g.call("aten.sum.default", {a});
    g.outputs({g.call("aten.lt.Tensor", {sum, most})});
  });
  const NodeRef body = test.graph.subgraph("while_loop_body_graph_0", [](GraphBuilder g) {
    const NodeRef a = g.input(f32({2}));
    g.input(f32({}));
    g.outputs({g.call("aten.mul.Tensor", {a, int64_t{2}})});
  });
  const NodeRef loop = test.graph.call(
      "higher_order.while_loop",
      {condition, body, list({x}, /*is_tuple=*/true), list({limit}, /*is_tuple=*/true)});
  test.returns({test.graph.call("operator.getitem", {loop, int64_t{0}})});
  check_equal(run(test, {at::ones({2}), at::full({}, 20.0f)})[0], at::full({2}, 16.0f));
  check_equal(run(test, {at::ones({2}), at::full({}, 1.0f)})[0], at::ones({2}));
}

TEST_CASE("map_impl stacks the results of its rows") {
  TestProgram test;
  const ir::Expr s0 = test.symbol("s0", {0, ir::kUnbounded});
  const NodeRef x = test.user("x", f32({s0, 2})), y = test.user("y", f32({2}));
  const NodeRef body = test.graph.subgraph("body_graph_0", [](GraphBuilder g) {
    const NodeRef row = g.input(f32({2})), other = g.input(f32({2}));
    g.outputs({g.call("aten.add.Tensor", {row, other})});
  });
  const NodeRef map = test.graph.call("higher_order.map_impl", {body, list({x}), list({y})});
  test.returns({test.graph.call("operator.getitem", {map, int64_t{0}})});
  const at::Tensor in = at::arange(6, at::kFloat).view({3, 2}), add = at::full({2}, 10.0f);
  check_equal(run(test, {in, add})[0], at::add(in, add));
  CHECK(failure(test, {at::empty({0, 2}), add}).message ==
        "`higher_order.map_impl` failed: Leading dimensions of mapped xs cannot be 0.");
}

TEST_CASE("random operators follow the seed and equal eager's") {
  TestProgram test;
  const NodeRef x = test.user("x", f32({100}));
  const NodeRef dropout = test.graph.call("aten.native_dropout.default", {x, 0.5, true});
  test.returns({test.graph.call("operator.getitem", {dropout, int64_t{0}}),
                test.graph.call("aten.rand.default", {list({int64_t{4}})})});
  const at::Tensor in = at::ones({100});
  const auto first = run(test, {in}, {.seed = 7});
  const auto second = run(test, {in}, {.seed = 7});
  const auto other = run(test, {in}, {.seed = 8});
  at::manual_seed(7);
  const at::Tensor expected = std::get<0>(at::native_dropout(in, 0.5, true));
  check_equal(first[0], expected);
  check_equal(first[1], at::rand({4}));
  check_equal(second[1], first[1].toTensor());
  CHECK_FALSE(at::equal(other[1].toTensor(), first[1].toTensor()));
}

TEST_CASE("mutations come back beside the outputs, and nothing is written to") {
  TestProgram test;
  const at::Tensor stored = at::zeros({2});
  const NodeRef buffer = test.weight("count", stored, ir::InputKind::Buffer);
  const NodeRef x = test.user("x", f32({2}));
  const NodeRef next = test.graph.call("aten.add.Tensor", {buffer, x});
  test.program.outputs = {{ir::OutputKind::BufferMutation, next, "count"},
                          {ir::OutputKind::UserInputMutation, next, "arg1_1"},
                          {ir::OutputKind::UserOutput, x, ""},
                          {ir::OutputKind::UserOutput, buffer, ""}};
  test.graph.outputs({next, next, x, buffer});
  const at::Tensor in = at::ones({2});
  const Results results = Executor(test.program).run({in});
  REQUIRE(results.buffer_mutations.size() == 1);
  CHECK(results.buffer_mutations[0].first == "count");
  check_equal(results.buffer_mutations[0].second, at::ones({2}));
  CHECK(results.input_mutations[0].first == "arg1_1");
  REQUIRE(results.user_outputs.size() == 2);
  check_equal(results.user_outputs[0], in);
  check_equal(results.user_outputs[1], at::zeros({2}));
  check_equal(stored, at::zeros({2}));
}

TEST_CASE("outputs outlive the program's weights and can be changed by the caller") {
  c10::IValue out;
  std::weak_ptr<const void> owner;
  {
    TestProgram test;
    const NodeRef w = test.weight("w", at::ones({2, 3}));
    test.returns({test.graph.call("aten.t.default", {w})});
    owner = test.program.storages[0].owner;
    out = run(test, {})[0];
  }
  CHECK_FALSE(owner.expired());
  check_equal(out, at::ones({3, 2}));
  out.toTensor().clone().add_(1);
  out = c10::IValue();
  CHECK(owner.expired());
}

TEST_CASE("a value is freed after its last use") {
  TestProgram test;
  const NodeRef x = test.user("x", f32({4}));
  const NodeRef a = test.graph.call("aten.relu.default", {x});
  test.graph.call("aten.add.Tensor", {a, a});  // taken twice by one call, and without a user
  const NodeRef b = test.graph.call("aten.neg.default", {a});
  test.returns({b, b});
  const auto graph = prepare(test.program);
  REQUIRE(graph->instructions.size() == 3);
  CHECK(graph->instructions[0].operands[0].source == Operand::Source::LastValue);
  CHECK(graph->instructions[1].release == std::vector<uint32_t>{2});
  CHECK(graph->instructions[2].operands[0].source == Operand::Source::LastValue);
  const auto out = run(test, {at::ones({4})});
  check_equal(out[0], -at::ones({4}));
  check_equal(out[1], -at::ones({4}));
}

TEST_CASE("an operator that fails names the call, the place and LibTorch's reason") {
  TestProgram test;
  const NodeRef x = test.user("x", f32({3, 4})), y = test.user("y", f32({5, 6}));
  const NodeRef mm = test.graph.call("aten.mm.default", {x, y});
  const uint32_t frame =
      test.program.source.intern(ir::Frame{"model.py", 7, 15, "forward", "        return x @ y"});
  test.graph.node(mm).location = test.program.source.intern(ir::Location{{frame}, "head"});
  test.returns({mm});
  const diag::Diagnostic d = failure(test, {at::ones({3, 4}), at::ones({5, 6})});
  CHECK(d.code == diag::Code::TX4011);
  CHECK(d.message ==
        "`aten.mm.default` failed: mat1 and mat2 shapes cannot be multiplied (3x4 and 5x6)");
  CHECK(d.place.file == "model.py");
  CHECK(d.place.line == 7);
  CHECK(d.place.code == "        return x @ y");
  CHECK(d.module_path == "head");
  REQUIRE(d.stack.size() == 1);
  CHECK(d.stack[0].function == "forward");
  CHECK(d.notes == std::vector<std::string>{"raised by the call `n2` of the program"});
}

TEST_CASE("a run-time assertion fails with its own text") {
  TestProgram test;
  const NodeRef x = test.user("x", f32({1}));
  const NodeRef item = test.graph.call("aten._local_scalar_dense.default", {x});
  const NodeRef ge = test.graph.call("operator.ge", {item, int64_t{0}});
  test.graph.call(
      "aten._assert_scalar.default",
      {ge, std::string("Runtime assertion failed for expression u0 >= 0 on node 'ge'")});
  test.returns({x});
  run(test, {at::ones({1})});
  const diag::Diagnostic d = failure(test, {at::full({1}, -1.0f)});
  CHECK(d.code == diag::Code::TX4011);
  CHECK(d.message == "Runtime assertion failed for expression u0 >= 0 on node 'ge'");
}

TEST_CASE("a missing operator is named before anything runs, with all others that are missing") {
  TestProgram test;
  const NodeRef x = test.user("x", f32({1}));
  const NodeRef a = test.graph.call("mylib.foo.default", {x});
  const NodeRef b = test.graph.call("mylib.foo.default", {a});
  test.returns({test.graph.call("mylib.bar.Tensor", {b})});
  test.program.schemas["mylib.foo.default"] = "mylib::foo(Tensor x) -> Tensor";
  try {
    Executor executor(test.program);
    FAIL("no failure");
  } catch (const diag::Failure& e) {
    REQUIRE(e.diagnostics().size() == 2);
    const diag::Diagnostic& d = e.diagnostics()[0];
    CHECK(d.code == diag::Code::TX4010);
    CHECK(d.message ==
          "the program calls the operator `mylib.foo.default`, which this LibTorch "
          "(2.13.0) does not have");
    CHECK(d.notes ==
          std::vector<std::string>{"its schema in the program: mylib::foo(Tensor x) -> Tensor"});
    REQUIRE(d.fixes.size() == 1);
    CHECK(d.fixes[0].message == "load the library that defines it: --load-library FILE.so");
    CHECK(e.diagnostics()[1].message.find("mylib.bar.Tensor") != std::string::npos);
  }
}

TEST_CASE("schemas: equal, with more defaulted arguments, with another default, different") {
  const auto result = [](const std::string& schema) {
    TestProgram test;
    const NodeRef x = test.user("x", f32({4}));
    test.returns({test.graph.call("aten.elu.default", {x})});
    test.program.schemas["aten.elu.default"] = schema;
    return run(test, {at::full({4}, -1.0f)})[0].toTensor();
  };
  const auto why = [&](const std::string& schema) {
    try {
      result(schema);
    } catch (const diag::Failure& e) {
      CHECK(e.diagnostics().front().code == diag::Code::TX4010);
      return e.diagnostics().front().message;
    }
    return std::string("compatible");
  };
  const at::Tensor x = at::full({4}, -1.0f);
  check_equal(result("aten::elu(Tensor self, Scalar alpha=1, Scalar scale=1, Scalar input_scale=1)"
                     " -> Tensor"),
              at::elu(x));
  check_equal(result("aten::elu(Tensor self, Scalar alpha=1) -> Tensor"), at::elu(x));
  check_equal(result("aten::elu(Tensor self, Scalar alpha=2) -> Tensor"), at::elu(x, 2));
  const std::string prefix =
      "the operator `aten.elu.default` of this LibTorch (2.13.0) is not the one the program was "
      "written for: ";
  CHECK(why("aten::elu(Tensor self, bool approximate=False) -> Tensor") ==
        prefix + "it has no argument `approximate`");
  CHECK(why("aten::elu(Tensor self, int alpha=1) -> Tensor") ==
        prefix + "its argument `Scalar alpha=1` was `int alpha=1`");
  CHECK(why("aten::elu(Tensor self, Scalar scale=1) -> Tensor") ==
        prefix + "its argument `scale` is at another position");
  CHECK(why("aten::elu(Tensor self) -> (Tensor, Tensor)") ==
        prefix + "it returns 1 values instead of 2");
  CHECK(why("what is this") == prefix + "its schema has another form");
}

TEST_CASE("calls that do not fit their operator are refused") {
  const auto why = [](std::vector<Argument> args,
                      std::vector<std::pair<std::string, Argument>> kwargs = {},
                      std::string target = "aten.sum.dim_IntList") {
    TestProgram test;
    test.user("x", f32({2}));
    test.returns({test.graph.call(std::move(target), std::move(args), std::move(kwargs))});
    const diag::Diagnostic d = failure(test);
    CHECK(d.code == diag::Code::TX4002);
    return d.message;
  };
  const NodeRef x{0};
  const std::string prefix =
      "the call `n1` of `aten.sum.dim_IntList` in the program is not valid: ";
  CHECK(why({x}) == prefix + "no value for `dim`");
  CHECK(why({x, list({}), true, int64_t{1}}) == prefix + "too many positional arguments (4)");
  CHECK(why({x, list({})}, {{"axis", int64_t{0}}}) == prefix + "no argument `axis`");
  CHECK(why({x, list({})}, {{"self", x}}) == prefix + "the argument `self` is given twice");
  CHECK(why({x, list({1.5})}) == prefix + "the argument `dim`: expected an int but got a float");
  CHECK(why({x, list({}), int64_t{1}}) ==
        prefix + "the argument `keepdim`: expected a bool but got an int");
  CHECK(why({ir::NoneArg{}, list({})}) ==
        prefix + "the argument `self`: expected Tensor but got None");
  CHECK(why({NodeRef{1}, list({})}) ==
        "the arguments of `n1` of the program refer to a value that does not exist yet");
  CHECK(why({x, x}, {}, "operator.getitem").ends_with("it takes a tuple and a constant index"));
  CHECK(why({x}, {}, "operator.mul").ends_with("it takes 2 arguments"));
  CHECK(why({x, x, x, list({})}, {}, "higher_order.cond").ends_with("an argument is no sub-graph"));
}

TEST_CASE("a value of the wrong kind is an error of the call, not a crash") {
  TestProgram test;
  const NodeRef x = test.user("x", f32({2}));
  const NodeRef size = test.graph.call("aten.sym_size.int", {x, int64_t{0}});
  test.returns({test.graph.call("operator.getitem", {size, int64_t{0}})});
  CHECK(failure(test, {at::ones({2})}).message ==
        "`operator.getitem` failed: expected a tuple but got an int");
  TestProgram overflow;
  const NodeRef y = overflow.user("y", f32({2}));
  const NodeRef n = overflow.graph.call("aten.sym_size.int", {y, int64_t{0}});
  overflow.returns({overflow.graph.call("operator.pow", {n, int64_t{64}})});
  CHECK(failure(overflow, {at::ones({2})}).message ==
        "`operator.pow` failed: integer overflow in the arithmetic of sizes");
}

TEST_CASE("writing to a new value is allowed, writing to a weight or an input is not") {
  TestProgram test;
  const NodeRef w = test.weight("w", at::ones({2}));
  const NodeRef x = test.user("x", f32({2}));
  const NodeRef copy = test.graph.call("aten.clone.default", {w});
  test.returns({test.graph.call("aten.add_.Tensor", {copy, x})});
  check_equal(run(test, {at::ones({2})})[0], at::full({2}, 2.0f));

  for (const bool weight : {true, false}) {
    TestProgram bad;
    const NodeRef stored = bad.weight("w", at::ones({2}));
    const NodeRef given = bad.user("x", f32({2}));
    const NodeRef view = bad.graph.call(
        "aten.slice.Tensor", {weight ? stored : given, int64_t{0}, int64_t{0}, int64_t{1}});
    bad.returns({bad.graph.call("aten.zero_.default", {view})});
    CHECK(failure(bad, {at::ones({2})}).message ==
          "`aten.zero_.default` failed: it would write to a weight or an input of the program");
  }
}

TEST_CASE("a signature that does not fit the graph is refused") {
  TestProgram test;
  const NodeRef x = test.user("x", f32({2}));
  test.graph.outputs({x});
  CHECK(failure(test, {at::ones({2})}).message ==
        "the program gives 1 values but its signature has 0 outputs");
  test.program.outputs = {{ir::OutputKind::BufferMutation, int64_t{3}, "count"}};
  test.graph.outputs({int64_t{3}});
  CHECK(failure(test, {at::ones({2})}).message ==
        "the program's new value of `count` is an int instead of a tensor");
  test.program.inputs.push_back({ir::InputKind::Buffer, 1, "count", "b_count", "", std::nullopt});
  CHECK(failure(test, {at::ones({2})}).code == diag::Code::TX4002);
  test.graph.input(f32({2}));
  CHECK(failure(test, {at::ones({2})}).message ==
        "the program has no value for the weight `count`");
}
