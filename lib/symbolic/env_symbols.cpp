// Creation of symbols, and the constraints that are left of them at the end.
#include <algorithm>
#include <set>

#include "symbolic/env_state.h"
#include "symbolic/guard_text.h"

namespace tx::symbolic {
namespace {

bool is_derived(const DimRequest& r) { return r.scale != 1 || r.offset != 0; }

/// "inputs['x'].shape[0]" of "L['x'].size()[0]".
std::string python_source(const DimRequest& r) {
  const size_t size_at = r.source.rfind(".size()");
  std::string head = r.source.substr(0, size_at);
  if (head.starts_with("L")) head = "inputs" + head.substr(1);
  return head + ".shape[" + std::to_string(r.origin.axis) + "]";
}

/// The lower bound that example sizes are held against: 0 and 1 are never dynamic.
Range working_range(const Range& range) { return {std::max<int64_t>(range.min, 2), range.max}; }

std::string derived_text(const DimRequest& r, const std::string& root) {
  const Expr size = Expr(r.scale) * Expr::symbol(root) + Expr(r.offset);
  return size.text();
}

[[noreturn]] void fail_at(const DimRequest& r, diag::Code code, const std::string& message) {
  diag::Diagnostic diagnostic(code, message);
  if (!r.requested.empty()) diagnostic.note("requested by " + r.requested);
  diag::fail(std::move(diagnostic));
}

/// The root value of an example size, or nothing when the size is not of the derived form.
std::optional<int64_t> root_value(const DimRequest& r) {
  const int64_t difference = r.hint - r.offset;
  if (difference % r.scale != 0) return std::nullopt;
  return difference / r.scale;
}

/// What becomes of the names of dimensions.
struct Names {
  std::map<std::string, const DimRequest*> plain;  ///< the dimension that is the name itself
  /// Names of which one dimension has the size 0 or 1: all their dimensions are constants.
  std::set<std::string> specialized;
  /// The smallest root for which all dimensions derived from it are at least 2.
  std::map<std::string, int64_t> smallest;

  explicit Names(const std::vector<DimRequest>& requests) {
    for (const DimRequest& r : requests) {
      if (r.policy != DimPolicy::Named) continue;
      if (!is_derived(r)) plain.emplace(r.name, &r);
      if (r.hint == 0 || r.hint == 1) specialized.insert(r.name);
      const Wide root = -floor_div(Wide(r.offset) - 2, Wide(r.scale));
      int64_t& least = smallest[r.name];
      least = std::max(least, static_cast<int64_t>(root));
    }
  }

  bool is_hidden_root(const DimRequest& r) const {
    return r.policy == DimPolicy::Named && !plain.contains(r.name);
  }
  /// The user's range of a name; a default minimum gives way where sizes are large enough anyway.
  Range range(const DimRequest& r) const {
    Range range = r.range;
    const std::optional<int64_t> root = root_value(r);
    if (is_hidden_root(r) && r.min_is_default && root && *root < range.min) {
      range.min = std::min(range.min, smallest.at(r.name));
    }
    return range;
  }
  /// The range in which questions are answered. A root that is no dimension itself may be 0 or 1
  /// where the example says so: what counts is that the sizes are not.
  Range working(const DimRequest& r) const {
    const std::optional<int64_t> root = root_value(r);
    if (!is_hidden_root(r) || !root || *root >= 2) return working_range(r.range);
    const Range own = range(r);
    return {std::max(own.min, smallest.at(r.name)), own.max};
  }
};

}  // namespace

SymbolState& ShapeEnv::State::new_symbol(SymbolState symbol) {
  symbol.symbol = Expr::symbol(symbol.unbacked ? "u" + std::to_string(num_unbacked++)
                                               : "s" + std::to_string(num_backed++));
  symbols.push_back(std::move(symbol));
  SymbolState& state = symbols.back();
  by_symbol[state.symbol] = &state;
  samples_are_old = true;
  forget_open();
  return state;
}

void ShapeEnv::State::check(const std::vector<DimRequest>& requests) const {
  const Names names(requests);
  std::map<std::string, const DimRequest*> first;
  for (const DimRequest& r : requests) {
    if (r.policy != DimPolicy::Named) continue;
    const auto [known, fresh] = first.emplace(r.name, &r);
    const DimRequest& other = *known->second;
    const Range working = names.working(r);
    if (!fresh && other.range != r.range) {
      fail_at(r, diag::Code::TX2006,
              "Found different definitions " + dim_text(r.name, other.range) + " and " +
                  dim_text(r.name, r.range) + " for the same symbolic dimension " +
                  dim_text(r.name, r.range) + "!");
    }
    const std::optional<int64_t> root = root_value(r);
    if (!root) {
      fail_at(r, diag::Code::TX2005,
              r.source + " = " + std::to_string(r.hint) + " is not of the form " +
                  derived_text(r, r.name) + ", where " + r.name + " is an integer");
    }
    const bool zero_one = names.specialized.contains(r.name) && (*root == 0 || *root == 1);
    if (zero_one ? r.range.min > 2 || *root > r.range.max : !working.contains(*root)) {
      fail_at(r, diag::Code::TX2004,
              std::to_string(*root) + " not in range " + working.text());
    }
    if (fresh) continue;
    const std::optional<int64_t> other_root = root_value(other);
    if (other_root == root) continue;
    if (!is_derived(r) && !is_derived(other)) {
      fail_at(r, diag::Code::TX2005,
              r.source + " = " + std::to_string(r.hint) + " is not equal to " + other.source +
                  " = " + std::to_string(other.hint));
    }
    fail_at(r, diag::Code::TX2005,
            r.source + " = " + std::to_string(r.hint) + " does not fit " + other.source + " = " +
                std::to_string(other.hint) + ": " + r.name + " would be " + std::to_string(*root) +
                " in " + derived_text(r, r.name) + " and " + std::to_string(*other_root) + " in " +
                derived_text(other, other.name));
  }
}

std::vector<Expr> ShapeEnv::State::declare(const std::vector<DimRequest>& requests) {
  check(requests);
  // Derived dimensions need the symbol of their root; where no dimension is the root itself, the
  // root is a hidden symbol.
  const Names names(requests);
  std::map<std::string, SymbolState*> roots;
  const auto create = [&](const DimRequest& r, bool hidden) -> SymbolState& {
    SymbolState state;
    state.dim_name = r.policy == DimPolicy::Named ? r.name : "";
    state.policy = r.policy;
    const Range working = hidden ? names.working(r) : working_range(r.range);
    state.user = r.policy == DimPolicy::Named ? names.range(r) : working;
    state.min_is_default = r.min_is_default;
    state.hint = hidden ? *root_value(r) : r.hint;
    if (!hidden) {
      state.source = r.source;
      state.origin = r.origin;
    }
    state.exact = to_interval(state.user);
    // A lower bound of 2 that nobody wrote is no promise: sizes 0 and 1 come as well.
    if (r.min_is_default && state.user.min == 2) state.exact.lo = std::min<Wide>(state.exact.lo, 0);
    state.assumed = to_interval(working);
    state.assumed_min = working.min;
    SymbolState& created = new_symbol(std::move(state));
    log(Event::CreateSymbol, "create_symbol " + created.symbol.name() + " = " +
                                 std::to_string(*created.hint) + " for " +
                                 (hidden ? r.name : r.source) + " " + working.text());
    return created;
  };
  std::map<const DimRequest*, SymbolState*> early;
  const auto root_symbol = [&](const DimRequest& r) -> SymbolState& {
    SymbolState*& root = roots[r.name];
    if (!root) {
      auto own = names.plain.find(r.name);
      const bool hidden = own == names.plain.end();
      root = &create(hidden ? r : *own->second, hidden);
      if (!hidden) early[own->second] = root;
    }
    return *root;
  };

  std::vector<Expr> sizes;
  for (const DimRequest& r : requests) {
    const bool named = r.policy == DimPolicy::Named;
    if (named ? names.specialized.contains(r.name) : r.hint == 0 || r.hint == 1) {
      // 0/1 specialisation; for a named dimension the report of violations says so at the end.
      if (r.policy == DimPolicy::Dynamic) {
        fail_at(r, diag::Code::TX2008,
                "Found the following conflicts between user-specified ranges and inferred ranges "
                "from model tracing:\n- Received user-specified dim hint "
                "Dim.DYNAMIC(min=None, max=None), but export 0/1 specialized due to hint of " +
                    std::to_string(r.hint) + " for dimension " + python_source(r) + ".");
      }
      if (r.policy == DimPolicy::Auto) {
        diag::Diagnostic warning(diag::Code::TX2007,
                                 "dimension " + python_source(r) +
                                     " 0/1 specialized; Dim.AUTO was specified along with a sample "
                                     "input with hint = " +
                                     std::to_string(r.hint) + ".");
        if (!r.requested.empty()) warning.note("requested by " + r.requested);
        warnings.push_back(std::move(warning));
      }
      sizes.push_back(Expr(r.hint));
    } else if (r.policy == DimPolicy::Named && is_derived(r)) {
      sizes.push_back(Expr(r.scale) * root_symbol(r).symbol + Expr(r.offset));
    } else if (auto found = early.find(&r); found != early.end()) {
      sizes.push_back(found->second->symbol);
    } else {
      SymbolState& created = create(r, /*hidden=*/false);
      sizes.push_back(created.symbol);
      if (r.policy == DimPolicy::Named) {
        SymbolState*& first = roots[r.name];
        if (first) {
          declared_equal.emplace_back(first->symbol, created.symbol);
        } else {
          first = &created;
        }
      }
    }
    dims.push_back({r, sizes.back()});
  }
  return sizes;
}

Expr ShapeEnv::create_unbacked(Range range) {
  SymbolState symbol;
  symbol.unbacked = true;
  symbol.producer = state_->provenance;
  symbol.policy = DimPolicy::Dynamic;
  symbol.user = range;
  symbol.exact = symbol.assumed = to_interval(range);
  SymbolState& created = state_->new_symbol(std::move(symbol));
  const std::string name = created.symbol.name();
  const auto bound = [](int64_t v) {
    return v == kNoBound ? "int_oo" : (v == kNoLowerBound ? "-int_oo" : std::to_string(v));
  };
  state_->log(Event::CreateUnbacked, "create_unbacked_symint " + name + " [" + bound(range.min) +
                                         ", " + bound(range.max) + "]");
  if (auto found = state_->assumptions.find(name); found != state_->assumptions.end()) {
    assume(name, found->second);
  }
  return created.symbol;
}

std::vector<GuardRecord> ShapeEnv::retire(const std::vector<Expr>& symbols, bool kept) {
  if (symbols.empty()) return {};
  State& state = *state_;
  const auto speaks_of_them = [&symbols](const Expr& condition) {
    const std::vector<Expr> used = condition.free_symbols();
    return std::find_first_of(used.begin(), used.end(), symbols.begin(), symbols.end()) != used.end();
  };
  std::vector<GuardRecord> result;
  const Facts nothing;
  Decider by_ranges(nothing, [&](const Expr& s) { return state.exact(s); });
  for (const Expr& symbol : symbols) {
    SymbolState& s = state.state_of(symbol);
    s.retired = true;
    s.forgotten = !kept;
    if (s.replacement) continue;
    const Range range = to_range(state.assumed(symbol));
    if (range.min != kNoLowerBound) result.push_back({ge(symbol, range.min), s.producer});
    if (range.max != kNoBound) result.push_back({le(symbol, range.max), s.producer});
  }
  for (const GuardRecord& assertion : state.runtime_asserts) {
    if (!speaks_of_them(assertion.condition)) continue;
    const std::vector<Expr> used = assertion.condition.free_symbols();
    const bool all_stay = std::none_of(used.begin(), used.end(), [&](const Expr& symbol) {
      return state.state_of(symbol).replacement.has_value();
    });
    if (!all_stay || by_ranges.decide(assertion.condition) != true) result.push_back(assertion);
  }
  std::erase_if(state.runtime_asserts,
                [&](const GuardRecord& assertion) { return speaks_of_them(assertion.condition); });
  std::erase_if(state.conditions, speaks_of_them);
  state.learnt();
  return result;
}

void ShapeEnv::assume(const std::string& name, Range range) {
  state_->assumptions[name] = range;
  const Expr symbol = Expr::symbol(name);
  if (!state_->by_symbol.contains(symbol)) return;
  if (range.min != kNoLowerBound) expect_true(ge(symbol, Expr(range.min)));
  if (range.max != kNoBound) expect_true(le(symbol, Expr(range.max)));
}

void ShapeEnv::finish() {
  for (const auto& [a, b] : state_->declared_equal) {
    state_->equality(state_->replaced(a), state_->replaced(b), kNoGuard);
  }
  state_->declared_equal.clear();
  state_->learnt();
  state_->log(Event::ProduceGuards, "produce_guards");
}

Constraints ShapeEnv::constraints() const {
  const State& state = *state_;
  Constraints result;
  const auto inferred = [&](const Expr& e) {
    return to_range(bounds(e, [&](const Expr& s) { return state.assumed(s); }));
  };
  // Of a hidden root with another limit it is a guard.
  const auto least = [](const SymbolState& s) {
    return s.assumed_min == 2 ? s.needs_at_least : int64_t{0};
  };
  for (const SymbolState& s : state.symbols) {
    if (s.forgotten) continue;
    SymbolRecord record;
    record.symbol = s.symbol;
    record.name = s.symbol.name();
    record.source = s.source;
    record.dim_name = s.dim_name;
    record.policy = s.policy;
    record.hint = s.hint;
    record.origin = s.origin;
    record.unbacked = s.unbacked;
    record.min_is_default = s.min_is_default;
    const Expr final_size = state.replaced(s.symbol);
    record.range = s.policy == DimPolicy::Named ? s.user : inferred(final_size);
    record.needs_at_least = least(s);
    if (final_size.is_symbol()) {
      record.needs_at_least = std::max(record.needs_at_least, least(state.state_of(final_size)));
    }
    result.symbols.push_back(std::move(record));
  }

  std::set<std::string> present;
  const auto add_range = [&](const Expr& key, const Range& range) {
    if (present.insert(key.text()).second) result.ranges.emplace_back(key, range);
  };
  for (const DimState& dim : state.dims) {
    const Expr final_size = state.replaced(dim.size);
    if (final_size.is_constant()) continue;
    const DimRequest& r = dim.request;
    const bool own_symbol = dim.size.is_symbol() && final_size.is_symbol();
    Range range = inferred(final_size);
    if (r.policy == DimPolicy::Named) {
      range = to_range(bounds(Expr(r.scale) * Expr::symbol("root") + Expr(r.offset),
                              [&](const Expr&) { return to_interval(r.range); }));
    }
    add_range(own_symbol ? dim.size : final_size, range);
    for (const Expr& root : dim.size.free_symbols()) {
      const SymbolState& s = state.state_of(root);
      if (!s.origin && !s.replacement) add_range(root, s.user);
    }
  }
  for (const SymbolState& s : state.symbols) {
    if (s.unbacked && !s.replacement && !s.retired) add_range(s.symbol, inferred(s.symbol));
  }

  std::vector<std::pair<Expr, std::vector<InputAxis>>> groups;
  for (const DimState& dim : state.dims) {
    const Expr final_size = state.replaced(dim.size);
    if (final_size.is_constant()) continue;
    auto group = std::find_if(groups.begin(), groups.end(),
                              [&](const auto& g) { return g.first == final_size; });
    if (group == groups.end()) group = groups.insert(groups.end(), {final_size, {}});
    group->second.push_back(dim.request.origin);
  }
  for (auto& [size, axes] : groups) {
    if (axes.size() > 1) result.equalities.push_back(std::move(axes));
  }

  // Ranges and equalities are stated already: only what they leave open stays a guard.
  const Facts nothing;
  Decider by_ranges(nothing, [&](const Expr& s) { return state.exact(s); });
  std::set<std::string> seen;
  for (const GuardRecord& guard : state.guards) {
    const Expr condition = state.replaced(guard.condition);
    if (by_ranges.decide(condition) == true || !seen.insert(condition.text()).second) continue;
    result.guards.push_back({condition, guard.provenance});
  }
  // A symbol that is marked and gone: what stands for it has to be as large.
  for (const SymbolState& s : state.symbols) {
    if (s.needs_at_least == 0) continue;
    const bool gone = s.replacement && !s.replacement->is_symbol();
    if (!gone && least(s) > 0) continue;
    const Expr condition = ge(state.replaced(s.symbol), Expr(s.needs_at_least));
    if (by_ranges.decide(condition) == true || !seen.insert(condition.text()).second) continue;
    const size_t cause = s.replacement_cause;
    result.guards.push_back(
        {condition, cause == kNoGuard ? Provenance{} : state.guards[cause].provenance});
  }
  // The ranges of data-dependent symbols are asserted as a whole; a symbol that is gone has none.
  for (const GuardRecord& assertion : state.runtime_asserts) {
    const std::vector<Expr> symbols = assertion.condition.free_symbols();
    const bool all_stay = std::none_of(symbols.begin(), symbols.end(), [&](const Expr& symbol) {
      return state.state_of(symbol).replacement.has_value();
    });
    if (all_stay && by_ranges.decide(assertion.condition) == true) continue;
    result.runtime_asserts.push_back(assertion);
  }
  return result;
}

}  // namespace tx::symbolic
