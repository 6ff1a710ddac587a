// The rules against what eager torch returns: every line of testdata/shapes.
#include <doctest/doctest.h>

#include "shapes/table_reader.h"
#include "shapes/test_run.h"

using namespace tx;

namespace tx::shapes::test {

namespace {

/// The failures as one text, at most twenty of them.
std::string listed(const std::vector<std::string>& failures) {
  std::string text = std::to_string(failures.size()) + " failures\n";
  for (size_t i = 0; i < failures.size() && i < 20; ++i) text += failures[i] + "\n";
  return text;
}

}  // namespace

TEST_CASE("rules return what eager torch returns") {
  auto cases = read_tables(TX_TESTDATA "/shapes");
  CHECK(cases.size() > 15000);
  std::vector<std::string> failures;
  for (auto& entry : cases) {
    std::string got;
    try {
      symbolic::ShapeEnv env;
      got = text(run(env, entry, entry.nodes));
    } catch (const diag::Failure& failure) {
      got = failure.what();
    }
    if (got != text(entry.result))
      failures.push_back(entry.op + "  " + entry.line + "\n    got " + got);
  }
  CHECK_MESSAGE(failures.empty(), listed(failures));
}

TEST_CASE("rules of symbolic sizes agree with the rules of constant sizes") {
  // Each case is run once with a symbol for every size of 2 or more. At other sizes that satisfy
  // the recorded guards, the symbolic result has to be that of the static rule.
  std::vector<std::string> failures;
  size_t generalised = 0, compared = 0;
  std::map<std::string, int> taken;
  for (auto& entry : read_tables(TX_TESTDATA "/shapes")) {
    if (taken[entry.op] >= 14) continue;
    auto outcome = generalise(entry);
    if (outcome.skipped) continue;
    ++taken[entry.op];
    generalised += outcome.points > 0;
    compared += outcome.points;
    failures.insert(failures.end(), outcome.failures.begin(), outcome.failures.end());
  }
  CHECK_MESSAGE(failures.empty(), listed(failures));
  CHECK(generalised > 2000);
  CHECK(compared > 3 * 2000);
}

}  // namespace tx::shapes::test
