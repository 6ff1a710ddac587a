#include <doctest/doctest.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "render/render.h"
#include "render/test_programs.h"

using namespace tx;
using Json = nlohmann::ordered_json;
using render::Format;

namespace {
Json json_of(const ir::Program& program) {
  return Json::parse(render::render(program, Format::Json));
}
}  // namespace

TEST_CASE("the promised keys of a program") {
  ir::Program program = render::basic_program();
  program.weights.push_back({"lin.bias", ir::DType::F32, {10}, {1}, 0, 1, true});
  const Json json = json_of(program);
  for (const char* key : {"nodes", "subgraphs", "signature", "range_constraints",
                          "equality_constraints", "guards", "opset", "producer"})
    CHECK_MESSAGE(json.contains(key), key);
  CHECK(json["producer"] == "torch-export 0.1.0");
  CHECK(json["opset"] == 10);
  REQUIRE(json["nodes"].size() == 4);
  CHECK(json["nodes"][2].dump() ==
        R"({"name":"addmm","op":"aten.addmm.default","args":[{"node":"arg1_1"},{"node":"add"},)"
        R"({"node":"t"}],"kwargs":{},"outputs":[{"dtype":"f32","shape":[8,10],"strides":[10,1]}],)"
        R"("source":{"file":"tutorial.py","line":69,"column":16,"code":)"
        R"j("        return torch.nn.functional.relu(self.lin(x + y), inplace=True)",)j"
        R"("module_path":"lin"}})");
  CHECK(json["signature"]["inputs"][0].dump() ==
        R"({"name":"arg0_1","kind":"PARAMETER","target":"lin.weight","dtype":"f32",)"
        R"("shape":[10,100],"strides":[100,1]})");
  CHECK(json["signature"]["inputs"][2].dump() ==
        R"({"name":"arg2_1","kind":"USER_INPUT","target":null,"dtype":"f32","shape":[8,100],)"
        R"("strides":[100,1],"path":"x"})");
  CHECK(json["signature"]["outputs"].dump() ==
        R"([{"name":"relu","kind":"USER_OUTPUT","target":null,"dtype":"f32","shape":[8,10],)"
        R"("strides":[10,1]}])");
  CHECK(json["range_constraints"].dump() == "{}");
  CHECK(json["equality_constraints"].dump() == "[]");
  CHECK(json["weights"].dump() ==
        R"([{"name":"lin.bias","dtype":"f32","shape":[10],"strides":[1],"offset":0,"storage":1,)"
        R"("requires_grad":true}])");
}

TEST_CASE("symbols, ranges, equalities and guards") {
  ir::Program program = ir::parse_program(R"(graph():
    %arg0_1 : f32[s0, s1] = placeholder[target=arg0_1]
    %arg1_1 : f32[s1, 3] = placeholder[target=arg1_1]
    %slice_1 : f32[s0, s1 - 2] = call_function[target=torch.ops.aten.slice.Tensor](args = (%arg0_1, 1, 2, 9223372036854775807), kwargs = {})
    %sym_size : Sym(s0) = call_function[target=torch.ops.aten.sym_size.int](args = (%arg0_1, 0), kwargs = {})
    return (slice_1, sym_size))");
  const ir::Expr s0 = ir::Expr::symbol("s0"), s1 = ir::Expr::symbol("s1");
  program.range_constraints = {{s0, {2, 16}}, {s1, {2, ir::kUnbounded}}};
  program.equality_constraints = {{{0, 1}, {1, 0}}};
  program.symbols = {{"s0", "batch", {2, 16}, 8, ir::InputDim{0, 0}, false},
                     {"u0", "", {0, ir::kUnbounded}, {}, {}, false}};
  const uint32_t frame = program.source.intern(ir::Frame{"m.py", 4, 8, "forward", "if n > 3:"});
  program.guards = {{symbolic::lt(ir::Expr(3), s0), program.source.intern(ir::Location{{frame}, ""}),
                     "aten.gt"}};
  const Json json = json_of(program);
  CHECK(json["nodes"][0]["outputs"].dump() ==
        R"([{"dtype":"f32","shape":["s0","s1 - 2"],"strides":["s1 - 2",1]}])");
  CHECK(json["nodes"][0]["args"].dump() == R"([{"node":"arg0_1"},1,2,9223372036854775807])");
  CHECK(json["nodes"][1]["outputs"].dump() == R"([{"sym_int":"s0"}])");
  CHECK(json["nodes"][1]["source"].is_null());
  CHECK(json["range_constraints"].dump() == R"({"s0":[2,16],"s1":[2,null]})");
  CHECK(json["equality_constraints"].dump() == R"([[["arg0_1",1],["arg1_1",0]]])");
  REQUIRE(json["guards"].size() == 1);
  CHECK(json["guards"][0]["text"] == program.guards[0].condition.text());
  CHECK(json["guards"][0]["file"] == "m.py");
  CHECK(json["guards"][0]["line"] == 4);
  CHECK(json["symbols"].dump() ==
        R"([{"name":"s0","dim":"batch","range":[2,16],"hint":8,"origin":["arg0_1",0]},)"
        R"({"name":"u0","dim":null,"range":[0,null],"hint":null,"origin":null}])");
}

TEST_CASE("sub-graphs, tuples and kinds of arguments") {
  ir::Program program = ir::parse_program(R"(graph():
    %arg0_1 : f32[3] = placeholder[target=arg0_1]
    %arg1_1 = placeholder[target=arg1_1]
    %true_graph_0 = get_attr[target=true_graph_0]
    %cond : (f32[3], i64[]) = call_function[target=torch.ops.higher_order.cond](args = (True, %true_graph_0, %true_graph_0, (%arg0_1,)), kwargs = {})
    %zeros : f64[2] = call_function[target=torch.ops.aten.zeros.default](args = ([2],), kwargs = {dtype: torch.float64, layout: torch.strided, device: cpu, memory_format: torch.preserve_format})
    %clamp : f64[2] = call_function[target=torch.ops.aten.clamp.default](args = (%zeros, -inf, None), kwargs = {mode: reflect})
    %mul : c128[2] = call_function[target=torch.ops.aten.mul.Tensor](args = (%clamp, (1+2j)), kwargs = {})
    return (mul, cond, 3))"
"\n\ntrue_graph_0 = graph():\n    %arg0_1 : f32[3] = placeholder[target=arg0_1]\n"
"    %neg : f32[3] = call_function[target=torch.ops.aten.neg.default](args = (%arg0_1,), kwargs = {})\n"
"    return (neg, 1)");
  program.inputs[1].constant = ir::Argument(2.5);
  const Json json = json_of(program);
  const Json& nodes = json["nodes"];
  REQUIRE(nodes.size() == 4);
  CHECK(nodes[0]["args"].dump() ==
        R"([true,{"subgraph":"true_graph_0"},{"subgraph":"true_graph_0"},[{"node":"arg0_1"}]])");
  CHECK(nodes[0]["outputs"].dump() ==
        R"([{"dtype":"f32","shape":[3],"strides":[1]},{"dtype":"i64","shape":[],"strides":[]}])");
  CHECK(nodes[1]["kwargs"].dump() ==
        R"({"dtype":{"dtype":"f64"},"layout":{"layout":"strided"},"device":{"device":"cpu"},)"
        R"("memory_format":{"memory_format":"preserve_format"}})");
  CHECK(nodes[2]["args"].dump() == R"([{"node":"zeros"},{"float":"-inf"},null])");
  CHECK(nodes[2]["kwargs"].dump() == R"({"mode":"reflect"})");
  CHECK(nodes[3]["args"].dump() == R"([{"node":"clamp"},{"complex":[1.0,2.0]}])");
  CHECK(json["outputs"].dump() == R"([{"node":"mul"},{"node":"cond"},3])");
  CHECK(json["signature"]["inputs"][1]["value"] == 2.5);
  CHECK(json["signature"]["outputs"][2].dump() ==
        R"({"name":null,"kind":"USER_OUTPUT","target":null,"value":3})");
  CHECK(json["subgraphs"].dump() ==
        R"({"true_graph_0":{"inputs":[{"name":"arg0_1","dtype":"f32","shape":[3],"strides":[1]}],)"
        R"("nodes":[{"name":"neg","op":"aten.neg.default","args":[{"node":"arg0_1"}],"kwargs":{},)"
        R"("outputs":[{"dtype":"f32","shape":[3],"strides":[1]}],"source":null}],)"
        R"("outputs":[{"node":"neg"},1]}})");
}

TEST_CASE("a graph for Graphviz") {
  ir::Program program = ir::parse_program(R"(graph():
    %x : f32[2] = placeholder[target=x]
    %add : f32[2] = call_function[target=torch.ops.aten.add.Tensor](args = (%x, %x), kwargs = {})
    return (add, x))");
  program.model_name = "A \"model\"";
  CHECK(render::render(program, Format::Dot) == R"(digraph "A \"model\"" {
  rankdir=TB;
  node [shape=box];
  "x" [label="x\nf32[2]", shape=ellipse];
  "add" [label="add\naten.add.Tensor\nf32[2]"];
  "x" -> "add";
  "return" [label="return", shape=ellipse];
  "add" -> "return";
  "x" -> "return";
}
)");
}
