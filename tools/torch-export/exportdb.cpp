#include "exportdb.h"

#include <algorithm>
#include <map>

#include <nlohmann/json.hpp>

#include "support/strings.h"

namespace tx::cli {

namespace {

using Json = nlohmann::json;

std::string text_or_empty(const Json& json, const char* key) {
  return json.contains(key) && json[key].is_string() ? json[key].get<std::string>() : std::string();
}

std::vector<std::string> texts(const Json& json, const char* key) {
  return json.contains(key) ? json[key].get<std::vector<std::string>>() : std::vector<std::string>();
}

std::string code_list(const std::vector<std::string>& words) {
  std::vector<std::string> quoted;
  for (const std::string& word : words) quoted.push_back("`" + word + "`");
  return support::join(quoted, ", ");
}

// "aten.add.Tensor x3" for a run of equal names.
std::string operator_list(const std::vector<std::string>& operators) {
  std::vector<std::string> parts;
  for (size_t i = 0; i < operators.size();) {
    size_t same = 1;
    while (i + same < operators.size() && operators[i + same] == operators[i]) ++same;
    parts.push_back("`" + operators[i] + "`" + (same > 1 ? " x" + std::to_string(same) : ""));
    i += same;
  }
  return parts.empty() ? "none" : support::join(parts, ", ");
}

}  // namespace

std::vector<ExportdbCase> parse_exportdb(std::string_view catalogue, std::string_view outcomes) {
  const Json measured = Json::parse(outcomes);
  std::vector<ExportdbCase> cases;
  for (const Json& json : Json::parse(catalogue)) {
    ExportdbCase row;
    row.name = json.at("name");
    row.title = json.at("title");
    row.tags = texts(json, "tags");
    row.level = json.at("level");
    row.form = text_or_empty(json, "form");
    row.missing = text_or_empty(json, "missing");
    row.options = texts(json, "options");
    row.outcome = "no TorchScript form";
    if (measured.contains(row.name)) {
      const Json& outcome = measured[row.name];
      row.outcome = outcome.at("outcome");
      row.codes = texts(outcome, "codes");
      row.diagnostics = text_or_empty(outcome, "diagnostics");
      row.operators = texts(outcome, "operators");
    }
    cases.push_back(std::move(row));
  }
  return cases;
}

const std::vector<ExportdbCase>& exportdb() {
  static const std::vector<ExportdbCase> cases =
      parse_exportdb(exportdb_file("catalogue.json"), exportdb_file("outcomes.json"));
  return cases;
}

std::string exportdb_page(const std::vector<ExportdbCase>& cases) {
  std::map<std::string, size_t> counts;
  for (const ExportdbCase& row : cases) ++counts[row.outcome];
  std::string page =
      "# ExportDB\n\n"
      "What becomes of each case of torch's ExportDB here. `exportdb_test` exports every case that\n"
      "TorchScript can express, verifies the program against the model, and writes this page; the\n"
      "sources are in `testdata/exportdb`, and `torch-export exportdb NAME` shows one.\n\n";
  std::vector<std::string> summary;
  for (const auto& [outcome, count] : counts) {
    summary.push_back(std::to_string(count) + " " + outcome);
  }
  page += std::to_string(cases.size()) + " cases: " + support::join(summary, ", ") + ".\n\n";
  page += "| case | tags | in torch | here | TorchScript form |\n|--|--|--|--|--|\n";
  for (const ExportdbCase& row : cases) {
    page += "| [`" + row.name + "`](#" + row.name + ") | " + code_list(row.tags) + " | " + row.level +
            " | " + row.outcome + (row.codes.empty() ? "" : " (" + support::join(row.codes, ", ") + ")") +
            " | " + (row.form.empty() ? "none" : row.form) + " |\n";
  }
  for (const ExportdbCase& row : cases) {
    page += "\n## " + row.name + "\n\n" + row.title + "\n\n";
    if (!row.missing.empty()) {
      page += "No TorchScript form: " + row.missing + ".\n";
      continue;
    }
    std::string options;
    for (const std::string& option : row.options) options += " " + option;
    page += row.outcome == "exported" ? "Exported" : "Refused";
    if (!options.empty()) page += " with `" + std::string(support::trim(options)) + "`";
    page += row.outcome == "exported" ? "; operators: " + operator_list(row.operators) + ".\n" : ".\n";
    if (!row.diagnostics.empty()) page += "\n```text\n" + row.diagnostics + "```\n";
  }
  return page;
}

}  // namespace tx::cli
