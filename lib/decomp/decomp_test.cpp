// Names of operators, rules as a whole, and what a decomposition keeps of a program.
#include <doctest/doctest.h>

#include <algorithm>

#include "decomp/decompose.h"
#include "decomp/inventory.h"
#include "decomp/operator_names.h"
#include "decomp/rule_book.h"
#include "ir/text.h"

using namespace tx;

namespace {

using Names = std::vector<std::string>;

Names found(const std::string& text) {
  Names names;
  for (const c10::OperatorHandle& op : decomp::find_operators(text)) {
    names.push_back(decomp::target_of(op));
  }
  return names;
}

diag::Diagnostic failure_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const diag::Failure& failure) {
    return failure.diagnostics().front();
  }
  FAIL("nothing was refused");
  return diag::Diagnostic(diag::Code::TX0070, "");
}

Names calls(const ir::Graph& graph) {
  Names names;
  for (const ir::Node& node : graph.nodes) {
    if (node.kind == ir::NodeKind::Call) names.push_back(node.target);
  }
  return names;
}

}  // namespace

TEST_CASE("operators are found by all of their names") {
  const Names transpose = {"aten.transpose.int"};
  CHECK(found("aten.transpose.int") == transpose);
  CHECK(found("aten::transpose.int") == transpose);
  CHECK(found("torch.ops.aten.transpose.int") == transpose);
  CHECK(found("transpose.int") == transpose);
  CHECK(found("aten.t.default") == Names{"aten.t.default"});
  CHECK(found("aten::t") == Names{"aten.t.default"});
  CHECK(found("t") == Names{"aten.t.default"});
  const Names all = found("aten.add");
  CHECK(std::find(all.begin(), all.end(), "aten.add.Tensor") != all.end());
  CHECK(std::find(all.begin(), all.end(), "aten.add.Scalar") != all.end());
}

TEST_CASE("names of nothing are refused with those that are close") {
  const auto unknown = failure_of([] { found("aten.tranpose.int"); });
  CHECK(unknown.code == diag::Code::TX3004);
  CHECK(unknown.notes.at(0).find("`aten.transpose`") != std::string::npos);
  CHECK(failure_of([] { found("aten.transpose.nothing"); }).notes.at(0).find("aten.transpose.int") !=
        std::string::npos);
  CHECK(failure_of([] { found(""); }).code == diag::Code::TX3004);
  CHECK(failure_of([] { found("a.b.c.d.e"); }).code == diag::Code::TX3004);
  CHECK(failure_of([] { decomp::Plan::only({"aten.mm"}, {}); }).code == diag::Code::TX3004);
  CHECK(failure_of([] { decomp::Plan::core({"aten.mn"}); }).code == diag::Code::TX3004);
}

TEST_CASE("every rule compiles and has the arguments and results of its operator") {
  decomp::RuleBook& book = decomp::RuleBook::instance();
  for (const std::string& name : book.operators()) {
    CAPTURE(name);
    const size_t dot = name.find('.');
    const auto op = c10::Dispatcher::singleton().findSchemaOrThrow(
        name.substr(0, dot).c_str(), dot == std::string::npos ? "" : name.substr(dot + 1).c_str());
    const c10::FunctionSchema& rule = book.function(*book.find(op)).getSchema();
    REQUIRE(rule.arguments().size() == op.schema().arguments().size());
    for (size_t i = 0; i < rule.arguments().size(); ++i) {
      CHECK(rule.arguments()[i].name() == op.schema().arguments()[i].name());
    }
    c10::TypePtr result = rule.returns().at(0).type();
    if (result->kind() == c10::TypeKind::OptionalType) result = result->containedType(0);
    const auto* tuple = result->castRaw<c10::TupleType>();
    CHECK((tuple ? tuple->elements().size() : 1) == op.schema().returns().size());
  }
}

TEST_CASE("functions that are no rules are called by one") {
  decomp::RuleBook& book = decomp::RuleBook::instance();
  const Names functions = book.functions();
  for (const std::string& name : book.helpers()) {
    const bool called = std::any_of(
        functions.begin(), functions.end(), [&](const std::string& other) {
          return other != name && book.text(other).find(name + "(") != std::string::npos;
        });
    CHECK_MESSAGE(called, name, " is neither an operator nor called");
  }
}

TEST_CASE("the inventory knows where shapes and decompositions come from") {
  const auto one = [](const char* name) { return decomp::find_operators(name).front(); };
  CHECK(decomp::shape_source(one("aten.mm.default")) == decomp::ShapeSource::Rule);
  CHECK(decomp::shape_source(one("aten.sin.default")) == decomp::ShapeSource::PointwiseRule);
  CHECK(decomp::shape_source(one("aten.linear.default")) == decomp::ShapeSource::CompositeKernel);
  CHECK(decomp::core_action(one("aten.linear.default")) == decomp::Action::Kernel);
  CHECK(decomp::core_action(one("aten.silu.default")) == decomp::Action::Rule);
  CHECK(decomp::core_action(one("aten.mm.default")) == decomp::Action::None);
  const Names silu = decomp::rule_calls(one("aten.silu.default"));
  CHECK(std::find(silu.begin(), silu.end(), "aten.sigmoid.default") != silu.end());
  CHECK(decomp::rule_calls(one("aten.mm.default")).empty());
}

TEST_CASE("entries are applied until nothing in the graph has one") {
  const auto after = [](const std::vector<std::string>& names) {
    ir::Program program = ir::parse_program(R"(
graph():
    %arg0_1 : f32[1, 4] = placeholder[target=arg0_1]
    %t : f32[4, 1] = call_function[target=torch.ops.aten.t.default](args = (%arg0_1,), kwargs = {})
    return (t,)
)");
    decomp::decompose(program, decomp::Plan::only(names, {}));
    return calls(program.graph);
  };
  // Tutorial, section 12.2.
  CHECK(after({"aten.t.default"}) == Names{"aten.transpose.int"});
  CHECK(after({"aten.transpose.int"}) == Names{"aten.t.default"});
  CHECK(after({"aten.t.default", "aten.transpose.int"}) == Names{"aten.permute.default"});
}

TEST_CASE("sub-graphs are decomposed, and what is kept is kept") {
  const std::string text = R"(
graph():
    %arg0_1 : f32[3] = placeholder[target=arg0_1]
    %arg1_1 : b8[] = placeholder[target=arg1_1]
    %true_graph_0 = get_attr[target=true_graph_0]
    %false_graph_0 = get_attr[target=false_graph_0]
    %cond : (f32[3]) = call_function[target=torch.ops.higher_order.cond](args = (%arg1_1, %true_graph_0, %false_graph_0, (%arg0_1,)), kwargs = {})
    %getitem : f32[3] = call_function[target=operator.getitem](args = (%cond, 0), kwargs = {})
    return (getitem,)

true_graph_0 = graph():
    %arg0_1 : f32[3] = placeholder[target=arg0_1]
    %silu : f32[3] = call_function[target=torch.ops.aten.silu.default](args = (%arg0_1,), kwargs = {})
    return (silu,)

false_graph_0 = graph():
    %arg0_1 : f32[3] = placeholder[target=arg0_1]
    %frac : f32[3] = call_function[target=torch.ops.aten.frac.default](args = (%arg0_1,), kwargs = {})
    return (frac,)
)";
  ir::Program program = ir::parse_program(text);
  const auto decomposed = decomp::decompose(program, decomp::Plan::core({"frac"}));
  CHECK(decomposed.expanded == 1);
  CHECK(calls(*program.graph.subgraphs.at("true_graph_0")) ==
        Names{"aten.sigmoid.default", "aten.mul.Tensor"});
  CHECK(calls(*program.graph.subgraphs.at("false_graph_0")) == Names{"aten.frac.default"});
  const auto left = decomp::not_core(program, decomp::Plan::core({"frac"}), decomposed.refusals);
  REQUIRE(left.size() == 1);
  CHECK(left[0].target == "aten.frac.default");
  CHECK(left[0].reason == "--keep");
}

TEST_CASE("new calls stand where the operator stood") {
  ir::Program program = ir::parse_program(R"(
graph():
    %arg0_1 : f32[3] = placeholder[target=arg0_1]
    %silu : f32[3] = call_function[target=torch.ops.aten.silu.default](args = (%arg0_1,), kwargs = {})
    return (silu,)
)");
  ir::Location location;
  location.frames = {program.source.intern(ir::Frame{"model.py", 7, 9, "forward", "return silu(x)"})};
  location.module_path = "encoder.act";
  program.graph.nodes[1].location = program.source.intern(location);
  decomp::decompose(program, decomp::Plan::core({}));
  REQUIRE(program.graph.nodes.size() == 3);
  for (const ir::NodeId id : {1U, 2U}) {
    const uint32_t at = program.graph.node(id).location;
    REQUIRE(at != ir::kNone);
    CHECK(program.source.innermost(at)->line == 7);
    CHECK(program.source.locations()[at].module_path == "encoder.act");
  }
}

TEST_CASE("a decomposition that would need a guard is refused, and none is added") {
  // Whether anything is squeezed depends on s0.
  ir::Program program = ir::parse_program(R"(
graph():
    %arg0_1 : f32[s0, 3] = placeholder[target=arg0_1]
    %squeeze : f32[s0, 3] = call_function[target=torch.ops.aten.squeeze.default](args = (%arg0_1,), kwargs = {})
    return (squeeze,)
)");
  ir::SymbolInfo symbol;
  symbol.name = "s0";
  symbol.hint = 4;
  symbol.origin = ir::InputDim{0, 0};
  program.symbols = {symbol};
  const auto decomposed = decomp::decompose(program, decomp::Plan::core({}));
  REQUIRE(decomposed.refusals.size() == 1);
  CHECK(decomposed.refusals[0].target == "aten.squeeze.default");
  CHECK(decomposed.refusals[0].reason.find("s0") != std::string::npos);
  CHECK(calls(program.graph) == Names{"aten.squeeze.default"});
  CHECK(program.guards.empty());
  CHECK(program.symbols[0].range == ir::Range{});
  CHECK(!program.symbols[0].needs_at_least_2);

  program.symbols[0].range.min = 2;
  CHECK(decomp::decompose(program, decomp::Plan::core({})).refusals.empty());
  CHECK(calls(program.graph) == Names{"aten.squeeze.dims"});
}

TEST_CASE("several dynamic dimensions: the order of strides that sizes of 2 or more have is no question") {
  ir::Program program = ir::parse_program(R"(
graph():
    %arg0_1 : f32[s0, s1] = placeholder[target=arg0_1]
    %silu : f32[s0, s1] = call_function[target=torch.ops.aten.silu.default](args = (%arg0_1,), kwargs = {})
    return (silu,)
)");
  for (uint32_t axis = 0; axis < 2; ++axis) {
    ir::SymbolInfo symbol;
    symbol.name = "s" + std::to_string(axis);
    symbol.hint = 4;
    symbol.origin = ir::InputDim{0, axis};
    program.symbols.push_back(symbol);
  }
  CHECK(decomp::decompose(program, decomp::Plan::core({})).refusals.empty());
  CHECK(calls(program.graph) == Names{"aten.sigmoid.default", "aten.mul.Tensor"});
  CHECK(program.guards.empty());
  for (const ir::SymbolInfo& symbol : program.symbols) CHECK(symbol.range == ir::Range{});
}

TEST_CASE("a result with other strides is laid out like the operator's") {
  // alias_copy gives a contiguous tensor, what its rule calls one in the order of its argument.
  ir::Program program = ir::parse_program(R"(
graph():
    %arg0_1 : f32[3, 4] = placeholder[target=arg0_1]
    %t : f32[4, 3] = call_function[target=torch.ops.aten.t.default](args = (%arg0_1,), kwargs = {})
    %copy : f32[4, 3] = call_function[target=torch.ops.aten.alias_copy.default](args = (%t,), kwargs = {})
    return (copy,)
)");
  ir::TensorType transposed = *program.graph.nodes[1].type.tensor();
  transposed.strides = {1, 4};
  program.graph.nodes[1].type = transposed;
  CHECK(decomp::decompose(program, decomp::Plan::core({})).refusals.empty());
  const Names all = calls(program.graph);
  CHECK(all.back() == "aten.clone.default");
  const auto& strides = program.graph.nodes.back().type.tensor()->strides;
  CHECK((strides[0] == ir::Expr(3) && strides[1] == ir::Expr(1)));
}
