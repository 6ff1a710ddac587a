#include "diag/checkout.h"

#include <fstream>

namespace tx::diag {
namespace {

namespace fs = std::filesystem;

bool has_line(const fs::path& file, uint32_t line, const std::string& code) {
  std::ifstream stream(file);
  std::string text;
  for (uint32_t i = 0; i < line; ++i) {
    if (!std::getline(stream, text)) return false;
  }
  if (!text.empty() && text.back() == '\r') text.pop_back();
  return text == code;
}

}  // namespace

std::string path_in_checkout(const std::string& file, uint32_t line, const std::string& code,
                             const fs::path& checkout) {
  const fs::path path = fs::path(file).lexically_normal();
  if (!path.is_absolute()) return file;
  const fs::path below = path.lexically_relative(checkout);
  if (!below.empty() && *below.begin() != "..") return below.string();
  if (line == 0 || code.empty()) return file;
  fs::path rest = path.relative_path();
  while (!rest.empty()) {
    std::error_code ignored;
    if (fs::is_regular_file(checkout / rest, ignored) && has_line(checkout / rest, line, code)) {
      return rest.string();
    }
    fs::path shorter;
    for (auto part = std::next(rest.begin()); part != rest.end(); ++part) shorter /= *part;
    rest = std::move(shorter);
  }
  return file;
}

}  // namespace tx::diag
