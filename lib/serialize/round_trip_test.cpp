// Writing and reading back: nothing is lost, nothing depends on chance.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <fstream>

#include "ir/rewrite.h"
#include "serialize/header.h"
#include "serialize/reader.h"
#include "serialize/samples_test.h"
#include "serialize/writer.h"

using namespace tx;
using namespace tx::serialize;

namespace {

ir::Program through_a_file(const ir::Program& program, ReadOptions options = {}) {
  const Folder folder;
  write_program(program, folder.file("p.txp"), {});
  return read_program(folder.file("p.txp"), options);  // the mapping outlives the folder
}

bool same_value(const ir::Argument& a, const ir::Argument& b) {
  const auto *x = a.get<double>(), *y = b.get<double>();
  if (x && y) return std::memcmp(x, y, sizeof *x) == 0;  // NaN and the sign of 0 count
  return a == b;
}

void check_same(const ir::Graph& a, const ir::Graph& b) {
  CHECK(a.num_inputs == b.num_inputs);
  CHECK(a.outputs == b.outputs);
  REQUIRE(a.nodes.size() == b.nodes.size());
  for (size_t i = 0; i < a.nodes.size(); ++i) {
    const ir::Node &x = a.nodes[i], &y = b.nodes[i];
    CAPTURE(x.name);
    CHECK(x.kind == y.kind);
    CHECK(x.name == y.name);
    CHECK(x.target == y.target);
    REQUIRE(x.args.size() == y.args.size());
    for (size_t j = 0; j < x.args.size(); ++j) CHECK(same_value(x.args[j], y.args[j]));
    CHECK(x.kwargs == y.kwargs);
    CHECK(x.type == y.type);
    CHECK(x.has_effect == y.has_effect);
  }
  REQUIRE(a.subgraphs.size() == b.subgraphs.size());
  for (const auto& [name, graph] : a.subgraphs) {
    REQUIRE(b.subgraphs.contains(name));
    check_same(*graph, *b.subgraphs.at(name));
  }
}

void check_same(const ir::Program& a, const ir::Program& b) {
  CHECK(a.producer == b.producer);
  CHECK(a.model_name == b.model_name);
  CHECK(a.opset_version == b.opset_version);
  CHECK(a.torch_version == b.torch_version);
  CHECK(a.draft == b.draft);
  CHECK(a.schemas == b.schemas);
  check_same(a.graph, b.graph);
  REQUIRE(a.inputs.size() == b.inputs.size());
  for (size_t i = 0; i < a.inputs.size(); ++i) {
    CHECK(a.inputs[i].kind == b.inputs[i].kind);
    CHECK(a.inputs[i].node == b.inputs[i].node);
    CHECK(a.inputs[i].target == b.inputs[i].target);
    CHECK(a.inputs[i].qualified_name == b.inputs[i].qualified_name);
    CHECK(a.inputs[i].path == b.inputs[i].path);
    CHECK(a.inputs[i].constant == b.inputs[i].constant);
  }
  REQUIRE(a.outputs.size() == b.outputs.size());
  for (size_t i = 0; i < a.outputs.size(); ++i) {
    CHECK(a.outputs[i].kind == b.outputs[i].kind);
    CHECK(a.outputs[i].value == b.outputs[i].value);
    CHECK(a.outputs[i].target == b.outputs[i].target);
  }
  CHECK(a.input_tree == b.input_tree);
  CHECK(a.output_tree == b.output_tree);
  REQUIRE(a.symbols.size() == b.symbols.size());
  for (size_t i = 0; i < a.symbols.size(); ++i) {
    CHECK(a.symbols[i].name == b.symbols[i].name);
    CHECK(a.symbols[i].dim_name == b.symbols[i].dim_name);
    CHECK(a.symbols[i].range == b.symbols[i].range);
    CHECK(a.symbols[i].hint == b.symbols[i].hint);
    CHECK(a.symbols[i].origin == b.symbols[i].origin);
    CHECK(a.symbols[i].needs_at_least_2 == b.symbols[i].needs_at_least_2);
  }
  CHECK(a.range_constraints == b.range_constraints);
  CHECK(a.equality_constraints == b.equality_constraints);
  REQUIRE(a.guards.size() == b.guards.size());
  for (size_t i = 0; i < a.guards.size(); ++i) {
    CHECK(a.guards[i].condition == b.guards[i].condition);
    CHECK(a.guards[i].reason == b.guards[i].reason);
  }
}

/// The most memory this process has had at once, pages of mapped files included.
long peak_kilobytes() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    long kilobytes = 0;
    if (word == "VmHWM:" && status >> kilobytes) return kilobytes;
  }
  return 0;
}

/// A private mapping of a file, or of memory for a descriptor of -1.
struct Mapping {
  std::byte* start;
  uint64_t size;
  Mapping(uint64_t size, int file) : size(size) {
    const int flags = MAP_PRIVATE | MAP_NORESERVE | (file < 0 ? MAP_ANONYMOUS : 0);
    void* mapped = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, flags, file, 0);
    REQUIRE(mapped != MAP_FAILED);
    start = static_cast<std::byte*>(mapped);
  }
  ~Mapping() { ::munmap(start, size); }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
};

}  // namespace

TEST_CASE("a program with everything in it comes back the same") {
  const ir::Program before = everything_sample();
  REQUIRE_FALSE(ir::find_violation(before).has_value());
  const ir::Program after = through_a_file(before);
  check_same(before, after);
  CHECK_FALSE(ir::find_violation(after).has_value());
  const ir::Frame* frame = after.source.innermost(after.graph.nodes[4].location);
  REQUIRE(frame);
  CHECK(*frame == ir::Frame{"model.py", 3, 1, "forward", "return f(x)  # \xc3\xa9"});
  CHECK(after.source.locations()[after.guards[0].location].module_path == "a.b");
  CHECK(after.guards[1].location == ir::kNone);
}

TEST_CASE("weights are shared, placed and read in place") {
  const ir::Program before = static_sample();
  const ir::Program after = through_a_file(before);
  check_same(before, after);
  REQUIRE(after.storages.size() == 2);  // one of the three had no weight
  CHECK(after.weights[0].storage == 0);
  CHECK(after.weights[1].storage == 0);
  CHECK(after.weights[2].storage == 1);
  CHECK(after.weights[1].offset == 4);
  CHECK(after.weights[0].strides == std::vector<int64_t>{3, 1});
  CHECK(after.weights[0].requires_grad);
  CHECK_FALSE(after.weights[2].requires_grad);
  const std::vector<float> expected = {1, 2, 3, 4, 5, 6};
  REQUIRE(after.storages[0].bytes == 24);
  CHECK(std::memcmp(after.storages[0].data, expected.data(), 24) == 0);
  CHECK(*reinterpret_cast<const int64_t*>(after.storages[1].data) == 7);
  CHECK(reinterpret_cast<uintptr_t>(after.storages[0].data) % 4096 == 0);
  CHECK(reinterpret_cast<uintptr_t>(after.storages[1].data) % 64 == 0);
}

TEST_CASE("only locations in use are written, and none when stripped") {
  const ir::Program before = static_sample();
  const ir::Program after = through_a_file(before);
  REQUIRE(after.source.locations().size() == 1);
  CHECK(after.source.locations()[0].module_path == "lin");
  REQUIRE(after.source.frames().size() == 2);
  CHECK(after.source.frames()[0].file == "linear.py");
  CHECK(after.source.frames()[1].code == "y = self.lin(x)");
  CHECK(after.graph.nodes[4].location == 0);

  const std::string whole = written(before), stripped = written(before, true);
  CHECK(whole.find("y = self.lin(x)") != std::string::npos);
  CHECK(stripped.find("model.py") == std::string::npos);
  const ir::Program bare = Image(stripped).read();
  CHECK(bare.source.locations().empty());
  CHECK(bare.graph.nodes[4].location == ir::kNone);
  check_same(before, bare);
}

TEST_CASE("the same program gives the same bytes, also after reading it back") {
  for (const ir::Program& program : {static_sample(), everything_sample()}) {
    const std::string first = written(program);
    CHECK(first == written(program));
    CHECK(first == written(through_a_file(program)));
  }
}

TEST_CASE("without weights the file is not needed any more") {
  const ir::Program program = through_a_file(static_sample(), {.with_weights = false});
  REQUIRE(program.storages.size() == 2);
  CHECK(program.storages[0].bytes == 24);
  CHECK(program.storages[0].data == nullptr);
  CHECK(program.storages[0].owner == nullptr);
  CHECK(program.weights[0].name == "lin.weight");
}

TEST_CASE("storages without bytes") {
  ir::Program program = static_sample();
  program.storages.push_back({nullptr, nullptr, 0});
  program.weights.push_back({"nothing", ir::DType::F32, {0}, {1}, 0, 3, false});
  const ir::Program after = through_a_file(program);
  CHECK(after.storages.back().bytes == 0);
  CHECK(after.weights.back().sizes == std::vector<int64_t>{0});

  // Nothing but such storages: the file ends with its FlatBuffer.
  program.weights = {program.weights.back()};
  program.graph = {};
  program.inputs.clear();
  program.outputs.clear();
  program.input_tree = {};
  program.output_tree = {ir::TreeKind::Tuple, {}, {}, {}, "", ""};
  CHECK(through_a_file(program).weights.size() == 1);
  CHECK(written(program).size() < kSegmentAlignment);
}

TEST_CASE("the layout is the documented one") {
  Image image(written(static_sample()));
  const auto number = [&](size_t at) {
    uint64_t value;
    std::memcpy(&value, image.start + at, 8);
    return value;
  };
  CHECK(std::memcmp(image.start + 4, "TXP1TXPH", 8) == 0);
  CHECK((number(8) >> 32) == 64);
  const uint64_t flatbuffer = number(16), base = number(24), bytes = number(32);
  CHECK(base == (flatbuffer + 4095) / 4096 * 4096);
  CHECK(bytes == 64 + 8);
  CHECK(base + bytes == image.size);
  for (uint64_t i = flatbuffer; i < base; ++i) CHECK(image.start[i] == std::byte{0});
  for (uint64_t i = base + 24; i < base + 64; ++i) CHECK(image.start[i] == std::byte{0});
}

TEST_CASE("the extracted header is the FlatBuffer part") {
  const Folder folder;
  write_program(static_sample(), folder.file("p.txp"));
  const std::string header = extract_header(folder.file("p.txp"));
  CHECK(content(folder.file("p.txp")).starts_with(header));
  CHECK(header.size() == Image(content(folder.file("p.txp"))).head().size());
  // flatc reads it.
  store(folder.file("header.bin"), header);
  const std::string command = std::string(TX_FLATC) + " --json --strict-json -o " +
                              folder.path.string() + " " TX_SOURCE_DIR "/schema/program.fbs -- " +
                              folder.file("header.bin");
  REQUIRE(std::system(command.c_str()) == 0);
  const std::string json = content(folder.file("header.json"));
  CHECK(json.find("\"model_name\": \"Tied\"") != std::string::npos);
  CHECK(json.find("aten::t(Tensor(a) self) -> Tensor(a)") != std::string::npos);
}

TEST_CASE("program files are recognised by their start") {
  const Folder folder;
  write_program(static_sample(), folder.file("p.txp"));
  CHECK(looks_like_program(folder.file("p.txp")));
  store(folder.file("other"), "PK\x03\x04 and more");
  CHECK_FALSE(looks_like_program(folder.file("other")));
  CHECK_FALSE(looks_like_program(folder.file("missing")));
  CHECK_FALSE(looks_like_program(std::span<const std::byte>()));
}

TEST_CASE("what cannot be written is refused, and leaves nothing behind") {
  const Folder folder;
  const std::string inside = folder.file("none/p.txp");
  CHECK(failure([&] { write_program(static_sample(), inside); }) ==
        "TX0014: cannot write `" + inside + "`: No such file or directory");

  ir::Program unsound = static_sample();
  unsound.graph.nodes[5].args[0] = ir::NodeRef{6};
  CHECK(failure([&] { write_program(unsound, folder.file("p.txp")); }).starts_with("TX0070: "));

  ir::Program deep = static_sample();
  ir::Argument list = int64_t{1};
  for (int i = 0; i < 60; ++i) list = ir::ListArg{{list}, false};
  deep.graph.nodes[5].args.push_back(list);
  CHECK(failure([&] { write_program(deep, folder.file("p.txp")); }) ==
        "TX0014: the program cannot be written: an argument nests deeper than 56 levels");

  ir::Program misfit = static_sample();
  misfit.graph.nodes[6].args[1] = std::string("1");
  CHECK(failure([&] { write_program(misfit, folder.file("p.txp")); }) ==
        "TX0070: the program could not be read back: `the new file` is damaged: graph, node 6 "
        "(`add`), argument 1: a value of this kind does not fit `other` of `aten.add.Tensor`");

  ir::Program undeclared = everything_sample();
  undeclared.symbols.pop_back();
  CHECK(failure([&] { write_program(undeclared, folder.file("p.txp")); }) ==
        "TX0070: the program does not declare the symbol u0");
  CHECK(std::filesystem::is_empty(folder.path));
}

TEST_CASE("arguments, trees and sub-graphs may nest as deep as the writer allows") {
  ir::Program program = static_sample();
  ir::Argument list = int64_t{1};
  for (int i = 0; i < 56; ++i) list = ir::ListArg{{list}, false};
  ir::Node call;
  call.name = "nested";
  call.target = "higher_order.any";
  call.kwargs = {{"deep", list}};
  program.graph.nodes.push_back(call);
  ir::Tree tree;
  for (int i = 0; i < 55; ++i) {
    tree = {ir::TreeKind::Dict, {tree}, {std::string("k")}, {}, "", ""};
  }
  program.output_tree = tree;
  program.input_tree.positional = {tree};
  ir::Graph* graph = &program.graph;
  for (int i = 0; i < 55; ++i) {
    graph->subgraphs["g"] = std::make_unique<ir::Graph>();
    graph = graph->subgraphs["g"].get();
  }
  check_same(program, through_a_file(program));
}

TEST_CASE("files of more than 2 GiB") {
  // Memory that was never written costs nothing, and zeros take no room in the file.
  const uint64_t size = (uint64_t{2} << 30) + (64 << 20);
  const Mapping mapping(size, -1);
  std::memcpy(mapping.start + size - 4, "last", 4);
  ir::Program program = static_sample();
  program.storages.push_back({nullptr, mapping.start, size});
  program.weights.push_back({"big", ir::DType::U8, {static_cast<int64_t>(size)}, {1}, 0, 3, false});
  program.storages.push_back(program.storages[2]);
  program.weights.push_back({"behind", ir::DType::I64, {}, {}, 0, 4, false});

  const Folder folder;
  write_program(program, folder.file("p.txp"));
  struct stat status;
  REQUIRE(::stat(folder.file("p.txp").c_str(), &status) == 0);
  CHECK(static_cast<uint64_t>(status.st_size) > size);
  CHECK(status.st_blocks * 512 < 64 << 20);
  const ir::Program after = read_program(folder.file("p.txp"));
  const ir::Storage& big = after.storages[after.weights[3].storage];
  CHECK(big.bytes == size);
  CHECK(std::memcmp(big.data + size - 4, "last", 4) == 0);
  const ir::Storage& behind = after.storages[after.weights[4].storage];
  CHECK(*reinterpret_cast<const int64_t*>(behind.data) == 7);
}

TEST_CASE("memory does not grow with the weights of a mapped file") {
  constexpr uint64_t kSize = 192 << 20;
  const Folder folder;
  store(folder.file("weights"), "first");
  std::filesystem::resize_file(folder.file("weights"), kSize);
  const int file = ::open(folder.file("weights").c_str(), O_RDONLY);
  const Mapping mapping(kSize, file);
  ::close(file);
  // A page that was changed in memory is the weight's value, and has to stay.
  std::memcpy(mapping.start + 4096, "changed", 7);

  ir::Program program = static_sample();
  program.storages.push_back({nullptr, mapping.start, kSize});
  program.weights.push_back({"big", ir::DType::U8, {kSize}, {1}, 0, 3, false});
  const long before = peak_kilobytes();
  write_program(program, folder.file("p.txp"));
  const ir::Program after =
      read_program(folder.file("p.txp"), {.with_weights = true, .check_weights = true});
  CHECK(peak_kilobytes() - before < 64 << 10);

  CHECK(std::memcmp(mapping.start + 4096, "changed", 7) == 0);
  const std::byte* big = after.storages[after.weights[3].storage].data;
  CHECK(std::memcmp(big, "first", 5) == 0);
  CHECK(std::memcmp(big + 4096, "changed", 7) == 0);
}
