// ShapeEnv: what is known about the symbols of one capture, and every question about a size.
//
// In:  symbols with example values (hints) and ranges; boolean expressions that a rule, a composite
//      kernel or the user's program has to decide.
// Out: answers; the guards that the answers rest on, each with its provenance; at the end, the
//      constraints on the inputs as plain data.
// Holds: an answer that the ranges do not imply is recorded as a guard, never given in silence.
//        Expressions without symbols cost nothing and record nothing.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "diag/diagnostic.h"
#include "symbolic/expr.h"
#include "symbolic/range.h"

namespace tx::symbolic {

// ---- what goes in ------------------------------------------------------------------------------

/// How a dimension of an input was asked for.
enum class DimPolicy : uint8_t {
  Named,    ///< the user promises the whole range
  Dynamic,  ///< dynamic, the range is inferred
  Auto,     ///< dynamic if possible
};

/// A dimension of an input, by the caller's numbers.
struct InputAxis {
  uint32_t input = 0;
  uint32_t axis = 0;
  bool operator==(const InputAxis&) const = default;
};

/// A dynamic dimension to create.
struct DimRequest {
  std::string source;          ///< "L['x'].size()[0]"
  InputAxis origin;
  int64_t hint = 0;            ///< the example size
  DimPolicy policy = DimPolicy::Named;
  std::string name;            ///< Named: the Dim, of a derived dimension its root
  int64_t scale = 1;           ///< derived: size = scale * name + offset
  int64_t offset = 0;
  Range range{2, kNoBound};    ///< of the name, both ends included
  /// Nobody wrote range.min: a 2 there is an assumption, not a promise.
  bool min_is_default = false;
  std::string requested;       ///< what the user wrote, for messages: "--dynamic x:0=batch:2..16"
};

/// Where the program stands when it asks.
struct Provenance {
  diag::Place place;
  std::string op;               ///< "aten.mm.default"
  std::string function;         ///< "forward"
  uint32_t location = UINT32_MAX;  ///< the caller's number of the place, handed through
};

enum class Event : uint8_t {
  CreateEnv, CreateSymbol, CreateUnbacked, Eval, RuntimeAssert, SetReplacement, ProduceGuards,
  Assume,  ///< an answer rests on a size not being 0 or 1
};
/// Receives each event with its text, as torch's log component `dynamic` has it.
using EventSink = std::function<void(Event, std::string_view text)>;

/// What a finished program says of one of its symbols.
struct KnownSymbol {
  std::string name;
  Range range;                   ///< every value the program allows
  std::optional<int64_t> hint;   ///< empty for data-dependent symbols
  bool is_size = false;          ///< the size of a dimension of an input, not only a part of sizes
};

// ---- what comes out ----------------------------------------------------------------------------

struct SymbolRecord {
  Expr symbol;
  std::string name;
  std::string source;            ///< empty for data-dependent symbols and hidden roots
  std::string dim_name;          ///< the user's Dim, or empty
  DimPolicy policy = DimPolicy::Named;
  Range range;                   ///< Named: the user's; else the inferred one
  std::optional<int64_t> hint;   ///< empty for data-dependent symbols
  std::optional<InputAxis> origin;
  bool unbacked = false;
  /// Some answer would be another one if the size were less than this: 0 (none), 1 or 2.
  int64_t needs_at_least = 0;
  bool min_is_default = false;   ///< see DimRequest
};

/// A condition that the program rests on.
struct GuardRecord {
  Expr condition;
  Provenance provenance;
};

/// Conditions on the inputs, ready to be stored with a program.
struct Constraints {
  std::vector<SymbolRecord> symbols;                   ///< in order of creation
  std::vector<std::pair<Expr, Range>> ranges;          ///< in order of first appearance
  std::vector<std::vector<InputAxis>> equalities;      ///< groups of dimensions of equal size
  std::vector<GuardRecord> guards;                     ///< what ranges and equalities do not say
  std::vector<GuardRecord> runtime_asserts;            ///< on data-dependent symbols, likewise
};

class ShapeEnv {
 public:
  explicit ShapeEnv(EventSink sink = {});
  ~ShapeEnv();
  ShapeEnv(const ShapeEnv&) = delete;
  ShapeEnv& operator=(const ShapeEnv&) = delete;

  // ---- symbols ----

  /// Creates the dynamic dimensions of all inputs, in the order in which symbols are numbered, and
  /// returns their sizes. An example of size 0 or 1 gives that constant. Throws diag::Failure: an
  /// example outside its range (TX2004), equal dimensions with different examples (TX2005), one
  /// name with two ranges (TX2006), Dim.DYNAMIC on a size of 0 or 1 (TX2008).
  std::vector<Expr> declare(const std::vector<DimRequest>& requests);
  /// One dimension whose range is inferred (Dim.AUTO), for uses without declared dimensions.
  Expr create_symbol(std::string source, int64_t hint, Range range = {2, kNoBound});
  /// A data-dependent symbol u0, u1, ...
  Expr create_unbacked(Range range = {kNoLowerBound, kNoBound});
  /// Ends the life of data-dependent symbols that only a branch or a loop of the program has, and gives
  /// what is asserted of them: it holds there and nowhere else. Symbols that are not `kept` were
  /// those of a walk that counts for nothing.
  std::vector<GuardRecord> retire(const std::vector<Expr>& symbols, bool kept);
  /// A fact about a data-dependent symbol, by name ("u0"), known or still to come.
  void assume(const std::string& name, Range range);
  /// Takes up the symbols of a finished program and the conditions it rests on, and closes the
  /// environment: from now on every question whose answer does not follow from them is refused
  /// (TX3006) instead of recorded, so nothing can narrow what the program allows.
  void resume(const std::vector<KnownSymbol>& symbols, const std::vector<Expr>& conditions);
  /// Questions that only data decide are answered by the values that symbols have with the example
  /// inputs: each becomes a run-time assertion, and `answered` hears of the failure that it would
  /// have been and of the condition that is asserted.
  void answer_data_with(std::function<std::optional<int64_t>(const Expr& symbol)> value,
                        std::function<void(diag::Diagnostic broken, const std::string& answer)> answered);
  /// Warnings so far (dimensions that became static).
  const std::vector<diag::Diagnostic>& warnings() const;

  // ---- questions ----

  /// Decides `condition`: from ranges and known facts, else from the hints, recording a guard.
  /// Throws diag::Failure (TX1003) when the answer depends on data.
  bool evaluate(const Expr& condition);
  /// The answer when ranges and facts decide, without recording anything. This one and the two that
  /// follow are for choices that are right either way where a size is 0 or 1 (layouts, broadcasting
  /// of sizes that are equal): that the answer counts on larger sizes is not noted.
  std::optional<bool> statically_known(const Expr& condition);
  /// The answer where every size is at least 1, without recording anything: for questions about
  /// strides, which say nothing in a tensor without elements.
  std::optional<bool> known_unless_empty(const Expr& condition) const;
  /// Undecided questions are answered `false` (`true`), without recording anything.
  bool guard_or_false(const Expr& condition);
  bool guard_or_true(const Expr& condition);
  /// `condition` has to hold; undecided, it becomes a guard (or a run-time assertion where it
  /// holds data-dependent symbols). Returns false when it is known to be false.
  bool expect_true(const Expr& condition);
  /// The value of `size` at the example inputs, recorded as a specialisation.
  int64_t specialize(const Expr& size);
  /// The value of `size` at the example inputs; recorded nowhere.
  std::optional<int64_t> hint(const Expr& size) const;
  /// The same, with a possible value of at least 2 in place of data-dependent symbols, to compare
  /// two computations at; nothing where there is none. Fits no other fact about them.
  std::optional<int64_t> stand_in(const Expr& size) const;
  bool is_unbacked(const Expr& symbol) const;
  /// `expression` with everything known replaced (equal symbols, constants).
  Expr simplify(const Expr& expression) const;
  /// The values `size` can take, as far as the ranges say.
  Range range(const Expr& size) const;

  /// Where the program stands: the provenance of guards recorded from now on.
  void set_place(diag::Place place, std::string op);
  void set_provenance(Provenance provenance);

  // ---- results ----

  /// Ends the capture: dimensions declared equal become one even if the program never asked.
  void finish();
  /// After finish(). Violated promises are not looked at here: see dim_solver.h.
  Constraints constraints() const;
  /// `e` as messages about guards print it: "(L['x'].size()[0] % 8) == 0".
  std::string guard_text(const Expr& e) const;

 private:
  friend class DimSolver;
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tx::symbolic
