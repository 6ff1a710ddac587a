#include "capture/torchscript/source_places.h"

#include <fstream>
#include <regex>

namespace tx::capture::torchscript {
namespace {

std::string without_line_end(std::string line) {
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.pop_back();
  return line;
}

// Traced archives keep, in place of source text, lines like "functional.py(2987): layer_norm",
// innermost first.
std::vector<ir::Frame> python_stack(const std::string& text) {
  static const std::regex kLine(R"(^(.+)\((\d+)\): (.*)$)");
  std::vector<ir::Frame> frames;
  size_t start = 0;
  while (start < text.size()) {
    const size_t end = std::min(text.find('\n', start), text.size());
    const std::string line = text.substr(start, end - start);
    std::smatch match;
    if (!std::regex_match(line, match, kLine)) return {};
    ir::Frame frame;
    frame.file = match[1];
    frame.line = static_cast<uint32_t>(std::stoul(match[2]));
    frame.function = match[3];
    frames.push_back(std::move(frame));
    start = end + 1;
  }
  return frames;
}

// The text of a line of a file that happens to be on this machine, or nothing.
std::string line_of_file(const std::string& file, uint32_t line) {
  std::ifstream stream(file);
  std::string text;
  for (uint32_t i = 0; i < line; ++i) {
    if (!std::getline(stream, text)) return {};
  }
  return without_line_end(text);
}

SourcePlace place_of_range(const torch::jit::SourceRange& range) {
  SourcePlace place;
  const auto origin = range.findSourceRangeThatGenerated();
  const torch::jit::SourceRange& best = origin ? *origin : range;
  if (!best.source()) return place;
  const std::string text = best.source()->text_str().str();
  std::vector<ir::Frame> stack = python_stack(text);
  if (!stack.empty()) {
    for (ir::Frame& frame : stack) frame.code = line_of_file(frame.file, frame.line);
    place.frame = stack.front();
    place.outer.assign(stack.begin() + 1, stack.end());
    return place;
  }
  const auto position = best.file_line_col();
  if (!position) return place;
  const auto& [file, line, column] = *position;
  place.frame.file = file;
  place.frame.line = static_cast<uint32_t>(line);
  place.frame.column = static_cast<uint32_t>(column) + 1;
  const size_t text_line = best.source()->lineno_for_offset(best.start());
  place.frame.code = without_line_end(best.source()->get_line(text_line).str());
  const size_t rest = place.frame.code.size() > column ? place.frame.code.size() - column : 1;
  place.length = static_cast<uint32_t>(std::clamp<size_t>(best.end() - best.start(), 1, rest));
  return place;
}

}  // namespace

const SourcePlace& SourcePlaces::place_of(const void* instruction) {
  const auto [entry, is_new] = places_.try_emplace(instruction);
  if (!is_new) return entry->second;
  const auto* node = static_cast<const torch::jit::Node*>(instruction);
  SourcePlace place = place_of_range(node->sourceRange());
  // A few instructions come without a place (prim::tolist): that of a neighbour is close by.
  for (const bool forward : {false, true}) {
    for (const torch::jit::Node* near = node; place.frame.file.empty();) {
      near = forward ? near->next() : near->prev();
      if (near->kind() == c10::prim::Param || near->kind() == c10::prim::Return) break;
      place = place_of_range(near->sourceRange());
    }
  }
  const torch::jit::Block* body = node->owningBlock();
  while (body && body->owningNode()) body = body->owningNode()->owningBlock();
  const auto function = functions_.find(body);
  if (place.outer.empty() && function != functions_.end()) {
    const c10::QualifiedName& name = function->second;
    place.frame.function = name.name();
    if (place.frame.file.empty() && !name.prefix().empty()) {
      // Nothing in the function has a place: the file of the archive that has its code.
      const c10::QualifiedName cls(name.prefix());
      place.frame.function = cls.name() + "." + name.name();
      place.frame.file = "code/" + cls.prefix() + ".py";
      std::replace(place.frame.file.begin(), place.frame.file.end() - 3, '.', '/');
    }
  }
  return entry->second = std::move(place);
}

void SourcePlaces::set_function(const torch::jit::Block* body, c10::QualifiedName name) {
  functions_.emplace(body, std::move(name));
}

}  // namespace tx::capture::torchscript
