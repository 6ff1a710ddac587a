// Render: a program as text.
//
// In:  a sound program; a format; which names placeholders have.
// Out: the tutorial's text forms, to the letter; JSON with the keys that docs/cli.md promises; a
//      graph for Graphviz. Every text ends with one line end.
// Holds: rendering changes nothing and needs neither weights nor operators; the same program gives
//        the same text.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ir/program.h"

namespace tx::render {

enum class Format : uint8_t {
  Program,    ///< print(exported_program): annotated code, signature, ranges, equalities
  Graph,      ///< print(exported_program.graph): the `graph():` form
  Code,       ///< print(exported_program.graph_module): code without annotations
  Signature,  ///< print(exported_program.graph_signature): the one-line summary
  Json,
  Dot,
};
enum class Names : uint8_t {
  Tutorial,   ///< arg0_1, arg1_1, ...
  Qualified,  ///< p_lin_weight, b_bn_running_mean, x: what torch 2.13 calls them
};

/// "program", "graph", "code", "signature", "json", "dot"; nothing for another word.
std::optional<Format> parse_format(std::string_view word);
/// "tutorial", "qualified"; nothing for another word.
std::optional<Names> parse_names(std::string_view word);
/// The words of parse_format, in the order of Format.
const std::vector<std::string>& format_words();

std::string render(const ir::Program& program, Format format, Names names = Names::Tutorial);

}  // namespace tx::render
