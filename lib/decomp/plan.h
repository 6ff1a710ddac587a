// Plan: which operators a decomposition expands, and how.
#pragma once
#include <ATen/core/dispatch/Dispatcher.h>

#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace tx::decomp {

enum class Action {
  None,    ///< stays
  Keep,    ///< stays because the user wants it to
  Rule,    ///< replaced by what its rule calls (rule_book.h)
  Kernel,  ///< replaced by what LibTorch's composite kernel calls
};

class Plan {
 public:
  /// Everything that leads to Core ATen operators, but for `keep`.
  static Plan core(const std::vector<std::string>& keep);
  /// The named operators only. Both throw diag::Failure (TX3004) for names of no operator, this one
  /// also for an operator that has no decomposition.
  static Plan only(const std::vector<std::string>& names, const std::vector<std::string>& keep);

  Action action(const c10::OperatorHandle& op) const;

 private:
  Action decide(const c10::OperatorHandle& op) const;

  bool core_ = false;
  std::unordered_set<std::string> named_, kept_;  ///< qualified names
  mutable std::unordered_map<const c10::FunctionSchema*, Action> actions_;
};

/// How `op` would be decomposed on its way to Core ATen: Rule, Kernel or None.
Action core_action(const c10::OperatorHandle& op);
bool is_composite(const c10::OperatorHandle& op);
bool is_core(const c10::OperatorHandle& op);

}  // namespace tx::decomp
