#include "capture/location.h"

namespace tx::capture {

void LocationStack::set_place(ir::Frame frame, uint32_t length, std::vector<ir::Frame> outer) {
  current_ = {std::move(frame), length, std::move(outer)};
  cached_ = ir::kNone;
}

void LocationStack::push(const std::string* module_path) {
  callers_.push_back(current_);
  paths_.push_back(module_path_);
  if (module_path) module_path_ = *module_path;
  cached_ = ir::kNone;
}

void LocationStack::pop() {
  current_ = std::move(callers_.back());
  callers_.pop_back();
  module_path_ = std::move(paths_.back());
  paths_.pop_back();
  cached_ = ir::kNone;
}

std::vector<const ir::Frame*> LocationStack::frames() const {
  std::vector<const ir::Frame*> result;
  const auto add = [&result](const Level& level) {
    if (!level.frame.file.empty()) result.push_back(&level.frame);
    for (const ir::Frame& outer : level.outer) result.push_back(&outer);
  };
  add(current_);
  // A place that carries its own stack (traced archives) has the callers in it already.
  if (!current_.outer.empty()) return result;
  for (auto level = callers_.rbegin(); level != callers_.rend(); ++level) add(*level);
  return result;
}

uint32_t LocationStack::location() {
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
    diagnostic.place = {top.file, top.line, top.column, current_.length, top.code};
  }
  if (diagnostic.stack.empty()) {
    for (const ir::Frame* frame : stack) {
      diagnostic.stack.push_back({frame->file, frame->line, frame->function, frame->code});
    }
  }
  if (diagnostic.module_path.empty()) diagnostic.module_path = module_path_;
  return diagnostic;
}

}  // namespace tx::capture
