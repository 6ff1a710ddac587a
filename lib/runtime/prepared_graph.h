// PreparedGraph: a graph as a list of instructions, everything looked up and converted.
//
// In:  a graph of an ir::Program and the operators of this LibTorch.
// Out: instructions in the order of the nodes; sub-graphs prepared as well.
// Holds: a value is dropped at its last use. Whatever can be wrong with a program without running
// it
//        is found here: operators that are missing or different (TX4010, all of them in one
//        Failure), calls that do not fit their schema (TX4002).
#pragma once
#include <ATen/core/dispatch/Dispatcher.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ir/program.h"
#include "runtime/binding.h"
#include "runtime/numbers.h"

namespace tx::runtime {

struct PreparedGraph;

struct Instruction {
  enum class Kind : uint8_t { Operator, GetItem, Number, Cond, WhileLoop, Map };
  Kind kind = Kind::Operator;
  uint32_t node = 0;
  std::optional<c10::OperatorHandle> op;
  size_t num_results = 1;
  const NumberFunction* function = nullptr;
  std::vector<Operand> operands;             ///< without sub-graphs
  std::vector<const PreparedGraph*> graphs;  ///< cond: then, else; while_loop: condition, body
  std::vector<size_t> written;               ///< operands that the operator writes to
  std::vector<uint32_t> release;             ///< values that nothing needs after this instruction
};

struct PreparedGraph {
  const ir::Graph* graph = nullptr;
  std::vector<Instruction> instructions;
  std::vector<Operand> outputs;
  std::vector<std::unique_ptr<PreparedGraph>> subgraphs;
  bool has_writes = false;
};

/// Throws diag::Failure. The program must outlive the result.
std::unique_ptr<PreparedGraph> prepare(const ir::Program& program);

}  // namespace tx::runtime
