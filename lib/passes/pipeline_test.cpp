#include "passes/pipeline.h"

#include <doctest/doctest.h>

#include "diag/diagnostic.h"
#include "ir/text.h"

using namespace tx;

namespace {
constexpr const char* kCaptured = R"(graph():
    %sum = placeholder[target=sum]
    %add = placeholder[target=add]
    %n0 = call_function[target=torch.ops.aten.sum.default](args = (%sum,), kwargs = {})
    %n1 = call_function[target=torch.ops.aten.sum.default](args = (%add,), kwargs = {})
    %dead = call_function[target=torch.ops.aten.sum.default](args = (%add,), kwargs = {})
    %n2 = call_function[target=torch.ops.aten.add.Tensor](args = (%n0, %n1), kwargs = {})
    %n3 = call_function[target=torch.ops.aten._softmax.default](args = (%n2, 0, False), kwargs = {})
    %n4 = get_attr[target=true_graph_7]
    %n5 = get_attr[target=true_graph_3]
    %n6 = call_function[target=torch.ops.higher_order.cond](args = (%n3, %n4, %n5, (%n3,)), kwargs = {})
    %n7 = call_function[target=operator.getitem](args = (%n6, 0), kwargs = {})
    return (n7, n2)

true_graph_3 = graph():
    %arg0_1 = placeholder[target=arg0_1]
    %a = call_function[target=torch.ops.aten.abs.default](args = (%arg0_1,), kwargs = {})
    return (a,)

true_graph_7 = graph():
    %arg0_1 = placeholder[target=arg0_1]
    %b = call_function[target=torch.ops.aten.neg.default](args = (%arg0_1,), kwargs = {})
    return (b,))";
}  // namespace

TEST_CASE("a captured program comes out without dead calls and with torch's names") {
  ir::Program program = ir::parse_program(kCaptured);
  passes::run_pipeline(program);
  const std::string first = ir::print_graph_and_subgraphs(program.graph);
  CHECK(first == R"(graph():
    %sum : [num_users=1] = placeholder[target=sum]
    %add : [num_users=1] = placeholder[target=add]
    %sum_1 : [num_users=1] = call_function[target=torch.ops.aten.sum.default](args = (%sum,), kwargs = {})
    %sum_2 : [num_users=1] = call_function[target=torch.ops.aten.sum.default](args = (%add,), kwargs = {})
    %add_1 : [num_users=2] = call_function[target=torch.ops.aten.add.Tensor](args = (%sum_1, %sum_2), kwargs = {})
    %_softmax : [num_users=1] = call_function[target=torch.ops.aten._softmax.default](args = (%add_1, 0, False), kwargs = {})
    %true_graph_0 : [num_users=1] = get_attr[target=true_graph_0]
    %true_graph_1 : [num_users=1] = get_attr[target=true_graph_1]
    %cond : [num_users=1] = call_function[target=torch.ops.higher_order.cond](args = (%_softmax, %true_graph_0, %true_graph_1, (%_softmax,)), kwargs = {})
    %getitem : [num_users=1] = call_function[target=operator.getitem](args = (%cond, 0), kwargs = {})
    return (getitem, add_1)

true_graph_0 = graph():
    %arg0_1 : [num_users=1] = placeholder[target=arg0_1]
    %neg : [num_users=1] = call_function[target=torch.ops.aten.neg.default](args = (%arg0_1,), kwargs = {})
    return (neg,)

true_graph_1 = graph():
    %arg0_1 : [num_users=1] = placeholder[target=arg0_1]
    %abs_1 : [num_users=1] = call_function[target=torch.ops.aten.abs.default](args = (%arg0_1,), kwargs = {})
    return (abs_1,))");

  passes::run_pipeline(program);
  CHECK(ir::print_graph_and_subgraphs(program.graph) == first);
}

TEST_CASE("a program that is not sound is refused before the first pass") {
  ir::Program program = ir::parse_program(kCaptured);
  program.inputs.pop_back();
  try {
    passes::run_pipeline(program);
    FAIL("no failure");
  } catch (const diag::Failure& failure) {
    CHECK(failure.diagnostics()[0].code == diag::Code::TX0070);
    CHECK(failure.diagnostics()[0].message ==
          "the program is not sound after capture: the signature has 1 inputs and the graph 2");
  }
}
