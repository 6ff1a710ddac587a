#include "ir/program.h"

namespace tx::ir {

std::string_view torch_name(InputKind kind) {
  switch (kind) {
    case InputKind::UserInput: return "USER_INPUT";
    case InputKind::Parameter: return "PARAMETER";
    case InputKind::Buffer: return "BUFFER";
    case InputKind::ConstantTensor: return "CONSTANT_TENSOR";
  }
  return "USER_INPUT";
}

std::string_view torch_name(OutputKind kind) {
  switch (kind) {
    case OutputKind::UserOutput: return "USER_OUTPUT";
    case OutputKind::BufferMutation: return "BUFFER_MUTATION";
    case OutputKind::UserInputMutation: return "USER_INPUT_MUTATION";
  }
  return "USER_OUTPUT";
}

uint32_t SourceMap::intern(const Frame& frame) {
  // A zero byte separates the parts: no path or source line holds one.
  std::string key = frame.file;
  key.append(1, '\0').append(std::to_string(frame.line));
  key.append(1, '\0').append(std::to_string(frame.column));
  key.append(1, '\0').append(frame.function);
  key.append(1, '\0').append(frame.code);
  const auto [entry, added] = frame_ids_.emplace(key, static_cast<uint32_t>(frames_.size()));
  if (added) frames_.push_back(frame);
  return entry->second;
}

uint32_t SourceMap::intern(const Location& location) {
  std::string key = location.module_path;
  for (const uint32_t frame : location.frames) key.append(1, '\0').append(std::to_string(frame));
  const auto [entry, added] = location_ids_.emplace(key, static_cast<uint32_t>(locations_.size()));
  if (added) locations_.push_back(location);
  return entry->second;
}

const Frame* SourceMap::innermost(uint32_t location) const {
  if (location >= locations_.size()) return nullptr;
  for (const uint32_t id : locations_[location].frames)
    if (id < frames_.size() && !frames_[id].file.empty()) return &frames_[id];
  return nullptr;
}

}  // namespace tx::ir
