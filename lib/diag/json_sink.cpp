#include <algorithm>
#include <cctype>

#include <nlohmann/json.hpp>

#include "diag/checkout.h"
#include "diag/sinks.h"
#include "support/atomic_file.h"

namespace tx::diag {
namespace {

using Json = nlohmann::ordered_json;

std::string dump(const Json& json, int indent) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

/// A number that counts from 1, or null where it is not known.
Json known(uint32_t number) { return number > 0 ? Json(number) : Json(); }

Json location_json(const Place& place) {
  if (!place.known()) return nullptr;
  return {{"file", place.file},
          {"line", known(place.line)},
          {"column", known(place.line > 0 || place.column > 0 ? shown_column(place) : 0)}};
}

Json fix_json(const Fix& fix) {
  return {{"message", fix.message},
          {"dynamic", fix.dynamic},
          {"applicability", fix.applicability == Applicability::Machine ? "machine" : "maybe"},
          {"checked", fix.checked}};
}

Json to_json(const Diagnostic& diagnostic) {
  Json stack = Json::array();
  for (const StackFrame& frame : diagnostic.stack)
    stack.push_back(
        {{"file", frame.file}, {"line", known(frame.line)}, {"function", frame.function}});
  Json fixes = Json::array();
  for (const Fix& fix : diagnostic.fixes) fixes.push_back(fix_json(fix));
  return {{"code", kind(diagnostic.code).name},
          {"level", level_name(diagnostic.level)},
          {"message", diagnostic.message},
          {"location", location_json(diagnostic.place)},
          {"stack", stack},
          {"module_path", diagnostic.module_path},
          {"notes", diagnostic.notes},
          {"fixes", fixes},
          {"count", diagnostic.count},
          {"rendered", to_text(diagnostic, false)}};
}

// ---- SARIF -------------------------------------------------------------------------------------

/// A path as a URI: relative paths stay relative, other characters than URIs hold are escaped.
std::string uri(const std::string& path) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out = path.starts_with('/') ? "file://" : "";
  for (const unsigned char c : path) {
    if (std::isalnum(c) || std::string_view("-._~/").find(static_cast<char>(c)) != std::string_view::npos)
      out += static_cast<char>(c);
    else
      out.append({'%', kHex[c >> 4], kHex[c & 15]});
  }
  return out;
}

Json sarif_location(const Place& place) {
  std::error_code ignored;  // without a current folder, paths stay as they are
  const std::string file =
      path_in_checkout(place.file, place.line, place.code, std::filesystem::current_path(ignored));
  Json physical = {{"artifactLocation", {{"uri", uri(file)}}}};
  if (place.line > 0) {
    const uint32_t column = shown_column(place);
    Json region = {{"startLine", place.line}, {"startColumn", column}};
    if (place.column > 0) region["endColumn"] = column + std::max(place.length, 1u);
    if (!place.code.empty()) region["snippet"] = {{"text", place.code}};
    physical["region"] = region;
  }
  return {{"physicalLocation", physical}};
}

Place place_of(const StackFrame& frame) {
  Place place;
  place.file = frame.file;
  place.line = frame.line;
  place.code = frame.code;
  return place;
}

/// Whether a file belongs to an installed package. Archives made on other machines may name torch's
/// own files without the folder it is installed in.
bool is_of_package(const std::string& file) {
  return file.find("/site-packages/") != file.npos || file.find("/dist-packages/") != file.npos ||
         file.starts_with("torch/");
}

/// The place a viewer is to show: it has the user's files and not those of packages, so the call that
/// led into a package stands for what happens there.
Place shown_place(const Diagnostic& diagnostic) {
  if (is_of_package(diagnostic.place.file)) {
    for (const StackFrame& frame : diagnostic.stack) {
      if (!frame.file.empty() && !is_of_package(frame.file)) return place_of(frame);
    }
  }
  return diagnostic.place;
}

Json sarif_result(const Diagnostic& diagnostic, size_t rule) {
  std::string text = diagnostic.message;
  for (const std::string& note : diagnostic.notes) text += "\nnote: " + note;
  Json result = {{"ruleId", kind(diagnostic.code).name},
                 {"ruleIndex", rule},
                 {"level", level_name(diagnostic.level)},
                 {"message", {{"text", text}}},
                 {"occurrenceCount", diagnostic.count}};
  Json location = Json::object();
  const Place shown = shown_place(diagnostic);
  if (shown.known()) location = sarif_location(shown);
  if (!diagnostic.module_path.empty())
    location["logicalLocations"] = {
        {{"fullyQualifiedName", diagnostic.module_path}, {"kind", "module"}}};
  if (!location.empty()) result["locations"] = Json::array({location});
  if (shown.file != diagnostic.place.file || shown.line != diagnostic.place.line) {
    Json inside = sarif_location(diagnostic.place);
    inside["message"] = {{"text", diagnostic.label.empty() ? "where it happens" : diagnostic.label}};
    result["relatedLocations"] = Json::array({inside});
  }

  Json frames = Json::array();
  for (const StackFrame& frame : diagnostic.stack) {
    Json where = sarif_location(place_of(frame));
    where["message"] = {{"text", frame.function}};
    frames.push_back({{"location", where}});
  }
  if (!frames.empty()) result["stacks"] = Json::array({{{"frames", frames}}});

  // SARIF's own fixes are changes of files; these are changes of the command line.
  Json fixes = Json::array();
  for (const Fix& fix : diagnostic.fixes) fixes.push_back(fix_json(fix));
  if (!fixes.empty()) result["properties"] = {{"fixes", fixes}};
  return result;
}

}  // namespace

std::string to_json_line(const Diagnostic& diagnostic) { return dump(to_json(diagnostic), -1); }

std::string json_report(std::span<const Diagnostic> diagnostics) {
  Json list = Json::array();
  for (const Diagnostic& diagnostic : diagnostics) list.push_back(to_json(diagnostic));
  return dump({{"diagnostics", list}}, 2) + "\n";
}

std::string sarif_report(std::span<const Diagnostic> diagnostics, std::string_view version) {
  Json rules = Json::array();
  std::vector<Code> codes;  // of the rules, in order
  Json results = Json::array();
  for (const Diagnostic& diagnostic : diagnostics) {
    const auto found = std::find(codes.begin(), codes.end(), diagnostic.code);
    const size_t rule = static_cast<size_t>(found - codes.begin());
    if (found == codes.end()) {
      const Kind& what = kind(diagnostic.code);
      codes.push_back(diagnostic.code);
      rules.push_back({{"id", what.name},
                       {"shortDescription", {{"text", what.title}}},
                       {"help",
                        {{"text", "Run `torch-export explain " + std::string(what.name) + "`."}}},
                       {"defaultConfiguration", {{"level", level_name(what.level)}}}});
    }
    results.push_back(sarif_result(diagnostic, rule));
  }
  const Json driver = {{"name", "torch-export"}, {"version", version}, {"rules", rules}};
  const Json run = {{"tool", {{"driver", driver}}},
                    {"columnKind", "unicodeCodePoints"},
                    {"results", results}};
  return dump({{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
               {"version", "2.1.0"},
               {"runs", Json::array({run})}},
              2) +
         "\n";
}

void write_report(const std::string& path, std::span<const Diagnostic> diagnostics,
                  std::string_view version) {
  std::string text;
  if (path.ends_with(".json")) {
    text = json_report(diagnostics);
  } else if (path.ends_with(".sarif")) {
    text = sarif_report(diagnostics, version);
  } else {
    fail(Code::TX0001, "a report has to end in `.json` or `.sarif`: `" + path + "`");
  }
  try {
    support::write_file_atomically(path, text);
  } catch (const support::FileError& error) {
    fail(Code::TX0014, "the report `" + path + "` cannot be written: " + error.what());
  }
}

}  // namespace tx::diag
