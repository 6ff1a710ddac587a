#include "passes/drop_unused_constants.h"

#include <doctest/doctest.h>

using namespace tx;

namespace {

ir::Program with_inputs(std::vector<ir::InputKind> kinds) {
  ir::Program program;
  for (size_t i = 0; i < kinds.size(); ++i) {
    ir::Node node;
    node.kind = ir::NodeKind::Placeholder;
    node.name = node.target = "arg" + std::to_string(i) + "_1";
    node.type = ir::TensorType{ir::DType::F32, {2}, {1}, {}};
    program.graph.nodes.push_back(node);
    ir::InputSpec spec;
    spec.kind = kinds[i];
    spec.node = static_cast<ir::NodeId>(i);
    if (spec.kind != ir::InputKind::UserInput) {
      spec.target = "w" + std::to_string(i);
      ir::Weight weight;
      weight.name = spec.target;
      program.weights.push_back(weight);
    }
    program.inputs.push_back(spec);
  }
  program.graph.num_inputs = static_cast<uint32_t>(kinds.size());
  return program;
}

}  // namespace

TEST_CASE("an unused constant goes, an unused parameter stays") {
  using enum ir::InputKind;
  ir::Program program = with_inputs({Parameter, ConstantTensor, ConstantTensor, UserInput});
  program.graph.outputs = {ir::NodeRef{2}, ir::NodeRef{3}};
  program.outputs = {{ir::OutputKind::UserInputMutation, ir::NodeRef{2}, "arg3_1"},
                     {ir::OutputKind::UserOutput, ir::NodeRef{3}, ""}};
  passes::drop_unused_constants(program);
  REQUIRE(program.inputs.size() == 3);
  CHECK(program.inputs[1].target == "w2");
  REQUIRE(program.weights.size() == 2);
  CHECK(program.weights[1].name == "w2");
  CHECK(program.graph.num_inputs == 3);
  CHECK(program.graph.node(2).name == "arg2_1");
  CHECK(program.outputs[0].target == "arg2_1");
  CHECK(std::get<ir::NodeRef>(program.outputs[0].value.value).id == 1);
}
