// prim::If: followed where the condition is known when the model is exported. Where it depends on
// data, both ways are walked, each in a graph of its own, and joined into a `cond`; without
// --control-flow that is a graph break, and the walk only looks for others.
#include <ATen/FunctionalTensorWrapper.h>
#include <ATen/ops/logical_not.h>
#include <torch/csrc/jit/ir/constants.h>

#include <unordered_set>

#include "capture/dispatch/traced_tensor.h"
#include "capture/draft.h"
#include "capture/opaque.h"
#include "capture/torchscript/data_numbers.h"
#include "capture/torchscript/interpreter.h"
#include "capture/torchscript/join.h"
#include "capture/torchscript/symbolic_values.h"

namespace tx::capture::torchscript {
namespace {

using torch::jit::Block;
using torch::jit::Node;

// The instruction that raises, where a block does so in any case.
const Node* raise_in(const Block& block) {
  for (const Node* node : block.nodes()) {
    if (node->kind() == c10::prim::RaiseException) return node;
  }
  return nullptr;
}

// `assert` compiles to an `if` with nothing on one way and a raise without a class on the other.
bool is_assertion(const Block& raising, const Block& other) {
  const Node* raise = raise_in(raising);
  return raise && other.nodes().begin() == other.nodes().end() && raise->inputs().size() > 1 &&
         raise->input(1)->type()->kind() == c10::TypeKind::NoneType;
}

// Calls `visit` on each tensor that can be reached from `value`; `seen` are all objects on the way.
void visit_tensors(const c10::IValue& value, std::unordered_set<const void*>& seen,
                   const std::function<void(const at::Tensor&)>& visit) {
  if (value.isTensor()) {
    if (value.toTensor().defined() && seen.insert(value.toTensor().unsafeGetTensorImpl()).second) {
      visit(value.toTensor());
    }
    return;
  }
  if (!value.isPtrType() || value.isString() || value.isCapsule() || value.isNone()) return;
  if (value.isFuture()) {
    if (value.toFuture()->hasValue()) visit_tensors(value.toFuture()->constValue(), seen, visit);
    return;
  }
  if (!value.isObject() && !value.isTuple() && !value.isList() && !value.isGenericDict()) return;
  if (!seen.insert(value.internalToPointer()).second) return;
  if (value.isObject()) {
    for (const c10::IValue& slot : value.toObjectRef().slots()) visit_tensors(slot, seen, visit);
  } else if (value.isTuple()) {
    for (const c10::IValue& item : value.toTupleRef().elements()) visit_tensors(item, seen, visit);
  } else if (value.isList()) {
    for (const c10::IValue& item : value.toListRef()) visit_tensors(item, seen, visit);
  } else {
    for (const auto& entry : value.toGenericDict()) visit_tensors(entry.value(), seen, visit);
  }
}

}  // namespace

diag::Diagnostic Interpreter::data_dependent(const Node& node, const c10::IValue& condition) {
  diag::Diagnostic diagnostic(
      diag::Code::TX1001,
      "Dynamic control flow is not supported at the moment. Please use "
      "functorch.experimental.control_flow.cond to explicitly capture the control flow");
  diagnostic.label = "this decision depends on the values of a tensor";
  if (condition.isTensor()) {
    const std::string origin = tracer_.origin_of(condition.toTensor());
    if (!origin.empty()) diagnostic.note("the condition is " + origin);
  }
  diagnostic.note("torch.cond is today's name of functorch.experimental.control_flow.cond");
  const bool loop = node.kind() == c10::prim::Loop;
  diagnostic.fix(std::string("pass --control-flow capture to record ") +
                 (loop ? "the loop as `while_loop`" : "both ways as `cond`"));
  diagnostic.fix(loop ? "or give the loop a number of iterations that does not depend on data"
                      : "or compute both results and choose with torch.where, or move the decision "
                        "out of the model");
  return diagnostic;
}

// The place of a decision is that of the condition, where it is computed next to the statement.
void Interpreter::stand_at_condition(const Node& node, const torch::jit::Value& condition) {
  const Node* maker = condition.node();
  const bool near = maker->owningBlock() == node.owningBlock() && maker->kind() != c10::prim::Param &&
                    maker->kind() != c10::prim::Constant && maker->blocks().empty();
  if (near) tracer_.location().set_instruction(maker);
}

std::optional<bool> Interpreter::decide(const Node& node, const torch::jit::Value& asked,
                                        const c10::IValue& condition) {
  const char* statement = node.kind() == c10::prim::Loop ? "loop" : "if";
  if (const auto known = tracer_.decided(condition, statement)) return known;
  Draft* draft = tracer_.draft();
  if (!draft || walk_ != Walk::Plain || tracer_.control_flow() != ControlFlow::Refuse) {
    return std::nullopt;
  }
  stand_at_condition(node, asked);
  std::optional<bool> answer;
  if (condition.isTensor()) {
    answer = draft->truth(truth_tensor(condition.toTensor()), data_dependent(node, condition));
  } else {
    try {
      answer = tracer_.truth(condition, statement);
    } catch (const diag::Failure&) {  // reported by who walks both ways
    }
  }
  tracer_.location().set_instruction(&node);
  return answer;
}

void Interpreter::report_data_dependent(const Node& node, const torch::jit::Value& condition,
                                        const c10::IValue& value) {
  stand_at_condition(node, condition);
  if (value.isSymBool()) {
    // Which symbol it is, where it comes from, and which assumption would decide.
    try {
      tracer_.truth(value, "if");
    } catch (const diag::Failure& failure) {
      for (diag::Diagnostic diagnostic : failure.diagnostics()) {
        diagnostic.fix("or pass --control-flow capture to record both ways as `cond`");
        tracer_.add_break(std::move(diagnostic));
      }
    }
  } else {
    tracer_.add_break(data_dependent(node, value));
  }
  tracer_.location().set_instruction(&node);
}

Interpreter::Outside Interpreter::settle(const Values& values) {
  Outside outside;
  const auto settle = [&](const at::Tensor& tensor) {
    namespace functional = at::functionalization::impl;
    if (!functional::isFunctionalTensor(tensor)) return;
    // Values of branches that were left are still among those of the function.
    const TracedTensorImpl* now =
        as_traced(functional::unsafeGetFunctionalWrapper(tensor)->value());
    if (now && !tracer_.recorder().scope().sees(now->scope())) return;
    from_functional(tensor);  // applies pending updates, here and not in the graph of a branch
    outside.tensors.push_back(tensor);
  };
  for (const auto& [value, content] : values) visit_tensors(content, outside.containers, settle);
  visit_tensors(c10::IValue(module_.root()), outside.containers, settle);
  return outside;
}

void Interpreter::restore_tensors(const std::vector<at::Tensor>& tensors) {
  for (const at::Tensor& tensor : tensors) {
    const TracedTensorImpl* now = as_traced(from_functional(tensor));
    const bool written = written_outside_.count(tensor.unsafeGetTensorImpl()) > 0;
    const bool lost = now && !tracer_.recorder().scope().sees(now->scope());
    if (!written && !lost) continue;
    if (lost) refuse_write();
    overwrite(tensor, tracer_.recorder().unknown_tensor(now->type()));
    tracer_.mutating_operation_done();
  }
  written_outside_.clear();
}

void Interpreter::violated(diag::Diagnostic diagnostic) {
  if (walk_ == Walk::Capture) tracer_.add_break(std::move(diagnostic));
}

void Interpreter::refuse_write() {
  diag::Diagnostic diagnostic(diag::Code::TX1011,
                              "Encountered input mutation during higher order op tracing");
  diagnostic.label = "writes to a tensor from outside of the branch or loop";
  diagnostic.fix("compute a new tensor in the branch, and assign or copy it after the decision");
  violated(std::move(diagnostic));
}

void Interpreter::may_be_one(const std::vector<std::vector<c10::IValue>>& groups) {
  if (walk_ != Walk::Capture) return;
  for (const std::vector<c10::IValue>& group : groups) maybe_one_.add(group);
}

void Interpreter::note_write(const c10::IValue& value) {
  if (!maybe_one_.has_others(value)) return;
  diag::Diagnostic diagnostic(diag::Code::TX1011,
                              "Encountered aliasing during higher order op tracing");
  if (value.isTensor()) {
    diagnostic.label = "may write to a tensor that a branch or loop has returned unchanged";
    diagnostic.fix("let the branch or loop return a copy: `return input.clone()`");
  } else {
    diagnostic.label = "may write to a list or dict that has another name on one of the ways here";
    diagnostic.fix("write to a copy: `items = list(items)`");
  }
  maybe_one_.write(value, tracer_.location().locate(diagnostic));
}

void Interpreter::check_aliases(const c10::IValue& value) {
  if (maybe_one_.num_outdated() == 0) return;
  const auto check = [this](const c10::IValue& used) {
    if (const diag::Diagnostic* write = maybe_one_.lacks(used)) tracer_.breaks().add_once(*write);
    return used;
  };
  for (const c10::IValue& container : containers_in(value)) check(container);
  map_leaves(value, c10::AnyType::get(), [&](const c10::IValue& leaf, const c10::TypePtr&) { return check(leaf); });
}

void Interpreter::check_aliases(const Node& node, const std::vector<c10::IValue>& operands) {
  if (maybe_one_.num_outdated() == 0 || hands_on_only(node)) return;
  if (is_container_operation(node)) {  // what it hands on it does not look into
    if (const diag::Diagnostic* write = maybe_one_.lacks(operands[0])) tracer_.breaks().add_once(*write);
    return;
  }
  for (const c10::IValue& operand : operands) check_aliases(operand);
}

void Interpreter::walk_apart(Branch& branch, const Containers& outside,
                             const std::function<void()>& walk) {
  branch.graph.scope = tracer_.recorder().new_scope();
  const Recorder::InScope in_scope(tracer_.recorder(), *branch.graph.scope);
  journals_.push_back(&branch.journal);
  try {
    walk();
  } catch (const Raised& raised) {
    branch.raised = raised;
  }
  journals_.pop_back();
  branch.journal.keep_only(outside);
  for (const Journal::Entry& entry : branch.journal.entries()) {
    branch.after.push_back(Journal::contents(entry.place));
  }
  branch.journal.undo();
}

Branch Interpreter::run_branch(Block& block, Values& values, const Containers& outside) {
  Branch branch;
  walk_apart(branch, outside, [&] {
    run_block(block, values);
    for (const torch::jit::Value* output : block.outputs()) {
      branch.outputs.push_back(values.at(output));
    }
  });
  return branch;
}

void Interpreter::run_inline(Node& node, size_t taken, Values& values) {
  Block& block = *node.blocks()[taken];
  run_block(block, values);
  for (size_t i = 0; i < node.outputs().size(); ++i) {
    values[node.outputs()[i]] = values.at(block.outputs()[i]);
  }
}

void Interpreter::run_if(Node& node, Values& values) {
  const c10::IValue condition = values.at(node.input());
  if (is_opaque(condition)) {
    const WalkScope scope(*this, Walk::Silent);
    run_both(node, condition, values);
    return;
  }
  const Node* raise[2] = {raise_in(*node.blocks()[0]), raise_in(*node.blocks()[1])};
  std::optional<bool> taken;
  // A size that decides whether to raise is a guard, whatever becomes of other decisions on sizes.
  if (condition.isSymBool() && (raise[0] || raise[1]) && tracer_.has_example(condition)) {
    taken = tracer_.truth(condition, "if");
  } else {
    taken = tracer_.decided(condition, "if");
  }
  for (const size_t way : {size_t{0}, size_t{1}}) {
    if (taken || !raise[way] || raise[1 - way]) continue;
    const bool asserts = is_assertion(*node.blocks()[way], *node.blocks()[1 - way]);
    if (!asserts) report_raise(*raise[way], condition);
    if (asserts || tracer_.draft()) assert_condition(node, values, /*expected=*/way == 1);
    taken = way == 1;
  }
  if (!taken) taken = decide(node, *node.input(), condition);
  if (taken) {
    run_inline(node, *taken ? 0 : 1, values);
    return;
  }
  const bool capture = tracer_.control_flow() != ControlFlow::Refuse;
  if (!capture && walk_ != Walk::Silent) report_data_dependent(node, *node.input(), condition);
  const WalkScope scope(*this, walk_ == Walk::Silent ? Walk::Silent
                               : capture             ? Walk::Capture
                                                     : Walk::Search);
  run_both(node, condition, values);
}

void Interpreter::report_raise(const Node& raise, const c10::IValue& condition) {
  if (walk_ == Walk::Silent) return;
  const void* here = tracer_.location().instruction();
  tracer_.location().set_instruction(&raise);
  const auto message = torch::jit::toIValue(raise.input(0));
  diag::Diagnostic diagnostic(diag::Code::TX1006,
                              "data decides whether the model raises an exception here" +
                                  (message && message->isString() ? ": " + message->toStringRef()
                                                                  : std::string()));
  diagnostic.label = "raised for some values only";
  if (condition.isTensor()) {
    const std::string origin = tracer_.origin_of(condition.toTensor());
    if (!origin.empty()) diagnostic.note("the condition is " + origin);
  }
  diagnostic.fix("write it as `assert CONDITION, MESSAGE`: an assertion on data is checked when the "
                 "program runs");
  if (Draft* draft = tracer_.draft()) {
    draft->replaced(std::move(diagnostic), "that it is not raised");
  } else {
    tracer_.add_break(std::move(diagnostic));
  }
  tracer_.location().set_instruction(here);
}

void Interpreter::assert_condition(Node& node, Values& values, bool expected) {
  const c10::IValue& condition = values.at(node.input());
  const Node* raise = raise_in(*node.blocks()[expected ? 1 : 0]);
  constexpr std::string_view kPrefix = "AssertionError: ";
  const auto constant = torch::jit::toIValue(raise->input(0));
  std::string message = constant && constant->isString() ? constant->toStringRef() : "";
  if (message.starts_with(kPrefix)) message.erase(0, kPrefix.size());
  if (message.empty() || message == "AssertionError: ") message = "an assertion of the model fails";
  if (condition.isSymBool() && !tracer_.in_sub_graph()) {
    if (!tracer_.expect(condition, expected)) run_block(*node.blocks()[expected ? 1 : 0], values);
    return;
  }
  at::Tensor truth = condition.isTensor() ? truth_tensor(condition.toTensor())
                                          : to_data_number(tracer_, condition);
  if (!expected) truth = at::logical_not(truth);
  tracer_.assert_at_run_time(truth, message);
}

// Walks both ways of an `if` and goes on with what they have in common.
void Interpreter::run_both(Node& node, const c10::IValue& condition, Values& values) {
  const Breaks before = tracer_.breaks();
  const Outside outside = settle(values);
  Branch yes = run_branch(*node.blocks()[0], values, outside.containers);
  tracer_.location().set_instruction(&node);
  Branch no = run_branch(*node.blocks()[1], values, outside.containers);
  tracer_.location().set_instruction(&node);
  restore_tensors(outside.tensors);

  if (yes.raised && no.raised) throw *yes.raised;
  if (yes.raised || no.raised) {
    // The other way is the program's: it is walked again, in the graph around.
    const Raised raised = yes.raised ? *yes.raised : *no.raised;
    tracer_.breaks() = before;
    if (walk_ != Walk::Silent) {
      diag::Diagnostic diagnostic = raised.diagnostic;
      tracer_.add_break(std::move(diagnostic));
    }
    run_inline(node, yes.raised ? 1 : 0, values);
    return;
  }

  std::vector<Journal::Place> places;
  const auto add_places = [&places](const Journal& journal) {
    for (const Journal::Entry& entry : journal.entries()) {
      if (std::find(places.begin(), places.end(), entry.place) == places.end()) {
        places.push_back(entry.place);
      }
    }
  };
  add_places(yes.journal);
  add_places(no.journal);

  Joiner joiner(tracer_, yes, no, condition, outside.containers, /*numbers=*/walk_ == Walk::Capture);
  for (size_t i = 0; i < node.outputs().size(); ++i) {
    joiner.add(yes.outputs[i], no.outputs[i], node.outputs()[i]->type());
  }
  for (const Journal::Place& place : places) {
    joiner.add(yes.at_end(place), no.at_end(place), type_at(place));
  }
  if (joiner.violation()) violated(*joiner.violation());
  const std::vector<c10::IValue> results = joiner.join();
  may_be_one(joiner.maybe_one());
  for (size_t i = 0; i < node.outputs().size(); ++i) values[node.outputs()[i]] = results[i];
  for (size_t i = 0; i < places.size(); ++i) {
    note_change(places[i]);
    const c10::IValue& content = results[node.outputs().size() + i];
    if (is_opaque(content)) {
      Journal::forget(places[i]);
    } else {
      Journal::assign(places[i], content);
    }
  }
}

void Interpreter::note_change(const Journal::Place& place) {
  if (!journals_.empty()) journals_.back()->note(place);
}

}  // namespace tx::capture::torchscript
