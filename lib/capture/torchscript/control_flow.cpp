// prim::If and prim::Loop: followed where their conditions are known when the model is exported.
#include <limits>

#include "capture/torchscript/interpreter.h"

namespace tx::capture::torchscript {

void Interpreter::run_if(torch::jit::Node& node, Values& values) {
  const bool taken = tracer_.truth(values.at(node.input()), "if");
  torch::jit::Block& block = *node.blocks()[taken ? 0 : 1];
  run_block(block, values);
  for (size_t i = 0; i < node.outputs().size(); ++i) {
    values[node.outputs()[i]] = values.at(block.outputs()[i]);
  }
}

// Inputs: trip count, first condition, carried values. The body takes the iteration number and the
// carried values and gives the next condition and the carried values.
void Interpreter::run_loop(torch::jit::Node& node, Values& values) {
  torch::jit::Block& body = *node.blocks()[0];
  tracer_.recorder().tell_place("loop");
  const int64_t trip_count = values.at(node.input(0)).toInt();  // a symbol is specialised
  bool go_on = tracer_.truth(values.at(node.input(1)), "loop");
  std::vector<c10::IValue> carried;
  for (size_t i = 2; i < node.inputs().size(); ++i) carried.push_back(values.at(node.input(i)));

  for (int64_t iteration = 0; go_on && iteration < trip_count; ++iteration) {
    values[body.inputs()[0]] = iteration;
    for (size_t i = 0; i < carried.size(); ++i) values[body.inputs()[i + 1]] = carried[i];
    run_block(body, values);
    tracer_.location().set_instruction(&node);
    go_on = tracer_.truth(values.at(body.outputs()[0]), "loop");
    for (size_t i = 0; i < carried.size(); ++i) carried[i] = values.at(body.outputs()[i + 1]);
  }
  for (size_t i = 0; i < carried.size(); ++i) values[node.outputs()[i]] = carried[i];
}

}  // namespace tx::capture::torchscript
