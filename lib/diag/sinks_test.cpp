#include "diag/sarif_check_for_test.h"
#include "diag/sinks.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

using namespace tx::diag;
using Json = nlohmann::json;

namespace {

Diagnostic violation() {
  Diagnostic diagnostic(Code::TX2003,
                        "Constraints violated (batch)! For more information, run with "
                        "TORCH_LOGS=dynamic.\n"
                        "  - You marked batch as dynamic but your code specialized it to be a "
                        "constant (4).\n"
                        "\n"
                        "Suggested fixes:\n"
                        "  batch = 4");
  diagnostic.at({"model.py", 17, 12, 14, "    return x.view(4, 100)"}, "needs `batch` == 4")
      .note("requested by --dynamic x:0=batch:2..16");
  diagnostic.fixes.push_back({"batch = 4", {"x:0=4"}, Applicability::Machine, true});
  return diagnostic;
}

}  // namespace

TEST_CASE("a diagnostic on a terminal") {
  CHECK(to_text(violation(), false) == R"(error[TX2003]: Constraints violated (batch)! For more information, run with TORCH_LOGS=dynamic.
  - You marked batch as dynamic but your code specialized it to be a constant (4).
  --> model.py:17:12
   |
17 |     return x.view(4, 100)
   |            ^^^^^^^^^^^^^^ needs `batch` == 4
   = note: requested by --dynamic x:0=batch:2..16

Suggested fixes:
  batch = 4
   = fix: --dynamic x:0=4            (checked: export succeeds)
)");
}

TEST_CASE("fixes that the message does not list are listed") {
  Diagnostic diagnostic(Code::TX2003, "Constraints violated (a)!");
  diagnostic.fixes.push_back(
      {"a = Dim('a', max=16)\nb = a", {"x:0=a:..16", "y:0=a*2 + 1"}, Applicability::Maybe, false});
  CHECK(to_text(diagnostic, false) == R"(error[TX2003]: Constraints violated (a)!

Suggested fixes:
  a = Dim('a', max=16)
  b = a
   = fix: --dynamic x:0=a:..16 --dynamic 'y:0=a*2 + 1'
)");
}

TEST_CASE("stack, module path, count and remedies in words") {
  Diagnostic diagnostic(Code::TX1007, "an attribute is written");
  diagnostic.at({"net.py", 130, 0, 1, "\tself.n = 3"}).fix("use a buffer").note("one\ntwo");
  diagnostic.stack = {{"net.py", 130, "step", "\tself.n = 3"},
                      {"net.py", 7, "forward", "    self.step()"}};
  diagnostic.module_path = "encoder.layers.3";
  diagnostic.count = 12;
  CHECK(to_text(diagnostic, false) == "warning[TX1007]: an attribute is written\n"
                                      "   --> net.py:130:2\n"
                                      "    |\n"
                                      "130 | \tself.n = 3\n"
                                      "    | \t^^^^^^^^^^\n"
                                      "    = note: one\n"
                                      "            two\n"
                                      "    = called from: net.py:7, in forward\n"
                                      "                   self.step()\n"
                                      "    = module: encoder.layers.3\n"
                                      "    = count: reached 12 times\n"
                                      "    = fix: use a buffer\n");
}

TEST_CASE("places without a line, without code, and in text that is not ASCII") {
  Diagnostic command_line(Code::TX2001, "a range has two ends");
  command_line.at({"--dynamic", 0, 9, 1, "x:0=batch...3"}, "expected `..`");
  CHECK(to_text(command_line, false) == "error[TX2001]: a range has two ends\n"
                                        "  --> --dynamic\n"
                                        "   |\n"
                                        "   | x:0=batch...3\n"
                                        "   |         ^ expected `..`\n");
  Diagnostic file(Code::TX0007, "the archive is damaged");
  file.at({"model.pt", 0, 0, 1, ""}, "it ends after 10 bytes");
  CHECK(to_text(file, false) ==
        "error[TX0007]: the archive is damaged\n  --> model.pt\n   = note: it ends after 10 bytes\n");
  Diagnostic unicode(Code::TX1005, "no");
  unicode.at({"m.py", 3, 5, 2, "\xc3\xa9\xc3\xa9\xc3\xa9 = \xc3\xbc(x)"});
  CHECK(to_text(unicode, false) ==
        "error[TX1005]: no\n  --> m.py:3:5\n   |\n 3 | \xc3\xa9\xc3\xa9\xc3\xa9 = \xc3\xbc(x)\n   |     ^^\n");
}

TEST_CASE("colour surrounds parts and changes no text") {
  const std::string colored = to_text(violation(), true);
  CHECK(colored.starts_with("\x1b[1;31merror[TX2003]\x1b[0m\x1b[1m: Constraints"));
  std::string plain;
  for (size_t i = 0; i < colored.size(); ++i) {
    if (colored[i] == '\x1b') i = colored.find('m', i);
    else plain += colored[i];
  }
  CHECK(plain == to_text(violation(), false));
}

TEST_CASE("a JSON line has the promised keys in order") {
  Diagnostic diagnostic = violation();
  diagnostic.stack = {{"model.py", 3, "forward", ""}};
  diagnostic.module_path = "encoder.layers.3";
  const std::string line = to_json_line(diagnostic);
  CHECK(line.find('\n') == line.npos);
  CHECK(line.starts_with(R"({"code":"TX2003","level":"error","message":"Constraints violated (batch)!)"));
  const auto json = nlohmann::ordered_json::parse(line);
  std::vector<std::string> keys;
  for (const auto& [key, value] : json.items()) keys.push_back(key);
  CHECK(keys == std::vector<std::string>{"code", "level", "message", "location", "stack",
                                         "module_path", "notes", "fixes", "count", "rendered"});
  CHECK(json["location"].dump() == R"({"file":"model.py","line":17,"column":12})");
  CHECK(json["stack"].dump() == R"([{"file":"model.py","line":3,"function":"forward"}])");
  CHECK(json["fixes"].dump() ==
        R"([{"message":"batch = 4","dynamic":["x:0=4"],"applicability":"machine","checked":true}])");
  CHECK(json["module_path"] == "encoder.layers.3");
  CHECK(json["count"] == 1);
  CHECK(json["rendered"] == to_text(diagnostic, false));
}

TEST_CASE("a diagnostic without a place, and one with bytes that are no text") {
  const Json json = Json::parse(to_json_line(Diagnostic(Code::TX0015, "caf\xe9")));
  CHECK(json["location"].is_null());
  CHECK(json["message"] == "caf\xef\xbf\xbd");
  CHECK(json["stack"].is_array());
}

TEST_CASE("reports") {
  const std::vector<Diagnostic> diagnostics = {violation(), Diagnostic(Code::TX0015, "no code"),
                                               violation()};
  const Json report = Json::parse(json_report(diagnostics));
  REQUIRE(report["diagnostics"].size() == 3);
  CHECK(report["diagnostics"][1]["code"] == "TX0015");
  CHECK(Json::parse(json_report({})) == Json::parse(R"({"diagnostics": []})"));

  const Json sarif = Json::parse(sarif_report(diagnostics, "0.1.0"));
  CHECK(sarif["version"] == "2.1.0");
  const Json& run = sarif["runs"][0];
  CHECK(run["tool"]["driver"]["name"] == "torch-export");
  CHECK(run["tool"]["driver"]["version"] == "0.1.0");
  REQUIRE(run["tool"]["driver"]["rules"].size() == 2);
  CHECK(run["tool"]["driver"]["rules"][1]["id"] == "TX0015");
  CHECK(run["results"][2]["ruleIndex"] == 0);
  CHECK(run["results"][1]["ruleIndex"] == 1);
  CHECK_FALSE(run["results"][1].contains("locations"));
  const Json& region = run["results"][0]["locations"][0]["physicalLocation"]["region"];
  CHECK(region == Json::parse(R"j({"startLine": 17, "startColumn": 12, "endColumn": 26,
                                  "snippet": {"text": "    return x.view(4, 100)"}})j"));
  CHECK(run["results"][0]["properties"]["fixes"][0]["dynamic"][0] == "x:0=4");

  Diagnostic nested(Code::TX1005, "no");
  nested.at({"/tmp/a b.py", 3, 0, 1, ""});
  nested.stack = {{"a.py", 7, "forward", ""}};
  nested.module_path = "layers.3";
  const std::vector<Diagnostic> one = {nested};
  const Json result = Json::parse(sarif_report(one, "0.1.0"))["runs"][0]["results"][0];
  CHECK(result["locations"] == Json::parse(R"([{"physicalLocation": {"artifactLocation": {"uri":
      "file:///tmp/a%20b.py"}, "region": {"startLine": 3, "startColumn": 1}}, "logicalLocations":
      [{"fullyQualifiedName": "layers.3", "kind": "module"}]}])"));
  CHECK(result["stacks"] == Json::parse(R"([{"frames": [{"location": {"physicalLocation":
      {"artifactLocation": {"uri": "a.py"}, "region": {"startLine": 7, "startColumn": 1}},
      "message": {"text": "forward"}}}]}])"));
}

TEST_CASE("SARIF shows what happens in a package at the user's line that calls it") {
  Diagnostic inside(Code::TX1001, "no");
  inside.at({"/usr/lib/python3/dist-packages/torch/nn/functional.py", 2987, 5, 3, "    if x.sum() > 0:"});
  inside.stack = {{inside.place.file, 2987, "layer_norm", ""},
                  {"torch/nn/modules/normalization.py", 228, "forward", ""},
                  {"model.py", 7, "forward", "    return self.norm(x)"},
                  {"train.py", 70, "main", ""}};
  std::vector<Diagnostic> one = {inside};
  Json log = Json::parse(sarif_report(one, "0.1.0"));
  CHECK(tx::test::SarifCheck::problems(log) == std::vector<std::string>{});
  Json result = log["runs"][0]["results"][0];
  CHECK(result["locations"] == Json::parse(R"j([{"physicalLocation": {"artifactLocation": {"uri": "model.py"},
      "region": {"startLine": 7, "startColumn": 5, "snippet": {"text": "    return self.norm(x)"}}}}])j"));
  CHECK(result["relatedLocations"][0]["physicalLocation"]["region"]["startLine"] == 2987);
  CHECK(result["relatedLocations"][0]["message"]["text"] == "where it happens");
  CHECK(result["stacks"][0]["frames"].size() == 4);

  // Nobody called the package from elsewhere: its own line is the only one there is.
  one[0].stack.resize(2);
  result = Json::parse(sarif_report(one, "0.1.0"))["runs"][0]["results"][0];
  CHECK(result["locations"][0]["physicalLocation"]["region"]["startLine"] == 2987);
  CHECK_FALSE(result.contains("relatedLocations"));
}

TEST_CASE("SARIF reports are valid, and the check finds what is not") {
  using tx::test::SarifCheck;
  Diagnostic nested(Code::TX1005, "no");
  nested.at({"/tmp/a b.py", 3, 0, 1, "  x = y"}, "label");
  nested.stack = {{"a.py", 7, "forward", ""}, {"", 0, "", ""}};
  nested.module_path = "layers.3";
  nested.count = 4;
  const std::vector<Diagnostic> diagnostics = {violation(), Diagnostic(Code::TX0015, "caf\xe9"), nested};
  Json log = Json::parse(sarif_report(diagnostics, "0.1.0"));
  CHECK(SarifCheck::problems(log) == std::vector<std::string>{});
  CHECK(SarifCheck::problems(Json::parse(sarif_report({}, "0.1.0"))).empty());
  const auto problem = [&log](const char* where, const Json& value) {
    Json other = log;
    other[Json::json_pointer(where)] = value;
    const auto problems = SarifCheck::problems(other);
    return problems.empty() ? "none" : problems.front();
  };
  CHECK(problem("/version", "2.0.0") == "log.version: none of 2.1.0");
  CHECK(problem("/runs/0/results/0/level", "fatal") ==
        "log.runs[0].results[0].level: none of none|note|warning|error");
  CHECK(problem("/runs/0/results/0/ruleIndex", 1) ==
        "log.runs[0]: the rule index 1 is not that of its rule");
  CHECK(problem("/runs/0/results/0/occurrenceCount", 0) ==
        "log.runs[0].results[0].occurrenceCount: no number from 1");
  CHECK(problem("/runs/0/results/0/fixes", Json::array()) ==
        "log.runs[0].results[0]: a result has no `fixes`");
  CHECK(problem("/runs/0/results/0/locations/0/physicalLocation/artifactLocation/uri", "a b") ==
        "log.runs[0].results[0].locations[0].physicalLocation.artifactLocation.uri: `a b` is no URI");
  log["runs"][0]["results"][0].erase("message");
  CHECK(SarifCheck::problems(log).front() == "log.runs[0].results[0]: `message` is missing");
}

TEST_CASE("a report file is written by its ending") {
  const std::string folder = std::filesystem::temp_directory_path() / "report-test-XXXXXX";
  std::string made = folder;
  REQUIRE(mkdtemp(made.data()));
  const std::vector<Diagnostic> diagnostics = {violation()};
  write_report(made + "/r.json", diagnostics, "0.1.0");
  std::ostringstream text;
  text << std::ifstream(made + "/r.json").rdbuf();
  CHECK(text.str() == json_report(diagnostics));
  write_report(made + "/r.sarif", diagnostics, "0.1.0");
  CHECK(std::filesystem::exists(made + "/r.sarif"));
  CHECK_THROWS_AS(write_report(made + "/r.txt", diagnostics, "0.1.0"), Failure);
  CHECK_THROWS_WITH_AS(write_report(made + "/none/r.json", diagnostics, "0.1.0"),
                       ("the report `" + made + "/none/r.json` cannot be written: No such file or "
                        "directory").c_str(), Failure);
  std::filesystem::remove_all(made);
}
