#include "symbolic/dim_solver.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "symbolic/env_state.h"
#include "symbolic/guard_text.h"
#include "symbolic/trim.h"

namespace tx::symbolic {
namespace {

/// A dimension with a promise: of an input, or the root of derived ones.
struct Entry {
  std::string name;
  std::string source;       ///< empty for a hidden root
  std::string sort_source;  ///< where its first use is
  DimPolicy policy = DimPolicy::Named;
  Range user;
  std::string requested;
  Expr size;                ///< as created
  Expr now;                 ///< what became of it
  int64_t working_min = 2;  ///< smaller sizes were never thought of

  std::string full() const { return source.empty() ? name : name + " = " + source; }
};

struct Linear {
  Expr symbol;
  int64_t scale = 1;
  int64_t offset = 0;
};

/// scale * symbol + offset
std::optional<Linear> linear(const Expr& e) {
  const Polynomial p(e);
  if (p.terms().empty() || p.terms().size() > 2) return std::nullopt;
  const Term& first = p.terms().front();
  if (first.atoms.size() != 1 || !first.atoms[0].is_symbol()) return std::nullopt;
  if (p.terms().size() == 2 && !p.terms()[1].atoms.empty()) return std::nullopt;
  return Linear{first.atoms[0], static_cast<int64_t>(first.coefficient),
                static_cast<int64_t>(p.constant_part())};
}

/// " 4 <= b <= 18": bounds at or below 2 and infinite ones are left out.
std::string range_phrase(const Entry& e) {
  const bool low = e.user.min > 2, high = e.user.max != kNoBound;
  if (!low && !high) return "";
  return " " + (low ? std::to_string(e.user.min) + " <= " : "") + e.name +
         (high ? " <= " + std::to_string(e.user.max) : "");
}

std::vector<Expr> parts_of(const Expr& condition) {
  return condition.op() == Op::And ? condition.operands() : std::vector<Expr>{condition};
}

}  // namespace

class DimSolver {
 public:
  explicit DimSolver(const ShapeEnv& env) : env_(*env.state_) { collect(); }

  DimReport solve() {
    for (const Entry& entry : entries_) check_entry(entry);
    check_guards();
    check_ranges();
    if (!report_.violations.empty()) suggest();
    return std::move(report_);
  }

  std::vector<DimOutcome> outcomes() const;

 private:
  void collect();
  void check_entry(const Entry& entry);
  void check_guards();
  void check_ranges();
  void suggest();
  void suggest_range(const Entry& entry);
  void suggest_congruence(const Entry& entry, const Witness& witness,
                          const std::vector<Expr>& guards);

  const Entry* owner(const Expr& symbol) const;
  std::string name_of(const Expr& symbol) const;
  Provenance provenance(size_t guard) const {
    return guard < env_.guards.size() ? env_.guards[guard].provenance : Provenance{};
  }
  size_t replacement_cause(const Expr& size) const {
    return size.is_symbol() ? env_.state_of(size).replacement_cause : kNoGuard;
  }
  std::vector<Expr> guards_on(const Expr& symbol) const;
  void violate(const Entry& entry, std::string message, std::string label, size_t cause);
  void add_assignment(const Entry& entry, std::string root, int64_t scale, int64_t offset);
  void specialized(const Entry& entry, int64_t value);

  const ShapeEnv::State& env_;
  std::vector<Entry> entries_;
  DimReport report_;
  /// With the source to sort by.
  std::vector<std::pair<std::string, DimFix>> ranges_, assignments_;
  std::set<std::string> settled_;  ///< names that an assignment defines
};

void DimSolver::collect() {
  std::set<std::string> hidden;
  for (const DimState& dim : env_.dims) {
    const DimRequest& r = dim.request;
    if (r.policy == DimPolicy::Auto) continue;
    Entry entry{r.policy == DimPolicy::Named ? r.name : r.source, r.source, r.source, r.policy,
                r.range, r.requested, dim.size, env_.replaced(dim.size),
                std::max<int64_t>(r.range.min, 2)};
    if (r.scale != 1 || r.offset != 0) {
      // A derived dimension has its form by construction; its root is what may be violated.
      const std::vector<Expr> root = dim.size.free_symbols();
      entry.source.clear();
      entry.size = root.empty() ? Expr((r.hint - r.offset) / r.scale) : root[0];
      entry.now = env_.replaced(entry.size);
      const bool own_dimension = !root.empty() && env_.state_of(root[0]).origin.has_value();
      if (own_dimension || !hidden.insert(r.name).second) continue;
      if (!root.empty()) entry.working_min = env_.state_of(root[0]).assumed_min;
    }
    entries_.push_back(std::move(entry));
  }
}

const Entry* DimSolver::owner(const Expr& symbol) const {
  for (const Entry& entry : entries_) {
    if (entry.policy == DimPolicy::Named && entry.now == symbol) return &entry;
  }
  return nullptr;
}

std::string DimSolver::name_of(const Expr& symbol) const {
  const Entry* entry = owner(symbol);
  return entry && !entry->source.empty() ? entry->source : env_.name_of(symbol);
}

void DimSolver::violate(const Entry& entry, std::string message, std::string label, size_t cause) {
  for (const DimViolation& known : report_.violations) {
    if (known.message == message) return;
  }
  report_.violations.push_back(
      {entry.name, std::move(message), std::move(label), provenance(cause), entry.requested});
}

void DimSolver::add_assignment(const Entry& entry, std::string root, int64_t scale,
                               int64_t offset) {
  if (entry.policy != DimPolicy::Named || !settled_.insert(entry.name).second) return;
  DimFix fix;
  fix.name = entry.name;
  fix.root = std::move(root);
  fix.scale = scale;
  fix.offset = offset;
  assignments_.emplace_back(entry.sort_source, std::move(fix));
}

void DimSolver::check_entry(const Entry& entry) {
  const size_t cause = replacement_cause(entry.size);
  if (entry.now.is_constant()) {
    const std::string value = entry.now.text();
    violate(entry,
            "You marked " + entry.name +
                " as dynamic but your code specialized it to be a constant (" + value +
                "). If you're using mark_dynamic, either remove it or use maybe_mark_dynamic. If "
                "you're using Dim.DYNAMIC, replace it with either Dim.STATIC or Dim.AUTO.",
            "needs `" + entry.name + "` == " + value, cause);
    add_assignment(entry, "", 1, entry.now.value());
    return;
  }
  if (entry.policy != DimPolicy::Named) return;
  if (entry.now.is_symbol()) {
    const Entry* first = owner(entry.now);
    if (first == &entry || first->name == entry.name || settled_.contains(entry.name)) return;
    // The equality may have been drawn through either of the two symbols.
    const size_t equal_cause = cause != kNoGuard ? cause : replacement_cause(first->size);
    violate(entry,
            "The values of " + entry.full() + " and " + first->full() + " must always be equal.",
            "needs `" + entry.name + "` == `" + first->name + "`", equal_cause);
    add_assignment(entry, first->name, 1, 0);
    return;
  }
  const std::vector<Expr> symbols = entry.now.free_symbols();
  if (symbols.size() != 1 || settled_.contains(entry.name)) return;
  const Entry* root = owner(symbols[0]);
  const std::string root_name = root ? root->name : env_.name_of(symbols[0]);
  const std::string relation =
      entry.now.substitute([&](const Expr&) { return Expr::symbol(root_name); }).text();
  violate(entry,
          "The values of " + entry.full() + " must always be related to the values of " +
              (root ? root->full() : root_name) + " by " + entry.name + " = " + relation + ".",
          "needs `" + entry.name + "` == " + relation, cause);
  if (const auto line = linear(entry.now); root && line && line->scale > 0) {
    add_assignment(entry, root_name, line->scale, line->offset);
  }
}

void DimSolver::check_guards() {
  const Facts nothing;
  Decider by_ranges(nothing, [this](const Expr& s) { return env_.assumed(s); });
  const NameOf names = [this](const Expr& s) { return name_of(s); };
  for (size_t i = 0; i < env_.guards.size(); ++i) {
    for (const Expr& part : parts_of(env_.replaced(env_.guards[i].condition))) {
      const std::vector<Expr> symbols = part.free_symbols();
      if (symbols.size() != 1 || by_ranges.decide(part) == true) continue;
      const Entry* entry = owner(symbols[0]);
      if (!entry) continue;
      const std::string text = guard_text(part, names);
      violate(*entry,
              "Not all values of " + entry->full() + " in the specified range" +
                  range_phrase(*entry) + " satisfy the generated guard " + text + ".",
              "needs " + text, i);
    }
  }
}

void DimSolver::check_ranges() {
  for (const SymbolState& state : env_.symbols) {
    const Entry* entry = state.replacement ? nullptr : owner(state.symbol);
    if (!entry) continue;
    const auto narrowed = [&](const std::string& op, Wide bound, size_t cause) {
      const std::string text =
          name_of(state.symbol) + op + std::to_string(static_cast<int64_t>(bound));
      violate(*entry,
              "Not all values of " + entry->full() + " in the specified range" +
                  range_phrase(*entry) + " satisfy the generated guard " + text + ".",
              "needs `" + entry->name + "`" + op + std::to_string(static_cast<int64_t>(bound)),
              cause);
    };
    if (state.assumed.lo > entry->working_min) {
      narrowed(" >= ", state.assumed.lo, state.causes.lower);
    }
    if (state.assumed.hi < to_interval(entry->user).hi) {
      narrowed(" <= ", state.assumed.hi, state.causes.upper);
    }
  }
}

std::vector<Expr> DimSolver::guards_on(const Expr& symbol) const {
  std::vector<Expr> guards;
  for (const GuardRecord& guard : env_.guards) {
    for (const Expr& part : parts_of(env_.replaced(guard.condition))) {
      if (part.free_symbols() == std::vector<Expr>{symbol}) guards.push_back(part);
    }
  }
  return guards;
}

void DimSolver::suggest() {
  for (const Entry& entry : entries_) {
    if (entry.policy == DimPolicy::Named && owner(entry.now) == &entry &&
        !settled_.contains(entry.name)) {
      suggest_range(entry);
    }
  }
  const auto by_source = [](const auto& a, const auto& b) { return a.first < b.first; };
  std::stable_sort(ranges_.begin(), ranges_.end(), by_source);
  std::stable_sort(assignments_.begin(), assignments_.end(), by_source);
  for (auto& [source, fix] : ranges_) report_.fixes.push_back(std::move(fix));
  for (auto& [source, fix] : assignments_) report_.fixes.push_back(std::move(fix));
}

void DimSolver::specialized(const Entry& entry, int64_t value) {
  report_.specialized_names.push_back(entry.name);
  report_.specializations.push_back("solving the guards generated for " + entry.full() +
                                    " resulted in a specialized value of " +
                                    std::to_string(value) + ".");
  add_assignment(entry, "", 1, value);
}

void DimSolver::suggest_range(const Entry& entry) {
  const Expr& symbol = entry.now;
  const std::vector<Expr> guards = guards_on(symbol);
  if (const Witness* witness = env_.facts.witness(symbol)) {
    suggest_congruence(entry, *witness, guards);
    return;
  }
  const Interval range = env_.assumed(symbol);
  const Wide hint = *env_.hint_of(symbol);
  if (const auto only = only_value(guards, range)) return specialized(entry, *only);
  const Interval trimmed = trim(guards, symbol, range, hint);
  if (trimmed.is_point()) return specialized(entry, static_cast<int64_t>(trimmed.lo));
  if (trimmed.lo == entry.working_min && trimmed.hi == to_interval(entry.user).hi) return;
  DimFix fix;
  fix.name = entry.name;
  fix.range = to_range(trimmed);
  ranges_.emplace_back(entry.sort_source, std::move(fix));
}

void DimSolver::suggest_congruence(const Entry& entry, const Witness& witness,
                                   const std::vector<Expr>& guards) {
  // torch writes s % 4 == 1 as 4*_b - 3, so that the root starts at 1. Of several remainders that
  // the guards allow, that of the example is suggested.
  const Wide modulus = witness.modulus;
  const Wide rest = mod(Wide(*env_.hint_of(entry.now)), modulus);
  const Wide offset = rest == 0 ? 0 : rest - modulus;
  const Interval range = env_.assumed(entry.now);
  Interval roots{-floor_div(offset - range.lo, modulus),
                 range.hi >= kInfinity ? kInfinity : floor_div(range.hi - offset, modulus)};
  const Expr root = Expr::symbol("_" + entry.name);
  const Expr value = Expr(witness.modulus) * root + Expr(static_cast<int64_t>(offset));
  std::vector<Expr> on_root;
  for (const Expr& guard : guards) {
    on_root.push_back(guard.substitute([&](const Expr&) { return value; }));
  }
  const Wide hint = (*env_.hint_of(entry.now) - offset) / modulus;
  if (const auto only = only_value(on_root, roots)) {
    return specialized(entry, static_cast<int64_t>(*only * modulus + offset));
  }
  const Interval trimmed = trim(on_root, root, {std::max<Wide>(roots.lo, 2), roots.hi}, hint);
  // Roots 0 and 1 are out of question for a guard: they are never tried as dynamic sizes.
  if (roots.lo >= 2 || trimmed.lo > 2) roots.lo = trimmed.lo;
  roots.hi = trimmed.hi;
  DimFix fix;
  fix.name = root.name();
  fix.range = to_range(roots);
  fix.is_new = true;
  ranges_.emplace_back(entry.sort_source, std::move(fix));
  add_assignment(entry, root.name(), witness.modulus, static_cast<int64_t>(offset));
}

std::vector<DimOutcome> DimSolver::outcomes() const {
  std::vector<DimOutcome> result;
  for (const DimState& dim : env_.dims) {
    const DimRequest& r = dim.request;
    DimOutcome outcome{r.origin, r.source, r.requested, {}, {}, {}};
    const Expr now = env_.replaced(dim.size);
    outcome.got = now.text();
    size_t cause = dim.size.is_symbol() ? env_.state_of(dim.size).replacement_cause : kNoGuard;
    if (now.is_symbol() && env_.by_symbol.contains(now)) {
      const SymbolState& state = env_.state_of(now);
      outcome.got += " in " + to_range(state.assumed).text();
      if (cause == kNoGuard) {
        cause = state.causes.lower != kNoGuard ? state.causes.lower : state.causes.upper;
      }
    }
    if (cause != kNoGuard) {
      const NameOf names = [this](const Expr& s) { return env_.name_of(s); };
      outcome.because = guard_text(env_.guards[cause].condition, names);
      outcome.provenance = env_.guards[cause].provenance;
    }
    result.push_back(std::move(outcome));
  }
  return result;
}

DimReport solve_dims(const ShapeEnv& env) { return DimSolver(env).solve(); }

std::vector<DimOutcome> dim_outcomes(const ShapeEnv& env) { return DimSolver(env).outcomes(); }

// ---- texts -------------------------------------------------------------------------------------

std::string DimFix::line() const {
  if (range) {
    std::string text = dim_text(name, *range);
    if (is_new && range->max == kNoBound) text.insert(text.size() - 1, ", max=oo");
    return name + " = " + text;
  }
  if (root.empty()) return name + " = " + std::to_string(offset);
  return name + " = " + (Expr(scale) * Expr::symbol(root) + Expr(offset)).text();
}

std::vector<std::string> DimReport::fix_lines() const {
  std::vector<std::string> lines;
  for (const DimFix& fix : fixes) lines.push_back(fix.line());
  return lines;
}

namespace {

std::string joined(const std::set<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

}  // namespace

std::string DimReport::message() const {
  constexpr const char* kMore = ")! For more information, run with TORCH_LOGS=dynamic.";
  std::set<std::string> names;
  for (const DimViolation& v : violations) names.insert(v.dim);
  std::string text = "Constraints violated (" + joined(names) + kMore;
  for (const DimViolation& v : violations) text += "\n  - " + v.message;
  if (specializations.empty()) return text;
  text += "\nSpecializations unexpectedly required (" +
          joined({specialized_names.begin(), specialized_names.end()}) + kMore;
  for (const std::string& line : specializations) text += "\n  - " + line;
  return text;
}

diag::Diagnostic DimReport::diagnostic() const {
  diag::Diagnostic result(diag::Code::TX2003, message());
  std::set<std::string> notes;
  const auto note = [&](std::string text) {
    if (notes.insert(text).second) result.note(std::move(text));
  };
  for (const DimViolation& v : violations) {
    const diag::Place& place = v.provenance.place;
    if (place.known() && !result.place.known()) {
      result.at(place, v.label);
    } else if (place.known() &&
               std::tie(place.file, place.line, place.column, v.label) !=
                   std::tie(result.place.file, result.place.line, result.place.column,
                            result.label)) {
      note(place.file + ":" + std::to_string(place.line) + ":" + std::to_string(place.column) +
           ": " + v.label);
    }
    if (!v.requested.empty()) note("requested by " + v.requested);
  }
  return result;
}

}  // namespace tx::symbolic
