// Interpreter: walks TorchScript functions and tells a Tracer what they do with tensors.
//
// In:  a module whose tensors are functional tensors (traced_module.h), and arguments.
// Out: the value the method returns. Functions are called, not inlined, so call stack and module
//      path are known; control flow on constants and sizes is followed, loops unroll.
#pragma once
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/ir/ir.h>

#include <string>
#include <unordered_map>
#include <vector>

#include "capture/torchscript/source_places.h"
#include "capture/torchscript/traced_module.h"
#include "capture/tracer.h"

namespace tx::capture::torchscript {

class Interpreter {
 public:
  Interpreter(Tracer& tracer, TracedModule& module);
  ~Interpreter();

  /// Calls a method of an object; `arguments` without the object itself, defaults filled in.
  c10::IValue call_method(const c10::intrusive_ptr<c10::ivalue::Object>& object,
                          const std::string& method, std::vector<c10::IValue> arguments);

 private:
  /// The values of one activation of a function.
  using Values = std::unordered_map<const torch::jit::Value*, c10::IValue>;

  c10::IValue call_function(torch::jit::Function& function, std::vector<c10::IValue> arguments,
                            const std::string* module_path);
  std::vector<c10::IValue> run_graph(torch::jit::Graph& graph, std::vector<c10::IValue> arguments);
  void run_block(torch::jit::Block& block, Values& values);
  void run_node(torch::jit::Node& node, Values& values);

  // Control flow (control_flow.cpp).
  void run_if(torch::jit::Node& node, Values& values);
  void run_loop(torch::jit::Node& node, Values& values);

  // Everything else by name (primitives.cpp); false when the node is an ordinary operator.
  bool run_primitive(torch::jit::Node& node, Values& values);
  void check_value_is_known(torch::jit::Node& node, const Values& values);
  c10::IValue to_list(torch::jit::Node& node, const Values& values);
  void run_operator(torch::jit::Node& node, Values& values);
  [[noreturn]] void fail_operator(const torch::jit::Node& node, const std::string& reason);

  c10::IValue constant(torch::jit::Node& node);
  std::vector<c10::IValue> inputs(torch::jit::Node& node, const Values& values) const;
  void set_outputs(torch::jit::Node& node, Values& values, std::vector<c10::IValue> results);

  Tracer& tracer_;
  TracedModule& module_;
  SourcePlaces places_;
  std::unordered_map<const torch::jit::Node*, c10::IValue> constants_;
  std::unordered_map<const torch::jit::Node*, torch::jit::Operation> operations_;
  int depth_ = 0;
};

}  // namespace tx::capture::torchscript
