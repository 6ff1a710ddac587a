#include "capture/dispatch/recorder.h"

#include <stdexcept>
#include <unordered_set>

#include "capture/dispatch/convert.h"
#include "capture/dispatch/functional.h"
#include "capture/dispatch/holds_number.h"
#include "capture/dispatch/layers.h"
#include "capture/dispatch/sym_node.h"
#include "capture/dispatch/symbolic_number.h"
#include "capture/dispatch/traced_tensor.h"

namespace tx::capture {
namespace {

template <class Visit>
void visit_tensors(const c10::IValue& value, const Visit& visit) {
  if (value.isTensor()) {
    if (value.toTensor().defined()) visit(value.toTensor());
  } else if (value.isList()) {
    for (const c10::IValue& item : value.toListRef()) visit_tensors(item, visit);
  }
}

bool is_wrapped_number(const at::Tensor& tensor) {
  return tensor.unsafeGetTensorImpl()->is_wrapped_number();
}

// Functionalization runs in-place operators once on plain meta tensors to learn what they do to
// metadata. Such calls are not the program's.
bool is_meta_reference(const std::vector<c10::IValue>& arguments) {
  bool traced = false;
  bool meta = false;
  for (const c10::IValue& value : arguments) {
    visit_tensors(value, [&](const at::Tensor& tensor) {
      traced |= as_traced(tensor) != nullptr;
      meta |= tensor.is_meta();
    });
    meta |= value.isDevice() && value.toDevice().is_meta();
  }
  return meta && !traced;
}

bool is_symbolic(const ir::Expr& number) {
  return !number.is_constant() && number.op() != symbolic::Op::Real && !number.is_true() &&
         !number.is_false();
}

bool returns_tensors(const c10::FunctionSchema& schema) {
  return std::any_of(schema.returns().begin(), schema.returns().end(), [](const c10::Argument& r) {
    return r.type()->kind() == c10::TypeKind::TensorType ||
           r.type()->kind() == c10::TypeKind::ListType;
  });
}

// Operators that answer a question about sizes, dtypes and layouts. LibTorch may answer it from traced
// tensors; any other kernel might look for the data they do not have.
bool asks_for_metadata(const std::string& name) {
  static const std::unordered_set<std::string> names = {
      "aten::_fused_sdp_choice", "aten::is_same_size", "aten::_has_same_storage_numel",
      "aten::_nnpack_available", "aten::is_pinned", "aten::_debug_has_internal_overlap",
      "aten::is_complex", "aten::is_floating_point"};
  return names.count(name) != 0;
}

}  // namespace

Recorder::Recorder(ir::Program& program, symbolic::ShapeEnv& env, LocationStack& location)
    : program_(program),
      env_(env),
      location_(location),
      program_scope_(program.graph, location) {}

void Recorder::tell_place(const std::string& asker) {
  const SourcePlace& place = location_.place();
  env_.set_provenance({{place.frame.file, place.frame.line, place.frame.column, place.length,
                        place.frame.code},
                       asker, place.frame.function, location_.location()});
}

ir::Argument Recorder::number_argument(const ir::Expr& number) {
  try {
    return scope_->sizes().argument(env_.simplify(number));
  } catch (const diag::Failure& failure) {
    fail(failure.diagnostics().front());
  }
}

void Recorder::fail(diag::Diagnostic diagnostic) const {
  throw diag::Failure(location_.locate(diagnostic));
}

void Recorder::record(const c10::OperatorHandle& op, torch::jit::Stack& stack) {
  const c10::FunctionSchema& schema = op.schema();
  const size_t count = schema.arguments().size();
  // LibTorch's functionalization leaves tensors in lists of optional tensors (index) wrapped.
  for (size_t i = stack.size() - count; i < stack.size(); ++i) stack[i] = from_functional(stack[i]);
  const std::vector<c10::IValue> values(stack.end() - static_cast<std::ptrdiff_t>(count),
                                        stack.end());
  if (is_meta_reference(values)) {
    if (schema.is_mutable() && schema.returns().size() == 1) {
      torch::jit::drop(stack, count);
      stack.push_back(values.front());
      return;
    }
    const BelowCapture below;
    op.callBoxed(stack);
    return;
  }
  if (answer_without_node(op, stack)) return;
  if (schema.is_mutable()) {
    fail({diag::Code::TX1005, "the mutation by " + target_of(op.operator_name()) +
                                  " cannot be turned into a functional operation"});
  }
  const bool symbolic =
      std::any_of(values.begin(), values.end(),
                  [](const c10::IValue& v) { return holds_number(v, is_symbolic); });
  if (symbolic || op.hasTag(at::Tag::dynamic_output_shape)) {
    tell_place(target_of(op.operator_name()));
  }
  const Arguments arguments = bind(op, values);
  ir::Type type = infer(op, values, arguments, symbolic);

  const ir::NodeId id = append(target_of(op.operator_name()), std::move(type));
  ir::Node& node = graph().nodes[id];
  // Written as torch writes them: positional arguments up to the last one that is not its default,
  // keyword-only ones where they are not their default.
  size_t last = 0;
  for (size_t i = 0; i < count; ++i) {
    const c10::Argument& argument = schema.arguments()[i];
    const bool is_default =
        argument.default_value() && c10::IValue(*argument.default_value()) == values[i];
    if (argument.kwarg_only()) {
      if (!is_default) node.kwargs.emplace_back(argument.name(), arguments.all[i]);
    } else if (!is_default) {
      last = i + 1;
    }
  }
  node.args.assign(arguments.all.begin(), arguments.all.begin() + static_cast<std::ptrdiff_t>(last));
  node.has_effect = !returns_tensors(schema);
  program_.schemas.emplace(node.target, c10::toString(schema));
  torch::jit::drop(stack, count);
  push_results(op, values, id, stack);
}

// Calls that answer a question about tensors rather than compute one.
bool Recorder::answer_without_node(const c10::OperatorHandle& op, torch::jit::Stack& stack) {
  const std::string& name = op.operator_name().name;
  if (name == "aten::_local_scalar_dense") {
    local_scalar(stack);
    return true;
  }
  if (returns_tensors(op.schema()) || op.schema().returns().empty()) {
    if (!op.hasTag(at::Tag::data_dependent_output)) return false;
  } else if (asks_for_metadata(name)) {
    const BelowCapture below;
    op.callBoxed(stack);
    return true;
  }
  const size_t count = op.schema().arguments().size();
  const std::vector<c10::IValue> values(stack.end() - static_cast<std::ptrdiff_t>(count),
                                        stack.end());
  if (KnownValue::derivable(op, values)) {
    if (returns_tensors(op.schema())) return false;
    if (const auto results = KnownValue::results(op, values)) {
      torch::jit::drop(stack, count);
      stack.insert(stack.end(), results->begin(), results->end());
      return true;
    }
  }
  diag::Diagnostic broken(diag::Code::TX1002, "the result of " + target_of(op.operator_name()) +
                                                  " depends on data that is not known when the model is exported");
  broken.fix(name == "aten::equal"      ? "write it as `(a == b).all()`, whose result is a tensor"
             : name == "aten::allclose" ? "write it as `torch.isclose(a, b).all()`, whose result is a tensor"
                                        : "use operators whose result is a tensor");
  fail(std::move(broken));
}

void Recorder::local_scalar(torch::jit::Stack& stack) {
  const at::Tensor tensor = torch::jit::pop(stack).toTensor();
  const TracedTensorImpl* traced = as_traced(tensor);
  if (traced && traced->number()) {
    stack.emplace_back(to_sym_int(*traced->number()));
    return;
  }
  const at::Tensor value = !traced ? tensor : traced->known() ? traced->known()->value() : at::Tensor();
  if (!value.defined() && traced && c10::isIntegralType(tensor.scalar_type(), false)) {
    stack.emplace_back(item(tensor));
    return;
  }
  if (!value.defined()) {
    fail({diag::Code::TX1002,
          "a plain number is taken from a tensor whose values are not known when the model is "
          "exported"});
  }
  const BelowCapture below;
  stack.push_back(value.item());
}

c10::SymInt Recorder::item(const at::Tensor& traced) {
  tell_place("aten._local_scalar_dense.default");
  const ir::Expr number = env_.create_unbacked();
  scope_->add_symbol(number, append_item(traced, ir::SymIntType{number}));
  return to_sym_int(env_.simplify(number));
}

c10::SymFloat Recorder::float_item(const at::Tensor& traced) {
  const ir::Expr number = ir::Expr::symbol("zuf" + std::to_string(num_float_items_++));
  program_.symbols.emplace_back().name = number.name();
  scope_->sizes().define(number, append_item(traced, ir::SymFloatType{number}));
  return make_sym_float(number);
}

ir::NodeId Recorder::append_item(const at::Tensor& traced, ir::Type type) {
  const ir::NodeId node = append("aten._local_scalar_dense.default", std::move(type));
  graph().nodes[node].args = {node_of(traced)};
  program_.schemas.emplace("aten._local_scalar_dense.default",
                           "aten::_local_scalar_dense(Tensor self) -> Scalar");
  return node;
}

// A data-dependent size is asked for right behind the call that makes it.
void Recorder::define_unbacked_sizes(ir::NodeId node, const ir::TensorType& type) {
  for (size_t axis = 0; axis < type.sizes.size(); ++axis) {
    const ir::Expr& size = type.sizes[axis];
    if (!size.is_symbol() || !env_.is_unbacked(size) || scope_->defines(size)) continue;
    const ir::NodeId value = append("aten.sym_size.int", ir::SymIntType{size});
    graph().nodes[value].args = {ir::NodeRef{node}, static_cast<int64_t>(axis)};
    scope_->add_symbol(size, value);
  }
}

Recorder::Arguments Recorder::bind(const c10::OperatorHandle& op,
                                   const std::vector<c10::IValue>& values) {
  Arguments result;
  const auto& schema_arguments = op.schema().arguments();
  for (size_t i = 0; i < values.size(); ++i) {
    result.names.push_back(schema_arguments[i].name());
    try {
      result.all.push_back(to_argument(
          values[i], schema_arguments[i].real_type(),
          [this](const at::Tensor& tensor) { return tensor_argument(tensor); },
          [this](const ir::Expr& expr) { return number_argument(expr); }));
    } catch (const std::invalid_argument& kind) {
      fail(diag::Diagnostic(diag::Code::TX1005, "argument `" + schema_arguments[i].name() +
                                                    "` of " + target_of(op.operator_name()) +
                                                    " is a value that a program cannot hold: " +
                                                    kind.what()));
    }
  }
  return result;
}

ir::Argument Recorder::tensor_argument(const at::Tensor& tensor) {
  if (as_traced(tensor)) return node_of(tensor);
  if (is_wrapped_number(tensor)) {
    const BelowCapture below;
    const c10::Scalar number = tensor.item();
    if (number.isBoolean()) return number.toBool();
    if (number.isIntegral(false)) return number.toLong();
    if (number.isComplex()) {
      const c10::complex<double> value = number.toComplexDouble();
      return std::complex<double>(value.real(), value.imag());
    }
    return number.toDouble();
  }
  return node_of(lift_constant(tensor));
}

void Recorder::push_results(const c10::OperatorHandle& op, const std::vector<c10::IValue>& values,
                            ir::NodeId node, torch::jit::Stack& stack) {
  const bool derivable = KnownValue::derivable(op, values);
  size_t flat = 0;
  const auto traced = [&](ir::NodeId id, const ir::TensorType& type) {
    std::shared_ptr<const KnownValue> known;
    if (derivable) known = std::make_shared<KnownValue>(op, values, flat);
    ++flat;
    define_unbacked_sizes(id, type);
    at::Tensor result = make_traced(scope_->id(), id, type, std::move(known));
    if (type.sizes.empty()) as_traced(result)->set_number(symbolic_number(op, values, env_));
    return result;
  };
  const auto element = [&](ir::NodeId parent, size_t index, const ir::Type& type) {
    const ir::NodeId id = append("operator.getitem", type);
    graph().nodes[id].args = {ir::NodeRef{parent}, static_cast<int64_t>(index)};
    return id;
  };
  // A copy: appending nodes moves the original.
  const ir::Type type = graph().nodes[node].type;
  const auto& returns = op.schema().returns();
  const auto push_list = [&](ir::NodeId parent, const ir::TupleType& list) {
    c10::List<at::Tensor> tensors;
    for (size_t i = 0; i < list.elements.size(); ++i) {
      const ir::TensorType* tensor = list.elements[i].tensor();
      TORCH_INTERNAL_ASSERT(tensor, op.operator_name());
      tensors.push_back(traced(element(parent, i, *tensor), *tensor));
    }
    stack.emplace_back(std::move(tensors));
  };
  if (returns.empty()) return;
  if (returns.size() == 1) {
    if (const ir::TensorType* tensor = type.tensor()) {
      stack.emplace_back(traced(node, *tensor));
    } else if (const ir::TupleType* list = type.tuple()) {
      push_list(node, *list);
    } else {
      stack.emplace_back(at::Tensor());
    }
    return;
  }
  const ir::TupleType* tuple = type.tuple();
  TORCH_INTERNAL_ASSERT(tuple && tuple->elements.size() == returns.size(), op.operator_name());
  for (size_t i = 0; i < returns.size(); ++i) {
    if (const ir::TensorType* tensor = tuple->elements[i].tensor()) {
      stack.emplace_back(traced(element(node, i, *tensor), *tensor));
    } else if (const ir::TupleType* list = tuple->elements[i].tuple()) {
      push_list(element(node, i, *list), *list);
    } else if (returns[i].type()->kind() == c10::TypeKind::TensorType) {
      stack.emplace_back(at::Tensor());
    } else {
      stack.emplace_back(int64_t{0});  // a size that only a backward pass would read
    }
  }
}

ir::NodeRef Recorder::node_of(const at::Tensor& traced) {
  const TracedTensorImpl* impl = as_traced(traced);
  TORCH_INTERNAL_ASSERT(impl, "not a traced tensor");
  const ir::NodeId id = scope_->reach(impl->scope(), impl->node());
  // A value of a branch that was left; whoever let it out has said what is wrong with that.
  if (id == ir::kNone) throw diag::Failure(std::vector<diag::Diagnostic>{});
  return ir::NodeRef{id};
}

at::Tensor Recorder::add_parameter(const ir::TensorType& type) {
  return make_traced(scope_->id(), scope_->add_parameter(type), type);
}

std::vector<at::Tensor> Recorder::call_with_graphs(
    const std::string& target, std::vector<ir::Argument> before,
    std::vector<std::pair<std::string, std::unique_ptr<ir::Graph>>> graphs,
    std::vector<ir::Argument> after, const std::vector<ir::TensorType>& results) {
  std::vector<ir::Argument> args = std::move(before);
  for (auto& [stem, subgraph] : graphs) {
    std::string name;
    for (size_t i = 0; name.empty() || graph().subgraphs.count(name); ++i) {
      name = stem + "_" + std::to_string(i);
    }
    graph().subgraphs.emplace(name, std::move(subgraph));
    const ir::NodeId id = append(name, ir::GraphType{});
    graph().nodes[id].kind = ir::NodeKind::GetAttr;
    args.emplace_back(ir::NodeRef{id});
  }
  std::move(after.begin(), after.end(), std::back_inserter(args));
  ir::TupleType type;
  for (const ir::TensorType& result : results) type.elements.emplace_back(result);
  const ir::NodeId call = append(target, std::move(type));
  graph().nodes[call].args = std::move(args);
  std::vector<at::Tensor> tensors;
  for (size_t i = 0; i < results.size(); ++i) {
    const ir::NodeId id = append("operator.getitem", results[i]);
    graph().nodes[id].args = {ir::NodeRef{call}, static_cast<int64_t>(i)};
    define_unbacked_sizes(id, results[i]);
    tensors.push_back(make_traced(scope_->id(), id, results[i]));
  }
  return tensors;
}

at::Tensor Recorder::add_input(ir::InputSpec spec, ir::TensorType type,
                               std::shared_ptr<const KnownValue> known) {
  const ir::NodeId id = program_scope_.add_parameter(type);
  spec.node = id;
  program_.inputs.push_back(std::move(spec));
  for (size_t axis = 0; axis < type.sizes.size(); ++axis) {
    if (!type.sizes[axis].is_constant()) {
      program_scope_.sizes().add_source(id, static_cast<uint32_t>(axis), type.sizes[axis]);
    }
  }
  return make_traced(program_scope_.id(), id, std::move(type), std::move(known));
}

void Recorder::add_constant_input(ir::InputSpec spec) {
  spec.node = program_scope_.add_parameter(ir::ConstantType{});
  program_.inputs.push_back(std::move(spec));
}

at::Tensor Recorder::lift_constant(const at::Tensor& value) {
  if (value.is_quantized() || value.layout() != c10::kStrided) {
    fail({diag::Code::TX1005,
          "a constant tensor that is quantized or not strided cannot be held by a program"});
  }
  ir::TensorType type = type_of(value);
  type.device = ir::Device{};
  const auto known = lifted_.find(value.unsafeGetTensorImpl());
  const auto make_known = [&] { return std::make_shared<const KnownValue>(value); };
  if (known != lifted_.end()) return make_traced(program_scope_.id(), known->second, std::move(type), make_known());

  ir::InputSpec spec;
  spec.kind = ir::InputKind::ConstantTensor;
  spec.target = "lifted_tensor_" + std::to_string(constants_.size() + first_constant_);
  spec.qualified_name = "c_" + spec.target;
  constants_.emplace_back(spec.target, value);
  const at::Tensor traced = add_input(std::move(spec), type, make_known());
  lifted_.emplace(value.unsafeGetTensorImpl(), as_traced(traced)->node());
  return traced;
}

namespace {

const ir::Expr* number_of(const ir::Type& type) {
  if (const auto* number = std::get_if<ir::SymIntType>(&type.kind)) return &number->value;
  if (const auto* real = std::get_if<ir::SymFloatType>(&type.kind)) return &real->value;
  if (const auto* truth = std::get_if<ir::SymBoolType>(&type.kind)) return &truth->value;
  return nullptr;
}

}  // namespace

void Recorder::number_is_known(ir::NodeId node, const ir::Type& type) {
  if (const ir::Expr* number = number_of(type)) program_scope_.sizes().define(*number, node);
}

ir::NodeId Recorder::add_recorded(ir::Node node) {
  if (const ir::Expr* number = number_of(node.type)) {
    const auto known = program_scope_.sizes().find(*number);
    if (known && !recorded_.contains(*known)) return *known;
  }
  const auto id = static_cast<ir::NodeId>(program_.graph.nodes.size());
  node.name = "n" + std::to_string(id);
  number_is_known(id, node.type);
  recorded_.insert(id);
  program_.graph.nodes.push_back(std::move(node));
  return id;
}

void Recorder::undo(ir::NodeId count) {
  program_.graph.nodes.resize(count);
  program_scope_.sizes().forget_from(count);
  std::erase_if(program_.inputs, [count](const ir::InputSpec& spec) { return spec.node >= count; });
  std::erase_if(lifted_, [count](const auto& entry) { return entry.second >= count; });
  const auto is_input = [this](const auto& constant) {
    return std::any_of(program_.inputs.begin(), program_.inputs.end(),
                       [&](const ir::InputSpec& spec) { return spec.target == constant.first; });
  };
  std::erase_if(constants_, [&](const auto& constant) { return !is_input(constant); });
}

}  // namespace tx::capture
