// Files made to do harm: thousands of damaged ones, and small ones that ask for a lot.
#include <doctest/doctest.h>

#include <chrono>
#include <cstring>

#include "diag/diagnostic.h"
#include "ir/rewrite.h"
#include "program_generated.h"
#include "serialize/header.h"
#include "serialize/samples_test.h"

using namespace tx;
using namespace tx::serialize;
namespace fb = txp;

namespace {

/// Reads an image whose header fits it. Anything but success or a diag::Failure about the file
/// fails the test.
bool survives(Image& image) {
  try {
    const ir::Program program = image.read();
    return !ir::find_violation(program).has_value();
  } catch (const diag::Failure& failure) {
    const diag::Code code = failure.diagnostics().front().code;
    return code == diag::Code::TX4001 || code == diag::Code::TX4002 || code == diag::Code::TX4003;
  }
}

void damage_every_byte(const std::string& file) {
  Image image(file);
  const size_t head = image.head().size();
  for (size_t at = kHeaderAt + kHeaderLength; at < head; ++at) {
    const std::byte before = image.start[at];
    for (const int change : {0x01, 0x80, 0x7f, 0xff}) {
      image.start[at] = before ^ static_cast<std::byte>(change);
      image.reseal();
      CAPTURE(at);
      CAPTURE(change);
      REQUIRE(survives(image));
    }
    image.start[at] = before;
  }
}

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;

/// A file around the root that `fill` makes.
std::string file_of(const std::function<Offset<fb::Program>(FlatBufferBuilder&)>& fill) {
  FlatBufferBuilder builder;
  fb::FinishProgramBuffer(builder, fill(builder));
  const auto* start = reinterpret_cast<const std::byte*>(builder.GetBufferPointer());
  std::vector<std::byte> bytes(start, start + builder.GetSize());
  insert_header(bytes);
  seal(bytes, 0);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// What reading such a file says; it has to say so soon.
std::string quick_failure(const std::function<void(FlatBufferBuilder&, fb::ProgramBuilder&)>& add,
                          const std::function<void(FlatBufferBuilder&)>& prepare) {
  Image image(file_of([&](FlatBufferBuilder& builder) {
    const auto version = fb::CreateVersion(builder, 0, 1);
    prepare(builder);
    fb::ProgramBuilder root(builder);
    root.add_version(version);
    root.add_min_reader(version);
    add(builder, root);
    return root.Finish();
  }));
  const auto start = std::chrono::steady_clock::now();
  const std::string text = failure([&] { image.read(); });
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(10));
  return text;
}

}  // namespace

TEST_CASE("any byte of a small program may be wrong") { damage_every_byte(written(static_sample())); }

TEST_CASE("any byte of a program with everything may be wrong") {
  damage_every_byte(written(everything_sample()));
}

TEST_CASE("any 32-bit word may be replaced by one from elsewhere in the file") {
  Image image(written(everything_sample()));
  const size_t head = image.head().size();
  const std::vector<std::byte> good(image.start, image.start + head);
  uint64_t state = 1;
  for (int round = 0; round < 20000; ++round) {
    // A few words at once, taken from other places, so that offsets and counts are plausible.
    for (int word = 0; word < 3; ++word) {
      const auto next = [&] {
        state = state * 6364136223846793005u + 1442695040888963407u;
        return (state >> 33) % ((head - 72) / 4) * 4 + 72;
      };
      const size_t to = next(), from = next();
      std::memcpy(image.start + to, good.data() + from, 4);
    }
    image.reseal();
    CAPTURE(round);
    REQUIRE(survives(image));
    std::memcpy(image.start, good.data(), head);
  }
}

TEST_CASE("the header may say anything") {
  Image image(written(static_sample()));
  for (size_t at = 0; at < kHeaderAt + kHeaderLength; ++at) {
    const std::byte before = image.start[at];
    for (int value = 0; value < 256; ++value) {
      image.start[at] = static_cast<std::byte>(value);
      CAPTURE(at);
      CAPTURE(value);
      REQUIRE(survives(image));
    }
    image.start[at] = before;
  }
}

TEST_CASE("types that double in size with every row") {
  Offset<flatbuffers::Vector<Offset<fb::Type>>> types;
  const std::string text = quick_failure(
      [&](FlatBufferBuilder&, fb::ProgramBuilder& root) { root.add_types(types); },
      [&](FlatBufferBuilder& builder) {
        std::vector<Offset<fb::Type>> rows = {fb::CreateType(builder, fb::TypeKind::None)};
        for (uint32_t i = 0; i < 50; ++i) {
          const auto elements = builder.CreateVector(std::vector<uint32_t>{i, i});
          rows.push_back(
              fb::CreateType(builder, fb::TypeKind::Tuple, fb::DType::Unknown, 0, 0, 0, elements));
        }
        types = builder.CreateVector(rows);
      });
  CHECK(text.ends_with("the parts of the file repeat each other too often"));
}

TEST_CASE("expressions that would take for ever to multiply out or to divide") {
  using Op = fb::ExpressionOp;
  const auto expressions = [](const std::function<void(
                                  const std::function<uint32_t(Op, std::vector<uint32_t>)>&)>& make) {
    Offset<flatbuffers::Vector<Offset<fb::Symbol>>> symbols;
    Offset<flatbuffers::Vector<Offset<fb::Expression>>> rows;
    return quick_failure(
        [&](FlatBufferBuilder&, fb::ProgramBuilder& root) {
          root.add_symbols(symbols);
          root.add_expressions(rows);
        },
        [&](FlatBufferBuilder& builder) {
          std::vector<Offset<fb::Symbol>> symbol_rows;
          std::vector<Offset<fb::Expression>> all;
          for (uint32_t i = 0; i < 12; ++i) {
            const auto name = builder.CreateString("s" + std::to_string(i));
            const auto range = fb::CreateRange(builder);
            symbol_rows.push_back(fb::CreateSymbol(builder, name, 0, range));
            fb::ExpressionBuilder row(builder);
            row.add_op(Op::Symbol);
            row.add_symbol(i);
            all.push_back(row.Finish());
          }
          symbols = builder.CreateVector(symbol_rows);
          make([&](Op op, std::vector<uint32_t> operands) {
            const auto vector = builder.CreateVector(operands);
            fb::ExpressionBuilder row(builder);
            row.add_op(op);
            row.add_operands(vector);
            row.add_integer(1);
            all.push_back(row.Finish());
            return static_cast<uint32_t>(all.size() - 1);
          });
          rows = builder.CreateVector(all);
        });
  };
  const std::vector<uint32_t> symbols = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
  CHECK(expressions([&](const auto& row) {
          uint32_t sum = row(Op::Add, symbols);
          for (int i = 0; i < 40; ++i) sum = row(Op::Mul, {sum, sum});
        }).ends_with("an expression that is too large"));
  CHECK(expressions([&](const auto& row) {
          uint32_t real = row(Op::ToFloat, {row(Op::Add, symbols)});
          for (int i = 0; i < 40; ++i) real = row(Op::FloatMul, {real, real});
        }).ends_with("an expression that is too large"));
  CHECK(expressions([&](const auto& row) {
          const uint32_t power = row(Op::Mul, std::vector<uint32_t>(30, 0));
          row(Op::FloorDiv, {power, row(Op::Add, symbols)});
        }).ends_with("a division that is too large"));
  CHECK(expressions([&](const auto& row) {  // 2^n nodes without sharing
          uint32_t e = 0;
          for (int i = 0; i < 100; ++i) e = row(Op::Mod, {row(Op::FloorDiv, {e, 1}), e});
        }).ends_with("an expression that is too large"));
  CHECK(expressions([&](const auto& row) {
          uint32_t e = 0;
          for (int i = 0; i < 100000; ++i) e = row(Op::Mod, {e, 1});
        }).ends_with("an expression that is too large"));
  CHECK(expressions([&](const auto& row) {
          const uint32_t zero = row(Op::Add, {0, row(Op::Mul, {0, 12})});
          row(Op::FloorDiv, {0, zero});
        }).starts_with("TX4002: "));
}

TEST_CASE("vectors that many tables share") {
  Offset<fb::DebugInfo> debug;
  CHECK(quick_failure(
            [&](FlatBufferBuilder&, fb::ProgramBuilder& root) { root.add_debug(debug); },
            [&](FlatBufferBuilder& builder) {
              const auto stack = builder.CreateVector(std::vector<uint32_t>(50000, 0));
              std::vector<Offset<fb::Location>> locations;
              for (int i = 0; i < 50000; ++i) {
                locations.push_back(fb::CreateLocation(builder, stack));
              }
              const auto frame = fb::CreateFrame(builder);
              const auto frames = builder.CreateVector(&frame, 1);
              const auto location_vector = builder.CreateVector(locations);
              debug = fb::CreateDebugInfo(builder, frames, location_vector);
            })
            .ends_with("the parts of the file repeat each other too often"));
  Offset<flatbuffers::Vector<Offset<fb::Graph>>> graphs;
  CHECK(quick_failure(
            [&](FlatBufferBuilder&, fb::ProgramBuilder& root) { root.add_graphs(graphs); },
            [&](FlatBufferBuilder& builder) {
              std::vector<Offset<fb::Argument>> items = {
                  fb::CreateArgument(builder, fb::ArgumentKind::None)};
              items.resize(20000, items.front());
              const auto args = builder.CreateVector(items);
              std::vector<Offset<fb::Node>> nodes;
              for (int i = 0; i < 20000; ++i) {
                nodes.push_back(fb::CreateNode(builder, fb::NodeKind::Call, 0, 0, 0, args));
              }
              const auto node_vector = builder.CreateVector(nodes);
              const auto graph = fb::CreateGraph(builder, node_vector);
              graphs = builder.CreateVector(&graph, 1);
            }) == "TX4002: `p.txp` is damaged: FlatBuffer: its tables are not well-formed");
}

TEST_CASE("a long text that many tables share") {
  Offset<flatbuffers::Vector<Offset<fb::Guard>>> guards;
  Offset<flatbuffers::Vector<Offset<fb::Operator>>> operators;
  CHECK(quick_failure(
            [&](FlatBufferBuilder&, fb::ProgramBuilder& root) { root.add_operators(operators); },
            [&](FlatBufferBuilder& builder) {
              const auto text = builder.CreateString(std::string(1 << 20, 'x'));
              std::vector<Offset<fb::Operator>> rows;
              for (int i = 0; i < 20000; ++i) {
                const auto name = builder.CreateString("op" + std::to_string(i));
                rows.push_back(fb::CreateOperator(builder, name, text));
              }
              operators = builder.CreateVector(rows);
            })
            .starts_with("TX4002: "));
}

TEST_CASE("containers nested without end") {
  Offset<fb::Tree> tree;
  CHECK(quick_failure(
            [&](FlatBufferBuilder&, fb::ProgramBuilder& root) { root.add_output_tree(tree); },
            [&](FlatBufferBuilder& builder) {
              tree = fb::CreateTree(builder, fb::TreeKind::Leaf);
              for (int i = 0; i < 100000; ++i) {
                tree = fb::CreateTree(builder, fb::TreeKind::Tuple, builder.CreateVector(&tree, 1));
              }
            }) == "TX4002: `p.txp` is damaged: FlatBuffer: its tables are not well-formed");
  Offset<flatbuffers::Vector<Offset<fb::Graph>>> graphs;
  CHECK(quick_failure(
            [&](FlatBufferBuilder&, fb::ProgramBuilder& root) { root.add_graphs(graphs); },
            [&](FlatBufferBuilder& builder) {
              const auto name = builder.CreateString("g");
              std::vector<Offset<fb::Graph>> rows;
              for (uint32_t i = 0; i < 10000; ++i) {
                const auto subgraph = fb::CreateSubgraph(builder, name, i + 1);
                const auto subgraphs = builder.CreateVector(&subgraph, 1);
                rows.push_back(fb::CreateGraph(builder, 0, 0, 0, subgraphs));
              }
              graphs = builder.CreateVector(rows);
            })
            .ends_with("sub-graphs nested too deeply"));
}
