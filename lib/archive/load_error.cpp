#include "archive/load_error.h"

#include <c10/util/Exception.h>

#include <regex>

#include "diag/diagnostic.h"

namespace tx::archive {
namespace {

/// The message without what LibTorch adds for its own developers.
std::string clean(const std::exception& error) {
  const auto* own = dynamic_cast<const c10::Error*>(&error);
  std::string text = own != nullptr ? own->what_without_backtrace() : error.what();
  for (const char* tail : {"\nException raised from", "\nC++ CapturedTraceback", "\nframe #0:"}) {
    text = text.substr(0, text.find(tail));
  }
  static const std::regex check_location(R"(^\[enforce fail at [^\]]*\] ?\S* ?)");
  text = std::regex_replace(text, check_location, "");
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back()))) text.pop_back();
  return text;
}

/// The innermost place that the message names: `File "model.py", line 17`, and the line that is
/// underlined with `~~~ <--- HERE`.
diag::Place place_in(const std::string& text) {
  diag::Place place;
  static const std::regex file_line(R"re(File "([^"]+)", line (\d+))re");
  std::smatch match;
  if (!std::regex_search(text, match, file_line) || match[2].length() > 9) return place;
  place.file = match[1];
  place.line = static_cast<uint32_t>(std::stoul(match[2]));
  const size_t here = text.find("<--- HERE", static_cast<size_t>(match.position()));
  const size_t marks_end = here == std::string::npos ? here : text.rfind('\n', here);
  if (marks_end == std::string::npos || marks_end == 0) return place;
  const size_t code_start = text.rfind('\n', marks_end - 1) + 1;
  place.code = text.substr(code_start, marks_end - code_start);
  const size_t first = text.find('~', marks_end), last = text.rfind('~', here);
  if (first < here && last != std::string::npos && last >= first) {
    place.column = static_cast<uint32_t>(first - marks_end);
    place.length = static_cast<uint32_t>(last - first + 1);
  }
  return place;
}

}  // namespace

void fail_unloadable(const std::string& path, const std::exception& error) {
  const std::string text = clean(error);
  const diag::Place place = place_in(text);
  const std::string remedy = "load the library that registers it: --load-library FILE.so";
  std::smatch match;

  static const std::regex unknown_operator(R"(Unknown builtin op: ([\w:.]+?)\.?\s)");
  if (std::regex_search(text, match, unknown_operator)) {
    diag::fail(diag::Diagnostic(diag::Code::TX0008, path + " uses the operator " + match[1].str() +
                                                        ", which LibTorch does not know")
                   .at(place)
                   .fix(remedy));
  }
  static const std::regex custom_class(R"(__torch__\.torch\.classes\.([\w.]+))");
  if (std::regex_search(text, match, custom_class)) {
    diag::fail(diag::Diagnostic(diag::Code::TX0008, path + " uses the C++ class " + match[1].str() +
                                                        ", which LibTorch does not know")
                   .at(place)
                   .fix(remedy));
  }
  // The rest of the message is the code around the place.
  const std::string first_line = text.substr(0, text.find('\n'));
  diag::Diagnostic diagnostic(diag::Code::TX0008,
                              path + " cannot be loaded by LibTorch: " + first_line);
  diagnostic.at(place);
  if (first_line.size() < text.size() && !place.known()) diagnostic.note(text);
  diag::fail(std::move(diagnostic));
}

}  // namespace tx::archive
