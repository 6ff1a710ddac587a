#include "render/render.h"

#include <algorithm>

#include "render/forms.h"

namespace tx::render {

const std::vector<std::string>& format_words() {
  static const std::vector<std::string> words = {"program", "graph", "code",
                                                 "signature", "json", "dot"};
  return words;
}

std::optional<Format> parse_format(std::string_view word) {
  const std::vector<std::string>& words = format_words();
  const auto found = std::find(words.begin(), words.end(), word);
  if (found == words.end()) return std::nullopt;
  return static_cast<Format>(found - words.begin());
}

std::optional<Names> parse_names(std::string_view word) {
  if (word == "tutorial") return Names::Tutorial;
  if (word == "qualified") return Names::Qualified;
  return std::nullopt;
}

namespace {

std::string program_text(const ir::Program& program, const Naming& naming) {
  const std::string mark = program.draft ? "\nDraft: True" : "";
  return "ExportedProgram:\n" + annotated_class(program, naming) +
         "\n\nGraph signature: " + signature_specs(program, naming) +
         "\nRange constraints: " + range_constraints(program) +
         "\nEquality constraints: " + equality_constraints(program, naming) + mark;
}

std::string text(const ir::Program& program, Format format, const Naming& naming) {
  switch (format) {
    case Format::Program: return program_text(program, naming);
    case Format::Graph: return ir::print_graph(program.graph, naming.of(program.graph));
    case Format::Code: return plain_code(program, naming);
    case Format::Signature: return signature_summary(program, naming);
    case Format::Json: return json_text(program, naming);
    case Format::Dot: return dot_text(program, naming);
  }
  return "";
}

}  // namespace

std::string render(const ir::Program& program, Format format, Names names) {
  const Naming naming =
      names == Names::Qualified ? Naming::qualified(program) : Naming::tutorial(program);
  return text(program, format, naming) + "\n";
}

std::vector<std::string> subgraphs_in_order(const ir::Graph& graph) {
  std::vector<std::string> names;
  const auto add = [&](const std::string& name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  };
  for (const ir::Node& node : graph.nodes)
    if (node.kind == ir::NodeKind::GetAttr) add(node.target);
  for (const auto& [name, subgraph] : graph.subgraphs) add(name);
  return names;
}

namespace {

/// Whether a file is part of torch's own Python source.
bool is_torch_source(const std::string& file) {
  for (size_t at = file.find("torch/"); at != file.npos; at = file.find("torch/", at + 1)) {
    if (at > 0 && file[at - 1] != '/') continue;
    const std::string_view rest = std::string_view(file).substr(at + 6);
    for (const std::string_view part : {"nn/", "functional.py", "_", "jit/", "ao/"})
      if (rest.starts_with(part)) return true;
  }
  return false;
}

}  // namespace

const ir::Frame* shown_frame(const ir::SourceMap& source, uint32_t location) {
  if (location >= source.locations().size()) return nullptr;
  for (const uint32_t id : source.locations()[location].frames) {
    const ir::Frame& frame = source.frames()[id];
    if (!frame.file.empty() && !is_torch_source(frame.file)) return &frame;
  }
  return source.innermost(location);
}

}  // namespace tx::render
