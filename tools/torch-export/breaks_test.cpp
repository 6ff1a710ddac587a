// Models with a known number of graph breaks (testdata/models/sources/seeded.py): one run finds all of
// them, at their lines, with their counts, and none besides; the SARIF report is valid.
#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include <nlohmann/json.hpp>

#include "cli.h"
#include "diag/sarif_check_for_test.h"
#include "support/strings.h"

namespace fs = std::filesystem;

namespace tx::cli {

namespace {

using Json = nlohmann::json;

const fs::path kModels = fs::path(TX_TESTDATA) / "models";

std::string read_text(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

// "12 TX1001 x3", one for each break.
using Found = std::multiset<std::string>;

// The breaks that the source promises for a class: those in it, and in the functions and classes it
// names.
Found promised(const std::string& model) {
  static const std::regex kStart(R"(^(?:class|def) (\w+).*)");
  static const std::regex kBreak(R"(.*# (TX\d{4})(?: x(\d+))?$)");
  std::map<std::string, std::string> text_of;
  std::map<std::string, Found> breaks_of;
  std::string current;
  int number = 0;
  for (const std::string& line : support::split(read_text(kModels / "sources/seeded.py"), '\n')) {
    ++number;
    std::smatch match;
    if (std::regex_match(line, match, kStart)) current = match[1];
    text_of[current] += line + "\n";
    if (!std::regex_match(line, match, kBreak)) continue;
    const std::string count = match[2].matched ? match[2].str() : "1";
    breaks_of[current].insert(std::to_string(number) + " " + match[1].str() + " x" + count);
  }
  REQUIRE(text_of.contains(model));
  Found result = breaks_of[model];
  for (const auto& [name, breaks] : breaks_of) {
    const bool is_helper = !name.starts_with("Seeded");
    if (is_helper && text_of[model].find(name + "(") != std::string::npos) {
      result.insert(breaks.begin(), breaks.end());
    }
  }
  return result;
}

std::string listed(const Found& found) {
  std::string text;
  for (const std::string& item : found) text += "\n  " + item;
  return text;
}

struct TemporaryFolder {
  fs::path path;
  TemporaryFolder() {
    std::string name = (fs::temp_directory_path() / "breaks-test-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()));
    path = name;
  }
  ~TemporaryFolder() { fs::remove_all(path); }
};

}  // namespace

TEST_CASE("one run finds all breaks of a model and invents none") {
  const TemporaryFolder folder;
  const std::string out = (folder.path / "a.txp").string();
  for (const int number : {1, 2, 3, 4, 5, 6, 7, 8, 10, 12}) {
    const std::string name = "seeded" + std::to_string(number);
    CAPTURE(name);
    const std::string model = (kModels / (name + ".pt")).string();
    const std::string inputs = (kModels / (name + ".inputs.pt")).string();
    std::map<std::string, Json> reports;
    for (const std::string ending : {"json", "sarif"}) {
      const std::string report = (folder.path / ("report." + ending)).string();
      std::ostringstream stdout_text, stderr_text;
      const int code = run_cli({model, "--inputs", inputs, "-o", out, "--report", report}, stdout_text,
                               stderr_text, Environment{});
      CHECK(code == 1);
      CHECK(stdout_text.str().empty());
      CHECK_FALSE(fs::exists(out));
      reports[ending] = Json::parse(read_text(report));
    }
    const Json& diagnostics = reports["json"]["diagnostics"];
    Found found;
    for (const Json& diagnostic : diagnostics) {
      found.insert(diagnostic["location"]["line"].dump() + " " + diagnostic["code"].get<std::string>() +
                   " x" + diagnostic["count"].dump());
      CHECK(diagnostic["location"]["file"] == "seeded.py");
    }
    const Found expected = promised("Seeded" + std::to_string(number));
    CHECK_MESSAGE(expected.size() == static_cast<size_t>(number), listed(expected));
    CHECK_MESSAGE(found == expected, "found:", listed(found), "\npromised:", listed(expected));

    const std::vector<std::string> problems = test::SarifCheck::problems(reports["sarif"]);
    CHECK(problems == std::vector<std::string>{});
    CHECK(reports["sarif"]["runs"][0]["results"].size() == diagnostics.size());
  }
}

}  // namespace tx::cli
