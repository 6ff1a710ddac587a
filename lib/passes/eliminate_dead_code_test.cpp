#include "passes/eliminate_dead_code.h"

#include <doctest/doctest.h>

#include "ir/rewrite.h"
#include "ir/text.h"

using namespace tx;

TEST_CASE("calls without users are removed, and what only they used") {
  ir::Program program = ir::parse_program(R"(graph():
    %arg0_1 = placeholder[target=arg0_1]
    %arg1_1 = placeholder[target=arg1_1]
    %empty = call_function[target=torch.ops.aten.empty.memory_format](args = ([0],), kwargs = {device: cpu})
    %max_1 = call_function[target=torch.ops.aten.max.dim](args = (%arg0_1, 1), kwargs = {})
    %getitem = call_function[target=operator.getitem](args = (%max_1, 0), kwargs = {})
    %getitem_1 = call_function[target=operator.getitem](args = (%max_1, 1), kwargs = {})
    %neg = call_function[target=torch.ops.aten.neg.default](args = (%getitem_1,), kwargs = {})
    return (getitem, arg0_1))");
  passes::eliminate_dead_code(program);
  CHECK(ir::print_graph(program.graph) == R"(graph():
    %arg0_1 : [num_users=2] = placeholder[target=arg0_1]
    %arg1_1 : [num_users=0] = placeholder[target=arg1_1]
    %max_1 : [num_users=1] = call_function[target=torch.ops.aten.max.dim](args = (%arg0_1, 1), kwargs = {})
    %getitem : [num_users=1] = call_function[target=operator.getitem](args = (%max_1, 0), kwargs = {})
    return (getitem, arg0_1))");
  CHECK(program.outputs[0].value == ir::Argument(ir::NodeRef{3}));
  CHECK_FALSE(ir::find_violation(program));
}

TEST_CASE("a call with an effect stays with everything it needs") {
  ir::Program program = ir::parse_program(R"(graph():
    %arg0_1 = placeholder[target=arg0_1]
    %ge = call_function[target=operator.ge](args = (%arg0_1, 0), kwargs = {})
    %assert_1 = call_function[target=torch.ops.aten._assert_scalar.default](args = (%ge, message), kwargs = {})
    %dead = call_function[target=torch.ops.aten.neg.default](args = (%arg0_1,), kwargs = {})
    return (arg0_1,))");
  program.graph.nodes[2].has_effect = true;
  passes::eliminate_dead_code(program);
  REQUIRE(program.graph.nodes.size() == 3);
  CHECK(program.graph.nodes[1].name == "ge");
  CHECK(program.graph.nodes[2].name == "assert_1");
}

TEST_CASE("sub-graphs are cleaned, and dropped when nothing refers to them") {
  ir::Program program = ir::parse_program(R"(graph():
    %arg0_1 = placeholder[target=arg0_1]
    %true_graph_0 = get_attr[target=true_graph_0]
    %false_graph_0 = get_attr[target=false_graph_0]
    %cond = call_function[target=torch.ops.higher_order.cond](args = (%arg0_1, %true_graph_0, %false_graph_0, (%arg0_1,)), kwargs = {})
    %getitem = call_function[target=operator.getitem](args = (%cond, 0), kwargs = {})
    %true_graph_1 = get_attr[target=true_graph_1]
    %cond_1 = call_function[target=torch.ops.higher_order.cond](args = (%arg0_1, %true_graph_1, %true_graph_1, (%arg0_1,)), kwargs = {})
    return (getitem,)

false_graph_0 = graph():
    %arg0_1 = placeholder[target=arg0_1]
    %sin = call_function[target=torch.ops.aten.sin.default](args = (%arg0_1,), kwargs = {})
    return (arg0_1,)

true_graph_0 = graph():
    %arg0_1 = placeholder[target=arg0_1]
    %cos = call_function[target=torch.ops.aten.cos.default](args = (%arg0_1,), kwargs = {})
    return (cos,)

true_graph_1 = graph():
    %arg0_1 = placeholder[target=arg0_1]
    return (arg0_1,))");
  passes::eliminate_dead_code(program);
  CHECK(ir::print_graph_and_subgraphs(program.graph) == R"(graph():
    %arg0_1 : [num_users=1] = placeholder[target=arg0_1]
    %true_graph_0 : [num_users=1] = get_attr[target=true_graph_0]
    %false_graph_0 : [num_users=1] = get_attr[target=false_graph_0]
    %cond : [num_users=1] = call_function[target=torch.ops.higher_order.cond](args = (%arg0_1, %true_graph_0, %false_graph_0, (%arg0_1,)), kwargs = {})
    %getitem : [num_users=1] = call_function[target=operator.getitem](args = (%cond, 0), kwargs = {})
    return (getitem,)

false_graph_0 = graph():
    %arg0_1 : [num_users=1] = placeholder[target=arg0_1]
    return (arg0_1,)

true_graph_0 = graph():
    %arg0_1 : [num_users=1] = placeholder[target=arg0_1]
    %cos : [num_users=1] = call_function[target=torch.ops.aten.cos.default](args = (%arg0_1,), kwargs = {})
    return (cos,))");
}

TEST_CASE("an effect inside a sub-graph keeps the call that runs it") {
  ir::Program program = ir::parse_program(R"(graph():
    %arg0_1 = placeholder[target=arg0_1]
    %true_graph_0 = get_attr[target=true_graph_0]
    %cond = call_function[target=torch.ops.higher_order.cond](args = (%arg0_1, %true_graph_0, %true_graph_0, (%arg0_1,)), kwargs = {})
    return (arg0_1,)

true_graph_0 = graph():
    %arg0_1 = placeholder[target=arg0_1]
    %assert_1 = call_function[target=torch.ops.aten._assert_scalar.default](args = (%arg0_1, message), kwargs = {})
    return (arg0_1,))");
  program.graph.subgraphs.at("true_graph_0")->nodes[1].has_effect = true;
  passes::eliminate_dead_code(program);
  CHECK(program.graph.nodes.size() == 3);
  CHECK(program.graph.subgraphs.at("true_graph_0")->nodes.size() == 2);
}
