// Taking up a finished program's symbols, and questions that do not rest on a size of 2 or more.
#include <algorithm>

#include "symbolic/env_state.h"

namespace tx::symbolic {

void ShapeEnv::resume(const std::vector<KnownSymbol>& symbols,
                      const std::vector<Expr>& conditions) {
  for (const KnownSymbol& known : symbols) {
    SymbolState state;
    state.symbol = Expr::symbol(known.name);
    state.source = known.name;
    state.user = known.range;
    state.hint = known.hint;
    state.unbacked = !known.hint;
    // A choice of layout counts on a size of 2 or more here as in the capture. An answer that makes
    // another result does only where the program says so itself.
    state.exact = state.assumed = to_interval(known.range);
    if (known.is_size && state.exact.hi >= 2) {
      state.assumed.lo = std::max<Wide>(state.assumed.lo, 2);
    }
    state_->symbols.push_back(std::move(state));
    state_->by_symbol[Expr::symbol(known.name)] = &state_->symbols.back();
  }
  for (const Expr& condition : conditions) {
    if (condition.is_true()) continue;
    state_->conditions.push_back(condition);
    state_->consequences(condition, kNoGuard);
    state_->learnt(&condition);
  }
  state_->closed = true;
}

Decider& ShapeEnv::State::exact_decider() {
  if (!exactly_known) {
    exactly_known.emplace(facts, [this](const Expr& symbol) { return exact(symbol); });
  }
  return *exactly_known;
}

std::optional<bool> ShapeEnv::State::decide_exactly(const Expr& question) {
  const auto known_answer = exactly_decided.find(question);
  if (known_answer != exactly_decided.end()) return known_answer->second;
  return exactly_decided.emplace(question, exact_decider().decide(question)).first->second;
}

std::optional<bool> ShapeEnv::known_unless_empty(const Expr& condition) const {
  const auto at_least_1 = [this](const Expr& symbol) {
    Interval range = state_->exact(symbol);
    range.lo = std::max<Wide>(range.lo, 1);
    return range;
  };
  return Decider(state_->facts, at_least_1).decide(state_->replaced(condition));
}

}  // namespace tx::symbolic
