#include "diag/diagnostic.h"

#include <algorithm>
#include <cctype>

namespace tx::diag {

const std::vector<Kind>& all_kinds() {
  static const std::vector<Kind> kinds = {
#define DIAG(code, level, exit, title) {Code::code, #code, Level::level, exit, title},
#include "diag/kinds.def"
#undef DIAG
  };
  return kinds;
}

const Kind& kind(Code code) { return all_kinds()[static_cast<size_t>(code)]; }

const Kind* find_kind(std::string_view name) {
  for (const Kind& candidate : all_kinds()) {
    const bool same = std::equal(
        name.begin(), name.end(), candidate.name.begin(), candidate.name.end(),
        [](char a, char b) { return std::toupper(static_cast<unsigned char>(a)) == b; });
    if (same) return &candidate;
  }
  return nullptr;
}

void fail(Diagnostic diagnostic) { throw Failure(std::move(diagnostic)); }
void fail(Code code, std::string message) { throw Failure(Diagnostic(code, std::move(message))); }

}  // namespace tx::diag
