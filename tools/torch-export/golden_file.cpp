#include "golden_file.h"

#include <sstream>
#include <stdexcept>

namespace tx::cli {

namespace {

constexpr std::string_view kMark = "=== ";
// Stands for the end of a text that does not end with a line end.
constexpr std::string_view kNoNewline = "=== no newline";

std::string section(const std::string& title, const std::string& text) {
  std::string result = std::string(kMark) + title + "\n" + text;
  if (!text.empty() && text.back() != '\n') result += "\n" + std::string(kNoNewline) + "\n";
  return result;
}

}  // namespace

GoldenFile parse_golden(const std::string& text) {
  GoldenFile golden;
  std::istringstream stream(text);
  std::string line;
  std::vector<std::string> setup;
  std::string* content = &golden.comment;
  for (int number = 1; std::getline(stream, line); ++number) {
    const auto fail = [&](const std::string& what) {
      throw std::runtime_error("line " + std::to_string(number) + ": " + what);
    };
    const bool marked = line.starts_with(kMark);
    if (!marked) {
      if (!content) fail("text outside a section");
      *content += line + "\n";
      continue;
    }
    if (line == kNoNewline) {
      if (!content || content->empty()) fail("nothing to end");
      content->pop_back();
      content = nullptr;
      continue;
    }
    content = nullptr;
    const std::string rest = line.substr(kMark.size());
    const std::string word = rest.substr(0, rest.find(' '));
    const std::string value = word.size() < rest.size() ? rest.substr(word.size() + 1) : "";
    if (word == "file") {
      content = &golden.files.emplace_back(value, "").second;
    } else if (word == "env" || word == "terminal" || word == "fault" || word == "copy") {
      setup.push_back(rest);
    } else if (word == "run" || word == "execute") {
      golden.runs.push_back({std::move(setup), word == "execute", value, 0, "", ""});
      setup.clear();
    } else if (golden.runs.empty()) {
      fail("`" + word + "` before the first run");
    } else if (word == "exit") {
      golden.runs.back().exit_code = std::stoi(value);
    } else if (word == "stdout") {
      content = &golden.runs.back().out;
    } else if (word == "stderr") {
      content = &golden.runs.back().err;
    } else {
      fail("unknown directive `" + word + "`");
    }
  }
  return golden;
}

std::string print_golden(const GoldenFile& golden) {
  std::string text = golden.comment;
  for (const auto& [name, content] : golden.files) text += section("file " + name, content);
  for (const GoldenRun& run : golden.runs) {
    for (const std::string& line : run.setup) text += std::string(kMark) + line + "\n";
    text += std::string(kMark) + (run.own_process ? "execute" : "run") + (run.arguments.empty() ? "" : " " + run.arguments) + "\n";
    if (run.exit_code != 0) {
      text += std::string(kMark) + "exit " + std::to_string(run.exit_code) + "\n";
    }
    if (!run.out.empty()) text += section("stdout", run.out);
    if (!run.err.empty()) text += section("stderr", run.err);
  }
  return text;
}

std::vector<std::string> split_arguments(const std::string& text) {
  std::vector<std::string> arguments;
  bool open = false;
  char quote = 0;
  for (const char c : text) {
    if (quote ? c == quote : (c == '\'' || c == '"')) {
      quote = quote ? 0 : c;
      if (!open) arguments.emplace_back();
      open = true;
    } else if (c == ' ' && !quote) {
      open = false;
    } else {
      if (!open) arguments.emplace_back();
      open = true;
      arguments.back() += c;
    }
  }
  return arguments;
}

}  // namespace tx::cli
