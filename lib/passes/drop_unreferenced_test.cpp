#include "passes/drop_unreferenced.h"

#include <doctest/doctest.h>

#include "ir/text.h"

using namespace tx;

TEST_CASE("schemas, locations and frames without a user are dropped, the rest keeps its meaning") {
  ir::Program program = ir::parse_program(R"(graph():
    %arg0_1 = placeholder[target=arg0_1]
    %sin = call_function[target=torch.ops.aten.sin.default](args = (%arg0_1,), kwargs = {})
    return (sin,))");
  const uint32_t unused = program.source.intern(ir::Frame{"m.py", 3, 5, "forward", "y = x.cos()"});
  const uint32_t inner = program.source.intern(ir::Frame{"m.py", 9, 12, "helper", "return x.sin()"});
  const uint32_t outer = program.source.intern(ir::Frame{"m.py", 4, 5, "forward", "return helper(x)"});
  const uint32_t guard = program.source.intern(ir::Frame{"m.py", 2, 8, "forward", "if x.size(0) > 3:"});
  program.source.intern(ir::Location{{unused}, ""});
  program.graph.nodes[1].location = program.source.intern(ir::Location{{inner, outer}, "block.0"});
  program.guards.push_back({symbolic::Expr::boolean(true), 0, "aten.gt"});
  program.guards[0].location = program.source.intern(ir::Location{{guard}, ""});
  program.schemas = {{"aten.sin.default", "aten::sin(Tensor self) -> Tensor"},
                     {"aten.cos.default", "aten::cos(Tensor self) -> Tensor"}};

  passes::drop_unreferenced(program);

  CHECK(program.schemas.size() == 1);
  CHECK(program.schemas.contains("aten.sin.default"));
  REQUIRE(program.source.frames().size() == 3);
  REQUIRE(program.source.locations().size() == 2);
  CHECK(program.source.innermost(program.graph.nodes[1].location)->code == "return x.sin()");
  CHECK(program.source.locations()[program.graph.nodes[1].location].module_path == "block.0");
  CHECK(program.source.innermost(program.guards[0].location)->code == "if x.size(0) > 3:");
  CHECK(program.graph.nodes[0].location == ir::kNone);
}
