// prim::Loop: unrolled as long as it is known whether it goes on. From where that depends on data,
// the rest becomes a `while_loop` over what the loop carries; without --control-flow that is a graph
// break, and the walk only looks for others.
#include <ATen/ops/clone.h>
#include <ATen/ops/logical_and.h>
#include <ATen/ops/lt.h>

#include "capture/dispatch/convert.h"
#include "capture/dispatch/traced_tensor.h"
#include "capture/draft.h"
#include "capture/opaque.h"
#include "capture/torchscript/data_numbers.h"
#include "capture/torchscript/interpreter.h"
#include "capture/torchscript/symbolic_values.h"

namespace tx::capture::torchscript {
namespace {

using c10::IValue;
using torch::jit::Block;
using torch::jit::Node;

// Bodies change more places only as long as each attempt finds new ones.
constexpr int kMaxAttempts = 8;

ir::TensorType metadata(const at::Tensor& tensor) { return type_of(from_functional(tensor)); }

bool is_contiguous(const ir::TensorType& type) { return type.strides == ir::contiguous_strides(type.sizes); }

std::string text_of(const ir::TensorType& type) { return ir::Type(type).annotation(); }

// The leaves of a value in the order of map_leaves.
std::vector<IValue> leaves_of(const IValue& value, const c10::TypePtr& type) {
  std::vector<IValue> leaves;
  map_leaves(value, type, [&leaves](const IValue& leaf, const c10::TypePtr&) {
    leaves.push_back(leaf);
    return leaf;
  });
  return leaves;
}

// The lists and dicts that a loop carries are new ones: pairs of those before and those in their place.
std::vector<std::vector<IValue>> containers_of_both(const IValue& before, const IValue& after) {
  const std::vector<IValue> a = containers_in(before), b = containers_in(after);
  std::vector<std::vector<IValue>> pairs;
  for (size_t i = 0; i < std::min(a.size(), b.size()); ++i) pairs.push_back({a[i], b[i]});
  return pairs;
}

// Whether two values differ in their leaves only.
bool same_structure(const IValue& a, const IValue& b) {
  const auto all_same = [](c10::ArrayRef<IValue> x, c10::ArrayRef<IValue> y) {
    return std::equal(x.begin(), x.end(), y.begin(), y.end(), same_structure);
  };
  if (is_leaf(a) || is_leaf(b)) return is_leaf(a) && is_leaf(b);
  if (a.isTuple() && b.isTuple()) {
    return all_same(a.toTupleRef().elements().vec(), b.toTupleRef().elements().vec());
  }
  if (a.isList() && b.isList()) return all_same(a.toListRef(), b.toListRef());
  if (a.isGenericDict() && b.isGenericDict()) {
    const auto x = a.toGenericDict();
    const auto y = b.toGenericDict();
    if (x.size() != y.size()) return false;
    for (const auto& entry : x) {
      const auto match = y.find(entry.key());
      if (match == y.end() || !same_structure(entry.value(), match->value())) return false;
    }
    return true;
  }
  if (a.isString() && b.isString()) return a.toStringRef() == b.toStringRef();
  return a.tagKind() == b.tagKind() && a.is(b);
}

}  // namespace

// What a loop carries from one iteration to the next: a value of the instruction, or a place.
struct Interpreter::Carried {
  IValue initial;
  c10::TypePtr type;
  std::optional<Journal::Place> place;
  std::vector<at::Tensor> parameters;  ///< the leaves in the graph of the body
  IValue next;                         ///< at the end of the body
};

// Inputs: trip count, first condition, carried values. The body takes the iteration number and the
// carried values and gives the next condition and the carried values.
void Interpreter::run_loop(Node& node, Values& values) {
  Block& body = *node.blocks()[0];
  const IValue trip_count = values.at(node.input(0));
  IValue condition = values.at(node.input(1));
  std::vector<IValue> carried;
  for (size_t i = 2; i < node.inputs().size(); ++i) carried.push_back(values.at(node.input(i)));

  const bool unknown = is_opaque(trip_count) || is_opaque(condition);
  bool counted_by_data = is_data_number(trip_count, node.input(0)->type()) ||
                         (trip_count.isSymInt() && !tracer_.has_example(trip_count));
  int64_t limit = 0;
  if (!unknown && !counted_by_data) {
    tracer_.recorder().tell_place("loop");
    limit = trip_count.toInt();  // a symbol is specialised
  } else if (counted_by_data) {
    if (const auto count = draft_trip_count(node, trip_count)) {
      limit = *count;
      counted_by_data = false;
    }
  }
  int64_t iteration = 0;
  std::optional<bool> go_on = unknown ? std::nullopt : decide(node, *node.input(1), condition);
  if (go_on == false) limit = 0;
  while (!unknown && !counted_by_data && go_on && *go_on && iteration < limit) {
    values[body.inputs()[0]] = iteration;
    for (size_t i = 0; i < carried.size(); ++i) values[body.inputs()[i + 1]] = carried[i];
    run_block(body, values);
    tracer_.location().set_instruction(&node);
    ++iteration;
    condition = values.at(body.outputs()[0]);
    for (size_t i = 0; i < carried.size(); ++i) carried[i] = values.at(body.outputs()[i + 1]);
    if (is_opaque(condition)) {
      go_on = std::nullopt;
    } else {
      go_on = iteration < limit ? decide(node, *node.input(1), condition) : false;
    }
  }
  if (!unknown && (go_on == false || (go_on && !counted_by_data))) {
    for (size_t i = 0; i < carried.size(); ++i) values[node.outputs()[i]] = carried[i];
    return;
  }
  const bool silent = walk_ == Walk::Silent || unknown || is_opaque(condition);
  const bool capture = tracer_.control_flow() != ControlFlow::Refuse;
  if (!silent && !capture) {
    const bool by_condition = !go_on;
    // Of a loop that has begun, the condition is what the body gives.
    const torch::jit::Value* asked = !by_condition   ? node.input(0)
                                     : iteration > 0 ? body.outputs()[0]
                                                     : node.input(1);
    report_data_dependent(node, *asked, by_condition ? condition : trip_count);
  }
  const WalkScope scope(*this, silent ? Walk::Silent : capture ? Walk::Capture : Walk::Search);
  capture_loop(node, values, {trip_count, condition, iteration, std::move(carried), false, false});
}

std::optional<int64_t> Interpreter::draft_trip_count(const Node& node, const IValue& count) {
  Draft* draft = tracer_.draft();
  if (!draft || walk_ != Walk::Plain || tracer_.control_flow() != ControlFlow::Refuse) {
    return std::nullopt;
  }
  if (count.isTensor()) {
    const auto number = draft->number(count.toTensor(), data_dependent(node, count));
    return number ? std::optional(number->toInt()) : std::nullopt;
  }
  try {
    tracer_.recorder().tell_place("loop");
    return specialize(count).toInt();
  } catch (const diag::Failure&) {  // reported with the loop
    return std::nullopt;
  }
}

void Interpreter::capture_loop(Node& node, Values& values, LoopState state) {
  Block& body = *node.blocks()[0];
  std::vector<Carried> carried;
  state.finite = !state.trip_count.isInt() || state.trip_count.toInt() < INT64_MAX;
  state.counted = state.finite || body.inputs()[0]->hasUses();
  const bool counted = state.counted;
  if (counted) carried.push_back({state.iteration, c10::IntType::get(), {}, {}, {}});
  for (size_t i = 0; i < state.carried.size(); ++i) {
    carried.push_back({state.carried[i], node.outputs()[i]->type(), {}, {}, {}});
  }
  const size_t first = counted ? 1 : 0;

  const auto give_up = [&] {
    for (torch::jit::Value* output : node.outputs()) values[output] = opaque_value();
    for (const Carried& value : carried) {
      if (!value.place) continue;
      note_change(*value.place);
      Journal::forget(*value.place);
    }
  };
  const auto refuse = [&](const std::string& message, const std::string& fix) {
    diag::Diagnostic diagnostic(diag::Code::TX1011, message);
    diagnostic.fix(fix);
    violated(std::move(diagnostic));
    give_up();
  };

  const Outside outside = settle(values);
  const Breaks before = tracer_.breaks();
  std::vector<at::Tensor> initial;
  Branch branch;
  for (int attempt = 0;; ++attempt) {
    tracer_.breaks() = before;
    const size_t outdated = maybe_one_.num_outdated();
    initial.clear();
    for (const Carried& value : carried) {
      if (is_uninitialized(value.initial) || holds_opaque(value.initial)) continue;
      for (const IValue& leaf : leaves_of(value.initial, value.type)) {
        const at::Tensor tensor = to_data_number(tracer_, leaf);
        initial.push_back(is_contiguous(metadata(tensor))
                              ? tensor
                              : at::clone(tensor, at::MemoryFormat::Contiguous));
      }
    }
    branch = run_body(body, values, carried, initial, counted, outside.containers);
    tracer_.location().set_instruction(&node);
    if (branch.raised || attempt == kMaxAttempts) break;
    const bool more = add_carried(carried, branch, first);
    // What an iteration leaves out of date the next one may use.
    if (!more && maybe_one_.num_outdated() == outdated) break;
  }
  // The condition is written once and computed twice, before the loop and at the end of the body.
  tracer_.breaks().keep_counts_of(before);
  restore_tensors(outside.tensors);
  if (branch.raised) {
    if (!branch.raised->reported && walk_ != Walk::Silent) tracer_.add_break(branch.raised->diagnostic);
    give_up();
    return;
  }
  const IValue flag = branch.outputs[0];
  bool known = !is_opaque(flag) && !holds_opaque(state.trip_count) && !is_opaque(state.condition);
  for (const Carried& value : carried) {
    known = known && !holds_opaque(value.initial) && !holds_opaque(value.next);
  }
  if (!known) {
    give_up();
    // Tensors that an iteration leaves as they are, but for their values, stay tensors.
    for (size_t i = 0; i < node.outputs().size(); ++i) {
      const Carried& value = carried[i + first];
      if (!value.initial.isTensor() || !value.next.isTensor() || is_number_type(value.type)) continue;
      const ir::TensorType type = metadata(value.initial.toTensor());
      const ir::TensorType after = metadata(value.next.toTensor());
      if (type.dtype != after.dtype || type.sizes != after.sizes) continue;
      values[node.outputs()[i]] = to_functional(tracer_.recorder().unknown_tensor(type));
    }
    return;
  }
  for (const Carried& value : carried) {
    if (!same_structure(value.initial, value.next)) {
      refuse(value.place && !value.place->attribute
                 ? "the loop changes how many items a list or dict has; what a while_loop carries keeps "
                   "its structure"
                 : "a value has another structure after an iteration of the loop than before it",
             "carry tensors of a fixed size, e.g. write results into a tensor that is large enough");
      return;
    }
    for (const IValue& container : containers_in(value.next)) {
      if (!outside.containers.contains(container.internalToPointer())) continue;
      refuse("Encountered aliasing during higher order op tracing: the loop carries a list or dict that "
             "has another name", "give the variable a copy: `items = list(items)`");
      return;
    }
  }

  // The body's outputs.
  OutputLeaves outputs(tracer_);
  {
    const Recorder::InScope in_scope(tracer_.recorder(), *branch.graph.scope);
    size_t index = 0;
    for (const Carried& value : carried) {
      for (const IValue& leaf : leaves_of(value.next, value.type)) {
        const ir::TensorType expected = metadata(initial[index++]);
        const ir::TensorType actual = metadata(to_data_number(tracer_, leaf));
        if (expected.dtype != actual.dtype || expected.sizes != actual.sizes) {
          refuse("a value of the loop is " + text_of(expected) + " before an iteration and " +
                     text_of(actual) + " after it; what a while_loop carries keeps dtype and sizes",
                 "convert the value before the loop to the dtype and size that it has in it");
          return;
        }
        branch.graph.outputs.push_back(outputs.add(leaf, /*contiguous=*/true));
      }
    }
  }
  const std::vector<at::Tensor> results =
      finish_loop(node, values, state, carried, std::move(initial), std::move(branch));
  may_be_one(outputs.maybe_one(results));
}

// Takes over what the body was seen to change besides the carried values. False: nothing new.
bool Interpreter::add_carried(std::vector<Carried>& carried, const Branch& branch, size_t first) {
  bool added = false;
  for (size_t i = first; i < carried.size(); ++i) {
    // A variable without a value before the loop: the body's kind of value, of which nothing is read.
    if (!is_uninitialized(carried[i].initial) || is_uninitialized(carried[i].next)) continue;
    if (carried[i].next.isObject() || holds_opaque(carried[i].next)) continue;
    carried[i].initial = map_leaves(carried[i].next, carried[i].type, [this](const IValue& leaf, const c10::TypePtr&) {
      return zeros_like(tracer_, leaf);
    });
    added = true;
  }
  for (const Journal::Entry& entry : branch.journal.entries()) {
    const bool known = std::any_of(carried.begin(), carried.end(), [&entry](const Carried& value) {
      return value.place && *value.place == entry.place;
    });
    if (known) continue;
    carried.push_back({entry.before, type_at(entry.place), entry.place, {}, {}});
    added = true;
  }
  return added;
}

Branch Interpreter::run_body(Block& body, Values& values, std::vector<Carried>& carried,
                             const std::vector<at::Tensor>& initial, bool counted,
                             const Containers& outside) {
  Branch branch;
  size_t next_leaf = 0;
  const auto parameter = [&](Carried& value) {
    value.parameters.clear();
    if (is_uninitialized(value.initial) || holds_opaque(value.initial)) return value.initial;
    return map_leaves(value.initial, value.type, [&](const IValue&, const c10::TypePtr&) {
      value.parameters.push_back(tracer_.parameter_like(initial.at(next_leaf++)));
      return IValue(value.parameters.back());
    });
  };
  walk_apart(branch, outside, [&] {
    size_t input = counted ? 0 : 1;
    for (Carried& value : carried) {
      const IValue content = parameter(value);
      may_be_one(containers_of_both(value.initial, content));
      if (value.place) {
        branch.journal.note(*value.place);
        Journal::assign(*value.place, content);
      } else {
        values[body.inputs()[input++]] = content;
      }
    }
    run_block(body, values);
    for (const torch::jit::Value* output : body.outputs()) branch.outputs.push_back(values.at(output));
    if (counted) {
      carried[0].next = to_data_number(tracer_, carried[0].parameters[0]).add(1);
    }
    size_t output = 1;
    for (size_t i = counted ? 1 : 0; i < carried.size(); ++i) {
      carried[i].next = carried[i].place ? Journal::contents(*carried[i].place)
                                         : values.at(body.outputs()[output++]);
    }
  });
  return branch;
}

std::vector<at::Tensor> Interpreter::finish_loop(Node& node, Values& values, const LoopState& state,
                              std::vector<Carried>& carried, std::vector<at::Tensor> initial,
                              Branch branch) {
  // Whether to go on is carried as well, where the body decides it.
  const IValue& flag = branch.outputs[0];
  const bool flagged = !flag.isBool() || !flag.toBool() || !state.condition.isBool();
  if (flagged) {
    initial.push_back(state.condition.isTensor() ? truth_tensor(state.condition.toTensor())
                                                 : to_data_number(tracer_, state.condition));
    const Recorder::InScope in_scope(tracer_.recorder(), *branch.graph.scope);
    tracer_.parameter_like(initial.back());
    OutputLeaves outputs(tracer_);
    branch.graph.outputs.push_back(
        outputs.add(flag.isTensor() ? IValue(truth_tensor(flag.toTensor())) : flag, false));
  }
  SubGraph condition;
  condition.scope = tracer_.recorder().new_scope();
  {
    const Recorder::InScope in_scope(tracer_.recorder(), *condition.scope);
    std::vector<at::Tensor> parameters;
    for (const at::Tensor& tensor : initial) parameters.push_back(tracer_.parameter_like(tensor));
    at::Tensor go_on;
    if (state.finite) {
      go_on = state.trip_count.isInt()
                  ? at::lt(parameters.front(), state.trip_count.toInt())
                  : at::lt(parameters.front(), to_data_number(tracer_, state.trip_count));
    }
    if (flagged) go_on = go_on.defined() ? at::logical_and(go_on, parameters.back()) : at::clone(parameters.back());
    condition.outputs.push_back(go_on);
  }
  const std::vector<at::Tensor> results =
      tracer_.while_loop(initial, std::move(condition), std::move(branch.graph));

  size_t index = 0, output = 0;
  for (size_t i = 0; i < carried.size(); ++i) {
    const Carried& value = carried[i];
    for (size_t leaf = 0; leaf < value.parameters.size(); ++leaf) {
      may_be_one({{value.parameters[leaf], initial[index + leaf]}});
    }
    const auto result = [&](const IValue&, const c10::TypePtr& type) {
      const size_t leaf = index++;
      if (is_number_type(type)) return walk_ == Walk::Capture ? IValue(results[leaf]) : opaque_value();
      // Without an iteration the result is what it was before the loop.
      may_be_one({{results[leaf], initial[leaf]}});
      return IValue(results[leaf]);
    };
    const IValue content = map_leaves(value.next, value.type, result);
    may_be_one(containers_of_both(value.initial, content));
    may_be_one(containers_of_both(value.next, content));
    const bool is_counter = state.counted && i == 0;
    if (value.place) {
      note_change(*value.place);
      Journal::assign(*value.place, content);
    } else if (!is_counter) {
      values[node.outputs()[output++]] = content;
    }
  }
  return results;
}

}  // namespace tx::capture::torchscript
