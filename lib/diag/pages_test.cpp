// Every code has a page that names it and its title, and no page is left over.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "diag/diagnostic.h"

using namespace tx::diag;
namespace fs = std::filesystem;

TEST_CASE("codes and pages of docs/diagnostics are the same set") {
  const fs::path folder = fs::path(TX_SOURCE_DIR) / "docs" / "diagnostics";
  std::set<std::string> pages;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == ".md" && entry.path().stem().string().starts_with("TX"))
      pages.insert(entry.path().stem());
  for (const Kind& kind : all_kinds()) {
    const std::string name(kind.name);
    CHECK_MESSAGE(pages.erase(name) == 1, "no page ", name);
    std::ostringstream text;
    text << std::ifstream(folder / (name + ".md")).rdbuf();
    const std::string heading = "# " + name + ": " + std::string(kind.title) + "\n";
    CHECK_MESSAGE(text.str().starts_with(heading), "the page does not start with ", heading);
    CHECK_MESSAGE(text.str().find("## How to fix it\n") != std::string::npos, name);
  }
  for (const std::string& page : pages) FAIL_CHECK("the page ", page, " has no code");
}

TEST_CASE("codes are found by name and carry what kinds.def says") {
  CHECK(find_kind("tx1001")->code == Code::TX1001);
  CHECK(find_kind("TX9999") == nullptr);
  CHECK(kind(Code::TX0070).exit_code == 70);
  CHECK(Diagnostic(Code::TX1007, "").level == Level::Warning);
}
