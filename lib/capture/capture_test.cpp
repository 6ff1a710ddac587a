// Captures of models in testdata/models and of functions written here, held against what the program
// has to look like and, by the tests of driver and tools, against eager results.
#include "capture/capture.h"

#include <doctest/doctest.h>
#include <torch/csrc/jit/ir/irparser.h>
#include <torch/library.h>

#include "inputs/source.h"
#include "ir/graph.h"
#include "capture/live_calls_for_test.h"

using namespace tx;

namespace {

torch::jit::Module module_of(const std::string& forward) {
  torch::jit::Module module("Test");
  module.define(forward);
  return module;
}

inputs::BoundInputs bind(const torch::jit::Module& module, const std::vector<std::string>& sources) {
  std::vector<inputs::Source> parsed;
  for (const std::string& source : sources) parsed.push_back(inputs::parse_source(source));
  return inputs::bind_inputs(module.get_method("forward").function().getSchema(), parsed, 0);
}

capture::Captured capture_of(const torch::jit::Module& module, const std::vector<std::string>& sources,
                             const capture::CaptureOptions& options = {}) {
  return capture::capture(module, bind(module, sources), options);
}

// The calls the outputs depend on, in order.
std::vector<std::string> calls(const ir::Program& program) {
  std::vector<std::string> result;
  for (const ir::Node& node : test::live_calls(program.graph)) result.push_back(node.target);
  return result;
}

using Calls = std::vector<std::string>;

diag::Diagnostic failure_of(const std::string& forward, const std::vector<std::string>& sources) {
  try {
    capture_of(module_of(forward), sources);
  } catch (const diag::Failure& failure) {
    return failure.diagnostics().front();
  }
  FAIL("nothing was refused");
  return diag::Diagnostic(diag::Code::TX0070, "");
}

}  // namespace

TEST_CASE("composite operators are expanded and mutation is functional") {
  const auto captured = capture_of(module_of(R"(
def forward(self, x, w, b):
    y = torch.linear(x, w, b)
    return torch.relu_(y)
)"), {"f32[8,100]", "f32[10,100]", "f32[10]"});
  CHECK(calls(captured.program) == Calls{"aten.t.default", "aten.addmm.default", "aten.relu.default"});
}

TEST_CASE("a write to a view goes back to its base") {
  const auto captured = capture_of(module_of(R"(
def forward(self, x):
    y = torch.clone(x)
    y[0].add_(1)
    return y
)"), {"f32[3,4]"});
  // The values: clone with its first row one larger.
  CHECK(calls(captured.program) == Calls{"aten.clone.default", "aten.select.int", "aten.add.Tensor",
                                         "aten.select_scatter.default"});
}

TEST_CASE("numbers take the place of tensors as in Python") {
  const auto captured = capture_of(module_of(R"(
def forward(self, x):
    return (x + 1) * 2.5 // 2
)"), {"f32[3]"});
  REQUIRE(calls(captured.program) ==
          Calls{"aten.add.Tensor", "aten.mul.Tensor", "aten.floor_divide.default"});
  const auto nodes = test::live_calls(captured.program.graph);
  CHECK(*nodes[0].args[1].get<int64_t>() == 1);
  CHECK(*nodes[1].args[1].get<double>() == 2.5);
}

TEST_CASE("control flow on sizes and constants is followed, loops unroll") {
  const auto captured = capture_of(module_of(R"(
def forward(self, x, n: int):
    for i in range(n):
        if x.size(0) > 2 and i != 1:
            x = torch.sin(x)
        else:
            x = torch.cos(x)
    return x
)"), {"f32[3]", "3"});
  CHECK(calls(captured.program) ==
        Calls{"aten.sin.default", "aten.cos.default", "aten.sin.default"});
}

TEST_CASE("sizes that pass through tensors, as traced archives compute them, are followed") {
  const auto captured = capture_of(module_of(R"(
def forward(self, x):
    n = torch.tensor(x.size(0)) * 2
    if int(n) == 6:
        return torch.view(x, [int(n)])
    return x
)"), {"f32[3,2]"});
  CHECK(calls(captured.program) == Calls{"aten.view.default"});
}

TEST_CASE("a decision that depends on data is refused with the tutorial's words and the line") {
  const auto diagnostic = failure_of(R"(
def forward(self, x):
    if bool(x.sum() > 0):
        return torch.sin(x)
    return torch.cos(x)
)", {"f32[3,3]"});
  CHECK(diagnostic.code == diag::Code::TX1001);
  CHECK(diagnostic.message ==
        "Dynamic control flow is not supported at the moment. Please use "
        "functorch.experimental.control_flow.cond to explicitly capture the control flow");
  CHECK(diagnostic.place.line > 0);
}

TEST_CASE("what else needs data is refused by its own code") {
  CHECK(failure_of("def forward(self, x):\n    return torch.leaky_relu(x, float(x[0]))\n",
                   {"f32[3]"})
            .code == diag::Code::TX1002);
  CHECK(failure_of("def forward(self, x):\n    if torch.nonzero(x).size(0) > 1:\n        x = x + 1\n    return x\n",
                   {"f32[3]"})
            .code == diag::Code::TX1003);
  CHECK(failure_of("def forward(self, x):\n    return x.add_(1)\n", {"f32[3]"}).code ==
        diag::Code::TX1004);
  CHECK(failure_of("def forward(self, x):\n    assert x.size(0) == 4, \"four\"\n    return x\n",
                   {"f32[3]"}).code == diag::Code::TX1006);
  CHECK(failure_of("def forward(self, x, y):\n    return torch.mm(x, y)\n", {"f32[3,4]", "f32[3,4]"})
            .code == diag::Code::TX1008);
}

TEST_CASE("buffers that change are outputs; the module is left alone") {
  torch::jit::Module module("Counter");
  module.register_buffer("count", at::zeros({1}));
  module.define("def forward(self, x):\n    self.count += 1\n    return x + self.count\n");
  const auto captured = capture_of(module, {"f32[3]"});
  REQUIRE(captured.program.outputs.size() == 2);
  CHECK(captured.program.outputs[0].kind == ir::OutputKind::BufferMutation);
  CHECK(captured.program.outputs[0].target == "count");
  CHECK(captured.program.outputs[1].kind == ir::OutputKind::UserOutput);
  CHECK(module.attr("count").toTensor().item<float>() == 0);
}

TEST_CASE("tied weights are one input") {
  torch::jit::Module module("Tied");
  const at::Tensor weight = at::ones({2, 2});
  module.register_parameter("a", weight, false);
  module.register_parameter("b", weight, false);
  module.define("def forward(self, x):\n    return torch.mm(torch.mm(x, self.a), self.b)\n");
  const auto captured = capture_of(module, {"f32[2,2]"});
  CHECK(captured.program.inputs.size() == 2);
  CHECK(captured.program.inputs[0].target == "a");
  CHECK(captured.weights.size() == 1);
}

TEST_CASE("no kernel of the model runs: sizes far beyond memory are captured") {
  const auto captured = capture_of(module_of(R"(
def forward(self, x):
    y = torch.expand(x, [100000, 100000, 100000])
    return torch.relu(y + 1).sum()
)"), {"f32[1]"});
  CHECK(calls(captured.program).back() == "aten.sum.default");
}

namespace {

// The first dimension of `x`, the first input, as a named one.
symbolic::DimRequest first_dimension(const std::string& name, int64_t size) {
  symbolic::DimRequest request;
  request.source = "L['x'].size()[0]";
  request.origin = {0, 0};
  request.hint = size;
  request.name = name;
  return request;
}

// The type of the first output when the first dimension of `x`, of size 4, is a named one.
std::string annotation_with_batch(const std::string& forward, const std::vector<std::string>& sources) {
  capture::CaptureOptions options;
  options.dims = {first_dimension("batch", 4)};
  const auto captured = capture_of(module_of(forward), sources, options);
  REQUIRE(captured.dims.ok());
  const auto& result = captured.program.outputs[0].value;
  return captured.program.graph.node(result.get<ir::NodeRef>()->id).type.annotation();
}

}  // namespace

TEST_CASE("a dynamic dimension stays a symbol through composite kernels") {
  CHECK(annotation_with_batch(R"(
def forward(self, x, w):
    y = torch.matmul(x, w)
    return torch.reshape(y, [x.size(0), -1])
)", {"f32[4,3,5]", "f32[5,2]"}) == "f32[s0, 6]");
  // The cells of recurrent layers split their gates with unsafe_chunk.
  CHECK(annotation_with_batch(R"(
def forward(self, x, h, w1, w2):
    return torch.gru_cell(x, h.expand(x.size(0), -1), w1, w2)
)", {"f32[4,3]", "f32[1,5]", "f32[15,3]", "f32[15,5]"}) == "f32[s0, 5]");
  CHECK(annotation_with_batch(R"(
def forward(self, x):
    return torch._upsample_nearest_exact1d(x, None, [1.5])
)", {"f32[4,3,8]"}) == "f32[s0, 3, 12]");
}

TEST_CASE("tensors made of sizes hold the sizes of the run") {
  capture::CaptureOptions options;
  options.dims = {first_dimension("batch", 4)};
  const auto captured = capture_of(module_of(R"(
def forward(self, x):
    n = x.size(0)
    return torch.tensor(n), torch.tensor([[n, 2]]), torch.tensor(n / 2), torch.as_tensor([n], dtype=6)
)"), {"f32[4,3]"}, options);
  CHECK(captured.dims.ok());
  Calls expected;
  // From torch.export: a scalar_tensor for each number, stacked.
  for (const char* call : {"sym_size.int", "scalar_tensor.default", "scalar_tensor.default", "scalar_tensor.default",
                           "stack.default", "stack.default"}) {
    expected.push_back("aten." + std::string(call));
  }
  const Calls found = calls(captured.program);
  REQUIRE(found.size() > expected.size());
  CHECK(Calls(found.begin(), found.begin() + 6) == expected);
  const auto annotation = [&](size_t output) {
    const auto* node = captured.program.outputs[output].value.get<ir::NodeRef>();
    return captured.program.graph.node(node->id).type.annotation();
  };
  CHECK(annotation(0) == "i64[]");
  CHECK(annotation(1) == "i64[1, 2]");
  CHECK(annotation(2) == "f32[]");
  CHECK(annotation(3) == "f32[1]");
}

TEST_CASE("sizes divided as tensors with a rounding mode stay symbolic") {
  for (const char* mode : {"floor", "trunc"}) {
    CAPTURE(mode);
    CHECK(annotation_with_batch(R"(
def forward(self, x):
    chunks = torch.div(torch.tensor(x.size(0)), 2, rounding_mode=")" + std::string(mode) + R"(") - 1
    return torch.zeros([int(chunks), 3])
)", {"f32[8,3]"}) == "f32[((s0//2)) - 1, 3]");
  }
}

TEST_CASE("take_along_dim broadcasts dynamic sizes") {
  CHECK(annotation_with_batch(R"(
def forward(self, x, i):
    return torch.take_along_dim(x, i, -1)
)", {"f32[4,3]", "i64[1,2]:0..2"}) == "f32[s0, 2]");
}

TEST_CASE("symbolic sizes in lists and compared with None stay symbolic") {
  CHECK(annotation_with_batch(R"(
def forward(self, x):
    sizes = [0]
    sizes.pop()
    for i in range(2):
        sizes.append(x.size(i) * 2)
    known: Optional[List[int]] = sizes
    if known is not None:
        return torch.zeros(known)
    return x
)", {"f32[4,3]"}) == "f32[2*s0, 6]");
}

TEST_CASE("a dimension the program fixes is a violation with its place") {
  capture::CaptureOptions options;
  options.dims = {first_dimension("b", 8)};
  const auto captured =
      capture_of(module_of("def forward(self, x):\n    return x.view([2, 4])\n"), {"f32[8]"}, options);
  REQUIRE(captured.dims.violations.size() == 1);
  CHECK(captured.dims.violations[0].message.find("specialized it to be a constant (8)") !=
        std::string::npos);
  CHECK(captured.dims.fixes.at(0).line() == "b = 8");
}

TEST_CASE("an implementation that takes plain sizes only is refused with dynamic ones") {
  // What LibTorch's tensors say when a kernel asks for plain sizes; its own operators that do are
  // replaced (overrides/).
  static torch::Library library(torch::Library::DEF, "plain_sizes", std::nullopt, __FILE__, __LINE__);
  library.def("sizes(Tensor x) -> Tensor", [](const at::Tensor& x) {
    TORCH_CHECK(!x.sym_sizes()[0].is_heap_allocated(), "Cannot call sizes() on tensor with symbolic sizes/strides");
    return x.sin();
  });
  torch::jit::Module module("Test");
  auto graph = std::make_shared<torch::jit::Graph>();
  torch::jit::parseIR("graph(%self, %x : Tensor):\n  %y : Tensor = plain_sizes::sizes(%x)\n  return (%y)\n",
                      graph.get());
  graph->inputs()[0]->setType(module.type());
  module.type()->addMethod(module._ivalue()->compilation_unit()->create_function(
      c10::QualifiedName(*module.type()->name(), "forward"), graph));
  CHECK(calls(capture_of(module, {"f32[2,9]"}).program) == Calls{"aten.sin.default"});
  capture::CaptureOptions options;
  options.dims = {first_dimension("batch", 2)};
  try {
    capture_of(module, {"f32[2,9]"}, options);
    FAIL("nothing was refused");
  } catch (const diag::Failure& failure) {
    const diag::Diagnostic& first = failure.diagnostics().front();
    CHECK(first.code == diag::Code::TX1005);
    CHECK(first.message == "LibTorch's implementation of plain_sizes::sizes takes plain sizes only");
    CHECK(first.notes.at(0) == "Cannot call sizes() on tensor with symbolic sizes/strides");
  }
}
