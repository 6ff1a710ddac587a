// Exports every case of testdata/exportdb that has a TorchScript form and holds what comes out against
// outcomes.json and docs/exportdb.md. TX_UPDATE_GOLDEN=1 writes both anew.
#include "exportdb.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <nlohmann/json.hpp>

#include "cli.h"

namespace fs = std::filesystem;

namespace tx::cli {

namespace {

using Json = nlohmann::ordered_json;

const fs::path kFolder = fs::path(TX_TESTDATA) / "exportdb";
const fs::path kPage = fs::path(TX_SOURCE_DIR) / "docs" / "exportdb.md";

std::string read_text(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

void add_operators(const Json& graph, const std::string& prefix, Json& operators) {
  for (const Json& node : graph.at("nodes")) {
    const std::string op = node.at("op");
    if (op.starts_with("higher_order.")) {
      for (const auto& [name, subgraph] : graph.at("subgraphs").items()) {
        add_operators(subgraph, prefix + name + ".", operators);
      }
    }
    operators.push_back(prefix + op);
  }
}

// What the tool makes of a case.
Json measure(const ExportdbCase& row, const fs::path& folder) {
  const std::string program = (folder / (row.name + ".txp")).string();
  const std::string report = (folder / (row.name + ".json")).string();
  std::vector<std::string> arguments = {(kFolder / (row.name + ".pt")).string(), "--inputs",
                                        (kFolder / (row.name + ".inputs.pt")).string(), "-o", program,
                                        "--report", report};
  arguments.insert(arguments.end(), row.options.begin(), row.options.end());
  std::ostringstream out, err;
  const int code = run_cli(arguments, out, err, Environment{});
  Json result;
  result["outcome"] = code == 0 ? "exported" : code == 1 ? "refused" : "failed: " + err.str();
  Json codes = Json::array();
  std::string text;
  const Json diagnostics = Json::parse(read_text(report));
  for (const Json& diagnostic : diagnostics.at("diagnostics")) {
    codes.push_back(diagnostic.at("code"));
    text += diagnostic.at("rendered").get<std::string>();
  }
  result["codes"] = codes;
  result["diagnostics"] = text;
  result["operators"] = Json::array();
  if (code == 0) {
    std::ostringstream shown;
    REQUIRE(run_cli({"show", program, "--format", "json"}, shown, err, Environment{}) == 0);
    add_operators(Json::parse(shown.str()), "", result["operators"]);
  }
  return result;
}

}  // namespace

TEST_CASE("every case gives the outcome that is written down, and the page is current") {
  std::string made = (fs::temp_directory_path() / "exportdb-XXXXXX").string();
  REQUIRE(mkdtemp(made.data()));
  const bool update = std::getenv("TX_UPDATE_GOLDEN") != nullptr;
  const std::string catalogue = read_text(kFolder / "catalogue.json");
  Json measured = Json::object();
  size_t with_form = 0;
  for (const ExportdbCase& row : parse_exportdb(catalogue, "{}")) {
    if (!row.missing.empty()) continue;
    ++with_form;
    measured[row.name] = measure(row, made);
  }
  fs::remove_all(made);
  CHECK(with_form == 32);
  const std::string text = measured.dump(1) + "\n";
  const std::string page = exportdb_page(parse_exportdb(catalogue, text));
  if (update) {
    std::ofstream(kFolder / "outcomes.json", std::ios::binary) << text;
    std::ofstream(kPage, std::ios::binary) << page;
    return;
  }
  const Json expected = Json::parse(read_text(kFolder / "outcomes.json"));
  for (const auto& [name, outcome] : measured.items()) {
    CAPTURE(name);
    CHECK(outcome.dump(1) == expected.value(name, Json()).dump(1));
  }
  CHECK(expected.size() == measured.size());
  CHECK(page == read_text(kPage));
}

TEST_CASE("sources, archives and the catalogue are the same set") {
  for (const ExportdbCase& row : parse_exportdb(read_text(kFolder / "catalogue.json"), "{}")) {
    CAPTURE(row.name);
    CHECK(fs::exists(kFolder / (row.name + ".py")));
    CHECK(fs::exists(kFolder / (row.name + ".pt")) == row.missing.empty());
    CHECK(row.missing.empty() != row.form.empty());
  }
}

}  // namespace tx::cli
