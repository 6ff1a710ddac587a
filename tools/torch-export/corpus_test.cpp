// Exports every case of the corpus, runs the program that was written, and compares what it returns
// with the eager model's outputs. Then, for the cases whose sizes can change, exports with every
// dimension automatic: the dimensions that torch.export keeps dynamic have to be dynamic here, and
// the program has to agree with the model at other sizes. That program's decomposition to Core ATen
// has to have the same dimensions and to agree as well. One line for each case goes to stdout.
//
// testdata/corpus/dynamic_exceptions.txt lists the cases of which the second part is known not to
// hold, and why; a case that is listed and holds is a failure too.
//
// TX_CORPUS is the corpus's folder; without one the test says so and passes. TX_CASE=part runs only
// the cases whose name holds `part`.
#include <ATen/Parallel.h>
#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "driver/driver.h"
#include "inputs/read.h"
#include "runtime/compare.h"
#include "serialize/reader.h"

namespace fs = std::filesystem;

namespace tx {

namespace {

struct Case {
  std::string name;
  fs::path folder;
  std::set<std::string> tags;
  double rtol = 0, atol = 0;
  /// For each tensor among the inputs, which dimensions torch.export keeps dynamic when it may.
  std::vector<std::vector<bool>> dynamic;
};

std::vector<Case> read_cases(const fs::path& corpus) {
  std::vector<Case> cases;
  for (const auto& entry : fs::directory_iterator(corpus)) {
    std::ifstream stream(entry.path() / "case.json");
    if (!stream) continue;
    const nlohmann::json json = nlohmann::json::parse(stream);
    Case item{json.at("name"), entry.path(), {}, json.at("rtol"), json.at("atol"), {}};
    for (const auto& tag : json.at("tags")) item.tags.insert(tag.get<std::string>());
    // Cases that torch.export cannot export have nothing to say here.
    const nlohmann::json dims = json.value("/dynamic/auto_dims"_json_pointer, nlohmann::json());
    for (const auto& tensor : dims) {
      std::vector<bool>& axes = item.dynamic.emplace_back();
      for (const auto& dim : tensor) axes.push_back(dim.is_string());
    }
    cases.push_back(std::move(item));
  }
  std::sort(cases.begin(), cases.end(),
            [](const Case& a, const Case& b) { return a.name < b.name; });
  return cases;
}

// The leaves as torch's pytree orders them; a dict keeps the order of insertion.
void flatten(const c10::IValue& value, std::vector<c10::IValue>& leaves) {
  if (value.isTuple()) {
    for (const c10::IValue& item : value.toTupleRef().elements()) flatten(item, leaves);
  } else if (value.isList()) {
    for (const c10::IValue& item : value.toList()) flatten(item, leaves);
  } else if (value.isGenericDict()) {
    for (const auto& item : value.toGenericDict()) flatten(item.value(), leaves);
  } else {
    leaves.push_back(value);
  }
}

// A file's leaves as a tuple.
c10::IValue leaves(const fs::path& path) {
  std::vector<c10::IValue> values;
  flatten(inputs::read_file(path).value, values);
  return c10::ivalue::Tuple::create(std::move(values));
}

// Graph breaks at a known line are what these models are refused with.
bool is_expected_refusal(const Case& item, const diag::Failure& failure) {
  const bool may_refuse = item.tags.contains("cond") || item.tags.contains("data-dependent") ||
                          item.tags.contains("quantized");
  return may_refuse &&
         std::all_of(failure.diagnostics().begin(), failure.diagnostics().end(),
                     [](const diag::Diagnostic& diagnostic) {
                       return diag::kind(diagnostic.code).name.starts_with("TX1") &&
                              diagnostic.place.known() && diagnostic.place.line > 0;
                     });
}

// What torch's own decomposition to Core ATen leaves in a graph (docs/decompositions.md), and the
// operators of the corpus that torch keeps as well.
const std::set<std::string> kNotCore = {
    "aten._assert_async.msg", "aten._assert_scalar.default", "aten._trilinear.default",
    "aten._native_batch_norm_legit_functional.default", "aten._unique2.default",
    "aten._upsample_bilinear2d_aa.default", "aten.adaptive_max_pool2d.default",
    "aten.addbmm.default", "aten.bincount.default", "aten.bucketize.Tensor",
    "aten.complex.default", "aten.cumprod.default", "aten.empty_permuted.default",
    "aten.exp2.default", "aten.kthvalue.default", "aten.linalg_vector_norm.default",
    "aten.masked_select.default", "aten.max.default", "aten.median.dim",
    "aten.multinomial.default", "aten.rand_like.default", "aten.randn_like.default",
    "aten.searchsorted.Tensor", "aten.unfold.default", "aten.var_mean.correction",
    "aten.view_as_real.default", "aten.min.default",
    // A fused layer that a traced archive calls; it has no decomposition here.
    "aten._transformer_encoder_layer_fwd.default"};

// The operators outside of Core ATen that an export reported and that are not expected.
std::string unexpected(const std::vector<diag::Diagnostic>& diagnostics) {
  std::string text;
  for (const diag::Diagnostic& diagnostic : diagnostics) {
    if (diagnostic.code != diag::Code::TX3005) continue;
    const std::string name = diagnostic.message.substr(0, diagnostic.message.find(' '));
    if (!kNotCore.contains(name)) text += diagnostic.message + "; ";
  }
  return text;
}

// "ok", "refused as it may be", or what went wrong. With `core` the program is decomposed.
std::pair<bool, std::string> try_case(const Case& item, const fs::path& folder, bool core) {
  const driver::InputArgs inputs{{(item.folder / "inputs.pt").string()}, 0};
  const std::string program = (folder / "program.txp").string();
  const std::string outputs = (folder / "outputs.pt").string();
  size_t nodes = 0;
  try {
    driver::ExportRequest request;
    request.model = (item.folder / "model.pt").string();
    request.inputs = inputs;
    request.out = program;
    request.allow_input_mutation = item.tags.contains("input-mutation");
    if (core) request.decompose = driver::Decomposition{};
    const driver::ExportResult exported = driver::export_model(request);
    nodes = exported.num_nodes;
    const std::string left = unexpected(exported.diagnostics);
    if (!left.empty()) return {false, left};
    driver::RunRequest run;
    run.program = program;
    run.inputs = inputs;
    run.outputs = outputs;
    driver::run_program(run);
  } catch (const diag::Failure& failure) {
    const diag::Diagnostic& first = failure.diagnostics().front();
    const std::string text = std::string(diag::kind(first.code).name) + " " + first.place.file +
                             ":" + std::to_string(first.place.line) + " " + first.message;
    return is_expected_refusal(item, failure) ? std::pair(true, "refused: " + text)
                                              : std::pair(false, text);
  } catch (const std::exception& error) {
    return {false, std::string("exception: ") + error.what()};
  }

  const runtime::Comparison comparison = runtime::compare(
      leaves(outputs), leaves(item.folder / "expected.pt"), {item.rtol, item.atol});
  if (!comparison.agree()) return {false, comparison.mismatches.front().text()};
  return {true, "ok, " + std::to_string(nodes) + " operators"};
}

// The tensors of a value with their paths as --dynamic writes them.
void tensors_of(const c10::IValue& value, const std::string& path,
                std::vector<std::pair<std::string, int64_t>>& tensors) {
  const auto inner = [&](const auto& part, const std::string& step) {
    tensors_of(part, path.empty() ? step : path + "." + step, tensors);
  };
  if (value.isTensor()) {
    tensors.emplace_back(path, value.toTensor().dim());
  } else if (value.isTuple()) {
    const auto& elements = value.toTupleRef().elements();
    for (size_t i = 0; i < elements.size(); ++i) inner(elements[i], std::to_string(i));
  } else if (value.isList()) {
    const auto list = value.toList();
    for (size_t i = 0; i < list.size(); ++i) inner(list.get(i), std::to_string(i));
  } else if (value.isGenericDict()) {
    for (const auto& item : value.toGenericDict()) {
      if (item.key().isString()) inner(item.value(), item.key().toStringRef());
    }
  }
}

// What the program allows of its inputs, as one text.
std::string constraints_of(const std::string& program) {
  const ir::Program read = serialize::read_program(program);
  std::string text;
  for (size_t i = 0; i < read.inputs.size(); ++i) {
    if (read.inputs[i].kind != ir::InputKind::UserInput) continue;
    text += read.graph.node(static_cast<ir::NodeId>(i)).type.annotation() + " ";
  }
  for (const ir::SymbolInfo& symbol : read.symbols) {
    text += symbol.name + " in " + std::to_string(symbol.range.min) + ".." +
            std::to_string(symbol.range.max) + (symbol.needs_at_least_2 ? " >= 2 " : " ");
  }
  for (const ir::Guard& guard : read.guards) text += guard.condition.text() + " ";
  return text;
}

// Decomposes a program in its place. What is left that should not be, or what it no longer allows.
std::string decompose_to_core(const std::string& program) {
  const std::string before = constraints_of(program);
  driver::DecomposeRequest request;
  request.program = request.out = program;
  const driver::DecomposeResult result = driver::decompose_program(request);
  const std::string left = unexpected(result.diagnostics);
  if (!left.empty()) return left;
  const std::string after = constraints_of(program);
  return after == before ? "" : "it allows " + after + "instead of " + before;
}

// What does not hold of a case whose dimensions are all automatic, or an empty text.
std::string try_dynamic(const Case& item, const fs::path& folder, std::string& summary) {
  const driver::InputArgs inputs{{(item.folder / "inputs.pt").string()}, 0};
  std::vector<std::pair<std::string, int64_t>> tensors;
  tensors_of(inputs::read_file(item.folder / "inputs.pt").value, "", tensors);
  if (tensors.size() != item.dynamic.size()) return "case.json speaks of other inputs";
  driver::ExportRequest request;
  request.model = (item.folder / "model.pt").string();
  request.inputs = inputs;
  request.out = (folder / "program.txp").string();
  request.allow_input_mutation = item.tags.contains("input-mutation");
  for (const auto& [path, rank] : tensors) {
    std::string value = path + ":";
    for (int64_t axis = 0; axis < rank; ++axis) {
      value += (axis ? "," : "") + std::to_string(axis) + "=auto";
    }
    if (rank > 0) request.dynamic.push_back(value);
  }
  driver::VerifyRequest verify;
  verify.program = request.out;
  verify.model = request.model;
  verify.inputs = inputs;
  verify.tolerance = {item.rtol, item.atol};
  verify.samples = 20;
  // Small samples say as much, and the corpus has to run in minutes.
  verify.max_sample_elements = 1 << 12;
  try {
    const driver::ExportResult result = driver::export_model(request);
    // The rows are in the order of the tensors and of their axes.
    size_t row = 0;
    for (size_t i = 0; i < tensors.size(); ++i) {
      for (int64_t axis = 0; axis < tensors[i].second; ++axis, ++row) {
        const driver::DimensionRow& got = result.dimensions.at(row);
        const bool dynamic = got.got.find_first_not_of("0123456789") != std::string::npos;
        if (!item.dynamic[i].at(static_cast<size_t>(axis)) || dynamic) continue;
        return got.input + ":" + std::to_string(got.axis) + " became " + got.got +
               ", which torch.export keeps dynamic: " + got.because + " at " + got.place.file +
               ":" + std::to_string(got.place.line);
      }
    }
    driver::VerifyResult verified = driver::verify_program(verify);
    if (verified.diagnostics.empty()) {
      const std::string lost = decompose_to_core(request.out);
      if (!lost.empty()) return "after core: " + lost;
      verified = driver::verify_program(verify);
      if (!verified.diagnostics.empty()) {
        return "after core: " + verified.diagnostics.front().message;
      }
    }
    const driver::SampleReport& samples = *verified.samples;
    summary = std::to_string(samples.agreed) + " of " + std::to_string(samples.inside) +
              " inside agree, " + std::to_string(samples.both_refused) + " both refuse, " +
              std::to_string(samples.refused) + " of " + std::to_string(samples.outside) +
              " outside are refused";
    if (!verified.diagnostics.empty()) return verified.diagnostics.front().message;
    // Sizes that the constraints allow and no operator takes are a constraint that is missing.
    if (!samples.refusals.empty()) return "both refuse " + samples.refusals.front();
    return "";
  } catch (const diag::Failure& failure) {
    const diag::Diagnostic& first = failure.diagnostics().front();
    return std::string(diag::kind(first.code).name) + " " + first.message;
  } catch (const std::exception& error) {
    return std::string("exception: ") + error.what();
  }
}

// "case: reason" lines; `#` starts a comment.
std::map<std::string, std::string> known_exceptions() {
  std::map<std::string, std::string> exceptions;
  std::ifstream stream(fs::path(TX_TESTDATA) / "corpus" / "dynamic_exceptions.txt");
  REQUIRE(stream.good());
  for (std::string line; std::getline(stream, line);) {
    const size_t colon = line.find(':');
    if (line.starts_with("#") || colon == std::string::npos) continue;
    exceptions.emplace(line.substr(0, colon), line.substr(colon + 1));
  }
  return exceptions;
}

std::string first_lines(std::string text) {
  text = text.substr(0, 300);
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

// Calls `body` with each case that TX_CASE names and a folder to write to.
template <class Body>
void for_each_case(Body body) {
  const char* corpus = std::getenv("TX_CORPUS");
  if (!corpus || !fs::is_directory(corpus)) {
    MESSAGE("no corpus: TX_CORPUS is not set to its folder");
    return;
  }
  const char* part = std::getenv("TX_CASE");
  std::string folder = (fs::temp_directory_path() / "torch-export-corpus-XXXXXX").string();
  REQUIRE(mkdtemp(folder.data()));
  for (const Case& item : read_cases(corpus)) {
    if (!part || item.name.find(part) != std::string::npos) body(item, folder);
  }
  fs::remove_all(folder);
}

void print_line(const char* status, const Case& item, const std::string& text) {
  std::printf("%-4s %-28s %s\n", status, item.name.c_str(), first_lines(text).c_str());
  std::fflush(stdout);
}

void try_all(bool core) {
  for_each_case([core](const Case& item, const fs::path& folder) {
    const auto [good, text] = try_case(item, folder, core);
    print_line(good ? "ok" : "FAIL", item, text);
    CHECK_MESSAGE(good, item.name, ": ", text);
  });
}

}  // namespace

TEST_CASE("the corpus exports and runs") { try_all(/*core=*/false); }

TEST_CASE("the corpus decomposes to Core ATen and runs") { try_all(/*core=*/true); }

TEST_CASE("the corpus keeps its dimensions dynamic and agrees at other sizes") {
  // Threads that wait for each other make a busy machine slower than one alone.
  at::set_num_threads(1);
  const std::map<std::string, std::string> exceptions = known_exceptions();
  for_each_case([&](const Case& item, const fs::path& folder) {
    const auto is_dynamic = [](const std::vector<bool>& dims) {
      return std::find(dims.begin(), dims.end(), true) != dims.end();
    };
    if (std::none_of(item.dynamic.begin(), item.dynamic.end(), is_dynamic)) return;
    const auto begin = std::chrono::steady_clock::now();
    std::string summary;
    const std::string problem = try_dynamic(item, folder, summary);
    const std::chrono::duration<double> time = std::chrono::steady_clock::now() - begin;
    char seconds[32];
    std::snprintf(seconds, sizeof seconds, "%.1f s, ", time.count());
    const auto known = exceptions.find(item.name);
    if (known != exceptions.end()) {
      print_line("known", item, seconds + problem);
      CHECK_MESSAGE(!problem.empty(), item.name,
                    " is listed in testdata/corpus/dynamic_exceptions.txt and is none");
    } else {
      print_line(problem.empty() ? "ok" : "FAIL", item,
                 seconds + (problem.empty() ? summary : problem));
      CHECK_MESSAGE(problem.empty(), item.name, ": ", problem);
    }
  });
}

}  // namespace tx
