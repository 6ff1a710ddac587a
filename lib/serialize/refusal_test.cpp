// What readers refuse, and what they say: files of other kinds, newer files, damaged files.
#include <doctest/doctest.h>

#include <cstring>
#include <limits>

#include "program_generated.h"
#include "serialize/header.h"
#include "serialize/reader.h"
#include "serialize/samples_test.h"
#include "serialize/writer.h"

using namespace tx;
using namespace tx::serialize;
namespace fb = txp;

namespace {

std::string read_failure(std::string_view file) {
  Image image(file);
  return failure([&] { image.read(); });
}

/// What reading says after `change` was made to the FlatBuffer of `program`'s file.
std::string after(const ir::Program& program, const std::function<void(fb::Program&)>& change) {
  Image image(written(program));
  change(*fb::GetMutableProgram(image.start));
  image.reseal();
  return failure([&] { image.read(); });
}
std::string after(const std::function<void(fb::Program&)>& change) {
  return after(static_sample(), change);
}

fb::Node& node(fb::Program& root, uint32_t id) {
  return *root.mutable_graphs()->GetMutableObject(0)->mutable_nodes()->GetMutableObject(id);
}
fb::Argument& argument(fb::Program& root, uint32_t id, uint32_t index) {
  return *node(root, id).mutable_args()->GetMutableObject(index);
}
void overwrite(flatbuffers::String* text, std::string_view with) {
  REQUIRE(text->size() == with.size());
  std::memcpy(text->data(), with.data(), with.size());
}

}  // namespace

TEST_CASE("files of other kinds") {
  CHECK(read_failure("") == "TX4001: `p.txp` is not a program file: it is empty");
  CHECK(read_failure("PK\x03\x04 and so on") ==
        "TX4001: `p.txp` is not a program file: it is a zip archive, as TorchScript archives, "
        "torch.save files and .pt2 files are");
  CHECK(read_failure("\x80\x02}q.") == "TX4001: `p.txp` is not a program file: it is a pickle file");
  CHECK(read_failure("\x93NUMPY\x01") ==
        "TX4001: `p.txp` is not a program file: it is a NumPy array");
  CHECK(read_failure("graph():\n") == "TX4001: `p.txp` is not a program file: it is text");
  CHECK(read_failure("\x01\x02\x03\x04\x05\x06\x07\x08\x09") ==
        "TX4001: `p.txp` is not a program file: it does not start as one");
}

TEST_CASE("files that cannot be read") {
  const Folder folder;
  const std::string missing = folder.file("p.txp");
  CHECK(failure([&] { read_program(missing); }) ==
        "TX0002: cannot read `" + missing + "`: no such file");
  CHECK(failure([&] { extract_header(missing); }).starts_with("TX0002: "));
  CHECK(failure([&] { read_program(folder.path.string()); }).starts_with("TX0002: "));
  store(folder.file("x.pt"), "PK\x03\x04");
  CHECK(failure([&] { extract_header(folder.file("x.pt")); }).starts_with("TX4001: "));
}

TEST_CASE("newer files") {
  std::string file = written(static_sample());
  file[7] = '2';
  CHECK(read_failure(file) ==
        "TX4003: `p.txp` needs a newer torch-export: it is of format TXP2, this one reads TXP1");
  CHECK(after([](fb::Program& root) { root.mutable_min_reader()->mutate_minor(2); }) ==
        "TX4003: `p.txp` needs a newer torch-export: it takes a reader of format 0.2, this one "
        "reads 0.1");
  // Made by a newer writer, but good for this reader.
  CHECK(after([](fb::Program& root) { root.mutable_version()->mutate_minor(7); }) == "nothing");
  CHECK(after(everything_sample(), [](fb::Program& root) {
          overwrite(root.mutable_required_features()->GetMutableObject(1), "quant");
        }) == "TX4003: `p.txp` needs a newer torch-export: it uses the feature `quant`, which this "
              "one does not know");
}

TEST_CASE("truncated and lengthened files") {
  const std::string file = written(static_sample());
  for (size_t size = 0; size < file.size(); size += size < 4200 ? 1 : 61) {
    CAPTURE(size);
    const std::string text = read_failure(file.substr(0, size));
    const char* code = size < 7 ? "TX4001: " : size < 8 ? "TX4003: " : "TX4002: ";
    REQUIRE(text.starts_with(code));
  }
  CHECK(read_failure(file + "x") ==
        "TX4002: `p.txp` is damaged: header: the file should have " + std::to_string(file.size()) +
            " bytes, it has " + std::to_string(file.size() + 1));
}

TEST_CASE("one changed byte in the FlatBuffer part never passes") {
  const std::string file = written(static_sample());
  const size_t head = Image(file).head().size();
  for (size_t at = 0; at < head; ++at) {
    std::string damaged = file;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    CAPTURE(at);
    REQUIRE(read_failure(damaged) != "nothing");
  }
}

TEST_CASE("weights are compared with their hashes when asked for") {
  Image image(written(static_sample()));
  CHECK(failure([&] { image.read(true, true); }) == "nothing");
  image.start[image.size - 1] ^= std::byte{1};
  CHECK(failure([&] { image.read(); }) == "nothing");
  const char* message = "TX4002: `p.txp` is damaged: storage 1: its bytes do not match its hash";
  CHECK(failure([&] { image.read(true, true); }) == message);
  CHECK(failure([&] { image.read(false, true); }) == message);
}

TEST_CASE("damaged graphs") {
  const std::string d = "TX4002: `p.txp` is damaged: ";
  CHECK(after([](fb::Program& root) { argument(root, 5, 1).mutate_node(5); }) ==
        d + "graph, node 5 (`addmm`), argument 1: there is no (earlier) node 5, only 5 of them");
  CHECK(after([](fb::Program& root) { node(root, 5).mutate_type(77); }) ==
        d + "graph, node 5 (`addmm`): there is no type 77, only 6 of them");
  CHECK(after([](fb::Program& root) { node(root, 5).mutate_op(3); }) ==
        d + "graph, node 5 (`addmm`): there is no operator 3, only 3 of them");
  CHECK(after([](fb::Program& root) { node(root, 6).mutate_op(1); }) ==
        d + "graph, node 6 (`add`): `aten.addmm.default` needs its argument `mat2`");
  CHECK(after([](fb::Program& root) { node(root, 5).mutate_kind(fb::NodeKind::Placeholder); }) ==
        d + "graph, node 5 (`addmm`): placeholders stand before all other nodes, and nowhere else");
  CHECK(after([](fb::Program& root) { node(root, 5).mutate_kind(static_cast<fb::NodeKind>(9)); }) ==
        d + "graph, node 5 (`addmm`): an unknown kind of node");
  CHECK(after([](fb::Program& root) { node(root, 5).mutate_kind(fb::NodeKind::GetAttr); }) ==
        d + "graph, node 5 (`addmm`): it has no target");
  CHECK(after([](fb::Program& root) {
          overwrite(const_cast<flatbuffers::String*>(node(root, 1).name()), "arg0_1");
        }).starts_with(d + "graph, node 1 (`arg0_1`): its name is taken"));
  CHECK(after([](fb::Program& root) {
          argument(root, 6, 1).mutate_kind(fb::ArgumentKind::String);
        }) == d + "graph, node 6 (`add`), argument 1: a value of this kind does not fit `other` of "
                  "`aten.add.Tensor`");
  CHECK(after([](fb::Program& root) { argument(root, 6, 1).mutate_kind(fb::ArgumentKind::Float); }) ==
        d + "graph, node 6 (`add`), argument 1: a float without a value");
  CHECK(after([](fb::Program& root) {
          argument(root, 6, 1).mutate_kind(static_cast<fb::ArgumentKind>(200));
        }) == d + "graph, node 6 (`add`), argument 1: an unknown kind of argument");
  CHECK(after([](fb::Program& root) {
          root.mutable_graphs()->GetMutableObject(0)->mutate_num_inputs(99);
        }) == d + "graph: more inputs than nodes");
  CHECK(after([](fb::Program& root) {
          auto* schema = root.mutable_operators()->GetMutableObject(0)->mutable_schema();
          overwrite(schema, std::string(schema->size(), '('));
        }) == d + "operator 0 (`aten.t.default`): its schema does not parse");
  CHECK(after([](fb::Program& root) {
          auto* schema = root.mutable_operators()->GetMutableObject(0)->mutable_schema();
          schema->data()[6] = 'u';
        }) == d + "operator 0 (`aten.t.default`): its schema is of another operator");
  CHECK(after(everything_sample(), [](fb::Program& root) {
          root.mutable_graphs()->GetMutableObject(0)->mutable_subgraphs()->GetMutableObject(0)->mutate_graph(2);
        }).find("the graph belongs to another one already") != std::string::npos);
  CHECK(after(everything_sample(), [](fb::Program& root) { argument(root, 8, 1).mutate_int_value(3); }) ==
        d + "graph, node 8 (`getitem`): there is no element 3, only 3 of them");
}

TEST_CASE("damaged types and expressions") {
  const std::string d = "TX4002: `p.txp` is damaged: ";
  const auto type = [](fb::Program& root, uint32_t row) {
    return root.mutable_types()->GetMutableObject(row);
  };
  CHECK(after([&](fb::Program& root) { type(root, 0)->mutate_dtype(static_cast<fb::DType>(31)); }) ==
        d + "type 0: an unknown dtype");
  CHECK(after([&](fb::Program& root) { type(root, 0)->mutable_sizes()->Mutate(1, 500); })
            .starts_with(d + "type 0: there is no (earlier) expression 500"));
  CHECK(after([&](fb::Program& root) { type(root, 0)->mutate_kind(static_cast<fb::TypeKind>(0)); }) ==
        d + "type 0: an unknown kind of type");
  const auto expression = [](fb::Program& root, fb::ExpressionOp op) {
    for (uint32_t i = 0; i < root.expressions()->size(); ++i) {
      fb::Expression* row = root.mutable_expressions()->GetMutableObject(i);
      if (row->op() == op) return row;
    }
    FAIL("no such expression");
    return static_cast<fb::Expression*>(nullptr);
  };
  const ir::Program everything = everything_sample();
  CHECK(after(everything, [&](fb::Program& root) {
          expression(root, fb::ExpressionOp::Mul)->mutate_op(fb::ExpressionOp::Not);
        }).find("a wrong number of operands") != std::string::npos);
  CHECK(after(everything, [&](fb::Program& root) {
          expression(root, fb::ExpressionOp::Mul)->mutate_op(fb::ExpressionOp::And);
        }).find("an operand of the wrong kind") != std::string::npos);
  CHECK(after(everything, [&](fb::Program& root) {
          expression(root, fb::ExpressionOp::Mul)->mutable_operands()->Mutate(0, 4000);
        }).find("there is no (earlier) expression 4000") != std::string::npos);
  CHECK(after(everything, [&](fb::Program& root) {
          expression(root, fb::ExpressionOp::Or)->mutate_op(static_cast<fb::ExpressionOp>(99));
        }).find("an unknown operation") != std::string::npos);
  CHECK(after(everything, [&](fb::Program& root) {
          overwrite(const_cast<flatbuffers::String*>(
                        root.mutable_symbols()->GetMutableObject(1)->name()), "s0");
        }) == d + "symbol 1 (`s0`): its name is taken");
  CHECK(after(everything, [&](fb::Program& root) {
          root.mutable_symbols()->GetMutableObject(1)->mutable_origin()->mutate_dim(2);
        }) == d + "symbol 1 (`s1`): there is no dimension 2, only 2 of them");
  CHECK(after(everything, [&](fb::Program& root) {
          root.mutable_guards()->GetMutableObject(0)->mutate_location(5);
        }) == d + "guard 0: there is no location 5, only 1 of them");
  CHECK(after(everything, [&](fb::Program& root) {
          root.mutable_guards()->GetMutableObject(0)->mutate_condition(0);
        }) == d + "guard 0: an expression that is neither true nor false");
}

TEST_CASE("damaged signatures") {
  const std::string d = "TX4002: `p.txp` is damaged: ";
  CHECK(after([](fb::Program& root) {
          root.mutable_inputs()->GetMutableObject(0)->mutate_kind(fb::InputKind::UserInput);
        }) == d + "input tree: it does not have one leaf for each user input");
  CHECK(after([](fb::Program& root) {
          root.mutable_inputs()->GetMutableObject(3)->mutate_kind(fb::InputKind::Parameter);
        }) == d + "input 3 (`arg3_1`): there is no such weight");
  CHECK(after([](fb::Program& root) {
          root.mutable_outputs()->GetMutableObject(0)->mutate_kind(fb::OutputKind::UserInputMutation);
        }) == d + "output 0 (`steps`): there is no such user input");
  CHECK(after([](fb::Program& root) {
          root.mutable_output_tree()->mutate_kind(fb::TreeKind::Tuple);
        }) == d + "output tree: it does not have one leaf for each user output");
  CHECK(after([](fb::Program& root) {
          root.mutable_output_tree()->mutate_kind(static_cast<fb::TreeKind>(77));
        }) == d + "output tree: an unknown kind of container");
}

TEST_CASE("damaged weights") {
  const std::string d = "TX4002: `p.txp` is damaged: ";
  const auto weight = [](fb::Program& root, uint32_t i) {
    return root.mutable_weights()->GetMutableObject(i);
  };
  const auto beyond = d + "weight 0 (`lin.weight`): it reaches beyond its storage";
  CHECK(after([&](fb::Program& root) { weight(root, 0)->mutable_sizes()->Mutate(0, 3); }) == beyond);
  CHECK(after([&](fb::Program& root) { weight(root, 0)->mutable_strides()->Mutate(0, 4); }) == beyond);
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  CHECK(after([&](fb::Program& root) {
          weight(root, 0)->mutable_sizes()->Mutate(0, kMax);
          weight(root, 0)->mutable_strides()->Mutate(0, kMax);
        }) == beyond);
  CHECK(after([&](fb::Program& root) {  // the last element would be number 2^64
          weight(root, 0)->mutable_sizes()->Mutate(0, int64_t{1} << 32);
          weight(root, 0)->mutable_strides()->Mutate(0, int64_t{1} << 32);
        }) == beyond);
  CHECK(after([&](fb::Program& root) { weight(root, 0)->mutable_sizes()->Mutate(0, -2); }) ==
        d + "weight 0 (`lin.weight`): a negative size or stride");
  CHECK(after([&](fb::Program& root) { weight(root, 1)->mutate_offset(5); }) ==
        d + "weight 1 (`lin.bias`): it reaches beyond its storage");
  CHECK(after([&](fb::Program& root) { weight(root, 1)->mutate_offset(-1); }) ==
        d + "weight 1 (`lin.bias`): a negative offset");
  CHECK(after([&](fb::Program& root) { weight(root, 2)->mutate_storage(2); }) ==
        d + "weight 2 (`steps`): there is no storage 2, only 2 of them");
  CHECK(after([&](fb::Program& root) { weight(root, 0)->mutate_dtype(fb::DType::I32); }) ==
        d + "input 0 (`arg0_1`): its placeholder has another type than its weight");
  const auto storage = [](fb::Program& root, uint32_t i) {
    return root.mutable_storages()->GetMutableObject(i);
  };
  CHECK(after([&](fb::Program& root) { storage(root, 1)->mutate_offset(32); }) ==
        d + "storage 1: it is not aligned");
  CHECK(after([&](fb::Program& root) { storage(root, 1)->mutate_offset(1 << 20); }) ==
        d + "storage 1: it lies outside of its segment");
  CHECK(after([&](fb::Program& root) {
          storage(root, 1)->mutate_bytes(std::numeric_limits<uint64_t>::max());
        }) == d + "storage 1: it lies outside of its segment");
  CHECK(after([&](fb::Program& root) {
          root.mutable_segments()->GetMutableObject(0)->mutate_bytes(uint64_t{1} << 63);
        }) == d + "segment 0: it lies outside of the file");
}
