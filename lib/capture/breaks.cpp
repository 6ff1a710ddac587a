#include "capture/breaks.h"

#include <algorithm>

namespace tx::capture {
namespace {

// More modules than these are counted, not named.
constexpr size_t kNamedModules = 4;

bool same_place(const diag::Diagnostic& a, const diag::Diagnostic& b) {
  return a.code == b.code && a.place.file == b.place.file && a.place.line == b.place.line &&
         a.place.column == b.place.column && (a.place.known() || a.message == b.message);
}

}  // namespace

void Breaks::add(diag::Diagnostic diagnostic) {
  const auto known = std::find_if(groups_.begin(), groups_.end(), [&](const Group& group) {
    return same_place(group.diagnostic, diagnostic);
  });
  if (known == groups_.end()) {
    groups_.push_back({std::move(diagnostic), {}});
    return;
  }
  known->diagnostic.count += diagnostic.count;
  std::vector<std::string>& others = known->other_modules;
  const std::string& path = diagnostic.module_path;
  if (path != known->diagnostic.module_path &&
      std::find(others.begin(), others.end(), path) == others.end()) {
    others.push_back(path);
  }
}

void Breaks::add_once(diag::Diagnostic diagnostic) {
  const bool known = std::any_of(groups_.begin(), groups_.end(), [&](const Group& group) {
    return same_place(group.diagnostic, diagnostic);
  });
  if (!known) add(std::move(diagnostic));
}

void Breaks::keep_counts_of(const Breaks& earlier) {
  for (Group& group : groups_) {
    for (const Group& before : earlier.groups_) {
      if (same_place(group.diagnostic, before.diagnostic)) {
        group.diagnostic.count = before.diagnostic.count;
      }
    }
  }
}

std::vector<diag::Diagnostic> Breaks::diagnostics() const {
  std::vector<diag::Diagnostic> result;
  for (const Group& group : groups_) {
    diag::Diagnostic& diagnostic = result.emplace_back(group.diagnostic);
    if (group.other_modules.empty()) continue;
    std::string names;
    for (size_t i = 0; i < std::min(group.other_modules.size(), kNamedModules); ++i) {
      names += (i ? ", " : "") + group.other_modules[i];
    }
    if (group.other_modules.size() > kNamedModules) {
      names += " and " + std::to_string(group.other_modules.size() - kNamedModules) + " more";
    }
    diagnostic.note("reached in other modules too: " + names);
  }
  return result;
}

}  // namespace tx::capture
