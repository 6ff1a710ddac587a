#include "capture/location.h"

namespace tx::capture {

void LocationStack::push(const std::string* module_path) {
  callers_.push_back(instruction_);
  paths_.push_back(module_path_);
  if (module_path) module_path_ = *module_path;
  set_instruction(nullptr);
}

void LocationStack::pop() {
  set_instruction(callers_.back());
  callers_.pop_back();
  module_path_ = std::move(paths_.back());
  paths_.pop_back();
}

const SourcePlace& LocationStack::place() const {
  static const SourcePlace nowhere;
  return resolver_ && instruction_ ? resolver_->place_of(instruction_) : nowhere;
}

const std::string& LocationStack::module_path() const {
  const bool elsewhere = pinned_ && *pinned_ < source_.locations().size();
  return elsewhere ? source_.locations()[*pinned_].module_path : module_path_;
}

std::vector<const ir::Frame*> LocationStack::frames() const {
  std::vector<const ir::Frame*> result;
  if (pinned_) {
    if (*pinned_ >= source_.locations().size()) return result;
    for (const uint32_t frame : source_.locations()[*pinned_].frames) {
      result.push_back(&source_.frames()[frame]);
    }
    return result;
  }
  const auto add = [&result](const SourcePlace& place) {
    if (!place.frame.file.empty()) result.push_back(&place.frame);
    for (const ir::Frame& outer : place.outer) result.push_back(&outer);
  };
  const SourcePlace& current = place();
  add(current);
  // A place that carries its own stack has the callers in it already.
  if (!current.outer.empty() || !resolver_) return result;
  for (auto caller = callers_.rbegin(); caller != callers_.rend(); ++caller) {
    if (*caller) add(resolver_->place_of(*caller));
  }
  return result;
}

uint32_t LocationStack::location() {
  if (pinned_) return *pinned_;
  if (cached_ != ir::kNone) return cached_;
  ir::Location location;
  for (const ir::Frame* frame : frames()) location.frames.push_back(source_.intern(*frame));
  location.module_path = module_path_;
  return cached_ = source_.intern(location);
}

diag::Diagnostic& LocationStack::locate(diag::Diagnostic& diagnostic) const {
  const auto stack = frames();
  if (!stack.empty() && !diagnostic.place.known()) {
    const ir::Frame& top = *stack.front();
    diagnostic.place = {top.file, top.line, top.column, place().length, top.code};
  }
  if (diagnostic.stack.empty()) {
    for (const ir::Frame* frame : stack) {
      diagnostic.stack.push_back({frame->file, frame->line, frame->function, frame->code});
    }
  }
  if (diagnostic.module_path.empty()) diagnostic.module_path = module_path();
  return diagnostic;
}

}  // namespace tx::capture
