// SizeSampler: sizes of inputs that a program allows, and sizes just outside of them.
//
// In:  a program and the sizes of example inputs.
// Out: assignments of sizes to all inputs: inside (bounds and their neighbours first) or outside
//      (each bound passed by one, each equality, derived size and guard broken, each static size
//      changed).
// Holds: what is inside is decided here from the declared constraints alone, without InputChecker,
//        so that the two can be held against each other. The same seed gives the same sizes. No
//        tensor is made and LibTorch is not used.
#pragma once
#include <cstdint>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "ir/program.h"
#include "runtime/evaluate.h"

namespace tx::runtime {

/// One for each user input: the sizes of a tensor, nothing for any other value.
using InputSizes = std::vector<std::optional<std::vector<int64_t>>>;

/// "x[3, 8], kv[0][2, 5]": the sizes of all tensors, by the program's names of its inputs.
std::string sizes_text(const ir::Program& program, const InputSizes& sizes);

struct OutsideSizes {
  InputSizes sizes;
  std::string broken;  ///< what does not hold: "x.size()[0] >= 4", "x.size()[1] == 8"
};

class SizeSampler {
 public:
  /// `max_elements`: of all tensors of an inside sample together. Keeps a reference to `program`.
  SizeSampler(const ir::Program& program, InputSizes example, uint64_t seed, int64_t max_elements);

  /// Up to `count` different assignments; fewer when the program does not allow more.
  std::vector<InputSizes> inside(size_t count);
  /// One or two assignments for each thing that can be broken alone.
  std::vector<OutsideSizes> outside();
  /// Bounds that no assignment of the last inside() reached because of `max_elements`.
  const std::vector<std::string>& too_large() const { return too_large_; }

  /// Whether the declared constraints allow `sizes`.
  bool admits(const InputSizes& sizes) const;

 private:
  struct Dim {
    size_t input, axis;
    ir::Expr size;
  };
  struct Symbol {
    std::string name;
    ir::Range range;               ///< enforced
    int64_t hint = 2;
    std::vector<int64_t> window;   ///< values of the range that are looked at, ascending
    std::vector<int64_t> domain;   ///< those that the conditions on this symbol alone allow
  };
  struct Condition {
    ir::Expr holds;
    std::vector<size_t> symbols;
  };
  using Values = std::vector<std::optional<int64_t>>;  ///< of symbols_

  void read_dims();
  void read_symbols();
  void read_conditions();
  void set_domain(Symbol& symbol);
  bool allowed_alone(const Symbol& symbol, int64_t value) const;
  SymbolValues named(const Values& values) const;
  /// Conditions all of whose symbols have values and among which is `newest`; `negated` has to fail.
  bool conditions_hold(const Values& values, size_t newest, std::optional<size_t> negated) const;
  /// Values of all symbols with those of `fixed`. Fixed values need not be inside; conditions on
  /// them are left out with `ignore_fixed`.
  std::optional<Values> draw(const Values& fixed, bool ignore_fixed, std::optional<size_t> negated,
                             bool bounded);
  std::optional<Values> attempt(const Values& fixed, bool ignore_fixed,
                                std::optional<size_t> negated, int patience);
  std::optional<InputSizes> sizes_at(const Values& values) const;
  int64_t elements(const InputSizes& sizes) const;
  bool collect(const std::optional<Values>& values, std::vector<InputSizes>& into);
  void break_conditions(std::vector<OutsideSizes>& result);
  void break_equalities(std::vector<OutsideSizes>& result);
  void pass_bounds(std::vector<OutsideSizes>& result);
  void change_static(std::vector<OutsideSizes>& result);
  void add_outside(std::optional<InputSizes> sizes, std::string broken,
                   std::vector<OutsideSizes>& result);
  std::string source(size_t symbol) const;
  std::string source(const Dim& dim) const;

  const ir::Program& program_;
  InputSizes example_;
  int64_t max_elements_;
  std::mt19937_64 random_;
  std::vector<const ir::InputSpec*> inputs_;
  std::vector<Dim> dims_;  ///< all dimensions of all tensors
  std::vector<Symbol> symbols_;
  std::vector<Condition> conditions_;
  std::set<InputSizes> seen_;
  std::vector<std::string> too_large_;
};

}  // namespace tx::runtime
