// Binding: the arguments of a call in the graph, ready to be put on LibTorch's stack.
//
// In:  arguments as the program has them (positional, by name, left out) and the operator's schema.
// Out: one Operand for each schema argument; `fetch` turns it into the IValue of one run.
// Holds: everything that does not depend on a run is converted once, here. A number in a Tensor
// slot
//        becomes a wrapped number, so that types promote as they do in eager mode.
#pragma once
#include <ATen/core/function_schema.h>
#include <ATen/core/ivalue.h>

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "ir/graph.h"

namespace tx::runtime {

struct Operand {
  enum class Source : uint8_t {
    Constant,
    Value,      ///< of another node
    LastValue,  ///< the same, and nothing needs the value afterwards
    List,       ///< of operands, some of which are values
    Tuple,
  };
  /// What an element that is a value has to become at run time.
  enum class As : uint8_t { Any, Tensor, Int, Float, Bool, Number };

  Source source = Source::Constant;
  As as = As::Any;
  bool optional = false;  ///< None is a value too; of a List: its elements are optional (Tensor?[])
  uint32_t value = 0;
  c10::IValue constant;
  std::vector<Operand> items;

  /// The nodes it takes values from, in order, with repetition.
  void visit(const std::function<void(Operand&)>& visit_value);
};

/// The operand's IValue; `values` are those of the nodes. Throws std::exception when a value is of
/// another kind than the schema wants.
c10::IValue fetch(const Operand& operand, std::span<c10::IValue> values);

/// Arguments of a call without a schema (control flow, arithmetic on numbers).
Operand bind(const ir::Argument& argument);
/// Throws std::invalid_argument, with a text that names the argument, when `argument` cannot be one
/// of `type`.
Operand bind(const ir::Argument& argument, const c10::Argument& formal);
/// All operands of a call, in the order of the schema; throws std::invalid_argument.
std::vector<Operand> bind_call(const ir::Node& node, const c10::FunctionSchema& schema);

}  // namespace tx::runtime
