#include <algorithm>

#include "diag/sinks.h"
#include "support/strings.h"

namespace tx::diag {
namespace {

/// Colours as rustc uses them; empty strings without colour.
struct Palette {
  std::string_view level, strong, frame, reset;
};
Palette palette(Level level, bool color) {
  if (!color) return {};
  switch (level) {
    case Level::Error: return {"\x1b[1;31m", "\x1b[1m", "\x1b[1;34m", "\x1b[0m"};
    case Level::Warning: return {"\x1b[1;33m", "\x1b[1m", "\x1b[1;34m", "\x1b[0m"};
    case Level::Note: return {"\x1b[1;32m", "\x1b[1m", "\x1b[1;34m", "\x1b[0m"};
  }
  return {};
}

/// A message, and what it says itself under `Suggested fixes:`.
struct Message {
  std::string head, fixes;
};
Message split_message(const std::string& text) {
  constexpr std::string_view kHeading = "\nSuggested fixes:\n";
  const size_t at = text.find(kHeading);
  if (at == std::string::npos) return {text, ""};
  return {std::string(support::trim(std::string_view(text).substr(0, at))),
          text.substr(at + kHeading.size())};
}

/// The characters of a line, each as its bytes; bytes that are not UTF-8 count one each.
std::vector<std::string_view> characters(std::string_view line) {
  std::vector<std::string_view> result;
  for (size_t at = 0; at < line.size();) {
    const size_t length = std::max<size_t>(support::utf8_length(line, at), 1);
    result.push_back(line.substr(at, length));
    at += length;
  }
  return result;
}

class TextWriter {
 public:
  TextWriter(const Diagnostic& diagnostic, bool color)
      : diagnostic_(diagnostic), colors_(palette(diagnostic.level, color)) {
    if (diagnostic.place.line > 0)
      width_ = std::max(width_, std::to_string(diagnostic.place.line).size());
  }

  std::string write() {
    const Message message = split_message(diagnostic_.message);
    const size_t line_end = message.head.find('\n');
    out_ += paint(colors_.level, std::string(level_name(diagnostic_.level)) + "[" +
                                     std::string(kind(diagnostic_.code).name) + "]");
    out_ += paint(colors_.strong, ": " + message.head.substr(0, line_end));
    if (line_end != std::string::npos) out_ += message.head.substr(line_end);
    out_ += "\n";
    place();
    context();
    fixes(message.fixes);
    return std::move(out_);
  }

 private:
  static std::string paint(std::string_view color, const std::string& text, std::string_view reset) {
    return color.empty() ? text : std::string(color) + text + std::string(reset);
  }
  std::string paint(std::string_view color, const std::string& text) const {
    return paint(color, text, colors_.reset);
  }

  /// "17 | text", with blanks for the number 0.
  void gutter(uint32_t line, const std::string& text) {
    std::string number = line > 0 ? std::to_string(line) : "";
    number.insert(0, width_ - number.size(), ' ');
    out_ += paint(colors_.frame, number + " |");
    if (!text.empty()) out_ += " " + text;
    out_ += "\n";
  }

  /// "   = name: text"; further lines stand below the first.
  void attach(const std::string& name, const std::string& text) {
    const std::string start = std::string(width_ + 1, ' ') + "= ";
    const std::vector<std::string> lines = support::split(text, '\n');
    out_ += paint(colors_.frame, start) + paint(colors_.strong, name) + ": " + lines[0] + "\n";
    const std::string below(start.size() + name.size() + 2, ' ');
    for (size_t i = 1; i < lines.size(); ++i) out_ += below + lines[i] + "\n";
  }

  void place() {
    const Place& place = diagnostic_.place;
    if (!place.known()) return;
    std::string where = place.file;
    if (place.line > 0)
      where += ":" + std::to_string(place.line) + ":" + std::to_string(shown_column(place));
    out_ += std::string(width_, ' ') + paint(colors_.frame, "--> ") + where + "\n";
    if (place.code.empty()) return;
    gutter(0, "");
    gutter(place.line, place.code);
    gutter(0, underline());
  }

  /// Carets below the place, the label after them.
  std::string underline() const {
    const Place& place = diagnostic_.place;
    const std::vector<std::string_view> line = characters(place.code);
    const size_t begin = std::min<size_t>(shown_column(place) - 1, line.size());
    // Without a column the place is the whole statement.
    const size_t wanted = place.column == 0 ? line.size() : begin + std::max(place.length, 1u);
    const size_t end = std::max(begin + 1, std::min(wanted, line.size()));
    std::string out;
    for (size_t i = 0; i < begin; ++i) out += line[i] == "\t" ? '\t' : ' ';
    std::string carets(end - begin, '^');
    if (!diagnostic_.label.empty()) carets += " " + diagnostic_.label;
    return out + paint(colors_.level, carets);
  }

  void context() {
    const Place& place = diagnostic_.place;
    if (place.code.empty() && !diagnostic_.label.empty()) attach("note", diagnostic_.label);
    for (const std::string& note : diagnostic_.notes) attach("note", note);
    bool is_first = true;
    for (const StackFrame& frame : diagnostic_.stack) {
      // The innermost frame is the place itself.
      const bool is_place = is_first && frame.file == place.file && frame.line == place.line;
      is_first = false;
      if (is_place) continue;
      std::string text = frame.file + ":" + std::to_string(frame.line);
      if (!frame.function.empty()) text += ", in " + frame.function;
      const std::string_view code = support::trim(frame.code);
      if (!code.empty()) text += "\n" + std::string(code);
      attach("called from", text);
    }
    if (!diagnostic_.module_path.empty()) attach("module", diagnostic_.module_path);
    if (diagnostic_.count > 1)
      attach("count", "reached " + std::to_string(diagnostic_.count) + " times");
  }

  void fixes(std::string lines) {
    // A remedy in words stands with the notes; one that is a change has its own block.
    for (const Fix& fix : diagnostic_.fixes)
      if (fix.dynamic.empty()) attach("fix", fix.message + checked(fix));
    const bool has_changes = std::any_of(diagnostic_.fixes.begin(), diagnostic_.fixes.end(),
                                         [](const Fix& fix) { return !fix.dynamic.empty(); });
    if (lines.empty() && !has_changes) return;

    out_ += "\n" + paint(colors_.strong, "Suggested fixes:") + "\n";
    if (!lines.empty() && lines.back() != '\n') lines += '\n';
    out_ += lines;
    for (const Fix& fix : diagnostic_.fixes) {
      if (fix.dynamic.empty()) continue;
      for (const std::string& line : support::split(fix.message, '\n')) {
        const std::string shown = "  " + std::string(support::trim(line)) + "\n";
        if (lines.find(shown) == std::string::npos && shown != "  \n") out_ += shown;
      }
      std::string flags;
      for (const std::string& value : fix.dynamic)
        flags += (flags.empty() ? "" : " ") + std::string("--dynamic ") + shell_word(value);
      attach("fix", flags + checked(fix, flags.size()));
    }
  }

  /// The remark of a fix that was tried, in a column of its own where there is room.
  static std::string checked(const Fix& fix, size_t width = 0) {
    if (!fix.checked) return "";
    constexpr size_t kColumn = 27;
    return std::string(width + 2 < kColumn && width > 0 ? kColumn - width : 2, ' ') +
           "(checked: export succeeds)";
  }

  /// A value as it can be pasted into a shell.
  static std::string shell_word(const std::string& value) {
    const bool plain = value.find_first_of(" *[]'\"$&|;<>()?\\`") == std::string::npos;
    return plain ? value : "'" + support::replace_all(value, "'", "'\\''") + "'";
  }

  const Diagnostic& diagnostic_;
  Palette colors_;
  size_t width_ = 2;  ///< of line numbers
  std::string out_;
};

}  // namespace

std::string_view level_name(Level level) {
  switch (level) {
    case Level::Error: return "error";
    case Level::Warning: return "warning";
    case Level::Note: return "note";
  }
  return "error";
}

uint32_t shown_column(const Place& place) {
  if (place.column > 0) return place.column;
  const size_t first = place.code.find_first_not_of(" \t");
  return first == std::string::npos ? 1 : static_cast<uint32_t>(first) + 1;
}

std::string to_text(const Diagnostic& diagnostic, bool color) {
  return TextWriter(diagnostic, color).write();
}

}  // namespace tx::diag
