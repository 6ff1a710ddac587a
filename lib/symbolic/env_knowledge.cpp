// What a ShapeEnv knows about its symbols, and the answers that follow from it.
#include <algorithm>
#include <utility>

#include "symbolic/env_state.h"

namespace tx::symbolic {
namespace {

/// With fewer samples left it is worth looking for others.
constexpr size_t kFewSamples = 4;

}  // namespace

Expr ShapeEnv::State::replaced(const Expr& e) const {
  if (e.is_constant()) return e;
  if (auto done = replaced_memo.find(e); done != replaced_memo.end()) return done->second;
  const Expr result = e.substitute([this](const Expr& symbol) -> std::optional<Expr> {
    auto found = by_symbol.find(symbol);
    return found == by_symbol.end() ? std::nullopt : found->second->replacement;
  });
  replaced_memo.emplace(e, result);
  return result;
}

Interval ShapeEnv::State::assumed(const Expr& symbol) const {
  auto found = by_symbol.find(symbol);
  return found == by_symbol.end() ? Interval{} : found->second->assumed;
}

Interval ShapeEnv::State::exact(const Expr& symbol) const {
  auto found = by_symbol.find(symbol);
  return found == by_symbol.end() ? Interval{} : found->second->exact;
}

std::optional<int64_t> ShapeEnv::State::hint_of(const Expr& symbol) const {
  auto found = by_symbol.find(symbol);
  return found == by_symbol.end() ? std::nullopt : found->second->hint;
}

ValueAt ShapeEnv::State::hints() const {
  return [this](const Expr& symbol) { return hint_of(symbol); };
}

bool ShapeEnv::State::at_hints(const Expr& condition) const {
  if (const auto answer = truth_at(condition, hints())) return *answer;
  diag::Diagnostic diagnostic(diag::Code::TX2009,
                              "a condition without an answer at the example inputs: " +
                                  condition.text());
  diag::fail(std::move(diagnostic.at(provenance.place)));
}

bool ShapeEnv::State::is_data_dependent(const Expr& e) const {
  const std::vector<Expr> symbols = e.free_symbols();
  return std::any_of(symbols.begin(), symbols.end(),
                     [this](const Expr& symbol) { return !hint_of(symbol); });
}

std::string ShapeEnv::State::name_of(const Expr& symbol) const {
  auto found = by_symbol.find(symbol);
  if (found == by_symbol.end()) return symbol.name();
  const SymbolState& state = *found->second;
  if (!state.source.empty()) return state.source;
  return state.dim_name.empty() ? symbol.name() : state.dim_name;
}

Decider& ShapeEnv::State::decider() {
  if (samples_are_old) find_samples();
  if (!known) {
    known.emplace(facts, [this](const Expr& symbol) { return assumed(symbol); }, &samples);
  }
  return *known;
}

void ShapeEnv::State::find_samples() {
  std::vector<Samples::Size> sizes;
  for (const SymbolState& state : symbols) {
    if (!state.replacement) sizes.push_back({state.symbol, state.assumed, state.hint});
  }
  samples.find(sizes, conditions, facts);
  samples_are_old = false;
}

std::optional<bool> ShapeEnv::State::decide(const Expr& condition, Use use) {
  if (condition.is_true()) return true;
  if (condition.is_false()) return false;
  const Expr question = replaced(condition);
  if (closed && use == Use::Result) return decide_exactly(question);
  auto found = decided.find(question);
  if (found == decided.end()) {
    if (open.contains(question)) return std::nullopt;
    const std::optional<bool> answer = decider().decide(question);
    if (!answer) {
      open.insert(question);
      return std::nullopt;
    }
    found = decided.emplace(question, Decided{*answer, false}).first;
  }
  const bool answer = found->second.answer;
  if (use == Use::Result && !found->second.counted) {
    found->second.counted = true;
    mark_assumption(question, [&](Decider& d) { return d.decide(question) == answer; });
  }
  return answer;
}

std::optional<bool> ShapeEnv::State::decide_with_declared(const Expr& condition) {
  if (declared_equal.empty() || (condition.op() != Op::Lt && condition.op() != Op::Le)) {
    return std::nullopt;
  }
  return decide(condition.substitute([this](const Expr& symbol) -> std::optional<Expr> {
    for (const auto& [kept, other] : declared_equal) {
      if (replaced(other) == symbol) return replaced(kept);
    }
    return std::nullopt;
  }), Use::Result);
}

Expr ShapeEnv::State::refined(const Expr& e) {
  if (e.is_constant() || e.is_symbol()) return e;
  if (auto done = refinements.find(e); done != refinements.end()) return done->second;
  const Expr result = closed ? exact_decider().refine(e) : decider().refine(e);
  if (result != e && !closed) {
    mark_assumption(e, [&](Decider& d) { return d.refine(e) == result; });
  }
  refinements.emplace(e, result);
  return result;
}

namespace {

/// What answers may count on: the sizes that are allowed, less those that some answer excluded.
Interval needed(const SymbolState& state) {
  return {std::max<Wide>(state.exact.lo, state.needs_at_least), state.exact.hi};
}

void need_more(SymbolState& state) {
  const Wide next = std::max<Wide>(needed(state).lo, 0) + 1;
  state.needs_at_least = static_cast<int64_t>(next < 2 ? next : state.assumed.lo);
}

}  // namespace

void ShapeEnv::State::mark_assumption(const Expr& question,
                                      const std::function<bool(Decider&)>& still_holds) {
  // Facts may bring in symbols that the question does not name.
  std::vector<SymbolState*> relaxed;
  for (SymbolState& state : symbols) {
    if (!state.replacement && needed(state).lo < state.assumed.lo) relaxed.push_back(&state);
  }
  if (relaxed.empty()) return;
  const auto holds_without = [&](const std::vector<SymbolState*>& loosened) {
    Decider loose(
        facts,
        [&](const Expr& symbol) {
          const auto found = std::find_if(loosened.begin(), loosened.end(),
                                          [&](const SymbolState* s) { return s->symbol == symbol; });
          return found == loosened.end() ? assumed(symbol) : needed(**found);
        },
        &samples);
    return still_holds(loose);
  };
  if (holds_without(relaxed)) return;
  const auto ask_more = [&](SymbolState& state) {
    need_more(state);
    log(Event::Assume, "assume " + ge(state.symbol, Expr(state.needs_at_least)).text() + " for " +
                           question.text() + asked_at());
  };
  const auto is_assumed = [](const SymbolState* s) { return needed(*s).lo >= s->assumed.lo; };
  for (SymbolState* state : relaxed) {
    while (!is_assumed(state) && !holds_without({state})) ask_more(*state);
  }
  // Symbols may be small one at a time but not together: ask more of the last until the rest may be.
  std::erase_if(relaxed, is_assumed);
  while (!relaxed.empty() && !holds_without(relaxed)) {
    ask_more(*relaxed.back());
    if (is_assumed(relaxed.back())) relaxed.pop_back();
  }
}

void ShapeEnv::State::learnt(const Expr* condition) {
  if (!condition || replacements_changed || !facts.extend(*condition)) {
    std::vector<Expr> holding;
    holding.reserve(conditions.size());
    for (Expr& each : conditions) {
      each = replaced(each);
      if (!each.is_true() && !each.is_false()) holding.push_back(each);
    }
    facts.rebuild(holding);
    replacements_changed = false;
    samples_are_old = true;
  } else if (!samples_are_old) {
    samples_are_old = samples.keep(*condition) < kFewSamples;
  }
  forget_open();
}

void ShapeEnv::State::forget_open() {
  open.clear();
  refinements.clear();
  known.reset();
}

void ShapeEnv::State::log(Event event, const std::string& text) const {
  if (sink) sink(event, text);
}

}  // namespace tx::symbolic
