// Programs for the tests of lib/render.
#pragma once
#include "ir/text.h"

namespace tx::render {

/// The first program of the tutorial: relu(lin(x + y)).
inline ir::Program basic_program() {
  ir::Program program = ir::parse_program(R"(graph():
    %arg0_1 : f32[10, 100] = placeholder[target=arg0_1]
    %arg1_1 : f32[10] = placeholder[target=arg1_1]
    %arg2_1 : f32[8, 100] = placeholder[target=arg2_1]
    %arg3_1 : f32[8, 100] = placeholder[target=arg3_1]
    %add : f32[8, 100] = call_function[target=torch.ops.aten.add.Tensor](args = (%arg2_1, %arg3_1), kwargs = {})
    %t : f32[100, 10] = call_function[target=torch.ops.aten.t.default](args = (%arg0_1,), kwargs = {})
    %addmm : f32[8, 10] = call_function[target=torch.ops.aten.addmm.default](args = (%arg1_1, %add, %t), kwargs = {})
    %relu : f32[8, 10] = call_function[target=torch.ops.aten.relu.default](args = (%addmm,), kwargs = {})
    return (relu,))");
  program.producer = "torch-export 0.1.0";
  program.model_name = "MyModule";
  program.torch_version = "2.13.0";
  program.opset_version = 10;
  program.inputs[0] = {ir::InputKind::Parameter, 0, "lin.weight", "p_lin_weight", "", {}};
  program.inputs[1] = {ir::InputKind::Parameter, 1, "lin.bias", "p_lin_bias", "", {}};
  program.inputs[2].qualified_name = program.inputs[2].path = "x";
  program.inputs[3].qualified_name = program.inputs[3].path = "y";
  const ir::Frame user{"tutorial.py", 69, 16, "forward",
                       "        return torch.nn.functional.relu(self.lin(x + y), inplace=True)"};
  const ir::Frame library{"/usr/lib/python3/torch/nn/modules/linear.py", 134, 15, "forward",
                          "        return F.linear(input, self.weight, self.bias)"};
  ir::SourceMap& source = program.source;
  const uint32_t outer = source.intern(user), inner = source.intern(library);
  for (ir::NodeId id = 4; id < 8; ++id) program.graph.nodes[id].location =
      source.intern(ir::Location{{outer}, ""});
  for (const ir::NodeId id : {5, 6}) program.graph.nodes[id].location =
      source.intern(ir::Location{{inner, outer}, "lin"});
  return program;
}

}  // namespace tx::render
