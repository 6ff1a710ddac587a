// The Tracer's side of control flow: graphs of branches and loops.
#include <ATen/core/dispatch/Dispatcher.h>

#include "capture/dispatch/convert.h"
#include "capture/dispatch/sym_node.h"
#include "capture/dispatch/traced_tensor.h"
#include "capture/tracer.h"

namespace tx::capture {
namespace {

ir::Argument node_of(Recorder& recorder, const at::Tensor& tensor) {
  const at::Tensor inner = from_functional(tensor);
  return recorder.node_of(as_traced(inner) ? inner : recorder.lift_constant(inner));
}

std::vector<ir::Argument> outputs_of(Recorder& recorder, const SubGraph& graph) {
  const Recorder::InScope in_scope(recorder, *graph.scope);
  recorder.assert_in_sub_graph();
  std::vector<ir::Argument> outputs;
  for (const at::Tensor& output : graph.outputs) outputs.push_back(node_of(recorder, output));
  return outputs;
}

// What two graphs need from outside: that of the first, then what only the second needs.
std::vector<ir::NodeId> merge(std::vector<ir::NodeId> first, const std::vector<ir::NodeId>& second) {
  for (const ir::NodeId id : second) {
    if (std::find(first.begin(), first.end(), id) == first.end()) first.push_back(id);
  }
  return first;
}

ir::ListArg tuple_of(const std::vector<ir::NodeId>& nodes) {
  ir::ListArg tuple;
  tuple.is_tuple = true;
  for (const ir::NodeId id : nodes) tuple.items.emplace_back(ir::NodeRef{id});
  return tuple;
}

std::vector<ir::TensorType> types_of(const std::vector<at::Tensor>& tensors) {
  std::vector<ir::TensorType> types;
  for (const at::Tensor& tensor : tensors) {
    types.push_back(type_of(from_functional(tensor)));
    types.back().device = ir::Device{};
  }
  return types;
}

std::vector<at::Tensor> functional(const std::vector<at::Tensor>& traced) {
  std::vector<at::Tensor> result;
  for (const at::Tensor& tensor : traced) result.push_back(to_functional(tensor));
  return result;
}

bool contains(const std::vector<c10::Storage>& storages, const c10::Storage& storage) {
  return std::any_of(storages.begin(), storages.end(), [&storage](const c10::Storage& other) {
    return other.unsafeGetStorageImpl() == storage.unsafeGetStorageImpl();
  });
}

}  // namespace

bool Tracer::is_from_outside(const at::Tensor& tensor) {
  if (contains(parameters_, memory_of(tensor))) return true;
  const TracedTensorImpl* base = as_traced(base_of(tensor));
  return !base || base->scope() != recorder_.scope().id();
}

at::Tensor Tracer::parameter_like(const at::Tensor& tensor) {
  const at::Tensor parameter = to_functional(recorder_.add_parameter(types_of({tensor}).front()));
  parameters_.push_back(memory_of(parameter));
  return parameter;
}

std::vector<at::Tensor> Tracer::cond(const c10::IValue& predicate, SubGraph yes, SubGraph no,
                                     const std::vector<ir::TensorType>& types) {
  const ir::Argument condition =
      predicate.isTensor() ? node_of(recorder_, predicate.toTensor())
                           : recorder_.number_argument(expr_of(predicate.toSymBool().toSymNodeImpl()));
  std::vector<ir::Argument> yes_outputs = outputs_of(recorder_, yes);
  std::vector<ir::Argument> no_outputs = outputs_of(recorder_, no);
  const std::vector<ir::NodeId> operands =
      merge(yes.scope->needed(yes_outputs), no.scope->needed(no_outputs));
  std::vector<std::pair<std::string, std::unique_ptr<ir::Graph>>> graphs;
  graphs.emplace_back("true_graph", yes.scope->finish(std::move(yes_outputs), operands));
  graphs.emplace_back("false_graph", no.scope->finish(std::move(no_outputs), operands));
  return functional(recorder_.call_with_graphs("higher_order.cond", {condition}, std::move(graphs),
                                               {tuple_of(operands)}, types));
}

std::vector<at::Tensor> Tracer::while_loop(const std::vector<at::Tensor>& initial,
                                           SubGraph condition, SubGraph body) {
  ir::ListArg carried;
  carried.is_tuple = true;
  for (const at::Tensor& tensor : initial) carried.items.push_back(node_of(recorder_, tensor));
  std::vector<ir::Argument> condition_outputs = outputs_of(recorder_, condition);
  std::vector<ir::Argument> body_outputs = outputs_of(recorder_, body);
  const std::vector<ir::NodeId> operands =
      merge(condition.scope->needed(condition_outputs), body.scope->needed(body_outputs));
  std::vector<std::pair<std::string, std::unique_ptr<ir::Graph>>> graphs;
  graphs.emplace_back("while_loop_cond_graph",
                      condition.scope->finish(std::move(condition_outputs), operands));
  graphs.emplace_back("while_loop_body_graph", body.scope->finish(std::move(body_outputs), operands));
  return functional(recorder_.call_with_graphs("higher_order.while_loop", {}, std::move(graphs),
                                               {carried, tuple_of(operands)}, types_of(initial)));
}

void Tracer::assert_at_run_time(const at::Tensor& condition, const std::string& message) {
  static const c10::OperatorHandle op =
      c10::Dispatcher::singleton().findSchemaOrThrow("aten::_assert_async", "msg");
  torch::jit::Stack stack{condition, message};
  call(op, stack);
}

}  // namespace tx::capture
