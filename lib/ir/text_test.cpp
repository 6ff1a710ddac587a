#include "ir/text.h"

#include <doctest/doctest.h>

#include <limits>

#include "diag/diagnostic.h"
#include "ir/rewrite.h"

using namespace tx;
using ir::Argument;

namespace {
std::string code(const Argument& argument) {
  return ir::code_text(argument, [](ir::NodeId id) { return "n" + std::to_string(id); });
}
std::string graph(const Argument& argument) {
  return ir::graph_text(argument, [](ir::NodeId id) { return "n" + std::to_string(id); });
}
}  // namespace

// Literals below were printed by Python's torch 2.13.
TEST_CASE("values are written as torch.fx writes them") {
  CHECK(code(ir::NoneArg{}) == "None");
  CHECK(code(true) == "True");
  CHECK(code(int64_t{9223372036854775807}) == "9223372036854775807");
  CHECK(code(-2.5) == "-2.5");
  CHECK(code(1e-5) == "1e-05");
  CHECK(code(-1e9) == "-1000000000.0");
  CHECK(code(std::numeric_limits<double>::infinity()) == "inf");
  CHECK(code(std::complex<double>(0, 1)) == "1j");
  CHECK(code(std::string("tanh")) == "'tanh'");
  CHECK(graph(std::string("tanh")) == "tanh");
  CHECK(code(ir::Device{"cpu", -1}) == "device(type='cpu')");
  CHECK(code(ir::Device{"cuda", 1}) == "device(type='cuda', index=1)");
  CHECK(graph(ir::Device{"cpu", -1}) == "cpu");
  CHECK(graph(ir::Device{"cuda", 1}) == "cuda:1");
  CHECK(code(ir::DType::F64) == "torch.float64");
  CHECK(graph(ir::Layout::Strided) == "torch.strided");
  CHECK(code(ir::MemoryFormat::Contiguous) == "torch.contiguous_format");
  CHECK(code(ir::NodeRef{3}) == "n3");
  CHECK(graph(ir::NodeRef{3}) == "%n3");
  CHECK(code(ir::ListArg{{ir::NodeRef{1}, ir::NoneArg{}}, false}) == "[n1, None]");
  CHECK(code(ir::ListArg{{ir::NodeRef{1}}, true}) == "(n1,)");
  CHECK(graph(ir::ListArg{{}, true}) == "()");
}

TEST_CASE("targets") {
  CHECK(ir::python_target("aten.add.Tensor") == "torch.ops.aten.add.Tensor");
  CHECK(ir::python_target("higher_order.cond") == "torch.ops.higher_order.cond");
  CHECK(ir::python_target("operator.getitem") == "operator.getitem");
  CHECK(ir::python_target("torch.sym_max") == "torch.sym_max");
  CHECK(ir::python_target("math.floor") == "math.floor");
  CHECK(ir::python_target("my_custom_library.custom_op.default") ==
        "torch.ops.my_custom_library.custom_op.default");
}

TEST_CASE("the graph form is read and written back") {
  const std::string text = R"(graph():
    %x : [num_users=3] = placeholder[target=x]
    %gelu : [num_users=1] = call_function[target=torch.ops.aten.gelu.default](args = (%x,), kwargs = {approximate: tanh})
    %zeros : [num_users=1] = call_function[target=torch.ops.aten.zeros.default](args = ([3],), kwargs = {dtype: torch.float32, layout: torch.strided, device: cpu, pin_memory: False})
    %clamp : [num_users=1] = call_function[target=torch.ops.aten.clamp.default](args = (%gelu, -1000000000.0, inf), kwargs = {})
    %layer_norm : [num_users=1] = call_function[target=torch.ops.aten.layer_norm.default](args = (%clamp, [4], None, None, 1e-05, False), kwargs = {})
    %cat : [num_users=1] = call_function[target=torch.ops.aten.cat.default](args = ([%layer_norm, %x],), kwargs = {})
    %mul : [num_users=1] = call_function[target=torch.ops.aten.mul.Tensor](args = (%x, 1j), kwargs = {})
    %mul_1 : [num_users=1] = call_function[target=torch.ops.aten.mul.Tensor](args = (%mul, (1.5-2j)), kwargs = {})
    return (cat, zeros, mul_1, 3, None, -0.5, 'abc'))";
  const ir::Program program = ir::parse_program(text);
  CHECK(ir::print_graph(program.graph) == text);
  CHECK_FALSE(ir::find_violation(program));
  CHECK(program.graph.nodes[2].kwargs[2].second == Argument(ir::Device{"cpu", -1}));
  CHECK(program.graph.nodes[7].args[1] == Argument(std::complex<double>(1.5, -2)));
  CHECK(program.graph.outputs[6] == Argument(std::string("abc")));
}

TEST_CASE("types may be given") {
  const ir::Program program = ir::parse_program(R"(graph():
    %x : f32[s0, 2*s1 - 1, 3] [num_users=1] = placeholder[target=x]
    %n : Sym(s0 + 1) = placeholder[target=n]
    %max_1 : (f32[s0], i64[s0]) = call_function[target=torch.ops.aten.max.dim](args = (%x, 1), kwargs = {})
    return (max_1,))");
  CHECK(program.graph.nodes[0].type.annotation() == "f32[s0, 2*s1 - 1, 3]");
  CHECK(program.graph.nodes[0].type.tensor()->strides[1] == ir::Expr(3));
  CHECK(program.graph.nodes[1].type.annotation() == "Sym(s0 + 1)");
  CHECK(program.graph.nodes[2].type.annotation() == "");
  CHECK(program.graph.nodes[2].type.tuple()->elements[1].annotation() == "i64[s0]");
}

namespace {
void check_refused(std::string_view text, uint32_t line, uint32_t column, const std::string& message) {
  try {
    ir::parse_program(text);
    FAIL("accepted: ", text);
  } catch (const diag::Failure& failure) {
    const diag::Diagnostic& found = failure.diagnostics().at(0);
    CHECK(found.message == message);
    CHECK(found.place.line == line);
    CHECK(found.place.column == column);
  }
}
}  // namespace

TEST_CASE("mistakes in the text are reported where they stand") {
  check_refused("grph():", 1, 1, "expected `graph():`");
  check_refused("graph():\n    %x = placeholder[target=x]\n    return (y,)", 3, 13,
                "no node named `y` comes before this");
  check_refused("graph():\n    %x = input[target=x]\n    return ()", 2, 10,
                "expected `placeholder`, `get_attr` or `call_function`");
  check_refused("graph():\n    %x = placeholder[target=x]\n    %x = placeholder[target=x]\n    return ()",
                3, 6, "a second node named `x`");
  check_refused("graph():\n    %x : [num_users=2] = placeholder[target=x]\n    return (x,)", 2, 21,
                "`x` has 1 users");
  check_refused("graph():\n    %x : f99[2] = placeholder[target=x]\n    return (x,)", 2, 10,
                "`f99` is no dtype");
  check_refused("graph():\n    return (1.2.3,)", 2, 13, "`1.2.3` is no number");
  check_refused("graph():\n    return 3", 2, 11, "the outputs are no tuple");
  check_refused(
      "graph():\n    %a = call_function[target=torch.ops.aten.rand.default](args = ([2],), kwargs = "
      "{dtype: torch.float})\n    return (a,)",
      2, 92, "`torch.float` is no dtype, layout or memory format");
}
