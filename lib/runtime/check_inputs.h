// Input checks: whether a program allows the values it is to run on.
//
// In:  the program's signature, symbols and guards; user inputs as flat leaves, their structure.
// Out: nothing, or a diag::Failure with torch's text: TX4004 number and structure, TX4005 sizes,
//      TX4006 rank, TX4007 dtype and kind, TX4008 values of constants.
// Holds: no operator has run when an input is refused. Sizes are checked in this order: static ones
//        (from the last input to the first), ranges, equal sizes, derived sizes, other guards. A
//        lower bound that only comes from 0/1 specialisation counts where an answer depended on it
//        (SymbolInfo::needs_at_least_2). Weights are not checked.
#pragma once
#include <ATen/core/ivalue.h>

#include <span>
#include <string>
#include <vector>

#include "diag/diagnostic.h"
#include "ir/program.h"
#include "runtime/evaluate.h"

namespace tx::runtime {

/// For each leaf of `expected` the index of the leaf of `given` that belongs there: keyword
/// arguments and dict entries may come in another order. Fails (TX4004) with torch's text when the
/// structures differ.
std::vector<size_t> match_structure(const ir::InputTree& expected, const ir::InputTree& given);

class InputChecker {
 public:
  /// Keeps references into `program`. Fails (TX4002) when its signature is not valid.
  explicit InputChecker(const ir::Program& program);

  /// Fails when there are not as many user inputs.
  void check_count(size_t num_leaves) const;
  /// Fails with the first thing that is wrong.
  void check(std::span<const c10::IValue> user_leaves) const;
  /// Values of the symbols that the sizes of valid inputs give.
  SymbolValues bind(std::span<const c10::IValue> user_leaves) const;

 private:
  struct Input {
    const ir::InputSpec* spec;
    std::string placeholder;               ///< "arg0_1"
    std::string label;                     ///< the same, or "'n'" for a keyword argument
    const ir::TensorType* type = nullptr;  ///< null: no tensor
  };
  /// An input dimension that is not static.
  struct Dim {
    size_t input;
    size_t dim;
    ir::Expr size;
    bool operator==(const Dim&) const = default;
  };

  void check_leaf(const Input& input, const c10::IValue& leaf) const;
  void check_tensor(const Input& input, const c10::IValue& leaf) const;
  void check_constant(const Input& input, const c10::IValue& leaf) const;
  void check_static(std::span<const c10::IValue> leaves) const;
  void check_ranges(std::span<const c10::IValue> leaves) const;
  void check_equal(std::span<const c10::IValue> leaves) const;
  void check_derived(std::span<const c10::IValue> leaves) const;
  void check_guards(const SymbolValues& values) const;

  [[noreturn]] void fail_size(const Dim& dim, std::string message, int64_t size) const;
  [[noreturn]] void fail_input(diag::Code code, const Input& input, std::string message,
                               std::string note = {}) const;
  [[noreturn]] void fail_unequal(const Dim& first, const Dim& second,
                                 std::span<const c10::IValue> leaves) const;
  const ir::SymbolInfo* symbol(const std::string& name) const;
  /// What a size may be in a run, and what the texts say it may be.
  ir::Range enforced_range(const ir::Expr& size) const;
  std::string printed_range(const ir::Expr& size) const;
  std::string place(const Dim& dim) const;   ///< "arg0_1.shape[1]"
  std::string source(const Dim& dim) const;  ///< "x.size()[1]"

  const ir::Program& program_;
  std::vector<Input> inputs_;
  std::vector<Dim> firsts_;                  ///< the dimensions that give a symbol its value
  std::vector<std::pair<Dim, Dim>> equals_;  ///< two dimensions of the same size
  std::vector<Dim> derived_;                 ///< sizes that are computed from symbols
};

}  // namespace tx::runtime
