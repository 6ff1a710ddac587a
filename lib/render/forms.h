// The parts that render.cpp puts together (private to lib/render). Texts end without a line end.
#pragma once
#include <string>
#include <vector>

#include "ir/program.h"
#include "render/naming.h"

namespace tx::render {

/// `class GraphModule(torch.nn.Module):` with annotations, `# File:` comments and sub-graphs.
std::string annotated_class(const ir::Program& program, const Naming& naming);
/// `GraphModule()`, three empty lines and the code without annotations.
std::string plain_code(const ir::Program& program, const Naming& naming);

/// `ExportGraphSignature(input_specs=[InputSpec(...), ...], output_specs=[...])`.
std::string signature_specs(const ir::Program& program, const Naming& naming);
/// `ExportGraphSignature(parameters=[...], buffers=[...], ...)`.
std::string signature_summary(const ir::Program& program, const Naming& naming);
std::string range_constraints(const ir::Program& program);
std::string equality_constraints(const ir::Program& program, const Naming& naming);

std::string json_text(const ir::Program& program, const Naming& naming);
std::string dot_text(const ir::Program& program, const Naming& naming);

/// What an output mutates, under the name that is printed.
std::string printed_target(const ir::Program& program, const ir::OutputSpec& output,
                           const Naming& naming);
/// The frame to show for a location: the innermost one in the user's own source, else the innermost
/// one; null without a source.
const ir::Frame* shown_frame(const ir::SourceMap& source, uint32_t location);
/// The names of sub-graphs in the order of their first use.
std::vector<std::string> subgraphs_in_order(const ir::Graph& graph);

}  // namespace tx::render
