// Exports every case of the corpus, runs the program that was written, and compares what it returns
// with the eager model's outputs. One line for each case goes to stdout.
//
// TX_CORPUS is the corpus's folder; without one the test says so and passes. TX_CASE=part runs only
// the cases whose name holds `part`.
#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "driver/driver.h"
#include "inputs/read.h"
#include "runtime/compare.h"

namespace fs = std::filesystem;

namespace tx {

namespace {

struct Case {
  std::string name;
  fs::path folder;
  std::set<std::string> tags;
  double rtol = 0, atol = 0;
};

std::vector<Case> read_cases(const fs::path& corpus) {
  std::vector<Case> cases;
  for (const auto& entry : fs::directory_iterator(corpus)) {
    std::ifstream stream(entry.path() / "case.json");
    if (!stream) continue;
    const nlohmann::json json = nlohmann::json::parse(stream);
    Case item{json.at("name"), entry.path(), {}, json.at("rtol"), json.at("atol")};
    for (const auto& tag : json.at("tags")) item.tags.insert(tag.get<std::string>());
    cases.push_back(std::move(item));
  }
  std::sort(cases.begin(), cases.end(),
            [](const Case& a, const Case& b) { return a.name < b.name; });
  return cases;
}

// The leaves as torch's pytree orders them; a dict keeps the order of insertion.
void flatten(const c10::IValue& value, std::vector<c10::IValue>& leaves) {
  if (value.isTuple()) {
    for (const c10::IValue& item : value.toTupleRef().elements()) flatten(item, leaves);
  } else if (value.isList()) {
    for (const c10::IValue& item : value.toList()) flatten(item, leaves);
  } else if (value.isGenericDict()) {
    for (const auto& item : value.toGenericDict()) flatten(item.value(), leaves);
  } else {
    leaves.push_back(value);
  }
}

// A file's leaves as a tuple.
c10::IValue leaves(const fs::path& path) {
  std::vector<c10::IValue> values;
  flatten(inputs::read_file(path).value, values);
  return c10::ivalue::Tuple::create(std::move(values));
}

// Graph breaks at a known line are what these models are refused with.
bool is_expected_refusal(const Case& item, const diag::Failure& failure) {
  const bool may_refuse = item.tags.contains("cond") || item.tags.contains("data-dependent") ||
                          item.tags.contains("quantized");
  return may_refuse &&
         std::all_of(failure.diagnostics().begin(), failure.diagnostics().end(),
                     [](const diag::Diagnostic& diagnostic) {
                       return diag::kind(diagnostic.code).name.starts_with("TX1") &&
                              diagnostic.place.known() && diagnostic.place.line > 0;
                     });
}

// "ok", "refused as it may be", or what went wrong.
std::pair<bool, std::string> try_case(const Case& item, const fs::path& folder) {
  const driver::InputArgs inputs{{(item.folder / "inputs.pt").string()}, 0};
  const std::string program = (folder / "program.txp").string();
  const std::string outputs = (folder / "outputs.pt").string();
  size_t nodes = 0;
  try {
    driver::ExportRequest request;
    request.model = (item.folder / "model.pt").string();
    request.inputs = inputs;
    request.out = program;
    request.allow_input_mutation = item.tags.contains("input-mutation");
    nodes = driver::export_model(request).num_nodes;
    driver::RunRequest run;
    run.program = program;
    run.inputs = inputs;
    run.outputs = outputs;
    driver::run_program(run);
  } catch (const diag::Failure& failure) {
    const diag::Diagnostic& first = failure.diagnostics().front();
    const std::string text = std::string(diag::kind(first.code).name) + " " + first.place.file +
                             ":" + std::to_string(first.place.line) + " " + first.message;
    return is_expected_refusal(item, failure) ? std::pair(true, "refused: " + text)
                                              : std::pair(false, text);
  } catch (const std::exception& error) {
    return {false, std::string("exception: ") + error.what()};
  }

  const runtime::Comparison comparison = runtime::compare(
      leaves(outputs), leaves(item.folder / "expected.pt"), {item.rtol, item.atol});
  if (!comparison.agree()) return {false, comparison.mismatches.front().text()};
  return {true, "ok, " + std::to_string(nodes) + " operators"};
}

std::string first_lines(std::string text) {
  text = text.substr(0, 300);
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

}  // namespace

TEST_CASE("the corpus exports and runs") {
  const char* corpus = std::getenv("TX_CORPUS");
  if (!corpus || !fs::is_directory(corpus)) {
    MESSAGE("no corpus: TX_CORPUS is not set to its folder");
    return;
  }
  const char* part = std::getenv("TX_CASE");
  std::string folder = (fs::temp_directory_path() / "torch-export-corpus-XXXXXX").string();
  REQUIRE(mkdtemp(folder.data()));
  for (const Case& item : read_cases(corpus)) {
    if (part && item.name.find(part) == std::string::npos) continue;
    const auto [good, text] = try_case(item, folder);
    std::printf("%-4s %-28s %s\n", good ? "ok" : "FAIL", item.name.c_str(),
                first_lines(text).c_str());
    std::fflush(stdout);
    CHECK_MESSAGE(good, item.name, ": ", text);
  }
  fs::remove_all(folder);
}

}  // namespace tx
