#include "runtime/run_graph.h"

#include <ATen/ops/is_nonzero.h>
#include <ATen/ops/select.h>
#include <ATen/ops/stack.h>
#include <c10/util/Exception.h>

#include <stdexcept>
#include <unordered_set>

#include "runtime/convert.h"
#include "runtime/locate.h"
#include "support/strings.h"

namespace tx::runtime {
namespace {

using diag::Code;
using diag::Diagnostic;
using Values = std::vector<c10::IValue>;

/// LibTorch's message without its C++ stack and other text for developers of operators.
std::string clean_message(const std::exception& error) {
  const auto* torch_error = dynamic_cast<const c10::Error*>(&error);
  std::string message = torch_error ? torch_error->what_without_backtrace() : error.what();
  for (const char* cut : {"\nException raised from", "\nC++ CapturedTraceback", "\nDebug info for",
                          " This could be because the operator doesn't exist for this backend"}) {
    if (const size_t at = message.find(cut); at != std::string::npos) message.resize(at);
  }
  return std::string(support::trim(message));
}

/// The program's own checks speak for themselves: their text is all that is said.
bool is_assertion(const std::string& target) {
  return target.starts_with("aten._assert") || target.starts_with("aten.sym_constrain_range");
}

[[noreturn]] void fail_at(const ir::Node& node, const ir::SourceMap& source,
                          const std::string& message) {
  Diagnostic diagnostic(Code::TX4011, is_assertion(node.target)
                                          ? message
                                          : "`" + node.target + "` failed: " + message);
  locate(diagnostic, source, node.location);
  diagnostic.note("raised by the call `" + node.name + "` of the program");
  diag::fail(std::move(diagnostic));
}

bool truth(const c10::IValue& predicate) {
  if (predicate.isBool()) return predicate.toBool();
  if (predicate.isTensor()) return at::is_nonzero(predicate.toTensor());
  if (predicate.isInt()) return predicate.toInt() != 0;
  throw std::runtime_error("a condition has to be a bool or a tensor of one element, not " +
                           kind_of(predicate));
}

Values elements_of(const c10::IValue& container) {
  if (container.isTuple()) return container.toTupleRef().elements().vec();
  if (container.isList()) return container.toListRef().vec();
  throw std::runtime_error("expected a tuple but got " + kind_of(container));
}

c10::IValue item_of(const c10::IValue& container, int64_t index) {
  const c10::ArrayRef<c10::IValue> elements =
      container.isTuple() ? container.toTupleRef().elements().asArrayRef()
      : container.isList()
          ? container.toListRef()
          : throw std::runtime_error("expected a tuple but got " + kind_of(container));
  if (index < 0) index += static_cast<int64_t>(elements.size());
  if (index < 0 || index >= static_cast<int64_t>(elements.size())) {
    throw std::runtime_error("there is no element " + std::to_string(index) + " in a tuple of " +
                             std::to_string(elements.size()));
  }
  return elements[index];
}

c10::IValue tuple_of(Values values) { return c10::ivalue::Tuple::create(std::move(values)); }

class Runner {
 public:
  Runner(const PreparedGraph& graph, Values inputs, const ir::SourceMap& source)
      : graph_(graph), source_(source), values_(std::move(inputs)) {
    if (graph.has_writes) {
      for (const c10::IValue& input : values_) {
        if (input.isTensor()) protected_.insert(memory_of(input.toTensor()));
      }
    }
    values_.resize(graph.graph->nodes.size());
  }

  Values run() {
    for (const Instruction& instruction : graph_.instructions) step(instruction);
    Values outputs;
    outputs.reserve(graph_.outputs.size());
    for (const Operand& output : graph_.outputs) outputs.push_back(fetch(output, values_));
    return outputs;
  }

 private:
  void step(const Instruction& instruction) {
    try {
      values_[instruction.node] = evaluate(instruction);
    } catch (const diag::Failure&) {
      throw;  // a call of a sub-graph, already described
    } catch (const std::exception& error) {
      fail_at(graph_.graph->nodes[instruction.node], source_, clean_message(error));
    }
    for (const uint32_t value : instruction.release) values_[value] = c10::IValue();
  }

  c10::IValue evaluate(const Instruction& instruction) {
    const std::vector<Operand>& operands = instruction.operands;
    switch (instruction.kind) {
      case Instruction::Kind::Operator:
        return call(instruction);
      case Instruction::Kind::GetItem:
        return item_of(fetch(operands[0], values_), operands[1].constant.toInt());
      case Instruction::Kind::Number: {
        Values arguments;
        for (const Operand& operand : operands) arguments.push_back(fetch(operand, values_));
        return instruction.function->call(arguments);
      }
      case Instruction::Kind::Cond: {
        const bool taken = truth(fetch(operands[0], values_));
        return tuple_of(run_graph(*instruction.graphs[taken ? 0 : 1],
                                  elements_of(fetch(operands[1], values_)), source_));
      }
      case Instruction::Kind::WhileLoop:
        return while_loop(instruction);
      case Instruction::Kind::Map:
        return map(instruction);
    }
    return {};
  }

  c10::IValue call(const Instruction& instruction) {
    torch::jit::Stack& stack = stack_;
    stack.clear();
    for (const Operand& operand : instruction.operands) stack.push_back(fetch(operand, values_));
    for (const size_t i : instruction.written) check_writable(stack[i]);
    instruction.op->callBoxed(stack);
    if (instruction.num_results == 0) return {};
    if (instruction.num_results == 1) return std::move(stack.back());
    return tuple_of(std::exchange(stack, {}));
  }

  /// Weights may be read-only memory and inputs are the caller's: a program that writes to them (no
  /// captured one does) is stopped.
  void check_writable(const c10::IValue& value) const {
    const auto check = [this](const at::Tensor& tensor) {
      if (tensor.defined() && protected_.contains(memory_of(tensor))) {
        throw std::runtime_error("it would write to a weight or an input of the program");
      }
    };
    if (value.isTensor()) check(value.toTensor());
    if (value.isTensorList()) {
      for (const at::Tensor& tensor : value.toTensorVector()) check(tensor);
    }
  }

  static const void* memory_of(const at::Tensor& tensor) {
    // A tensor without storage (sparse) stands for itself.
    return tensor.has_storage() ? static_cast<const void*>(tensor.storage().unsafeGetStorageImpl())
                                : tensor.unsafeGetTensorImpl();
  }

  c10::IValue while_loop(const Instruction& instruction) {
    Values carried = elements_of(fetch(instruction.operands[0], values_));
    const Values others = elements_of(fetch(instruction.operands[1], values_));
    const auto arguments = [&] {
      Values all = carried;
      all.insert(all.end(), others.begin(), others.end());
      return all;
    };
    for (;;) {
      const Values condition = run_graph(*instruction.graphs[0], arguments(), source_);
      if (condition.size() != 1) throw std::runtime_error("the condition gives not one value");
      if (!truth(condition[0])) return tuple_of(std::move(carried));
      Values next = run_graph(*instruction.graphs[1], arguments(), source_);
      if (next.size() != carried.size()) {
        throw std::runtime_error("the body gives " + std::to_string(next.size()) +
                                 " values instead of " + std::to_string(carried.size()));
      }
      carried = std::move(next);
    }
  }

  c10::IValue map(const Instruction& instruction) {
    const Values mapped = elements_of(fetch(instruction.operands[0], values_));
    const Values others = elements_of(fetch(instruction.operands[1], values_));
    if (mapped.empty()) throw std::runtime_error("there is nothing to map over");
    const int64_t count = leading_size(mapped);
    std::vector<std::vector<at::Tensor>> rows;  // one list for each output
    for (int64_t i = 0; i < count; ++i) {
      Values arguments;
      for (const c10::IValue& value : mapped) {
        arguments.push_back(at::select(value.toTensor(), 0, i));
      }
      arguments.insert(arguments.end(), others.begin(), others.end());
      const Values outputs = run_graph(*instruction.graphs[0], std::move(arguments), source_);
      rows.resize(outputs.size());
      for (size_t k = 0; k < outputs.size(); ++k) rows[k].push_back(outputs[k].toTensor());
    }
    Values stacked;
    for (const std::vector<at::Tensor>& tensors : rows) stacked.push_back(at::stack(tensors));
    return tuple_of(std::move(stacked));
  }

  /// Torch's rules for the mapped tensors, with its texts.
  static int64_t leading_size(const Values& mapped) {
    std::optional<int64_t> size;
    for (const c10::IValue& value : mapped) {
      if (!value.isTensor() || value.toTensor().dim() == 0) {
        throw std::runtime_error("mapped values have to be tensors with a dimension to map over");
      }
      const int64_t current = value.toTensor().size(0);
      if (current == 0) throw std::runtime_error("Leading dimensions of mapped xs cannot be 0.");
      if (size && *size != current) {
        throw std::runtime_error("Leading dimensions of mapped xs must be consistent.");
      }
      size = current;
    }
    return *size;
  }

  const PreparedGraph& graph_;
  const ir::SourceMap& source_;
  Values values_;
  torch::jit::Stack stack_;
  std::unordered_set<const void*> protected_;  ///< storages, where anything writes at all
};

}  // namespace

Values run_graph(const PreparedGraph& graph, Values inputs, const ir::SourceMap& source) {
  return Runner(graph, std::move(inputs), source).run();
}

}  // namespace tx::runtime
