#include "capture/torchscript/join.h"

#include <ATen/ops/logical_not.h>

#include "capture/dispatch/convert.h"
#include "capture/dispatch/traced_tensor.h"
#include "capture/opaque.h"
#include "capture/torchscript/data_numbers.h"

namespace tx::capture::torchscript {
namespace {

using c10::IValue;
using c10::TypePtr;

ir::TensorType metadata(const at::Tensor& tensor) { return type_of(from_functional(tensor)); }

const char* const kAliasing = "Encountered aliasing during higher order op tracing";
const char* const kOnePlace =
    "let the branches put a list or dict in one place only, and a copy in others: `list(items)`";

std::string sizes_text(const ir::TensorType& type) {
  std::string text;
  for (const ir::Expr& size : type.sizes) text += (text.empty() ? "" : ", ") + size.text();
  return "[" + text + "]";
}

std::string kind_text(const IValue& value) {
  if (value.isTensor()) return value.toTensor().defined() ? "a tensor" : "None";
  if (value.isNone()) return "None";
  if (value.isString()) return "the text '" + value.toStringRef() + "'";
  if (value.isList()) return "a list of " + std::to_string(value.toListRef().size());
  if (value.isTuple()) return "a tuple of " + std::to_string(value.toTupleRef().elements().size());
  if (value.isGenericDict()) {
    std::string keys;
    for (const auto& entry : value.toGenericDict()) {
      keys += (keys.empty() ? "" : ", ") + (entry.key().isString() ? "'" + entry.key().toStringRef() + "'"
                                                                   : c10::str(entry.key()));
    }
    return "a dict {" + keys + "}";
  }
  return is_leaf(value) ? "a number" : "an object";
}


bool same_constant(const IValue& a, const IValue& b) {
  if (a.isSymInt() && b.isSymInt()) return to_expr(a.toSymInt()) == to_expr(b.toSymInt());
  if (a.isString() && b.isString()) return a.toStringRef() == b.toStringRef();
  return a.tagKind() == b.tagKind() && a.is(b);
}

}  // namespace

bool Joiner::is_shared(const at::Tensor& tensor) {
  const TracedTensorImpl* traced = as_traced(from_functional(tensor));
  return !traced || tracer_.recorder().scope().sees(traced->scope());
}

Joiner::Plan Joiner::differ(const std::string& message, const std::string& fix) {
  if (!violation_) {
    violation_ = diag::Diagnostic(diag::Code::TX1011, message);
    violation_->fix(fix);
  }
  Plan unknown;
  unknown.kind = Plan::Unknown;
  return unknown;
}

Joiner::Plan Joiner::differ_in_structure(const IValue& yes, const IValue& no) {
  return differ("the branches give values of different structure: " + kind_text(yes) + " and " +
                    kind_text(no),
                "give both branches results of one structure: tensors or numbers, or containers of them");
}

// As in torch 2.13: a size that is not the same on both ways depends on data, between the two.
std::vector<ir::Expr> Joiner::merged_sizes(const std::vector<ir::Expr>& yes,
                                           const std::vector<ir::Expr>& no) {
  if (!numbers_) return yes;  // only walked: what becomes of the result is not looked at
  const GraphScope& scope = tracer_.recorder().scope();
  symbolic::ShapeEnv& env = tracer_.recorder().env();
  std::vector<ir::Expr> sizes;
  for (size_t i = 0; i < yes.size(); ++i) {
    if (yes[i] == no[i] && scope.can_use(yes[i], tracer_.recorder().env())) {
      sizes.push_back(yes[i]);
      continue;
    }
    tracer_.recorder().tell_place("higher_order.cond");
    const symbolic::Range a = env.range(yes[i]), b = env.range(no[i]);
    sizes.push_back(env.create_unbacked({std::min(a.min, b.min), std::max(a.max, b.max)}));
  }
  return sizes;
}

Joiner::Plan Joiner::plan_leaf(const IValue& yes, const IValue& no, const TypePtr& type) {
  LeafPair pair{yes, no, is_number_type(type) || !yes.isTensor(), false};
  if (yes.isTensor() && no.isTensor() && !is_number_type(type)) {
    const ir::TensorType a = metadata(yes.toTensor());
    const ir::TensorType b = metadata(no.toTensor());
    if (a.dtype != b.dtype) {
      return differ("When merging two branches' output in torch.cond,  expected same dtype but got torch." +
                        std::string(ir::torch_name(a.dtype)) + " and torch." +
                        std::string(ir::torch_name(b.dtype)) + ".",
                    "convert the results of both branches to one dtype");
    }
    if (a.rank() != b.rank()) {
      return differ("the branches give tensors with different numbers of dimensions, " + sizes_text(a) +
                        " and " + sizes_text(b) + "; the results of torch.cond have one",
                    "give the results of both branches the same dimensions");
    }
    const auto can_use = [this](const ir::Expr& size) {
      return tracer_.recorder().scope().can_use(size, tracer_.recorder().env());
    };
    if (!numbers_ && !std::all_of(a.sizes.begin(), a.sizes.end(), can_use)) {
      Plan unknown;
      unknown.kind = Plan::Unknown;
      return unknown;
    }
    // A copy of a tensor with gaps has none; the results of both branches get the same strides.
    pair.contiguous = a.strides != b.strides || a.strides != ir::contiguous_strides(a.sizes);
    pair.type = a;
    pair.type->sizes = merged_sizes(a.sizes, b.sizes);
    pair.type->strides = pair.contiguous ? ir::contiguous_strides(pair.type->sizes) : a.strides;
  } else if (number_dtype(yes) != number_dtype(no)) {
    return differ("the branches give numbers of different types",
                  "convert the numbers of both branches to one type");
  }
  Plan plan;
  plan.kind = Plan::Leaf;
  plan.leaf = leaves_.size();
  plan.type = type;
  leaves_.push_back(std::move(pair));
  return plan;
}

Joiner::Plan Joiner::plan_items(Plan::Kind kind, const IValue& sample, c10::ArrayRef<IValue> yes,
                                c10::ArrayRef<IValue> no, const TypePtr& type) {
  Plan result;
  result.kind = kind;
  result.value = sample;
  result.type = type;
  for (size_t i = 0; i < yes.size(); ++i) {
    result.parts.push_back(plan(yes[i], no[i], item_type(type, i)));
  }
  return result;
}

std::optional<IValue> Joiner::as_predicate(const IValue& yes, const IValue& no) {
  if (!yes.isBool() || !no.isBool() || !numbers_ || !predicate_.isTensor()) return std::nullopt;
  const at::Tensor truth = truth_tensor(predicate_.toTensor());
  return IValue(yes.toBool() ? truth : at::logical_not(truth));
}

Joiner::Plan Joiner::plan(const IValue& yes, const IValue& no, const TypePtr& type) {
  Plan same;
  same.value = yes;
  if (is_opaque(yes) || is_opaque(no)) {
    same.kind = Plan::Unknown;
    return same;
  }
  if (is_uninitialized(yes) && is_uninitialized(no)) return same;
  const bool both_tensors = yes.isTensor() && no.isTensor();
  if (both_tensors && yes.toTensor().is_same(no.toTensor()) &&
      (!yes.toTensor().defined() || is_shared(yes.toTensor()))) {
    return same;
  }
  if (!both_tensors && same_constant(yes, no)) return same;
  if (const auto truth = as_predicate(yes, no)) {
    same.value = *truth;
    return same;
  }
  // What one way leaves open is never read there: any value of the other's kind will do.
  const IValue& a = is_uninitialized(yes) ? no : yes;
  const IValue& b = is_uninitialized(no) ? yes : no;
  if (is_leaf(a) && is_leaf(b) && (both_tensors || a.isTensor() == b.isTensor() || is_number_type(type))) {
    Plan leaf = plan_leaf(a, b, type);
    if (leaf.kind == Plan::Leaf) {
      if (is_uninitialized(yes)) leaves_.back().yes = uninitialized_value();
      if (is_uninitialized(no)) leaves_.back().no = uninitialized_value();
    }
    return leaf;
  }
  const bool both_given = !is_uninitialized(yes) && !is_uninitialized(no);
  if (!both_given && !a.isObject()) return plan_of_one(a, is_uninitialized(no), type);
  if (both_given && yes.isTuple() && no.isTuple() &&
      yes.toTupleRef().elements().size() == no.toTupleRef().elements().size()) {
    return plan_items(Plan::Tuple, yes, yes.toTupleRef().elements().vec(),
                      no.toTupleRef().elements().vec(), type);
  }
  if (both_given && ((yes.isList() && no.isList()) || (yes.isGenericDict() && no.isGenericDict()))) {
    return plan_container(yes, no, type);
  }
  return differ_in_structure(yes, no);
}

// A value that only one way gives: the leaves of the other one's stand for nothing.
Joiner::Plan Joiner::plan_of_one(const IValue& given, bool is_yes, const TypePtr& type) {
  const auto plan_parts = [&](Plan::Kind kind, c10::ArrayRef<IValue> items) {
    const std::vector<IValue> open(items.size(), uninitialized_value());
    return is_yes ? plan_items(kind, given, items, open, type) : plan_items(kind, given, open, items, type);
  };
  if (given.isTuple()) return plan_parts(Plan::Tuple, given.toTupleRef().elements().vec());
  if (given.isList() || given.isGenericDict()) {
    const IValue content = (is_yes ? yes_ : no_).at_end({given, std::nullopt});
    std::vector<IValue> items, keys;
    if (content.isList()) {
      items = content.toListRef().vec();
    } else {
      for (const auto& entry : content.toGenericDict()) {
        keys.push_back(entry.key());
        items.push_back(entry.value());
      }
    }
    Plan result = plan_parts(given.isList() ? Plan::List : Plan::Dict, items);
    result.keys = std::move(keys);
    if (!plan_identity(given, result)) return differ(kAliasing, kOnePlace);
    return result;
  }
  Plan same;
  same.value = given;
  return same;
}

// Lists and dicts have an identity: the result is a new one, which on one way would be another's.
Joiner::Plan Joiner::plan_container(const IValue& yes, const IValue& no, const TypePtr& type) {
  // What a branch changed in it is undone in the container itself.
  const IValue a = yes_.at_end({yes, std::nullopt}), b = no_.at_end({no, std::nullopt});
  Plan result;
  if (yes.isList()) {
    if (a.toListRef().size() != b.toListRef().size()) return differ_in_structure(a, b);
    result = plan_items(Plan::List, a, a.toListRef(), b.toListRef(), type);
  } else {
    // The order is that of insertion, and the program may ask for it.
    std::vector<IValue> yes_items, no_items, keys, no_keys;
    for (const auto& entry : a.toGenericDict()) {
      keys.push_back(entry.key());
      yes_items.push_back(entry.value());
    }
    for (const auto& entry : b.toGenericDict()) {
      no_keys.push_back(entry.key());
      no_items.push_back(entry.value());
    }
    if (!std::equal(keys.begin(), keys.end(), no_keys.begin(), no_keys.end())) {
      return differ_in_structure(a, b);
    }
    result = plan_items(Plan::Dict, a, yes_items, no_items, type);
    result.keys = std::move(keys);
  }
  if (!plan_identity(yes, result) || !plan_identity(no, result)) return differ(kAliasing, kOnePlace);
  return result;
}

// False where a list or dict that a branch has made is to be in two places.
bool Joiner::plan_identity(const IValue& container, Plan& plan) {
  if (outside_.contains(container.internalToPointer())) {
    plan.maybe_one.push_back(container);
    return true;
  }
  return planned_.insert(container.internalToPointer()).second;
}

void Joiner::add(const IValue& yes, const IValue& no, const TypePtr& type) {
  plans_.push_back(plan(yes, no, type));
}

IValue Joiner::build(const Plan& plan, const std::vector<IValue>& results) {
  std::vector<IValue> parts;
  for (const Plan& part : plan.parts) parts.push_back(build(part, results));
  const auto made = [&](IValue container) {
    if (!plan.maybe_one.empty()) {
      maybe_one_.push_back(plan.maybe_one);
      maybe_one_.back().push_back(container);
    }
    return container;
  };
  switch (plan.kind) {
    case Plan::Same: return plan.value;
    case Plan::Unknown: return opaque_value();
    case Plan::Leaf: return results.at(plan.leaf);
    case Plan::Tuple: {
      const auto tuple = without_optional(plan.type)->cast<c10::TupleType>();
      return tuple && tuple->schema() ? c10::ivalue::Tuple::createNamed(std::move(parts), tuple)
                                      : c10::ivalue::Tuple::create(std::move(parts));
    }
    case Plan::List: {
      c10::impl::GenericList list(plan.value.toList().elementType());
      for (IValue& part : parts) list.push_back(std::move(part));
      return made(IValue(std::move(list)));
    }
    case Plan::Dict: {
      const auto sample = plan.value.toGenericDict();
      c10::impl::GenericDict dict(sample.keyType(), sample.valueType());
      for (size_t i = 0; i < parts.size(); ++i) dict.insert(plan.keys[i], parts[i]);
      return made(IValue(std::move(dict)));
    }
  }
  return {};
}

// The leaves as outputs of both graphs.
std::vector<OutputLeaves> Joiner::add_outputs() {
  std::vector<OutputLeaves> added;
  for (const bool taken : {true, false}) {
    Branch& branch = taken ? yes_ : no_;
    const Recorder::InScope in_scope(tracer_.recorder(), *branch.graph.scope);
    OutputLeaves& outputs = added.emplace_back(tracer_);
    for (const LeafPair& leaf : leaves_) {
      IValue value = taken ? leaf.yes : leaf.no;
      const IValue& other = taken ? leaf.no : leaf.yes;
      if (is_uninitialized(value)) value = zeros_like(tracer_, other);
      branch.graph.outputs.push_back(outputs.add(value, leaf.contiguous));
    }
  }
  return added;
}

std::vector<ir::TensorType> Joiner::result_types() const {
  std::vector<ir::TensorType> types;
  for (size_t i = 0; i < leaves_.size(); ++i) {
    types.push_back(leaves_[i].type ? *leaves_[i].type : metadata(yes_.graph.outputs[i]));
    types.back().device = ir::Device{};
  }
  return types;
}

std::vector<at::Tensor> Joiner::unknown_results() {
  std::vector<at::Tensor> results;
  for (const ir::TensorType& type : result_types()) {
    results.push_back(to_functional(tracer_.recorder().unknown_tensor(type)));
  }
  return results;
}

std::vector<IValue> Joiner::join() {
  const std::vector<OutputLeaves> outputs = add_outputs();
  const std::vector<at::Tensor> tensors =
      is_opaque(predicate_) ? unknown_results()
                           : tracer_.cond(predicate_, std::move(yes_.graph), std::move(no_.graph),
                                          result_types());
  for (const OutputLeaves& of_branch : outputs) {
    for (auto& group : of_branch.maybe_one(tensors)) maybe_one_.push_back(std::move(group));
  }
  std::vector<IValue> results;
  for (size_t i = 0; i < tensors.size(); ++i) {
    results.push_back(leaves_[i].is_number && !numbers_ ? opaque_value() : IValue(tensors[i]));
  }
  std::vector<IValue> values;
  for (const Plan& plan : plans_) values.push_back(build(plan, results));
  return values;
}

}  // namespace tx::capture::torchscript
