// Programs of functions written here, sound ones and ones made unsound on purpose.
#include "driver/sample.h"

#include <doctest/doctest.h>

#include "archive/load.h"
#include "driver/attach_weights.h"
#include "driver/dynamic.h"
#include "inputs/source.h"

using namespace tx;

namespace {

using Kind = driver::SampleProblem::Kind;

struct Exported {
  torch::jit::Module module;
  inputs::BoundInputs inputs;
  ir::Program program;
};

torch::jit::Module module_of(const std::string& forward) {
  torch::jit::Module module("Test");
  module.define(forward);
  return module;
}

Exported export_of(torch::jit::Module module, const std::vector<std::string>& sources,
                   const std::vector<std::string>& dynamic) {
  std::vector<inputs::Source> parsed;
  for (const std::string& source : sources) parsed.push_back(inputs::parse_source(source));
  Exported result{module, {}, {}};
  result.inputs =
      inputs::bind_inputs(module.get_method("forward").function().getSchema(), parsed, 0);
  driver::ExportRequest request;
  request.dynamic = dynamic;
  archive::LoadedModule loaded;
  loaded.module = module;
  driver::DynamicCapture captured =
      driver::capture_with_dims(loaded, result.inputs, request, capture::CaptureOptions());
  result.program = std::move(captured.captured.program);
  driver::attach_weights(result.program, captured.captured.weights);
  return result;
}

driver::SampleReport sampled(const Exported& exported, size_t count = 10) {
  driver::SampleOptions options;
  options.count = count;
  return driver::compare_samples(exported.program, exported.module, exported.inputs, options);
}

const char* const kBranch = R"(
def forward(self, x):
    if x.size(0) > 5:
        return x + 1
    return x - 1
)";

}  // namespace

TEST_CASE("sizes inside agree and sizes outside are refused") {
  const auto report = sampled(export_of(module_of(R"(
def forward(self, x, y):
    return x.view([-1, 4]).sum(0) + y
)"), {"f32[8]", "f32[4]"}, {"x:0=auto"}));
  CHECK(report.inside == 10);
  CHECK(report.agreed == 10);
  // x: below 4 or not divisible; y: one more and one less.
  CHECK(report.outside >= 4);
  CHECK(report.refused == report.outside);
  CHECK(report.problems.empty());
  CHECK(driver::diagnostics_of(report).empty());
}

TEST_CASE("a missing guard is found by other results") {
  Exported exported = export_of(module_of(kBranch), {"f32[8]"}, {"x:0=auto"});
  CHECK(sampled(exported).problems.empty());
  exported.program.symbols.at(0).range.min = 0;
  const auto report = sampled(exported, 30);
  CHECK(report.agreed == report.inside - report.problems.size());
  // The sizes 0 to 5 take the other branch; a tensor without elements shows no difference.
  REQUIRE(report.problems.size() == 5);
  CHECK(report.problems[0].kind == Kind::Different);
  CHECK(report.problems[0].sizes == "x[1]");
  const auto diagnostics = driver::diagnostics_of(report);
  REQUIRE(diagnostics.size() == 1);
  CHECK(diagnostics[0].code == diag::Code::TX4009);
  CHECK(diagnostics[0].count == 5);
}

TEST_CASE("a model or a program that fails alone is a problem, both together are not") {
  const Exported any = export_of(module_of("def forward(self, x):\n    return x + 1\n"),
                                 {"f32[4]"}, {"x:0=auto"});
  Exported narrow = export_of(
      module_of("def forward(self, x):\n    return torch.ones([4]) + x\n"), {"f32[4]"}, {});
  auto report = driver::compare_samples(any.program, narrow.module, any.inputs, {60, 0, {}});
  REQUIRE(!report.problems.empty());
  for (const auto& problem : report.problems) {
    // A size of 1 is broadcast, which gives another shape.
    CHECK(problem.kind == (problem.sizes == "x[1]" ? Kind::Different : Kind::ModelFails));
  }

  // The other way round: the program of the fixed size is told that any size will do.
  narrow.program.graph.node(0).type = any.program.graph.node(0).type;
  narrow.program.symbols = any.program.symbols;
  report = sampled(narrow);
  CHECK(report.both_refused > 0);
  CHECK(report.problems.empty());
  report = driver::compare_samples(narrow.program, any.module, any.inputs, {10, 0, {}});
  CHECK(report.both_refused == 0);
  CHECK(std::count_if(report.problems.begin(), report.problems.end(), [](const auto& problem) {
          return problem.kind == Kind::ProgramFails;
        }) > 0);
}

TEST_CASE("each sample starts from the state the model was given in") {
  torch::jit::Module counter("Counter");
  counter.register_buffer("n", at::zeros({1}));
  counter.define("def forward(self, x):\n    self.n.add_(1)\n    return x + self.n\n");
  const Exported exported = export_of(counter, {"f32[4]"}, {"x:0=auto"});
  const auto report = sampled(exported);
  CHECK(report.agreed == report.inside);
  CHECK(report.problems.empty());
  CHECK(counter.attr("n").toTensor().item<float>() == 0);
}

TEST_CASE("integers stay between those of the example") {
  const auto report = sampled(export_of(module_of(R"(
def forward(self, table, index):
    return torch.embedding(table, index)
)"), {"f32[5,3]", "i64[4]:0..4"}, {"index:0=auto"}), 20);
  CHECK(report.agreed == report.inside);
}
