// The text of graphs: values as torch.fx writes them, and the `graph():` form printed and parsed.
//
// In:  graphs; text of the `graph():` form.
// Out: text that is equal to torch.fx's to the letter; programs, for tests of passes.
// Holds: parsing what print_graph wrote gives the same graph, but for what the form lacks: types, and
//        the quotes of strings (one that is no single word, or reads like another value, is lost).
#pragma once
#include <functional>
#include <string>
#include <string_view>

#include "ir/program.h"

namespace tx::ir {

/// The name under which a node is printed.
using NameOf = std::function<std::string(NodeId)>;

/// A value in generated code, Python's repr(): 'tanh', torch.float32, device(type='cpu').
std::string code_text(const Argument& argument, const NameOf& name_of);
/// A value in the graph form, Python's str(): tanh, torch.float32, cpu, %add.
std::string graph_text(const Argument& argument, const NameOf& name_of);
/// "torch.ops.aten.add.Tensor", "torch.ops.higher_order.cond", "operator.getitem", "math.floor".
std::string python_target(std::string_view target);

/// The `graph():` form. It ends without a line end, and says nothing of sub-graphs.
std::string print_graph(const Graph& graph);
/// The same with other names for the nodes; a placeholder's target is its name.
std::string print_graph(const Graph& graph, const NameOf& name_of);
/// The same, followed for each sub-graph by an empty line and its own form under the heading
/// `true_graph_0 = graph():` (nested ones `true_graph_0.false_graph_0 = graph():`).
std::string print_graph_and_subgraphs(const Graph& graph);

/// A program from the form that print_graph_and_subgraphs writes. `: [num_users=1]` may be
/// left out (`%x = ...`), and a type may stand in it: `%x : f32[s0, 2*s1 - 1, 3] = ...`, `Sym(s0)`,
/// `(f32[2], i64[2])`; strides are those of contiguous tensors. All inputs are user inputs, and the outputs a tuple. A
/// mistake is a diag::Failure (TX0070) with its line and column in the text.
Program parse_program(std::string_view text);

}  // namespace tx::ir
