// The Recorder's side of types: what a call gives, by its shape rule and its meta kernel.
#include "capture/dispatch/convert.h"
#include "capture/dispatch/holds_number.h"
#include "capture/dispatch/meta_kernel.h"
#include "capture/dispatch/recorder.h"
#include "shapes/rule.h"

namespace tx::capture {

ir::Type Recorder::infer(const c10::OperatorHandle& op, const std::vector<c10::IValue>& values,
                         const Arguments& arguments, bool symbolic) {
  const std::string target = target_of(op.operator_name());
  if (op.schema().returns().empty()) return ir::NoneType{};  // an assertion
  const MetaSupport meta = meta_support(op);
  shapes::Rule rule = shapes::table().find(target);
  if (!rule && op.hasTag(at::Tag::pointwise)) rule = &shapes::pointwise;
  const bool data_dependent_shape = op.hasTag(at::Tag::dynamic_output_shape);
  if (data_dependent_shape && KnownValue::derivable(op, values)) {
    if (const auto results = KnownValue::results(op, values)) {
      return type_of_results(op.schema(), *results);
    }
  }

  std::optional<ir::Type> by_kernel;  // at the example sizes
  // A composite kernel is only asked where there is no rule: it may fail half-way for want of a
  // meta kernel inside.
  if (!data_dependent_shape && (meta == MetaSupport::Direct || (meta != MetaSupport::None && !rule))) {
    try {
      by_kernel = run_meta_kernel(op, values, env_);
    } catch (const c10::Error& error) {
      // Values that stand in for data may contradict each other.
      const bool on_data = std::any_of(values.begin(), values.end(), [this](const c10::IValue& v) {
        return holds_number(v, [this](const ir::Expr& number) { return depends_on_data(number); });
      });
      if (!on_data) {
        fail(diag::Diagnostic(diag::Code::TX1008, error.what_without_backtrace())
                 .note("raised by " + target + " at the example inputs"));
      }
    }
  }
  // With static sizes the kernel's word is exact and final.
  if (by_kernel && !symbolic) return *by_kernel;
  if (rule) {
    try {
      const ir::Type type =
          rule(shapes::Call(env_, target, graph().nodes, arguments.all, arguments.names));
      if (by_kernel) check_at_hints(target, type, *by_kernel);
      return type;
    } catch (diag::Failure& failure) {
      for (diag::Diagnostic& diagnostic : failure.diagnostics()) location_.locate(diagnostic);
      throw;
    }
  }
  if (data_dependent_shape) {
    fail({diag::Code::TX1003, "the size of the result of " + target +
                                  " depends on data that is not known when the model is exported"});
  }
  if (target.rfind("aten.", 0) != 0 && by_kernel) {
    std::string reason;
    if (auto type = run_symbolic_meta_kernel(op, values, reason)) {
      check_at_hints(target, *type, *by_kernel);
      return *std::move(type);
    }
    fail(diag::Diagnostic(diag::Code::TX3003, "the kernel that tells the shape of the result of " +
                                                  target + " takes plain sizes only")
             .note(c10::toString(op.schema()))
             .note("with a dynamic size: " + reason)
             .fix("write its Meta kernel with sym_sizes() and at::empty_symint")
             .fix("or keep the sizes of its arguments static"));
  }
  if (target.rfind("aten.", 0) != 0) {
    fail(diag::Diagnostic(diag::Code::TX3003, "operator " + target +
                                                  " has no kernel that tells the shape of its result")
             .note(c10::toString(op.schema()))
             .fix("register a Meta kernel for it (or a CompositeExplicitAutograd one) in its library"));
  }
  fail(diag::Diagnostic(diag::Code::TX3001, "operator " + target + " has no shape rule")
           .note(c10::toString(op.schema())));
}

bool Recorder::depends_on_data(const ir::Expr& number) const {
  const std::vector<ir::Expr> symbols = number.free_symbols();
  return std::any_of(symbols.begin(), symbols.end(),
                     [this](const ir::Expr& symbol) { return env_.is_unbacked(symbol); });
}

// A rule that is wrong at the example sizes is wrong: the program would be too.
void Recorder::check_at_hints(const std::string& target, const ir::Type& by_rule,
                              const ir::Type& by_kernel) const {
  const auto at_hints = [this](const std::vector<ir::Expr>& values) {
    std::vector<ir::Expr> result;
    for (const ir::Expr& value : values) {
      const auto hint = env_.stand_in(value);
      result.push_back(hint ? ir::Expr(*hint) : value);
    }
    return result;
  };
  // The stride of a size of 1, and those of a tensor without elements, address nothing.
  const auto same_strides = [&](const ir::TensorType& rule, const ir::TensorType& kernel) {
    const std::vector<ir::Expr> strides = at_hints(rule.strides);
    const auto& sizes = kernel.sizes;
    if (std::find(sizes.begin(), sizes.end(), ir::Expr(0)) != sizes.end()) return true;
    for (size_t d = 0; d < sizes.size(); ++d) {
      if (sizes[d] != ir::Expr(1) && strides[d] != kernel.strides[d]) return false;
    }
    return true;
  };
  const std::function<bool(const ir::Type&, const ir::Type&)> agree = [&](const ir::Type& rule,
                                                                         const ir::Type& kernel) {
    if (const ir::TupleType* tuple = rule.tuple()) {
      const ir::TupleType* other = kernel.tuple();
      return other && std::equal(tuple->elements.begin(), tuple->elements.end(),
                                 other->elements.begin(), other->elements.end(), agree);
    }
    const ir::TensorType* tensor = rule.tensor();
    const ir::TensorType* other = kernel.tensor();
    if (!tensor || !other) return !tensor == !other;
    return tensor->dtype == other->dtype && at_hints(tensor->sizes) == other->sizes &&
           same_strides(*tensor, *other);
  };
  if (agree(by_rule, by_kernel)) return;
  fail(diag::Diagnostic(diag::Code::TX3002, "the shape rule of " + target +
                                                " and its meta kernel disagree at the example sizes")
           .note("rule: " + by_rule.annotation() + ", kernel: " + by_kernel.annotation()));
}

}  // namespace tx::capture
