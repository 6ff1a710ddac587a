// TorchScript's own instructions: attributes, calls, containers, classes, numbers from tensors.
//
// What is not here is an ordinary operator: LibTorch's implementation runs, and the dispatcher
// traces what it does with tensors.
#include <ATen/core/class_type.h>
#include <ATen/core/ivalue_inl.h>
#include <ATen/ops/select.h>
#include <torch/csrc/jit/runtime/operator.h>

#include "capture/dispatch/layers.h"
#include "capture/draft.h"
#include "capture/opaque.h"
#include "capture/torchscript/data_numbers.h"
#include "capture/torchscript/interpreter.h"
#include "capture/torchscript/size_literals.h"
#include "capture/torchscript/symbolic_values.h"
#include "capture/torchscript/tensor_comparisons.h"

namespace tx::capture::torchscript {
namespace {

using c10::IValue;
using torch::jit::Node;

// A list of more numbers is not taken apart.
constexpr int64_t kMaxListedNumbers = 256;

IValue make_list(const c10::TypePtr& element, std::vector<IValue> items) {
  if (std::any_of(items.begin(), items.end(), is_symbolic) &&
      std::all_of(items.begin(), items.end(),
                  [](const IValue& item) { return item.isInt() || item.isSymInt(); })) {
    return int_list(std::move(items));
  }
  c10::impl::GenericList list(element);
  list.reserve(items.size());
  for (IValue& item : items) list.push_back(std::move(item));
  return IValue(std::move(list));
}

IValue make_tuple_value(const Node& node, std::vector<IValue> items) {
  const auto type = node.output()->type()->cast<c10::TupleType>();
  return type && type->schema() ? c10::ivalue::Tuple::createNamed(std::move(items), type)
                                : c10::ivalue::Tuple::create(std::move(items));
}

IValue make_dict(const Node& node, const std::vector<IValue>& items) {
  const auto& type = node.output()->type()->expectRef<c10::DictType>();
  c10::impl::GenericDict dict(type.getKeyType(), type.getValueType());
  for (size_t i = 0; i + 1 < items.size(); i += 2) dict.insert_or_assign(items[i], items[i + 1]);
  return IValue(std::move(dict));
}

IValue make_object(const Node& node) {
  const auto type = node.output()->type()->expect<c10::ClassType>();
  return c10::ivalue::Object::create(
      c10::StrongTypePtr(type->compilation_unit(), type), type->numAttributes());
}

bool is_instance(const Node& node, const IValue& value) {
  const auto& candidates = node.tys(c10::attr::types);
  const c10::TypePtr type = value.type();
  return std::any_of(candidates.begin(), candidates.end(),
                     [&type](const c10::TypePtr& candidate) { return type->isSubtypeOf(*candidate); });
}

// bool(tensor), and the same asked by a number's other names.
bool asks_for_truth(const Node& node) {
  return (node.kind() == c10::aten::Bool || node.kind() == c10::aten::is_nonzero) &&
         node.input(0)->type()->isSubtypeOf(*c10::TensorType::get());
}

}  // namespace

void Interpreter::check_one_element(const Node& node, const at::Tensor& tensor,
                                    const std::string& refusal) {
  if (tensor.sym_numel().maybe_as_int().value_or(1) == 1) return;
  tracer_.break_graph(diag::Diagnostic(diag::Code::TX1008, refusal)
                          .note("raised by " + std::string(node.kind().toQualString())));
}

// The truth of a tensor of one element, which its values decide.
IValue Interpreter::truth_of(const Node& node, const at::Tensor& tensor) {
  check_one_element(node, tensor, "Boolean value of Tensor with more than one value is ambiguous");
  return truth_tensor(tensor);
}

// int(t), float(t) and t.item() give plain numbers from a tensor. Here its values are not known: a
// whole number becomes a symbol, for it may be a size, any other one a tensor (in branches and loops,
// where no symbol can be defined, all of them).
IValue Interpreter::number_in(const at::Tensor& tensor, const c10::TypePtr& type) {
  const bool whole =
      (type->kind() == c10::TypeKind::IntType || type->kind() == c10::TypeKind::NumberType) &&
      c10::isIntegralType(tensor.scalar_type(), false) && tensor.dim() == 0;
  return whole && !tracer_.in_sub_graph() ? tracer_.item(tensor) : data_number_in(tensor, type);
}

IValue Interpreter::unknown_number(const Node& node, const at::Tensor& tensor) {
  const c10::TypePtr& type = node.output()->type();
  if (type->kind() == c10::TypeKind::ComplexType || c10::isComplexType(tensor.scalar_type())) {
    tracer_.break_graph(needs_number(tensor, "needs the values of a tensor",
                                     "keep the complex number in a tensor"));
  }
  check_one_element(node, tensor, "a Tensor with " + std::to_string(tensor.sym_numel().maybe_as_int().value_or(0)) +
                                      " elements cannot be converted to Scalar");
  return number_in(tensor, type);
}

diag::Diagnostic Interpreter::needs_number(const at::Tensor& tensor, const std::string& label,
                                           const std::string& fix) {
  diag::Diagnostic diagnostic(diag::Code::TX1002,
                              "a plain number is taken from a tensor whose values are not known "
                              "when the model is exported");
  diagnostic.label = label;
  const std::string origin = tracer_.origin_of(tensor);
  if (!origin.empty()) diagnostic.note("the number is " + origin);
  diagnostic.fix(fix);
  return diagnostic;
}

IValue Interpreter::number_or_break(const at::Tensor& number, diag::Diagnostic broken) {
  if (c10::isIntegralType(number.scalar_type(), false)) return tracer_.item(number);
  if (Draft* draft = tracer_.draft(); draft && walk_ == Walk::Plain) {
    if (const auto value = draft->number(number, broken)) return *value;
  }
  tracer_.break_graph(std::move(broken));
}

IValue Interpreter::plain_argument(const at::Tensor& number) {
  return number_or_break(
      number, needs_number(number, "takes plain numbers only",
                           "write it with operators that take tensors, such as torch.where, clamp, "
                           "* and +"));
}

IValue Interpreter::plain_result(const at::Tensor& number) {
  if (number.scalar_type() == at::kDouble) return tracer_.float_item(number);
  return number_or_break(number, needs_number(number, "is returned as a number",
                                              "return a tensor: leave out `.item()` or `float()`"));
}

IValue Interpreter::numbers_of(const at::Tensor& tensor, const c10::TypePtr& type) {
  const auto list = type->cast<c10::ListType>();
  if (!list) return number_in(tensor, type);
  std::vector<IValue> items;
  for (int64_t i = 0; i < tensor.sym_size(0).expect_int(); ++i) {
    items.push_back(numbers_of(at::select(tensor, 0, i), list->getElementType()));
  }
  return make_list(list->getElementType(), std::move(items));
}

IValue Interpreter::to_list(Node& node, const Values& values) {
  torch::jit::Stack stack(inputs(node, values));
  const at::Tensor tensor = stack[0].toTensor();
  if (tracer_.depends_on_data(tensor)) {
    const auto count = tensor.sym_numel().maybe_as_int();
    if (count && *count <= kMaxListedNumbers) return numbers_of(tensor, node.output()->type());
    diag::Diagnostic broken =
        needs_number(tensor, "needs the values of a tensor",
                     "keep the values in a tensor, or give it a size that does not change");
    Draft* draft = walk_ == Walk::Plain ? tracer_.draft() : nullptr;
    const auto value = draft ? draft->elements(tensor, broken) : std::nullopt;
    if (!value) tracer_.break_graph(std::move(broken));
    stack[0] = *value;
  } else {
    stack[0] = tracer_.known_value(tensor);
  }
  const BelowCapture below;
  node.getOperator().getOperation(&node)(stack);
  return stack.back();
}

bool Interpreter::run_primitive(Node& node, Values& values) {
  const auto in = [&](size_t i) -> IValue& { return values.at(node.input(i)); };
  const auto out = [&](IValue value) {
    values[node.output()] = std::move(value);
    return true;
  };
  switch (node.kind()) {
    // ---- attributes and calls
    case c10::prim::GetAttr: {
      const auto object = in(0).toObject();
      return out(object->getAttr(node.s(c10::attr::name)));
    }
    case c10::prim::SetAttr: {
      const auto object = in(0).toObject();
      module_.attribute_written(object.get(), node.s(c10::attr::name));
      note_change({object, object->type()->getAttributeSlot(node.s(c10::attr::name))});
      object->setAttr(node.s(c10::attr::name), in(1));
      return true;
    }
    case c10::prim::CallMethod: {
      const auto object = in(0).toObject();
      std::vector<IValue> arguments = inputs(node, values);
      torch::jit::Function& method = object->type()->getMethod(node.s(c10::attr::name));
      return out(call_function(method, std::move(arguments), module_.path_of(object.get())));
    }
    case c10::prim::CallFunction: {
      std::vector<IValue> arguments = inputs(node, values);
      arguments.erase(arguments.begin());
      torch::jit::Function& function =
          *node.input(0)->type()->expectRef<c10::FunctionType>().function();
      return out(call_function(function, std::move(arguments), nullptr));
    }
    case c10::prim::Enter:
    case c10::prim::Exit: {
      const bool enter = node.kind() == c10::prim::Enter;
      const auto object = in(0).toObject();
      std::vector<IValue> arguments{object};
      if (!enter) arguments.insert(arguments.end(), 3, IValue());
      IValue result = call_function(object->type()->getMethod(enter ? "__enter__" : "__exit__"),
                                    std::move(arguments), nullptr);
      if (!node.outputs().empty()) values[node.output()] = std::move(result);
      return true;
    }
    case c10::prim::fork: {
      // Without side effects on each other, forked calls may run when they are forked.
      std::vector<IValue> results =
          run_graph(*node.g(c10::attr::Subgraph), inputs(node, values));
      const auto future = c10::make_intrusive<c10::ivalue::Future>(node.output()->type());
      future->markCompleted(results.empty() ? IValue() : results.front());
      return out(IValue(future));
    }
    case c10::aten::wait:
      if (!in(0).isFuture()) return false;
      return out(in(0).toFuture()->value());

    // ---- containers and classes
    case c10::prim::ListConstruct:
      return out(make_list(node.output()->type()->expectRef<c10::ListType>().getElementType(),
                           inputs(node, values)));
    case c10::prim::TupleConstruct: return out(make_tuple_value(node, inputs(node, values)));
    case c10::prim::DictConstruct: return out(make_dict(node, inputs(node, values)));
    case c10::prim::CreateObject: return out(make_object(node));
    case c10::prim::ListUnpack: {
      const auto items = in(0).toListRef();
      if (items.size() != node.outputs().size()) {
        tracer_.break_graph({diag::Code::TX1008, "Expected " + std::to_string(node.outputs().size()) +
                                                     " elements in a list but found " +
                                                     std::to_string(items.size())});
      }
      set_outputs(node, values, std::vector<IValue>(items.begin(), items.end()));
      return true;
    }
    case c10::prim::TupleUnpack: {
      const auto tuple = in(0).toTuple();
      set_outputs(node, values, tuple->elements().vec());
      return true;
    }
    case c10::prim::TupleSlice: {
      const auto& items = in(0).toTupleRef().elements();
      const auto begin = static_cast<size_t>(node.i(c10::attr::beg));
      const auto end = static_cast<size_t>(node.i(c10::attr::end));
      std::vector<IValue> part;
      for (size_t i = begin; i < end; ++i) part.push_back(items[i]);
      return out(c10::ivalue::Tuple::create(std::move(part)));
    }
    case c10::prim::isinstance: return out(is_instance(node, in(0)));
    case c10::prim::unchecked_cast: return out(in(0));
    case c10::prim::Uninitialized: return out(uninitialized_value());

    // ---- exceptions and output
    case c10::prim::RaiseException: {
      const std::string message = in(0).isString() ? in(0).toStringRef() : "";
      diag::Diagnostic diagnostic(diag::Code::TX1006,
                                  "the model raises an exception at the example inputs" +
                                      (message.empty() ? "" : ": " + message));
      diagnostic.label = "raised here";
      if (walk_ == Walk::Plain) tracer_.break_graph(std::move(diagnostic));
      diagnostic.message = "data decides whether the model raises an exception here" +
                           (message.empty() ? "" : ": " + message);
      throw Raised{tracer_.location().locate(diagnostic)};
    }
    case c10::prim::Print:
      tracer_.report(diag::Diagnostic(diag::Code::TX1010, "a print is not part of the program"));
      return true;

    case c10::aten::warn:
      tracer_.report(diag::Diagnostic(diag::Code::TX1010, "a warning is not part of the program: " +
                                                              (in(0).isString() ? in(0).toStringRef() : "")));
      return true;

    // ---- numbers and tensors
    case c10::prim::NumToTensor: return out(tracer_.number_tensor(in(0)));
    case c10::prim::tolist:
    case c10::aten::Bool:
    case c10::aten::Int:
    case c10::aten::Float:
    case c10::aten::Complex:
    case c10::aten::item:
    case c10::aten::is_nonzero:
    case c10::aten::IntImplicit:
    case c10::aten::FloatImplicit:
    case c10::aten::ScalarImplicit:
      if (asks_for_truth(node) && tracer_.depends_on_data(in(0))) {
        return out(truth_of(node, in(0).toTensor()));
      }
      if (node.kind() == c10::prim::tolist) return out(to_list(node, values));
      if (tracer_.depends_on_data(in(0))) return out(unknown_number(node, in(0).toTensor()));
      if (in(0).isTensor()) {
        if (auto symbol = tracer_.symbolic_number(in(0).toTensor())) return out(*std::move(symbol));
      }
      return false;  // LibTorch's implementations work where the value of the tensor is known
    case c10::aten::as_tensor:
      if (in(0).isTensor()) return false;
      [[fallthrough]];
    case c10::aten::tensor: {
      if (holds_symbol(in(0))) return out(tensor_of_sizes(tracer_, in(0), in(1)));
      // The literal itself is made outside of the graph.
      torch::jit::Stack stack(inputs(node, values));
      {
        const BelowCapture below;
        node.getOperator().getOperation(&node)(stack);
      }
      return out(tracer_.literal(stack.back().toTensor()));
    }
    case c10::prim::requires_grad: return out(module_.requires_grad(in(0).toTensor()));
    default: break;
  }
  // Where a module chooses a path by autograd's state, the program takes that of torch.export: the
  // one with gradients enabled.
  static const auto is_grad_enabled = c10::Symbol::fromQualString("aten::is_grad_enabled");
  static const auto set_grad_enabled = c10::Symbol::fromQualString("aten::set_grad_enabled");
  if (node.kind() == is_grad_enabled) return out(true);
  if (node.kind() == set_grad_enabled) return true;
  if (node.inputs().size() >= 2 && in(0).isTensor() && in(1).isTensor() &&
      (tracer_.depends_on_data(in(0)) || tracer_.depends_on_data(in(1)))) {
    if (auto same = compare_tensors(node, inputs(node, values))) return out(*std::move(same));
  }
  return false;
}

}  // namespace tx::capture::torchscript
