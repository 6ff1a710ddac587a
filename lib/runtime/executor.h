// Executor: runs a program with LibTorch, by boxed calls on its dispatcher.
//
// In:  an ir::Program and its user inputs as flat leaves.
// Out: the leaves of the user outputs, and what the program did to buffers and inputs.
// Holds: operators run one after the other in the order of the graph, without autograd; the results
//        are those of eager mode under no_grad. Neither the weights nor the caller's inputs are
//        written to. An output may be an input or share its memory, as in eager mode.
#pragma once
#include <ATen/core/Tensor.h>
#include <ATen/core/ivalue.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ir/program.h"
#include "runtime/check_inputs.h"
#include "runtime/prepared_graph.h"

namespace tx::runtime {

struct RunOptions {
  /// Of LibTorch's default generators, set before the first operator; empty: left as they are.
  std::optional<uint64_t> seed;
  /// Check sizes, kinds and values first (check_inputs.h). Without it an input that the program
  /// does not allow makes an operator fail or gives a wrong result.
  bool check_inputs = true;
};

struct Results {
  std::vector<c10::IValue> user_outputs;  ///< leaves of Program::output_tree, constants included
  std::vector<std::pair<std::string, at::Tensor>> buffer_mutations;  ///< name, new value
  std::vector<std::pair<std::string, at::Tensor>> input_mutations;   ///< placeholder, new value
};

class Executor {
 public:
  /// Looks up and checks everything that no run changes; throws diag::Failure (TX4010: an operator
  /// that this LibTorch does not have, TX4002: a program that is not valid). Keeps a reference to
  /// `program`.
  explicit Executor(const ir::Program& program);

  /// Runs the program once. `user_leaves`: one value for each user input, in the program's order.
  /// Throws diag::Failure: TX4004 to TX4008 for inputs that the program does not allow, TX4011 for
  /// an operator or assertion that fails.
  Results run(std::vector<c10::IValue> user_leaves, const RunOptions& options = {}) const;

 private:
  const ir::Program& program_;
  std::unique_ptr<PreparedGraph> graph_;
  InputChecker checker_;
  std::vector<c10::IValue> placeholders_;  ///< weights in their places, None for user inputs
};

}  // namespace tx::runtime
