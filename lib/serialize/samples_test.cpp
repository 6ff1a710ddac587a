#include "serialize/samples_test.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <limits>
#include <sstream>

#include "diag/diagnostic.h"
#include "serialize/header.h"
#include "serialize/reader.h"
#include "serialize/writer.h"

namespace tx::serialize {
namespace {

using namespace tx::ir;
using symbolic::make;
using symbolic::Op;

template <class T>
Storage storage_of(std::vector<T> values) {
  auto owner = std::make_shared<std::vector<T>>(std::move(values));
  const auto* data = reinterpret_cast<const std::byte*>(owner->data());
  const uint64_t bytes = owner->size() * sizeof(T);
  return {std::move(owner), data, bytes};
}

TensorType tensor(DType dtype, std::vector<Expr> sizes) {
  TensorType type;
  type.dtype = dtype;
  type.strides = contiguous_strides(sizes);
  type.sizes = std::move(sizes);
  return type;
}

class Builder {
 public:
  explicit Builder(Graph& graph) : graph_(graph) {}

  NodeId input(std::string name, Type type) {
    Node node;
    node.kind = NodeKind::Placeholder;
    node.target = name;
    node.name = std::move(name);
    node.type = std::move(type);
    graph_.nodes.push_back(std::move(node));
    return graph_.num_inputs++;
  }
  NodeId call(std::string name, std::string target, std::vector<Argument> args, Type type,
              std::vector<std::pair<std::string, Argument>> kwargs = {}) {
    Node node;
    node.name = std::move(name);
    node.target = std::move(target);
    node.args = std::move(args);
    node.kwargs = std::move(kwargs);
    node.type = std::move(type);
    node.location = location;
    graph_.nodes.push_back(std::move(node));
    return static_cast<NodeId>(graph_.nodes.size() - 1);
  }
  NodeId get_attr(std::string name) {
    Node node;
    node.kind = NodeKind::GetAttr;
    node.name = node.target = std::move(name);
    node.type = GraphType{};
    graph_.nodes.push_back(std::move(node));
    return static_cast<NodeId>(graph_.nodes.size() - 1);
  }
  uint32_t location = kNone;

 private:
  Graph& graph_;
};

Tree leaf() { return {}; }

}  // namespace

Program static_sample() {
  Program p;
  p.producer = "torch-export 0.1.0";
  p.model_name = "Tied";
  p.opset_version = 10;
  p.torch_version = "2.13.0";
  p.schemas = {
      {"aten.addmm.default",
       "aten::addmm(Tensor self, Tensor mat1, Tensor mat2, *, Scalar beta=1, Scalar alpha=1) -> "
       "Tensor"},
      {"aten.t.default", "aten::t(Tensor(a) self) -> Tensor(a)"},
      {"aten.add.Tensor", "aten::add.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor"}};
  // The bias is the first row of the weight; the second storage has no weight.
  p.storages = {storage_of<float>({1, 2, 3, 4, 5, 6}), storage_of<float>({9, 9}),
                storage_of<int64_t>({7})};
  p.weights = {{"lin.weight", DType::F32, {2, 3}, {3, 1}, 0, 0, true},
               {"lin.bias", DType::F32, {2}, {1}, 4, 0, true},
               {"steps", DType::I64, {}, {}, 0, 2, false}};

  const uint32_t outer = p.source.intern(Frame{"model.py", 20, 8, "forward", "y = self.lin(x)"});
  const uint32_t inner = p.source.intern(Frame{"linear.py", 5, 0, "forward", ""});
  p.source.intern(Location{{outer}, "unused"});
  const uint32_t location = p.source.intern(Location{{inner, outer}, "lin"});

  Builder b(p.graph);
  const NodeId weight = b.input("arg0_1", tensor(DType::F32, {2, 3}));
  const NodeId bias = b.input("arg1_1", tensor(DType::F32, {2}));
  const NodeId steps = b.input("arg2_1", tensor(DType::I64, {}));
  const NodeId x = b.input("arg3_1", tensor(DType::F32, {4, 3}));
  b.location = location;
  TensorType transposed = tensor(DType::F32, {3, 2});
  transposed.strides = {1, 3};
  const NodeId t = b.call("t", "aten.t.default", {NodeRef{weight}}, transposed);
  const NodeId addmm = b.call("addmm", "aten.addmm.default", {NodeRef{bias}, NodeRef{x}, NodeRef{t}},
                              tensor(DType::F32, {4, 2}));
  const NodeId add =
      b.call("add", "aten.add.Tensor", {NodeRef{steps}, int64_t{1}}, tensor(DType::I64, {}));
  p.graph.outputs = {NodeRef{add}, NodeRef{addmm}};
  p.inputs = {{InputKind::Parameter, weight, "lin.weight", "p_lin_weight", "", {}},
              {InputKind::Parameter, bias, "lin.bias", "p_lin_bias", "", {}},
              {InputKind::Buffer, steps, "steps", "b_steps", "", {}},
              {InputKind::UserInput, x, "", "x", "x", {}}};
  p.outputs = {{OutputKind::BufferMutation, NodeRef{add}, "steps"},
               {OutputKind::UserOutput, NodeRef{addmm}, ""}};
  p.input_tree = {{"x"}, {leaf()}, {}, {}};
  p.output_tree = leaf();
  return p;
}

Program everything_sample() {
  Program p;
  p.producer = "torch-export 0.1.0";
  p.model_name = "Everything";
  p.opset_version = 10;
  p.torch_version = "2.13.0";
  p.draft = true;
  p.schemas = {
      {"aten.relu.default", "aten::relu(Tensor self) -> Tensor"},
      {"aten.never_called.default", "aten::never_called(Tensor self) -> Tensor"},
      {"test.kinds.default",
       "test::kinds(Tensor? a, int b, float c, bool d, Scalar e, str f, ScalarType g, Layout h, "
       "MemoryFormat i, Device? j, Tensor?[] k, SymInt[] l, *, int[2] m=[0, 1], str n=\"),(\", "
       "Any o=None, float[]? p=None) -> (Tensor, Tensor[], SymInt)"}};
  const Expr s0 = Expr::symbol("s0"), s1 = Expr::symbol("s1"), u0 = Expr::symbol("u0");
  p.symbols = {{"s0", "batch", {2, 16}, 4, InputDim{1, 0}, true},
               {"s1", "", {0, kUnbounded}, 7, InputDim{1, 1}, false},
               {"u0", "", {-1, 8}, {}, {}, false}};

  p.storages = {storage_of<double>({0.5, -0.0})};
  p.weights = {{"c", DType::F64, {2}, {1}, 0, 0, false},
               {"empty", DType::F64, {0, 3}, {3, 1}, 2, 0, false}};

  Builder b(p.graph);
  b.input("arg0_1", tensor(DType::F64, {2}));
  b.input("arg1_1", tensor(DType::F32, {s0, s1}));
  b.input("arg2_1", ConstantType{});
  b.input("arg3_1", tensor(DType::F32, {s0 * 2 + 1}));
  const auto frame = p.source.intern(Frame{"model.py", 3, 1, "forward", "return f(x)  # \xc3\xa9"});
  b.location = p.source.intern(Location{{frame}, "a.b"});

  const NodeId size = b.call("sym_size", "aten.sym_size.int", {NodeRef{1}, int64_t{1}}, SymIntType{s1});
  b.call("truediv", "operator.truediv", {NodeRef{size}, 2.5},
         SymFloatType{make(Op::TrueDiv, {s1, Expr::real(2.5)})});
  const NodeId gt = b.call("gt", "operator.gt", {NodeRef{size}, int64_t{3}}, SymBoolType{symbolic::gt(s1, 3)});
  TensorType on_gpu = tensor(DType::BF16, {u0, s0 * s1, floor_div(s0 + 1, 2)});
  on_gpu.device = {"cuda", 1};
  const Type several = TupleType{{on_gpu, TupleType{{tensor(DType::C64, {}), NoneType{}}}, SymIntType{u0}}};
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const NodeId kinds = b.call(
      "kinds", "test.kinds.default",
      {NoneArg{}, std::numeric_limits<int64_t>::min(), -0.0, false, std::complex<double>(-0.0, 1e300),
       std::string("quote \" comma, nul \0 end", 24), DType::U64, Layout::SparseCsr,
       MemoryFormat::ChannelsLast3d, Device{"cpu", -1},
       ListArg{{NodeRef{3}, NoneArg{}}, false}, ListArg{{NodeRef{size}, int64_t{-1}}, false}},
      several,
      {{"m", ListArg{{int64_t{1}, int64_t{0}}, false}},
       {"n", std::string()},
       {"o", ListArg{{ListArg{{true}, true}, ListArg{}}, true}},
       {"p", ListArg{{std::numeric_limits<double>::infinity()}, false}}});
  b.call("getitem", "operator.getitem", {NodeRef{kinds}, int64_t{1}},
         TupleType{{tensor(DType::C64, {}), NoneType{}}});
  b.call("nan_scalar", "higher_order.unknown", {nan}, NoneType{});
  p.graph.nodes.back().has_effect = true;
  const NodeId then_graph = b.get_attr("true_graph_0");
  const NodeId else_graph = b.get_attr("false_graph_0");
  const NodeId cond = b.call("cond", "higher_order.cond",
                             {NodeRef{gt}, NodeRef{then_graph}, NodeRef{else_graph},
                              ListArg{{NodeRef{3}}, true}},
                             TupleType{{tensor(DType::F32, {s0 * 2 + 1})}});
  const NodeId result = b.call("getitem_1", "operator.getitem", {NodeRef{cond}, int64_t{0}},
                               tensor(DType::F32, {s0 * 2 + 1}));
  for (const char* name : {"true_graph_0", "false_graph_0"}) {
    auto branch = std::make_unique<Graph>();
    Builder inside(*branch);
    const NodeId x = inside.input("arg0_1", tensor(DType::F32, {s0 * 2 + 1}));
    const NodeId y = inside.call("relu", "aten.relu.default", {NodeRef{x}},
                                 tensor(DType::F32, {s0 * 2 + 1}));
    branch->outputs = {NodeRef{y}};
    p.graph.subgraphs[name] = std::move(branch);
  }
  // A sub-graph inside of a sub-graph.
  p.graph.subgraphs["true_graph_0"]->subgraphs["body"] = std::make_unique<Graph>();
  Builder(*p.graph.subgraphs["true_graph_0"]).get_attr("body");

  p.graph.outputs = {NodeRef{result}, NodeRef{result}, NoneArg{}, std::string("fixed"), NodeRef{size}};
  p.inputs = {{InputKind::ConstantTensor, 0, "c", "c_c", "", {}},
              {InputKind::UserInput, 1, "", "x", "x", {}},
              {InputKind::UserInput, 2, "", "opt_mode", "opt['mode']", Argument(2.5)},
              {InputKind::UserInput, 3, "", "kv_0", "kv[0]", {}}};
  p.outputs = {{OutputKind::UserInputMutation, NodeRef{result}, "arg3_1"},
               {OutputKind::UserOutput, NodeRef{result}, ""},
               {OutputKind::UserOutput, NoneArg{}, ""},
               {OutputKind::UserOutput, std::string("fixed"), ""},
               {OutputKind::UserOutput, NodeRef{size}, ""}};
  Tree dict{TreeKind::Dict, {leaf()}, {std::string("mode")}, {}, "", ""};
  Tree empty_list{TreeKind::List, {}, {}, {}, "", "Tensor"};
  Tree pair{TreeKind::Tuple, {leaf(), empty_list}, {}, {}, "", ""};
  p.input_tree = {{"x", "opt", "rest"}, {leaf(), dict}, {"kv"}, {pair}};
  Tree keys{TreeKind::Dict,
            {leaf(), leaf(), leaf()},
            {int64_t{-3}, 0.5, true},
            {},
            "",
            ""};
  p.output_tree = {TreeKind::NamedTuple, {leaf(), keys}, {}, {"loss", "parts"}, "model.Out", ""};

  p.range_constraints = {{s0, {2, 16}}, {s1, {0, kUnbounded}}, {u0, {-1, 8}}};
  p.equality_constraints = {{{1, 0}, {3, 0}}};
  const Expr real = make(Op::FloatAdd, {make(Op::FloatMul, {Expr::real(0.3), make(Op::ToFloat, {s0})}),
                                        Expr::real(1.7)});
  const std::vector<Expr> conditions = {
      ge(s0, 2),
      ne(mod(s0, 8), 0),
      eq(min(s0, s1), max(s1, u0)),
      logical_or(lt(s0, s1), logical_and(le(s1, u0), eq(s0, 4))),
      logical_not(lt(real, Expr::real(3))),
      eq(make(Op::Floor, {real}), 3),
      le(make(Op::Ceil, {real}), s1),
      ne(make(Op::Trunc, {real}), u0),
      Expr::boolean(true),
      Expr::boolean(false),
      lt(s0 * s0 * 3 - s1 * 5 + std::numeric_limits<int64_t>::min(), 0)};
  for (const Expr& condition : conditions) p.guards.push_back({condition, kNone, "aten.view.default"});
  p.guards.front().location = b.location;
  return p;
}

Folder::Folder() {
  std::string name = (std::filesystem::temp_directory_path() / "serialize-XXXXXX").string();
  REQUIRE(::mkdtemp(name.data()));
  path = name;
}

std::string content(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

void store(const std::string& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

std::string written(const Program& program, bool strip_debug) {
  const Folder folder;
  write_program(program, folder.file("p.txp"), {strip_debug});
  return content(folder.file("p.txp"));
}

Image::Image(std::string_view file) : buffer(file.size() + kStorageAlignment), size(file.size()) {
  const auto address = reinterpret_cast<uintptr_t>(buffer.data());
  start = buffer.data() + (align_up(address, kStorageAlignment) - address);
  std::memcpy(start, file.data(), file.size());
}

std::span<std::byte> Image::head() { return bytes().first(read_header(bytes(), "p.txp").flatbuffer_bytes); }

void Image::reseal() {
  uint64_t flatbuffer_bytes, segment_bytes;
  std::memcpy(&flatbuffer_bytes, start + kHeaderAt + 8, 8);
  std::memcpy(&segment_bytes, start + kHeaderAt + 24, 8);
  seal(bytes().first(flatbuffer_bytes), segment_bytes);
}

Program Image::read(bool with_weights, bool check_weights) {
  return read_program(nullptr, bytes(), "p.txp", {with_weights, check_weights});
}

std::string failure(const std::function<void()>& action) {
  try {
    action();
  } catch (const diag::Failure& failure) {
    const diag::Diagnostic& first = failure.diagnostics().front();
    return std::string(diag::kind(first.code).name) + ": " + first.message;
  }
  return "nothing";
}

}  // namespace tx::serialize
