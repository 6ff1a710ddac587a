// Every page of docs/diagnostics has an example that is run here as it stands: the model is compiled
// from the page's Python, the commands are given to a shell, and the last one prints the page's code.
#include <doctest/doctest.h>
#include <sys/wait.h>
#include <torch/csrc/jit/api/module.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "diag/diagnostic.h"
#include "support/strings.h"

namespace fs = std::filesystem;

namespace tx {

namespace {

const fs::path kPages = fs::path(TX_SOURCE_DIR) / "docs" / "diagnostics";
const fs::path kData = TX_TESTDATA;

// Mistakes of the tool itself: no command line shows them. TX0070 is in a golden file, TX3002 in
// the tests of lib/shapes.
const std::set<std::string> kNotRun = {"TX0070", "TX3002"};

// The files that an example finds besides the model of its own Python: name, and where it is from.
using Files = std::map<std::string, std::string>;

Files files_of(const std::string& code) {
  static const std::map<std::string, Files> special = {
      {"TX0003", {{"model.pt", "archive/pickled_module.pt"}}},
      {"TX0004", {{"weights.pt", "archive/state_dict.pt"}}},
      {"TX0005", {{"model.pt", "archive/legacy_module.pt"}}},
      {"TX0006", {{"model.onnx", "archive/model.onnx"}}},
      {"TX0008", {{"detector.pt", "models/missing_keyword.pt"}, {"image.pt", "models/missing_keyword.inputs.pt"}}},
      {"TX0011", {{"model.pt", "models/basic.pt"}, {"sample.bin", "inputs/raw.bin"}}},
      {"TX1005", {{"model.pt", "models/writes_parameter.pt"}}},
      {"TX1007", {{"model.pt", "models/writes_attribute.pt"}}},
      {"TX1009", {{"model.pt", "models/returns_object.pt"}}},
      {"TX2001", {{"model.pt", "models/methods.pt"}}},
      {"TX2002", {{"model.pt", "models/methods.pt"}}},
      {"TX2007", {{"model.pt", "models/methods.pt"}}},
      {"TX2008", {{"model.pt", "models/methods.pt"}}},
      {"TX2010", {{"model.pt", "models/methods.pt"}}},
      {"TX2012", {{"model.pt", "models/methods.pt"}}},
      {"TX3001", {{"model.pt", "models/segment_reduce.pt"}, {"x.pt", "models/segment_reduce.inputs.pt"}}},
      {"TX3003", {{"model.pt", "models/no_kernel.pt"}}},
      {"TX2004", {{"model.pt", "models/example1.pt"}}},
      {"TX2005", {{"model.pt", "models/basic.pt"}}},
      {"TX2006", {{"model.pt", "models/example2.pt"}}},
      {"TX3006", {{"model.pt", "models/upsample.pt"}, {"x.pt", "models/upsample.inputs.pt"}}},
      {"TX4009", {{"model.pt", "models/item_to_value.pt"}, {"x.pt", "models/item_to_value.inputs.pt"}, {"retrained.pt", "models/forks.pt"}}},
      {"TX4010", {{"model.pt", "models/custom_operator.pt"}, {"x.pt", "models/custom_operator.inputs.pt"}}},
      {"TX2011", {{"example3.pt", "models/example3.pt"}, {"example3.inputs.pt", "models/example3.inputs.pt"}}},
  };
  const auto found = special.find(code);
  if (found != special.end()) return found->second;
  const std::set<std::string> with_python = {"TX2003", "TX2009", "TX3004", "TX3005",
                                             "TX4008", "TX4011", "TX4012"};
  if (code.starts_with("TX1") || with_python.contains(code)) return {};
  return {{"model.pt", "models/basic.pt"}, {"x.pt", "models/basic.inputs.pt"}};
}

std::string read_text(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

// The text of the first block of a kind ("```python") in the section of the example.
std::string block(const std::string& page, const std::string& kind) {
  const size_t section = page.find("\n## Example\n");
  const size_t start = page.find("```" + kind + "\n", std::min(section, page.size()));
  if (section == page.npos || start == page.npos || start > page.find("\n## How to fix it\n")) return "";
  const size_t from = start + kind.size() + 4;
  return page.substr(from, page.find("```\n", from) - from);
}

}  // namespace

TEST_CASE("the example of every page fails with the page's code") {
  const char* only = std::getenv("TX_PAGE");
  for (const diag::Kind& kind : diag::all_kinds()) {
    const std::string code(kind.name);
    if (kNotRun.contains(code) || (only && code != only)) continue;
    CAPTURE(code);
    const std::string page = read_text(kPages / (code + ".md"));
    std::string name = (fs::temp_directory_path() / "explain-test-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()));
    const fs::path folder = name;
    for (const auto& [to, from] : files_of(code)) fs::copy_file(kData / from, folder / to);
    const std::string python = block(page, "python");
    // Only a bare method compiles without Python; the model of a class is an archive of the tests.
    if (python.starts_with("def forward(") && !fs::exists(folder / "model.pt")) {
      torch::jit::Module module("Model");
      module.define(python);
      module.save((folder / "model.pt").string());
    }
    const std::string commands = block(page, "sh");
    REQUIRE(!commands.empty());
    const std::string script = "PATH=\"" TX_TOOL_FOLDER ":$PATH\"; cd '" + folder.string() + "'\n" +
                               support::replace_all(commands, "libmy.so", TX_LIBRARIES "/test_operators.so");
    std::ofstream(folder / "script.sh") << script;
    const std::string run = "sh '" + (folder / "script.sh").string() + "' >'" +
                            (folder / "out").string() + "' 2>'" + (folder / "err").string() + "'";
    const int status = std::system(run.c_str());
    const std::string printed = read_text(folder / "err");
    const std::string expected = "[" + code + "]: ";
    CHECK_MESSAGE(printed.find(expected) != printed.npos, printed);
    const int exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    CHECK(exit_code == kind.exit_code);
    // The page shows what is printed, up to the names of files.
    const std::string shown = block(page, "text");
    const std::string first = shown.substr(0, shown.find('\n'));
    CHECK_MESSAGE(first.find(expected) != first.npos, first);
    fs::remove_all(folder);
  }
}

}  // namespace tx
