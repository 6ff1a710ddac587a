// Decisions on data: graph breaks found in one walk, and what is captured as cond and while_loop.
#include <doctest/doctest.h>

#include "capture/capture.h"
#include "capture/live_calls_for_test.h"
#include "inputs/source.h"

using namespace tx;

namespace {

capture::Captured capture_of(const std::string& forward, const std::vector<std::string>& sources,
                             capture::ControlFlow control_flow) {
  torch::jit::Module module("Test");
  module.define(forward);
  std::vector<inputs::Source> parsed;
  for (const std::string& source : sources) parsed.push_back(inputs::parse_source(source));
  const auto bound =
      inputs::bind_inputs(module.get_method("forward").function().getSchema(), parsed, 0);
  capture::CaptureOptions options;
  options.control_flow = control_flow;
  return capture::capture(module, bound, options);
}

// "TX1001:3" for a break in line 3, with " x2" where it is reached twice.
std::vector<std::string> breaks_of(const std::string& forward, const std::vector<std::string>& sources,
                                   capture::ControlFlow control_flow = capture::ControlFlow::Refuse) {
  std::vector<std::string> result;
  try {
    capture_of(forward, sources, control_flow);
  } catch (const diag::Failure& failure) {
    for (const diag::Diagnostic& d : failure.diagnostics()) {
      result.push_back(std::string(diag::kind(d.code).name) + ":" + std::to_string(d.place.line) +
                       (d.count > 1 ? " x" + std::to_string(d.count) : ""));
    }
  }
  return result;
}

std::vector<std::string> targets(const ir::Graph& graph) {
  std::vector<std::string> result;
  for (const ir::Node& node : graph.nodes) {
    if (node.kind == ir::NodeKind::Call && node.target != "operator.getitem") result.push_back(node.target);
  }
  return result;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("every break of a walk is found, and what follows from one is not reported") {
  CHECK(breaks_of(R"(
def forward(self, x):
    y = torch.leaky_relu(x, float(x.max()))
    y = y * 2
    if bool(y.sum() > 0):
        y = y + 1
    if bool(x.sum() > 0):
        z = x.sin()
    else:
        z = torch.leaky_relu(x, float(x.min()))
    if bool(x.mean() > 0):
        x = x + 1
    return x, y, z
)", {"f32[3]"}) == Lines{"TX1002:3", "TX1001:7", "TX1002:10", "TX1001:11"});
}

TEST_CASE("a number that depends on data is a tensor where it need not be plain") {
  CHECK(breaks_of(R"(
def forward(self, x):
    scale = max(float(x.max()), 0.5) + float(x.numel())
    y = torch.full([2], scale) * scale + torch.tensor([scale, 1.0])
    return y.clamp(0.0, scale), x.masked_fill(x > scale, scale), x * x.any().item()
)", {"f32[3]"}).empty());
  CHECK(breaks_of("def forward(self, x):\n    return x + 1, float(x.max())\n", {"f32[3]"}).empty());
  CHECK(breaks_of("def forward(self, x):\n    return x * float(x)\n", {"f32[3]"}) ==
        Lines{"TX1008:2"});
}

TEST_CASE("lists and attributes are as before on the second way of a decision") {
  CHECK(breaks_of(R"(
def forward(self, x):
    parts = [x]
    if bool(x.sum() > 0):
        parts.append(x)
    else:
        first = parts[0]
        assert len(parts) == 1
        parts.append(first + 1)
    assert len(parts) == 2
    return torch.stack(parts)
)", {"f32[3]"}) == Lines{"TX1001:4"});
}

TEST_CASE("a place that is reached again is counted, one behind an unknown number of rounds is not") {
  CHECK(breaks_of(R"(
def forward(self, x):
    for i in range(3):
        if bool(x[i] > 0):
            x = x + 1
    while bool(x.sum() < 10):
        x = torch.leaky_relu(x, float(x.max()))
    return x
)", {"f32[3]"}) == Lines{"TX1001:4 x3", "TX1001:6", "TX1002:7"});
}

TEST_CASE("where the model fails in any case the walk ends, with the breaks on the way there") {
  CHECK(breaks_of(R"(
def forward(self, x):
    if bool(x.sum() > 0):
        x = x + 1
    y = torch.mm(x, x)
    return y * float(y.max())
)", {"f32[3,2]"}) == Lines{"TX1001:3", "TX1008:5"});
}

TEST_CASE("a cond takes what its branches use, in the order of first use, and nothing else") {
  const auto captured = capture_of(R"(
def forward(self, x, y, z, w):
    unused = w + 1
    if bool(x.sum() > 0):
        r = y + z
    else:
        r = z * x
        dead = w * 2
    return r
)", {"f32[3]", "f32[3]", "f32[3]", "f32[3]"}, capture::ControlFlow::Data);
  const auto calls = test::live_calls(captured.program.graph);
  const ir::Node& cond = calls.back();
  REQUIRE(cond.target == "higher_order.cond");
  const auto* operands = cond.args[3].get<ir::ListArg>();
  REQUIRE(operands);
  std::vector<std::string> names;
  for (const ir::Argument& operand : operands->items) {
    names.push_back(captured.program.inputs[operand.get<ir::NodeRef>()->id].path);
  }
  CHECK(names == Lines{"y", "z", "x"});
  const auto& subgraphs = captured.program.graph.subgraphs;
  REQUIRE(subgraphs.size() == 2);
  CHECK(targets(*subgraphs.at("true_graph_0")) == Lines{"aten.add.Tensor"});
  CHECK(targets(*subgraphs.at("false_graph_0")) == Lines{"aten.mul.Tensor"});
  CHECK(subgraphs.at("false_graph_0")->num_inputs == 3);
}

TEST_CASE("limits of cond and while_loop") {
  const auto refused = [](const std::string& forward) {
    return breaks_of(forward, {"f32[3]"}, capture::ControlFlow::Data);
  };
  CHECK(refused(R"(
def forward(self, x):
    n = torch.tensor(0)
    if bool(x.sum() > 0):
        n.add_(1)
    return x + n
)") == Lines{"TX1011:5"});
  CHECK(refused(R"(
def forward(self, x):
    y: Optional[Tensor] = None
    if bool(x.sum() > 0):
        y = x + 1
    if y is None:
        return x
    return y
)") == Lines{"TX1011:4"});
  CHECK(refused(R"(
def forward(self, x):
    parts = [x]
    while bool(parts[-1].sum() < 10):
        parts.append(parts[-1] * 2)
    return parts[-1]
)") == Lines{"TX1011:4"});
  // A branch may return what it was given, as long as nothing is written to it.
  CHECK(refused(R"(
def forward(self, x):
    y = x + 1
    if bool(x.sum() > 0):
        y = y * 2
    return y * 3
)") == Lines{});
}

TEST_CASE("a bool that is returned is a break where it is returned") {
  CHECK(breaks_of(R"(
def forward(self, x):
    positive = bool(x.sum() > 0)
    return x + 1, positive
)", {"f32[3]"}) == Lines{"TX1002:4"});
}

TEST_CASE("a loop that data end specializes no size") {
  const auto captured = [](const std::string& forward) {
    torch::jit::Module module("Test");
    module.define(forward);
    const auto bound = inputs::bind_inputs(module.get_method("forward").function().getSchema(),
                                           {inputs::parse_source("f32[3,4]")}, 0);
    capture::CaptureOptions options;
    options.control_flow = capture::ControlFlow::Data;
    symbolic::DimRequest rows;
    rows.source = "L['x'].size()[0]";
    rows.hint = 3;
    rows.policy = symbolic::DimPolicy::Auto;
    options.dims = {rows};
    return capture::capture(module, bound, options);
  }(R"(
def forward(self, x):
    n = 0
    while n < x.size(0) and bool(x[n].sum() > -100):
        n += 1
    return x * n
)");
  CHECK_FALSE(captured.program.graph.node(0).type.tensor()->sizes[0].is_constant());
}

TEST_CASE("an assertion on data stays in the graph, that on a constant does not") {
  const auto captured = capture_of(R"(
def forward(self, x):
    assert bool(x.sum() > 0), "positive"
    assert x.size(0) == 3
    return x + 1
)", {"f32[3]"}, capture::ControlFlow::Refuse);
  CHECK(targets(captured.program.graph) ==
        Lines{"aten.sum.default", "aten.gt.Scalar", "aten._assert_async.msg", "aten.add.Tensor"});
}
