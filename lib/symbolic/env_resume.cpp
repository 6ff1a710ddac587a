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
    // Nothing is assumed here: an answer that needs a size of 2 or more is only given where the
    // program says so itself.
    state.exact = state.assumed = to_interval(known.range);
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

std::optional<bool> ShapeEnv::known_unless_empty(const Expr& condition) const {
  const auto at_least_1 = [this](const Expr& symbol) {
    Interval range = state_->exact(symbol);
    range.lo = std::max<Wide>(range.lo, 1);
    return range;
  };
  return Decider(state_->facts, at_least_1).decide(state_->replaced(condition));
}

}  // namespace tx::symbolic
