// The public face of ShapeEnv: questions. Its parts are in env_*.cpp.
#include "symbolic/shape_env.h"

#include <utility>

#include "symbolic/env_state.h"
#include "symbolic/guard_text.h"

namespace tx::symbolic {
namespace {

[[noreturn]] void fail_data_dependent(const Expr& e, const std::string& message,
                                      const Provenance& provenance) {
  diag::Diagnostic diagnostic(
      diag::Code::TX1003,
      message + " " + e.text() + " (unhinted: " + e.text() + ").  (Size-like symbols: none)");
  diagnostic.at(provenance.place, "asks about a value that depends on data");
  diagnostic.note("the answer depends on the values of a tensor, which a capture does not have");
  diagnostic.note("state a fact about the size with torch._check in the model, or with --assume");
  diag::fail(std::move(diagnostic));
}

}  // namespace

ShapeEnv::ShapeEnv(EventSink sink) : state_(std::make_unique<State>()) {
  state_->sink = std::move(sink);
  state_->log(Event::CreateEnv, "create_env");
}
ShapeEnv::~ShapeEnv() = default;

std::vector<Expr> ShapeEnv::declare(const std::vector<DimRequest>& requests) {
  return state_->declare(requests);
}

Expr ShapeEnv::create_symbol(std::string source, int64_t hint, Range range) {
  DimRequest request;
  request.source = std::move(source);
  request.hint = hint;
  request.policy = DimPolicy::Auto;
  request.range = range;
  return state_->declare({request}).front();
}

const std::vector<diag::Diagnostic>& ShapeEnv::warnings() const { return state_->warnings; }

std::optional<bool> ShapeEnv::statically_known(const Expr& condition) {
  return state_->decide(condition);
}

bool ShapeEnv::guard_or_false(const Expr& condition) {
  return state_->decide(condition).value_or(false);
}

bool ShapeEnv::guard_or_true(const Expr& condition) {
  return state_->decide(condition).value_or(true);
}

bool ShapeEnv::evaluate(const Expr& condition) {
  if (const auto known = state_->decide(condition)) return *known;
  const Expr question = state_->refined(state_->replaced(condition));
  if (state_->is_data_dependent(question)) {
    fail_data_dependent(question, "Could not guard on data-dependent expression",
                        state_->provenance);
  }
  if (const auto declared = state_->decide_with_declared(question)) return *declared;
  const bool answer = state_->at_hints(question);
  state_->record(answer ? question : logical_not(question));
  return answer;
}

bool ShapeEnv::expect_true(const Expr& condition) {
  if (const auto known = state_->decide(condition)) return *known;
  const Expr question = state_->refined(state_->replaced(condition));
  if (question.op() == Op::And) {
    for (const Expr& part : question.operands()) {
      if (!expect_true(part)) return false;
    }
    return true;
  }
  if (state_->is_data_dependent(question)) {
    state_->record_runtime_assert(question);
    return true;
  }
  if (!state_->at_hints(question)) return false;
  state_->record(question);
  return true;
}

int64_t ShapeEnv::specialize(const Expr& size) {
  if (size.is_constant()) return size.value();
  const Expr known = simplify(size);
  if (known.is_constant()) return known.value();
  if (state_->is_data_dependent(known)) {
    fail_data_dependent(known,
                        "Could not extract specialized integer from data-dependent expression",
                        state_->provenance);
  }
  const std::optional<int64_t> value = hint(known);
  if (!value) {
    diag::fail(diag::Code::TX2009, "a size without a value at the example inputs: " + known.text());
  }
  evaluate(eq(known, Expr(*value)));
  return *value;
}

std::optional<int64_t> ShapeEnv::hint(const Expr& size) const {
  if (size.is_constant()) return size.value();
  return integer_at(state_->replaced(size), state_->hints());
}

Expr ShapeEnv::simplify(const Expr& expression) const {
  if (expression.is_constant()) return expression;
  return state_->refined(state_->replaced(expression));
}

Range ShapeEnv::range(const Expr& size) const {
  return to_range(bounds(state_->replaced(size), [this](const Expr& s) {
    return state_->exact(s);
  }));
}

void ShapeEnv::set_place(diag::Place place, std::string op) {
  state_->provenance = {std::move(place), std::move(op), {}, UINT32_MAX};
}

void ShapeEnv::set_provenance(Provenance provenance) {
  state_->provenance = std::move(provenance);
}

std::string ShapeEnv::guard_text(const Expr& e) const {
  return symbolic::guard_text(e, [this](const Expr& symbol) { return state_->name_of(symbol); });
}

}  // namespace tx::symbolic
