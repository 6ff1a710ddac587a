#include <doctest/doctest.h>

#include "diag/diagnostic.h"
#include "ir/rewrite.h"
#include "ir/text.h"

using namespace tx;
using ir::Expr;

TEST_CASE("names follow torch.fx") {
  ir::NameAllocator names;
  names.reserve("arg0_1");
  CHECK(names.fresh("add") == "add");
  CHECK(names.fresh("add") == "add_1");
  CHECK(names.fresh("add") == "add_2");
  CHECK(names.fresh("sum") == "sum_1");
  CHECK(names.fresh("sum") == "sum_2");
  CHECK(names.fresh("_softmax") == "_softmax");
  CHECK(names.fresh("true_graph_0") == "true_graph_0");
  CHECK(names.fresh("true_graph_0") == "true_graph_1");
  CHECK(names.fresh("arg0_1") == "arg0_2");
  CHECK(names.fresh("device") == "device_1");
  CHECK(names.fresh("a.b c") == "a_b_c");
  CHECK(names.fresh("2d") == "_2d");
  CHECK(names.fresh("log1p") == "log1p");
}

TEST_CASE("a name taken by a placeholder counts as used") {
  ir::NameAllocator names;
  names.reserve("add");
  names.reserve("sum");
  CHECK(names.fresh("add") == "add_1");
  CHECK(names.fresh("sum") == "sum_1");
}

TEST_CASE("base names") {
  CHECK(ir::base_name("aten.add.Tensor") == "add");
  CHECK(ir::base_name("operator.getitem") == "getitem");
  CHECK(ir::base_name("higher_order.cond") == "cond");
  CHECK(ir::base_name("aten.__and__.Tensor") == "__and__");
}

TEST_CASE("dtypes have torch's names and sizes") {
  CHECK(ir::short_name(ir::DType::Bool) == "b8");
  CHECK(ir::torch_name(ir::DType::BF16) == "bfloat16");
  CHECK(ir::dtype_from_short_name("c128") == ir::DType::C128);
  CHECK(ir::dtype_from_torch_name("float8_e4m3fn") == ir::DType::F8E4M3FN);
  CHECK_FALSE(ir::dtype_from_torch_name("float"));
  CHECK(ir::element_size(ir::DType::C64) == 8);
  CHECK(ir::is_floating_point(ir::DType::F16));
  CHECK_FALSE(ir::is_integral(ir::DType::Bool));
}

TEST_CASE("contiguous strides, with symbols and with empty sizes") {
  const Expr s0 = Expr::symbol("s0");
  CHECK(ir::contiguous_strides({Expr(2), s0, Expr(3)}) == std::vector<Expr>{Expr(3) * s0, Expr(3), Expr(1)});
  CHECK(ir::contiguous_strides({Expr(2), Expr(0), Expr(3)}) == std::vector<Expr>{Expr(3), Expr(3), Expr(1)});
  CHECK(ir::contiguous_strides({}).empty());
}

TEST_CASE("trees count and print their leaves") {
  ir::Tree tree;
  tree.kind = ir::TreeKind::Tuple;
  tree.children.resize(3);
  tree.children[1].kind = ir::TreeKind::List;
  tree.children[1].children.resize(2);
  tree.children[2].kind = ir::TreeKind::Dict;
  tree.children[2].children.resize(2);
  tree.children[2].keys = {std::string("a"), int64_t{3}};
  CHECK(tree.num_leaves() == 5);
  CHECK(tree.text() == "(*, [*, *], {'a': *, 3: *})");
  ir::Tree single;
  single.kind = ir::TreeKind::Tuple;
  single.children.resize(1);
  CHECK(single.text() == "(*,)");
  ir::Tree named;
  named.kind = ir::TreeKind::NamedTuple;
  named.type_name = "__torch__.model.Pair";
  named.fields = {"left"};
  named.children.resize(1);
  CHECK(named.text() == "Pair(left=*)");
}

TEST_CASE("locations are interned and find their innermost frame with a file") {
  ir::SourceMap source;
  const uint32_t generated = source.intern(ir::Frame{"", 0, 0, "forward", ""});
  const uint32_t frame = source.intern(ir::Frame{"m.py", 7, 9, "forward", "return x"});
  CHECK(source.intern(ir::Frame{"m.py", 7, 9, "forward", "return x"}) == frame);
  const uint32_t location = source.intern(ir::Location{{generated, frame}, "lin"});
  CHECK(source.intern(ir::Location{{generated, frame}, "lin"}) == location);
  CHECK(source.innermost(location)->line == 7);
  CHECK(source.innermost(ir::kNone) == nullptr);
}

TEST_CASE("users are counted, not uses") {
  const ir::Program program = ir::parse_program(R"(graph():
    %x = placeholder[target=x]
    %add = call_function[target=torch.ops.aten.add.Tensor](args = (%x, %x), kwargs = {})
    return (x, x, add))");
  CHECK(ir::num_users(program.graph) == std::vector<uint32_t>{2, 1});
}

TEST_CASE("a node that is still used cannot be removed") {
  ir::Program program = ir::parse_program(R"(graph():
    %x = placeholder[target=x]
    %neg = call_function[target=torch.ops.aten.neg.default](args = (%x,), kwargs = {})
    %abs_1 = call_function[target=torch.ops.aten.abs.default](args = (%neg,), kwargs = {})
    return (abs_1,))");
  CHECK_THROWS_WITH(ir::filter_nodes(program, program.graph, [](ir::NodeId id) { return id != 1; }),
                    "node `neg` is removed but still used by `abs_1`");
  CHECK_THROWS_WITH(ir::filter_nodes(program, program.graph, [](ir::NodeId id) { return id != 0; }),
                    "node `x` is removed but still used by `neg`");
  CHECK(program.graph.nodes.size() == 3);
}

TEST_CASE("what is not sound is named") {
  const auto program = [] {
    return ir::parse_program(R"(graph():
    %x : f32[2] = placeholder[target=x]
    %max_1 : (f32[], i64[]) = call_function[target=torch.ops.aten.max.dim](args = (%x, 0), kwargs = {})
    %getitem = call_function[target=operator.getitem](args = (%max_1, 1), kwargs = {})
    return (getitem,))");
  };
  const auto violation = [&](auto change) {
    ir::Program changed = program();
    change(changed);
    return ir::find_violation(changed).value_or("");
  };
  CHECK(violation([](ir::Program&) {}) == "");
  CHECK(violation([](ir::Program& p) { p.graph.nodes[2].name = "x"; }) == "two nodes are named `x`");
  CHECK(violation([](ir::Program& p) { p.graph.nodes[1].args[0] = ir::NodeRef{2}; }) ==
        "`max_1` refers to node 2, which does not come before it");
  CHECK(violation([](ir::Program& p) { p.graph.nodes[2].args[1] = int64_t{2}; }) ==
        "`getitem` takes element 2 of 2");
  CHECK(violation([](ir::Program& p) { p.graph.nodes[1].kind = ir::NodeKind::GetAttr; }) ==
        "`max_1` refers to the sub-graph `aten.max.dim`, which does not exist");
  CHECK(violation([](ir::Program& p) { p.graph.num_inputs = 2; }) ==
        "`max_1` stands among the inputs but is none");
  CHECK(violation([](ir::Program& p) { p.graph.outputs[0] = ir::NodeRef{9}; }) ==
        "an output refers to node 9, which does not come before it");
  CHECK(violation([](ir::Program& p) { p.outputs[0].value = ir::NodeRef{1}; }) ==
        "output 0 of the signature is not the graph's");
  CHECK(violation([](ir::Program& p) { p.inputs[0].kind = ir::InputKind::Parameter; }) ==
        "the input `x` has no weight ``");
  CHECK(violation([](ir::Program& p) { p.equality_constraints = {{{0, 1}}}; }) ==
        "an equality constraint names an input dimension that does not exist");
  CHECK(violation([](ir::Program& p) { p.graph.nodes[1].location = 0; }) ==
        "`max_1` has a location that does not exist");
  CHECK(violation([](ir::Program& p) { p.output_tree.children.clear(); }) ==
        "the output structure has 0 leaves for 1 user outputs");
}
