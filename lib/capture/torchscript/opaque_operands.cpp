// How the walk goes on after graph breaks.
#include <algorithm>

#include "capture/dispatch/traced_tensor.h"
#include "capture/opaque.h"
#include "capture/torchscript/interpreter.h"

namespace tx::capture::torchscript {
namespace {

using c10::IValue;
using torch::jit::Node;

// Where the model itself fails, nothing that follows is ever reached.
bool ends_the_walk(const diag::Failure& failure) {
  return std::any_of(failure.diagnostics().begin(), failure.diagnostics().end(),
                     [](const diag::Diagnostic& diagnostic) {
                       return diagnostic.code == diag::Code::TX1006 ||
                              diagnostic.code == diag::Code::TX1008 ||
                              diag::kind(diagnostic.code).exit_code != 1;
                     });
}

// Instructions that hand their operands on and look into none of them but the first.
bool hands_on(const Node& node) {
  switch (node.kind()) {
    case c10::prim::TupleConstruct:
    case c10::prim::ListConstruct:
    case c10::prim::DictConstruct:
    case c10::prim::CallFunction:
    case c10::prim::fork:
      return true;
    default:
      return false;
  }
}

// Instructions that look into their first operand and, some of them, take a key, but hand on the rest.
bool looks_into_first_only(const Node& node) {
  switch (node.kind()) {
    case c10::prim::SetAttr:
    case c10::prim::GetAttr:
    case c10::prim::CallMethod:
    case c10::prim::TupleUnpack:
    case c10::prim::TupleSlice:
    case c10::prim::TupleIndex:
    case c10::prim::ListUnpack:
    case c10::aten::append:
    case c10::aten::len:
    case c10::aten::wait:
    case c10::aten::__getitem__:
    case c10::aten::_set_item:
      return true;
    default:
      return false;
  }
}

bool takes_key(const Node& node) {
  return node.kind() == c10::aten::__getitem__ || node.kind() == c10::aten::_set_item;
}

bool is_identity_question(const Node& node) {
  return node.kind() == c10::aten::__is__ || node.kind() == c10::aten::__isnot__;
}

}  // namespace

bool Interpreter::hands_on_only(const Node& node) {
  return hands_on(node) || node.kind() == c10::prim::SetAttr || node.kind() == c10::prim::CallMethod ||
         node.kind() == c10::prim::unchecked_cast || is_identity_question(node);
}

void Interpreter::go_on_after(const diag::Failure& failure, Node& node, Values& values) {
  if (walk_ == Walk::Rule) throw failure;
  if (ends_the_walk(failure)) {
    if (walk_ == Walk::Plain) throw failure;
    // Only this way ends, which not every run takes.
    if (walk_ != Walk::Silent) {
      for (const diag::Diagnostic& diagnostic : failure.diagnostics()) tracer_.add_break(diagnostic);
    }
    throw Raised{failure.diagnostics().front(), /*reported=*/true};
  }
  for (const diag::Diagnostic& diagnostic : failure.diagnostics()) {
    // Limits of captured branches are none of a branch that only is walked.
    if (diagnostic.code != diag::Code::TX1011 || walk_ == Walk::Capture) tracer_.add_break(diagnostic);
  }
  for (torch::jit::Value* output : node.outputs()) values[output] = opaque_value();
}

bool Interpreter::run_on_opaque(Node& node, const std::vector<IValue>& operands, Values& values) {
  if (std::none_of(operands.begin(), operands.end(), holds_opaque)) return false;
  if (hands_on(node)) return false;
  if (looks_into_first_only(node) && !is_opaque(operands[0]) && !has_unknown_items(operands[0]) &&
      !(takes_key(node) && is_opaque(operands[1]))) {
    return false;
  }
  if (is_identity_question(node)) {
    // What is unknown is a tensor or a number, not None.
    values[node.output()] = node.kind() == c10::aten::__isnot__;
    return true;
  }
  if (node.kind() == c10::prim::unchecked_cast) {
    values[node.output()] = operands[0];
    return true;
  }
  // An operator that writes gives back what it has written to, whose metadata stays known.
  const torch::jit::Operator* op = node.maybeOperator();
  const bool writes = op && op->schema().is_mutable() && !operands.empty() &&
                      operands[0].isTensor() && node.outputs().size() == 1;
  for (torch::jit::Value* output : node.outputs()) {
    values[output] = writes ? operands[0] : opaque_value();
  }
  return true;
}

bool Interpreter::refuse_outside_write(Node& node, Values& values) {
  const c10::FunctionSchema& schema = node.getOperator().schema();
  if (!schema.is_mutable()) return false;
  std::vector<at::Tensor> outside;
  for (size_t i = 0; i < node.inputs().size() && i < schema.arguments().size(); ++i) {
    const c10::AliasInfo* alias = schema.arguments()[i].alias_info();
    if (!alias || !alias->isWrite()) continue;
    const IValue& value = values.at(node.input(i));
    if (value.isList() || value.isGenericDict()) note_change({value, std::nullopt});
    note_write(value);
    if (!value.isTensor() || !value.toTensor().defined()) continue;
    if (tracer_.in_sub_graph() && tracer_.is_from_outside(value.toTensor())) {
      outside.push_back(value.toTensor());
    }
  }
  if (outside.empty()) return false;
  refuse_write();
  for (const at::Tensor& tensor : outside) {
    written_outside_.insert(tensor.unsafeGetTensorImpl());
  }
  // The write is left out; the operator gives back what it would have written to.
  for (torch::jit::Value* output : node.outputs()) {
    const bool same = output->type()->isSubtypeOf(*c10::TensorType::get()) &&
                      values.at(node.input(0)).isTensor();
    values[output] = same ? values.at(node.input(0)) : opaque_value();
  }
  return true;
}

}  // namespace tx::capture::torchscript
