// Decomposition: a program with some of its operators replaced by simpler ones.
//
// In:  a sound program; a Plan that says what to replace.
// Out: the same program in other operators, and what is left that is not core.
// Holds: names, signature, ranges, equalities and guards stay; each new call has the place and the
//        module path of the operator it stands for; sub-graphs are decomposed too. What the program
//        allows is never narrowed: an operator whose decomposition would ask for that stays whole,
//        and is reported. A second run with the same plan changes nothing.
// The program runs once more through the dispatcher layers of capture; operators without a
// decomposition pass through unchanged.
#pragma once
#include <string>
#include <vector>

#include "decomp/plan.h"
#include "diag/diagnostic.h"
#include "ir/program.h"

namespace tx::decomp {

/// An operator that has a decomposition and stays whole because of what it needs.
struct Refusal {
  std::string target;  ///< "aten.roll.default"
  std::string reason;
  uint32_t location = ir::kNone;
};

struct Decomposed {
  size_t expanded = 0;  ///< calls that were replaced
  std::vector<Refusal> refusals;
};

/// Names of calls and side tables are those of passes::run_pipeline, which has to run afterwards.
Decomposed decompose(ir::Program& program, const Plan& plan);

/// An operator of a program that is no Core ATen operator.
struct NotCore {
  std::string target;
  size_t count = 0;
  bool custom = false;  ///< of a library, not of LibTorch
  std::string reason;
  uint32_t location = ir::kNone;  ///< of the first call
};
/// What is not core in a program, in order of first appearance.
std::vector<NotCore> not_core(const ir::Program& program, const Plan& plan,
                              const std::vector<Refusal>& refusals);

}  // namespace tx::decomp
