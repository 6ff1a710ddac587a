#include "archive/code_places.h"

#include <algorithm>

#include "support/zip_directory.h"

namespace tx::archive {
namespace {

// The text of NAME/<file> in the archive, whatever NAME is; empty when there is none.
std::string text_of(const support::ZipDirectory& zip, const std::string& file) {
  for (const support::ZipEntry& entry : zip.entries()) {
    const size_t slash = entry.name.find('/');
    if (slash != std::string::npos && entry.name.compare(slash + 1, std::string::npos, file) == 0) {
      return zip.read(entry);
    }
  }
  return {};
}

}  // namespace

void complete_place(const LoadedModule& model, diag::Diagnostic& diagnostic) {
  diag::Place& place = diagnostic.place;
  if (place.line != 0 || place.file.rfind("code/", 0) != 0 || diagnostic.stack.empty()) return;
  const std::string& function = diagnostic.stack.front().function;
  const size_t dot = function.rfind('.');
  if (dot == std::string::npos) return;
  const std::string text = text_of(support::ZipDirectory(model.file->text()), place.file);
  const size_t in_class = text.find("class " + function.substr(0, dot) + "(");
  if (in_class == std::string::npos) return;
  const size_t definition = text.find("def " + function.substr(dot + 1) + "(", in_class);
  if (definition == std::string::npos) return;
  const size_t line_start = text.rfind('\n', definition) + 1;
  const size_t line_end = std::min(text.find('\n', definition), text.size());
  place.line = static_cast<uint32_t>(
      1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(definition), '\n'));
  place.column = static_cast<uint32_t>(definition - line_start + 1);
  place.length = static_cast<uint32_t>(line_end - definition);
  place.code = text.substr(line_start, line_end - line_start);
  diagnostic.stack.front().line = place.line;
  diagnostic.stack.front().code = place.code;
}

}  // namespace tx::archive
