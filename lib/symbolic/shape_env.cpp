// The public face of ShapeEnv: questions. Its parts are in env_*.cpp.
#include "symbolic/shape_env.h"

#include <algorithm>
#include <utility>

#include "symbolic/env_state.h"
#include "symbolic/guard_text.h"

namespace tx::symbolic {
namespace {

constexpr const char* kCouldNotGuard = "Could not guard on data-dependent expression";

/// "aten.nonzero.default at model.py:12".
std::string producer_text(const Provenance& producer) {
  std::string text = producer.op;
  if (producer.place.known()) {
    text += " at " + producer.place.file + ":" + std::to_string(producer.place.line);
  }
  return text;
}

[[noreturn]] void refuse_new_guard(const Expr& condition, const Provenance& provenance) {
  diag::Diagnostic diagnostic(diag::Code::TX3006,
                              "the answer to " + condition.text() +
                                  " is not the same for all sizes that the program allows");
  if (!provenance.op.empty()) diagnostic.note("asked by " + provenance.op);
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
  return state_->decide(condition, Use::Layout);
}

bool ShapeEnv::guard_or_false(const Expr& condition) {
  return state_->decide(condition, Use::Layout).value_or(false);
}

bool ShapeEnv::guard_or_true(const Expr& condition) {
  return state_->decide(condition, Use::Layout).value_or(true);
}

void ShapeEnv::answer_data_with(std::function<std::optional<int64_t>(const Expr&)> value,
                                std::function<void(diag::Diagnostic, const std::string&)> answered) {
  state_->data = [state = state_.get(), value = std::move(value)](const Expr& symbol) {
    const auto known = state->hint_of(symbol);
    return known ? known : value(symbol);
  };
  state_->answered = std::move(answered);
}

std::optional<bool> ShapeEnv::State::answer_with_data(const Expr& question) {
  const auto answer = data ? truth_at(question, data) : std::nullopt;
  if (!answer) return std::nullopt;
  const Expr holds = *answer ? question : logical_not(question);
  answered(data_dependent(question, kCouldNotGuard), holds.text());
  record_runtime_assert(holds);
  return answer;
}

diag::Diagnostic ShapeEnv::State::data_dependent(const Expr& e, const std::string& message) const {
  diag::Diagnostic diagnostic(
      diag::Code::TX1003,
      message + " " + e.text() + " (unhinted: " + e.text() + ").  (Size-like symbols: none)");
  diagnostic.at(provenance.place, "asks about a value that depends on data");
  for (const Expr& symbol : e.free_symbols()) {
    const SymbolState& state = state_of(symbol);
    if (!state.unbacked) continue;
    diagnostic.note(symbol.name() + " is made by " + producer_text(state.producer) +
                    "; its value is not known when the model is exported");
  }
  for (const Expr& symbol : e.free_symbols()) {
    if (!state_of(symbol).unbacked) continue;
    diagnostic.fix("if a range of " + symbol.name() + " decides this, state it: --assume " +
                   symbol.name() + ":LO..HI (the program then checks it at run time)");
  }
  return diagnostic;
}

bool ShapeEnv::evaluate(const Expr& condition) {
  if (const auto known = state_->decide(condition, Use::Result)) return *known;
  const Expr question = state_->refined(state_->replaced(condition));
  if (const auto known = state_->decide(question, Use::Result)) return *known;
  if (state_->closed) refuse_new_guard(question, state_->provenance);
  if (state_->is_data_dependent(question)) {
    if (const auto answer = state_->answer_with_data(question)) return *answer;
    diag::fail(state_->data_dependent(question, kCouldNotGuard));
  }
  if (const auto declared = state_->decide_with_declared(question)) return *declared;
  const bool answer = state_->at_hints(question);
  state_->record(answer ? question : logical_not(question));
  return answer;
}

bool ShapeEnv::expect_true(const Expr& condition) {
  if (const auto known = state_->decide(condition, Use::Result)) return *known;
  const Expr question = state_->refined(state_->replaced(condition));
  if (const auto known = state_->decide(question, Use::Result)) return *known;
  if (question.op() == Op::And && state_->is_data_dependent(question)) {
    for (const Expr& part : question.operands()) {
      if (!expect_true(part)) return false;
    }
    return true;
  }
  if (state_->closed) refuse_new_guard(question, state_->provenance);
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
  if (state_->closed) {
    const Expr is_fixed = eq(known, Expr(hint(known).value_or(0)));
    if (state_->decide(is_fixed, Use::Result) == true) return *hint(known);
    refuse_new_guard(is_fixed, state_->provenance);
  }
  if (state_->is_data_dependent(known)) {
    const auto value = state_->data ? integer_at(known, state_->data) : std::nullopt;
    if (value && evaluate(eq(known, Expr(*value)))) return *value;
    diag::fail(state_->data_dependent(
        known, "Could not extract specialized integer from data-dependent expression"));
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

std::optional<int64_t> ShapeEnv::stand_in(const Expr& size) const {
  if (size.is_constant()) return size.value();
  const auto value = [this](const Expr& symbol) -> std::optional<int64_t> {
    if (const auto known = state_->hint_of(symbol)) return known;
    const Interval range = state_->exact(symbol);
    const Wide chosen = std::clamp<Wide>(3, range.lo, std::max(range.lo, range.hi));
    if (chosen < 2 || !fits_int64(chosen)) return std::nullopt;
    return static_cast<int64_t>(chosen);
  };
  return integer_at(state_->replaced(size), value);
}

bool ShapeEnv::is_unbacked(const Expr& symbol) const {
  const auto found = state_->by_symbol.find(symbol);
  return found != state_->by_symbol.end() && found->second->unbacked;
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
