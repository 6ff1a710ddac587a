// Files and schemas frozen from released versions (testdata/compat/<version>/) go on working.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>

#include "ir/rewrite.h"
#include "serialize/reader.h"
#include "serialize/samples_test.h"
#include "serialize/version.h"
#include "serialize/writer.h"

using namespace tx;
using namespace tx::serialize;
namespace fs = std::filesystem;

namespace {

const fs::path kCompat = fs::path(TX_TESTDATA) / "compat";
const std::string kSchema = TX_SOURCE_DIR "/schema/program.fbs";

std::vector<fs::path> frozen(const char* extension) {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::recursive_directory_iterator(kCompat)) {
    if (entry.path().extension() == extension) paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

std::string current_version() { return std::to_string(kMajor) + "." + std::to_string(kMinor); }

bool conforms(const fs::path& older, const std::string& newer) {
  const std::string command =
      TX_FLATC " --cpp --conform " + older.string() + " " + newer + " > /dev/null 2>&1";
  return std::system(command.c_str()) == 0;
}

}  // namespace

TEST_CASE("the schema conforms to every frozen one") {
  const std::vector<fs::path> schemas = frozen(".fbs");
  REQUIRE_FALSE(schemas.empty());
  const Folder folder;
  fs::current_path(folder.path);  // flatc writes its output here
  for (const fs::path& schema : schemas) {
    CAPTURE(schema.string());
    CHECK(conforms(schema, kSchema));
    // The check does see a change.
    std::string changed = content(kSchema);
    const std::string field = "needs_at_least_2:bool (id: 5)";
    REQUIRE(changed.find(field) != std::string::npos);
    changed.replace(changed.find(field), field.size(), "needs_at_least_2:long (id: 5)");
    store(folder.file("changed.fbs"), changed);
    CHECK_FALSE(conforms(schema, folder.file("changed.fbs")));
  }
  fs::current_path(TX_TESTDATA);
}

TEST_CASE("frozen files load, and come back byte for byte") {
  const std::vector<fs::path> files = frozen(".txp");
  REQUIRE(files.size() >= 2);
  for (const fs::path& path : files) {
    CAPTURE(path.string());
    const std::string bytes = content(path.string());
    const ir::Program program =
        read_program(path.string(), {.with_weights = true, .check_weights = true});
    CHECK_FALSE(ir::find_violation(program).has_value());
    const std::string again = written(program);
    if (path.parent_path().filename() == current_version()) {
      CHECK(again == bytes);
    } else {  // only its version numbers may be others
      CHECK(again == written(Image(again).read()));
    }
  }
}

TEST_CASE("frozen files of 0.1 mean what they meant") {
  const ir::Program plain = read_program((kCompat / "0.1/static.txp").string());
  CHECK(plain.producer == "torch-export 0.1.0");
  CHECK(plain.graph.nodes[5].target == "aten.addmm.default");
  CHECK(plain.weights[1].name == "lin.bias");
  CHECK(plain.weights[1].offset == 4);
  CHECK(reinterpret_cast<const float*>(plain.storages[0].data)[5] == 6.0f);
  CHECK(plain.source.innermost(plain.graph.nodes[5].location)->line == 5);

  const ir::Program everything = read_program((kCompat / "0.1/everything.txp").string());
  CHECK(everything.draft);
  CHECK(everything.symbols[0].dim_name == "batch");
  CHECK(everything.symbols[0].range == ir::Range{2, 16});
  CHECK(everything.graph.nodes[3].type.annotation() == "f32[2*s0 + 1]");
  CHECK(everything.graph.subgraphs.at("true_graph_0")->nodes[1].target == "aten.relu.default");
  CHECK(everything.input_tree.positional[1].text() == "{'mode': *}");
  CHECK(everything.output_tree.text() == "Out(loss=*, parts={-3: *, 0.5: *, True: *})");
}

// Run by hand when a version is released: serialize_test --no-skip -tc="freeze*". Never changes a
// file that is frozen already.
TEST_CASE("freeze the current version" * doctest::skip()) {
  const fs::path folder = kCompat / current_version();
  fs::create_directories(folder);
  fs::copy_file(kSchema, folder / "program.fbs", fs::copy_options::skip_existing);
  const auto freeze = [&](const char* name, const ir::Program& program) {
    if (!fs::exists(folder / name)) write_program(program, (folder / name).string());
  };
  freeze("static.txp", static_sample());
  freeze("everything.txp", everything_sample());
}
