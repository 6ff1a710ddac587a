// Binds input sources to the arguments of a model or of a program.
//
// In:  the sources in the order of the command line, and what they have to fit: a model's schema or
//      a program's InputTree.
// Out: values for the arguments that were given, of exactly the types the model wants.
// Holds (docs/cli.md): the order of unnamed sources is the order of positional arguments. A file
//        that holds a tuple and is the only unnamed source is the whole list of positional
//        arguments; everywhere else a file is one argument. Files with named entries bind them to
//        the arguments of those names; a dict of torch.save does so where the argument in its place
//        is not itself a dict (or a named tuple of those fields). What is left out takes the
//        schema's default.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include <ATen/core/function_schema.h>
#include <ATen/core/ivalue.h>

#include "inputs/source.h"
#include "ir/tree.h"

namespace tx::inputs {

struct BoundInputs {
  std::vector<c10::IValue> positional;  ///< those given, in order
  std::vector<std::pair<std::string, c10::IValue>> keyword;  ///< those given, in the schema's order
  /// All arguments for a call, defaults filled in, without `self`.
  std::vector<c10::IValue> arguments;
  ir::InputTree tree;                ///< of positional and keyword
  std::vector<c10::IValue> leaves;   ///< of `tree`
};

/// Reads `sources` and binds them to a model's arguments; a first argument that is the module
/// itself is skipped. Throws diag::Failure: TX0010 when they do not fit, and what read_source()
/// throws.
BoundInputs bind_inputs(const c10::FunctionSchema& schema, const std::vector<Source>& sources,
                        uint64_t seed);

/// Reads `sources` and binds them to a program's inputs; gives the leaves of `tree`.
/// Throws diag::Failure: TX4004 when number, names or structure differ, and what read_source()
/// throws. Types and sizes are not looked at.
std::vector<c10::IValue> bind_to_tree(const ir::InputTree& tree, const std::vector<Source>& sources,
                                      uint64_t seed);

/// "forward(x: Tensor, mask: Optional[Tensor] = None)", without `self`.
std::string signature_text(const c10::FunctionSchema& schema);

}  // namespace tx::inputs
