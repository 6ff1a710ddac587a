#include "decomp/retrace.h"

#include <ATen/ops/clone.h>
#include <ATen/ops/permute.h>
#include <torch/csrc/jit/api/module.h>

#include <algorithm>
#include <numeric>
#include <optional>
#include <unordered_map>

#include "capture/dispatch/convert.h"
#include "capture/dispatch/functional.h"
#include "capture/dispatch/layers.h"
#include "capture/dispatch/recorder.h"
#include "capture/dispatch/traced_tensor.h"
#include "capture/overrides/table.h"
#include "capture/torchscript/interpreter.h"
#include "decomp/call_arguments.h"
#include "decomp/operator_names.h"
#include "decomp/rule_book.h"

namespace tx::decomp {
namespace {

using c10::IValue;
using ir::NodeId;

// A rule that calls itself in a circle is a mistake of the rules.
constexpr int kMaxDepth = 64;

/// Runs the rules of a plan in the place of operators.
class RuleExpander final : public capture::Expander {
 public:
  RuleExpander(const Plan& plan, capture::torchscript::Interpreter*& interpreter)
      : plan_(plan), interpreter_(interpreter) {}

  bool expand(const c10::OperatorHandle& op, torch::jit::Stack& stack) override {
    switch (plan_.action(op)) {
      case Action::None:
      case Action::Kernel:
        return false;
      case Action::Keep:
        if (!is_composite(op)) return false;
        capture::record_whole(op, stack);
        return true;
      case Action::Rule:
        return run_rule(op, stack);
    }
    return false;
  }

 private:
  bool run_rule(const c10::OperatorHandle& op, torch::jit::Stack& stack) {
    TORCH_INTERNAL_ASSERT(depth_ < kMaxDepth, "decompositions go round in a circle at ",
                          op.operator_name());
    RuleBook& book = RuleBook::instance();
    const size_t count = op.schema().arguments().size();
    std::vector<IValue> arguments(stack.end() - static_cast<std::ptrdiff_t>(count), stack.end());
    ++depth_;
    IValue result;
    try {
      result = interpreter_->call(book.function(*book.find(op)), std::move(arguments));
    } catch (...) {
      --depth_;
      throw;
    }
    --depth_;
    if (result.isNone()) return false;  // the rule leaves these arguments alone
    torch::jit::drop(stack, count);
    if (op.schema().returns().size() == 1) {
      stack.push_back(std::move(result));
    } else {
      for (const IValue& element : result.toTupleRef().elements()) {
        // None stands for a result that only a backward pass would read.
        stack.push_back(element.isNone() ? IValue(at::Tensor()) : element);
      }
    }
    return true;
  }

  const Plan& plan_;
  capture::torchscript::Interpreter*& interpreter_;
  int depth_ = 0;
};

bool same_stride(const ir::Expr& a, const ir::Expr& b, symbolic::ShapeEnv& env) {
  return a == b || env.statically_known(symbolic::eq(a, b)) == true;
}

bool same_sizes(const ir::TensorType& a, const ir::TensorType& b, symbolic::ShapeEnv& env) {
  bool same = a.rank() == b.rank();
  for (size_t i = 0; same && i < a.rank(); ++i) {
    same = a.sizes[i] == b.sizes[i] || env.expect_true(symbolic::eq(a.sizes[i], b.sizes[i]));
  }
  return same;
}

// A stride along a dimension of size 1 says nothing.
bool same_strides(const ir::TensorType& a, const ir::TensorType& b, symbolic::ShapeEnv& env) {
  for (size_t i = 0; i < a.rank(); ++i) {
    if (a.sizes[i] != ir::Expr(1) && !same_stride(a.strides[i], b.strides[i], env)) return false;
  }
  return true;
}

// The dimensions of a tensor from the one with the largest stride to the one with the smallest.
std::vector<int64_t> layout_order(const ir::TensorType& type, symbolic::ShapeEnv& env) {
  std::vector<int64_t> order(type.rank());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
    return env.guard_or_false(symbolic::gt(type.strides[static_cast<size_t>(a)],
                                           type.strides[static_cast<size_t>(b)]));
  });
  return order;
}

// The same values in a dense tensor whose dimensions lie in memory in this order.
at::Tensor laid_out(const at::Tensor& tensor, const std::vector<int64_t>& order) {
  if (std::is_sorted(order.begin(), order.end())) return at::clone(tensor, at::MemoryFormat::Contiguous);
  std::vector<int64_t> back(order.size());
  for (size_t i = 0; i < order.size(); ++i) back[static_cast<size_t>(order[i])] = static_cast<int64_t>(i);
  return at::permute(at::clone(at::permute(tensor, order), at::MemoryFormat::Contiguous), back);
}

/// The first free number of a lifted constant.
size_t constants_of(const ir::Program& program) {
  constexpr std::string_view kPrefix = "lifted_tensor_";
  size_t next = 0;
  for (const ir::InputSpec& spec : program.inputs) {
    if (!spec.target.starts_with(kPrefix)) continue;
    next = std::max<size_t>(next, std::strtoul(spec.target.c_str() + kPrefix.size(), nullptr, 10) + 1);
  }
  return next;
}

class Retrace {
 public:
  Retrace(ir::Program& program, ir::Graph& graph, const Plan& plan, symbolic::ShapeEnv& env)
      : program_(program),
        graph_(graph),
        is_main_(&graph == &program.graph),
        plan_(plan),
        env_(env),
        location_(program.source),
        recorder_(work_, env, location_),
        expander_(plan, interpreter_),
        scope_(recorder_, &expander_),
        tracer_(recorder_, location_, capture::ControlFlow::Refuse),
        no_module_(torch::jit::Module("rules"), tracer_) {
    capture::torchscript::Interpreter interpreter(tracer_, no_module_);
    interpreter_ = &interpreter;
    add_inputs();
    for (NodeId id = graph.num_inputs; id < graph.nodes.size(); ++id) step(id);
    interpreter_ = nullptr;
    find_unfinished();
    finish();
  }

  Retraced take() { return std::move(result_); }

 private:
  // ---- inputs ----

  void add_inputs() {
    values_.resize(graph_.nodes.size());
    recorder_.number_constants_from(constants_of(program_));
    for (NodeId id = 0; id < graph_.num_inputs; ++id) {
      const ir::Node& node = graph_.node(id);
      ir::InputSpec spec;
      if (is_main_) spec = program_.inputs[id];
      if (!is_main_) spec.kind = ir::InputKind::UserInput;
      if (const ir::TensorType* type = node.type.tensor()) {
        recorder_.add_input(std::move(spec), *type);
      } else {
        recorder_.add_constant_input(std::move(spec));
        work_.graph.nodes.back().type = node.type;
        recorder_.number_is_known(id, node.type);
      }
      values_[id] = ir::NodeRef{id};
    }
  }

  // ---- nodes ----

  void step(NodeId id) {
    const ir::Node& node = graph_.node(id);
    const auto op = node.kind == ir::NodeKind::Call ? known_operator(node.target) : std::nullopt;
    const Action action = op ? plan_.action(*op) : Action::None;
    const bool expandable = action == Action::Rule || action == Action::Kernel;
    if (expandable && expand(id, *op)) return;
    if (node.target == "operator.getitem") {
      const auto& parent = values_[node.args[0].get<ir::NodeRef>()->id];
      if (const auto* elements = parent.get<ir::ListArg>()) {
        values_[id] = elements->items.at(static_cast<size_t>(*node.args[1].get<int64_t>()));
        return;
      }
    }
    copy(id);
  }

  /// A program calls few operators, many times each.
  std::optional<c10::OperatorHandle> known_operator(const std::string& target) {
    const auto [known, fresh] = operators_.try_emplace(target);
    if (fresh) known->second = operator_of(target);
    return known->second;
  }

  void copy(NodeId id) {
    ir::Node node = graph_.node(id);
    for (ir::Argument& argument : node.args) translate(argument);
    for (auto& [name, argument] : node.kwargs) translate(argument);
    values_[id] = ir::NodeRef{recorder_.add_recorded(std::move(node))};
    copied_.insert(values_[id].get<ir::NodeRef>()->id);
  }

  /// References to nodes of the old graph become what stands for them in the new one.
  void translate(ir::Argument& argument) const {
    if (const auto* ref = argument.get<ir::NodeRef>()) {
      argument = ir::Argument(values_[ref->id]);
    } else if (auto* list = std::get_if<ir::ListArg>(&argument.value)) {
      for (ir::Argument& item : list->items) translate(item);
    }
  }

  bool expand(NodeId id, const c10::OperatorHandle& op) {
    const ir::Node& node = graph_.node(id);
    const auto before = static_cast<NodeId>(work_.graph.nodes.size());
    const size_t inputs_before = work_.inputs.size();
    location_.pin(node.location);
    std::string reason;
    try {
      torch::jit::Stack stack = call_arguments(node, op.schema(), [this](NodeId of) {
        return live_value(values_[of]);
      });
      op.callBoxed(stack);
      if (!is_main_ && work_.inputs.size() != inputs_before) {
        reason = "its decomposition needs a constant tensor, which a sub-graph cannot hold";
      } else if (is_alone(before, node.target)) {
        reason = "it has no decomposition for these arguments";
      } else {
        values_[id] = results(op, std::move(stack), node.type);
        ++result_.expanded;
        return true;
      }
    } catch (const diag::Failure& failure) {
      const diag::Diagnostic& first = failure.diagnostics().front();
      reason = first.message;
      for (const std::string& note : first.notes) reason += "; " + note;
    } catch (const c10::Error& error) {
      reason = error.what_without_backtrace();
    } catch (const std::invalid_argument& error) {
      reason = error.what();
    }
    recorder_.undo(before);
    result_.refusals.push_back({node.target, reason, node.location});
    refused_.insert(node.target);
    return false;
  }

  /// Whether the only thing recorded since the graph had `before` nodes is the operator itself.
  bool is_alone(NodeId before, const std::string& target) const {
    for (NodeId id = before; id < work_.graph.nodes.size(); ++id) {
      if (work_.graph.node(id).target == target) return true;
    }
    return false;
  }

  IValue live_value(const ir::Argument& argument) {
    if (const auto* list = argument.get<ir::ListArg>()) {
      c10::List<at::Tensor> tensors;
      for (const ir::Argument& item : list->items) tensors.push_back(live_value(item).toTensor());
      return tensors;
    }
    const auto* ref = argument.get<ir::NodeRef>();
    TORCH_INTERNAL_ASSERT(ref, "a constant in the place of a node");
    const ir::Type& type = work_.graph.node(ref->id).type;
    if (const ir::TensorType* tensor = type.tensor()) {
      return capture::to_functional(capture::make_traced(recorder_.scope().id(), ref->id, *tensor));
    }
    if (const auto* number = std::get_if<ir::SymIntType>(&type.kind)) {
      const ir::Expr value = env_.simplify(number->value);
      return value.is_constant() ? IValue(value.value()) : IValue(capture::to_sym_int(value));
    }
    if (const auto* number = std::get_if<ir::SymFloatType>(&type.kind)) {
      return IValue(capture::make_sym_float(number->value));
    }
    if (const auto* truth = std::get_if<ir::SymBoolType>(&type.kind)) {
      return IValue(capture::make_sym_bool(truth->value));
    }
    throw std::invalid_argument("an argument that is neither a tensor nor a number");
  }

  // ---- results ----

  ir::Argument results(const c10::OperatorHandle& op, torch::jit::Stack stack, const ir::Type& type) {
    if (op.schema().returns().empty()) return ir::NoneArg{};
    if (op.schema().returns().size() == 1) return result(stack.back(), type);
    const ir::TupleType* tuple = type.tuple();
    ir::ListArg list;
    for (size_t i = 0; i < stack.size(); ++i) {
      list.items.push_back(result(stack[i], tuple ? tuple->elements.at(i) : ir::Type()));
    }
    return list;
  }

  ir::Argument result(const IValue& value, const ir::Type& type) {
    if (value.isList()) {
      const ir::TupleType* tuple = type.tuple();
      const auto items = value.toListRef();
      if (!tuple || tuple->elements.size() != items.size()) {
        throw std::invalid_argument("its decomposition gives " + std::to_string(items.size()) +
                                    " tensors");
      }
      ir::ListArg list;
      for (size_t i = 0; i < items.size(); ++i) list.items.push_back(result(items[i], tuple->elements[i]));
      return list;
    }
    if (!value.isTensor() || !value.toTensor().defined()) return ir::NoneArg{};
    const ir::TensorType* wanted = type.tensor();
    at::Tensor tensor = value.toTensor();
    // What uses the result was recorded for a tensor of this type. Nothing reads one without a type.
    if (wanted && !fits(traced(tensor), *wanted)) {
      tensor = laid_out(tensor, layout_order(*wanted, env_));
      if (!fits(traced(tensor), *wanted)) fail_type(traced(tensor), *wanted);
    }
    return ir::NodeRef{node_of(tensor)};
  }

  static const capture::TracedTensorImpl& impl_of(const at::Tensor& tensor) {
    const capture::TracedTensorImpl* impl = capture::as_traced(capture::from_functional(tensor));
    if (!impl) throw std::invalid_argument("its decomposition gives a constant");
    return *impl;
  }
  static const ir::TensorType& traced(const at::Tensor& tensor) { return impl_of(tensor).type(); }
  static NodeId node_of(const at::Tensor& tensor) { return impl_of(tensor).node(); }

  /// Whether strides are those that are wanted. Anything else has to be.
  bool fits(const ir::TensorType& got, const ir::TensorType& wanted) {
    if (got.dtype != wanted.dtype || !same_sizes(got, wanted, env_)) fail_type(got, wanted);
    return same_strides(got, wanted, env_);
  }

  [[noreturn]] static void fail_type(const ir::TensorType& got, const ir::TensorType& wanted) {
    const auto strides = [](const ir::TensorType& tensor) {
      std::string text = ir::Type(tensor).annotation() + " with strides";
      for (const ir::Expr& stride : tensor.strides) text += " " + stride.text();
      return text;
    };
    throw std::invalid_argument("its decomposition gives " + strides(got) + " instead of " +
                                strides(wanted));
  }

  // ---- the end ----

  void find_unfinished() {
    for (NodeId id = 0; id < work_.graph.nodes.size() && !result_.unfinished; ++id) {
      const ir::Node& node = work_.graph.node(id);
      if (node.kind != ir::NodeKind::Call || copied_.contains(id) || refused_.contains(node.target)) {
        continue;
      }
      const auto op = known_operator(node.target);
      const Action action = op ? plan_.action(*op) : Action::None;
      result_.unfinished = action == Action::Rule || action == Action::Kernel;
    }
  }

  void finish() {
    std::vector<ir::OutputSpec> outputs;
    if (is_main_) outputs = program_.outputs;
    if (!is_main_) {
      for (const ir::Argument& output : graph_.outputs) {
        outputs.push_back({ir::OutputKind::UserOutput, output, ""});
      }
    }
    std::vector<std::string> input_names;
    for (NodeId id = 0; id < graph_.num_inputs; ++id) input_names.push_back(graph_.node(id).name);
    for (ir::OutputSpec& output : outputs) translate(output.value);
    auto subgraphs = std::move(graph_.subgraphs);
    const std::vector<NodeId> new_id = recorder_.finish(std::move(outputs));

    graph_ = std::move(work_.graph);
    graph_.subgraphs = std::move(subgraphs);
    program_.schemas.merge(work_.schemas);
    if (!is_main_) {
      for (NodeId id = 0; id < graph_.num_inputs; ++id) {
        graph_.node(id).name = graph_.node(id).target = input_names[id];
      }
      return;
    }
    program_.inputs = std::move(work_.inputs);
    program_.outputs = std::move(work_.outputs);
    for (ir::OutputSpec& output : program_.outputs) {
      if (output.kind != ir::OutputKind::UserInputMutation) continue;
      for (NodeId id = 0; id < input_names.size(); ++id) {
        if (output.target == input_names[id]) {
          output.target = graph_.node(new_id[id]).name;
          break;
        }
      }
    }
    for (auto& dims : program_.equality_constraints) {
      for (ir::InputDim& dim : dims) dim.node = new_id[dim.node];
    }
    for (ir::SymbolInfo& symbol : program_.symbols) {
      if (symbol.origin) symbol.origin->node = new_id[symbol.origin->node];
    }
    for (const auto& [name, tensor] : recorder_.constants()) add_weight(name, tensor);
  }

  /// A constant that a composite kernel made up.
  void add_weight(const std::string& name, const at::Tensor& tensor) {
    ir::Weight weight;
    weight.name = name;
    weight.dtype = capture::to_dtype(tensor.scalar_type());
    weight.sizes = tensor.sizes().vec();
    weight.strides = tensor.strides().vec();
    weight.offset = tensor.storage_offset();
    weight.storage = static_cast<uint32_t>(program_.storages.size());
    ir::Storage storage;
    storage.owner = std::make_shared<at::Tensor>(tensor);
    storage.data = static_cast<const std::byte*>(tensor.storage().data());
    storage.bytes = tensor.storage().nbytes();
    program_.storages.push_back(std::move(storage));
    program_.weights.push_back(std::move(weight));
  }

  ir::Program& program_;
  ir::Graph& graph_;
  const bool is_main_;
  const Plan& plan_;
  symbolic::ShapeEnv& env_;
  ir::Program work_;  ///< holds the new graph while it is recorded
  capture::LocationStack location_;
  capture::Recorder recorder_;
  capture::torchscript::Interpreter* interpreter_ = nullptr;
  RuleExpander expander_;
  capture::CaptureScope scope_;
  capture::Tracer tracer_;
  capture::torchscript::TracedModule no_module_;

  std::vector<ir::Argument> values_;  ///< of the old graph's nodes, in the new graph
  std::unordered_map<std::string, std::optional<c10::OperatorHandle>> operators_;
  std::unordered_set<NodeId> copied_;
  std::unordered_set<std::string> refused_;
  Retraced result_;
};

}  // namespace

Retraced retrace(ir::Program& program, ir::Graph& graph, const Plan& plan, symbolic::ShapeEnv& env) {
  return Retrace(program, graph, plan, env).take();
}

}  // namespace tx::decomp
