// The state of a ShapeEnv, and what its parts do with it (private to lib/symbolic).
#pragma once
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "symbolic/decide.h"
#include "symbolic/evaluate_at.h"
#include "symbolic/facts.h"
#include "symbolic/interval.h"
#include "symbolic/samples.h"
#include "symbolic/shape_env.h"

namespace tx::symbolic {

inline constexpr size_t kNoGuard = SIZE_MAX;

/// The guards that narrowed a range.
struct Causes {
  size_t lower = kNoGuard;
  size_t upper = kNoGuard;
};

struct SymbolState {
  Expr symbol;
  std::string source;
  std::string dim_name;
  DimPolicy policy = DimPolicy::Named;
  Range user;                     ///< what the user allows
  std::optional<int64_t> hint;
  std::optional<InputAxis> origin;
  bool unbacked = false;
  bool retired = false, forgotten = false;  ///< see ShapeEnv::retire()
  Provenance producer;            ///< of a data-dependent symbol
  /// What is known of the value; `assumed` counts on the value being neither 0 nor 1.
  Interval exact, assumed;
  bool min_is_default = false;
  /// The lower end of `assumed` before any guard: 2 for a size; for a hidden root the smallest
  /// value that makes every size derived from it at least 2.
  int64_t assumed_min = 2;
  /// An answer rests on the value being at least this, where `exact` allows less.
  int64_t needs_at_least = 0;
  std::optional<Expr> replacement;
  size_t replacement_cause = kNoGuard;  ///< the guard that made it
  Causes causes;
};

/// What an answer is for. What the program computes may be another thing for sizes 0 and 1, so such
/// an answer counts. Strides of sizes 0 and 1 address nothing: a layout chosen for larger sizes is
/// right for them.
enum class Use { Result, Layout };

/// A dynamic dimension of an input.
struct DimState {
  DimRequest request;
  Expr size;                      ///< as created; simplify() gives what became of it
};

struct ShapeEnv::State {
  EventSink sink;
  std::deque<SymbolState> symbols;
  std::unordered_map<Expr, SymbolState*> by_symbol;
  int64_t num_backed = 0, num_unbacked = 0;
  std::vector<DimState> dims;
  std::map<std::string, Range> assumptions;
  std::vector<std::pair<Expr, Expr>> declared_equal;
  std::vector<diag::Diagnostic> warnings;

  /// Guards in recording order, over the symbols that had no replacement then.
  std::vector<GuardRecord> guards;
  std::vector<GuardRecord> runtime_asserts;
  /// Every condition that holds: guards and run-time assertions.
  std::vector<Expr> conditions;
  Facts facts;
  bool replacements_changed = false;                ///< since `facts` was built
  /// Of questions asked before. What is decided stays so; what is open is asked again when
  /// something was learnt.
  struct Decided {
    bool answer = false;
    bool counted = false;  ///< what it assumes of sizes 0 and 1 is marked
  };
  std::unordered_map<Expr, Decided> decided;  ///< answers stay what they are
  std::unordered_set<Expr> open;
  std::unordered_map<Expr, Expr> refinements;       ///< since something was learnt
  mutable std::unordered_map<Expr, Expr> replaced_memo;  ///< since the last replacement
  Samples samples;
  bool samples_are_old = true;
  /// With what is assumed of each symbol; made anew when something was learnt.
  std::optional<Decider> known;
  /// Records nothing any more (resume): nothing is learnt, so these need no renewal. Results are
  /// decided by what is exact, since nothing can note that they count on sizes of 2 or more.
  bool closed = false;
  std::optional<Decider> exactly_known;
  std::unordered_map<Expr, std::optional<bool>> exactly_decided;
  Provenance provenance;
  ValueAt data;  ///< of data-dependent symbols, or empty (answer_data_with)
  std::function<void(diag::Diagnostic, const std::string&)> answered;

  // ---- env_symbols.cpp ----
  SymbolState& new_symbol(SymbolState symbol);
  std::vector<Expr> declare(const std::vector<DimRequest>& requests);
  void check(const std::vector<DimRequest>& requests) const;

  // ---- env_knowledge.cpp ----
  SymbolState& state_of(const Expr& symbol) { return *by_symbol.at(symbol); }
  const SymbolState& state_of(const Expr& symbol) const { return *by_symbol.at(symbol); }
  Expr replaced(const Expr& e) const;
  Interval assumed(const Expr& symbol) const;
  Interval exact(const Expr& symbol) const;
  std::optional<int64_t> hint_of(const Expr& symbol) const;
  ValueAt hints() const;
  bool is_data_dependent(const Expr& e) const;
  Decider& decider();
  std::optional<bool> decide(const Expr& condition, Use use);
  Decider& exact_decider();
  std::optional<bool> decide_exactly(const Expr& question);
  Expr refined(const Expr& e);
  /// Marks symbols until `still_holds`, the answer to `question`, where the others may be 0 or 1.
  void mark_assumption(const Expr& question, const std::function<bool(Decider&)>& still_holds);
  bool at_hints(const Expr& condition) const;
  /// The answer to an inequality that follows from dimensions declared equal.
  std::optional<bool> decide_with_declared(const Expr& condition);
  /// What messages call a symbol: its source, a hidden root by the name of its Dim.
  std::string name_of(const Expr& symbol) const;
  /// Takes a new condition (or, null, all of them anew) into the facts.
  void learnt(const Expr* condition = nullptr);
  /// Ranges or facts are no longer what open questions and refinements were answered with.
  void forget_open();
  void find_samples();
  /// " at model.py:17 in forward (aten.mm.default)": where the current question comes from.
  std::string asked_at() const;
  void log(Event event, const std::string& text) const;

  /// A question about `e` that only data decide. `message` is torch's, up to the expression.
  diag::Diagnostic data_dependent(const Expr& e, const std::string& message) const;
  /// The answer with the example inputs, asserted at run time; nothing where it is not known.
  std::optional<bool> answer_with_data(const Expr& question);

  // ---- env_guards.cpp ----
  /// Records that `condition` (replaced, not decided) holds and draws its consequences.
  void record(const Expr& condition);
  void record_runtime_assert(const Expr& condition);
  void consequences(const Expr& condition, size_t cause);
  void equality(const Expr& a, const Expr& b, size_t cause);
  void inequality(const Expr& p, size_t cause);
  /// What is exact follows from exact bounds only. A bound that rests on another symbol being
  /// neither 0 nor 1 is assumed: where it is above 2, the program states and checks it.
  struct Bounds {
    Interval exact, assumed;
  };
  void narrow(const Expr& symbol, const Bounds& bounds, Causes causes);
  void narrow_by_replacement(const SymbolState& state);
  void replace(const Expr& symbol, const Expr& value, const char* reason, size_t cause);
};

}  // namespace tx::symbolic
