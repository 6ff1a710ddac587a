#include "capture/torchscript/source_places.h"

#include <fstream>
#include <optional>
#include <regex>

namespace tx::capture::torchscript {
namespace {

std::string without_line_end(std::string line) {
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.pop_back();
  return line;
}

bool is_file(const std::string& path, std::string_view name) {
  return path.ends_with(name) && (path.size() == name.size() || path[path.size() - name.size() - 1] == '/');
}

// How torch calls the `forward` of a module or an operator: nothing that anybody wrote.
bool is_call(const ir::Frame& frame) {
  const bool calls_module = frame.function == "_wrapped_call_impl" || frame.function == "_call_impl" ||
                            frame.function == "_slow_forward";
  return (is_file(frame.file, "torch/nn/modules/module.py") && calls_module) ||
         (is_file(frame.file, "torch/_ops.py") && frame.function == "__call__");
}

// Traced archives keep, in place of source text, lines like "functional.py(2987): layer_norm",
// innermost first. The model's stack ends where torch.jit.trace begins.
std::vector<ir::Frame> python_stack(const std::string& text) {
  static const std::regex kLine(R"(^(.+)\((\d+)\): (.*)$)");
  std::vector<ir::Frame> frames;
  std::optional<ir::Frame> innermost;
  size_t start = 0;
  while (start < text.size()) {
    const size_t end = std::min(text.find('\n', start), text.size());
    const std::string line = text.substr(start, end - start);
    std::smatch match;
    if (!std::regex_match(line, match, kLine)) return {};
    ir::Frame frame;
    frame.file = match[1];
    if (is_file(frame.file, "torch/jit/_trace.py")) break;
    frame.line = static_cast<uint32_t>(std::stoul(match[2]));
    frame.function = match[3];
    if (start == 0) innermost = frame;
    start = end + 1;
    if (!is_call(frame)) frames.push_back(std::move(frame));
  }
  if (frames.empty() && innermost) frames.push_back(*std::move(innermost));
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

torch::jit::SourceRange original(const torch::jit::SourceRange& range) {
  const auto origin = range.findSourceRangeThatGenerated();
  return origin ? *origin : range;
}

SourcePlace place_of_range(const torch::jit::SourceRange& range) {
  SourcePlace place;
  const torch::jit::SourceRange best = original(range);
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

const torch::jit::Node* neighbour(const torch::jit::Node* node, bool forward) {
  const torch::jit::Node* near = node;
  do {
    near = forward ? near->next() : near->prev();
    if (near->kind() == c10::prim::Param || near->kind() == c10::prim::Return) return nullptr;
  } while (!near->sourceRange().source());
  return near;
}

constexpr std::string_view kTolist = ".tolist";

// The expression whose `.tolist` is at `call`, as far as it has no blanks.
torch::jit::SourceRange range_of_call(const torch::jit::SourceRange& in, const std::string& text, size_t call) {
  const size_t before = text.find_last_of(" (=,[\n", call);
  return {in.source(), before == std::string::npos ? 0 : before + 1, call + kTolist.size()};
}

// prim::tolist comes without a place. It is in the text behind what makes its operand or, where that
// is a variable, before what follows; of several that follow each other, this is the last but so many.
torch::jit::SourceRange range_of_tolist(const torch::jit::Node* node) {
  const torch::jit::Node* previous = neighbour(node, false);
  if (previous && previous == node->input(0)->node()) {
    const torch::jit::SourceRange maker = original(previous->sourceRange());
    const std::string text = maker.source()->text_str().str();
    const size_t call = text.find(kTolist, maker.start());
    return call == std::string::npos ? maker : range_of_call(maker, text, call);
  }
  const torch::jit::Node* next = neighbour(node, true);
  if (!next) return node->sourceRange();
  const torch::jit::SourceRange after = original(next->sourceRange());
  const std::string text = after.source()->text_str().str();
  const size_t line_end = std::min(text.find('\n', after.start()), text.size());
  size_t call = text.substr(0, line_end).rfind(kTolist);
  for (const torch::jit::Node* other = node->next(); other != next; other = other->next()) {
    if (other->kind() != c10::prim::tolist || call == std::string::npos || call == 0) continue;
    call = text.rfind(kTolist, call - 1);
  }
  return call == std::string::npos ? after : range_of_call(after, text, call);
}

}  // namespace

const SourcePlace& SourcePlaces::place_of(const void* instruction) {
  const auto [entry, is_new] = places_.try_emplace(instruction);
  if (!is_new) return entry->second;
  const auto* node = static_cast<const torch::jit::Node*>(instruction);
  SourcePlace place = place_of_range(
      node->kind() == c10::prim::tolist ? range_of_tolist(node) : node->sourceRange());
  // Few other instructions come without a place: that of a neighbour is close by.
  for (const bool forward : {false, true}) {
    if (!place.frame.file.empty()) break;
    if (const torch::jit::Node* near = neighbour(node, forward)) {
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
