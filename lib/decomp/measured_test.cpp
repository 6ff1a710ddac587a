// Holds every case of testdata/decomp against what was measured on Python's core dialect, and its
// results against eager mode: for several dtypes, for sizes 0 and 1, for other strides.
// TX_CASE=part runs only cases whose name holds `part`, and prints what each becomes.
#include <ATen/Context.h>
#include <ATen/core/grad_mode.h>
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <set>
#include <sstream>

#include "decomp/one_operator.h"
#include "inputs/pytree.h"
#include "passes/pipeline.h"
#include "runtime/compare.h"
#include "runtime/executor.h"

namespace tx {
namespace {

using test::Case;
using test::Variant;

const std::vector<Case>& cases() {
  static const std::vector<Case> all = test::read_cases(TX_TESTDATA "/decomp");
  return all;
}

const char* chosen() { return std::getenv("TX_CASE"); }
bool is_chosen(const Case& item) {
  return !chosen() || item.name.find(chosen()) != std::string::npos;
}

decomp::Decomposed to_core(ir::Program& program) {
  decomp::Decomposed result = decomp::decompose(program, decomp::Plan::core({}));
  passes::run_pipeline(program);
  return result;
}

// The message of an exception that something throws, or nothing.
template <class Call>
std::string failure_of(const Call& call) {
  try {
    call();
    return "";
  } catch (const c10::Error& error) {
    return error.what_without_backtrace();
  } catch (const std::exception& error) {
    return error.what();
  }
}

std::vector<Variant> variants() {
  std::vector<Variant> all(3);
  all[1].seed = 1;
  all[1].name = "other values";
  all[2].transposed = true;
  all[2].name = "other strides";
  for (const int64_t size : {1, 0, 5}) {
    all.push_back({"size " + std::to_string(size), size, {}, false, 2});
  }
  for (const auto dtype : {c10::kDouble, c10::kBFloat16, c10::kLong}) {
    all.push_back({c10::toString(dtype), 4, dtype, false, 3});
  }
  return all;
}

c10::IValue eager(const Case& item, const torch::jit::Module& module, const Variant& variant) {
  at::manual_seed(0);
  return module.get_method("forward")(test::inputs_of(item, variant));
}

// What is wrong with the decomposed program's results, or nothing.
std::string compare(const Case& item, const c10::IValue& expected, const ir::Program& program,
                    const Variant& variant) {
  const runtime::Executor executor(program);
  const std::vector<c10::IValue> outputs =
      executor.run(test::inputs_of(item, variant), {0, true}).user_outputs;
  std::vector<c10::IValue> wanted;
  inputs::flatten_as(program.output_tree, expected, wanted);
  if (item.random) {
    for (size_t i = 0; i < outputs.size(); ++i) {
      const at::Tensor a = outputs[i].toTensor(), b = wanted[i].toTensor();
      if (a.sizes() != b.sizes() || a.dtype() != b.dtype()) return "another shape or dtype";
    }
    return "";
  }
  const runtime::Comparison comparison =
      runtime::compare_leaves(outputs, wanted, program.output_tree, {});
  return comparison.agree() ? "" : comparison.mismatches.front().text();
}

size_t count(const std::string& calls) {
  return calls.empty() ? 0 : static_cast<size_t>(std::count(calls.begin(), calls.end(), ',')) + 1;
}

// The table of docs/decompositions.md.
std::string differences() {
  std::string table = "| case | operators in torch | here | why |\n|--|--|--|--|\n";
  for (const Case& item : cases()) {
    if (item.ours.empty()) continue;
    table += "| " + item.name + " | " + std::to_string(count(item.core)) + " | " +
             std::to_string(count(item.ours)) + " | " + item.because + " |\n";
  }
  return table;
}

}  // namespace

TEST_CASE("the documentation lists the decompositions that are not torch's") {
  const std::string path = TX_SOURCE_DIR "/docs/decompositions.md";
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  const std::string begin = "<!-- differences -->\n", end = "<!-- end -->";
  const size_t from = text.str().find(begin), to = text.str().find(end);
  REQUIRE(from != std::string::npos);
  REQUIRE(to != std::string::npos);
  const std::string before = text.str().substr(0, from + begin.size()), after = text.str().substr(to);
  if (std::getenv("TX_UPDATE_DOCS")) {
    std::ofstream(path) << before << differences() << after;
    return;
  }
  CHECK(text.str().substr(before.size(), to - before.size()) == differences());
}

TEST_CASE("decompositions are those that were measured, or listed with a reason") {
  size_t same = 0, different = 0;
  for (const Case& item : cases()) {
    if (!is_chosen(item)) continue;
    CAPTURE(item.name);
    std::string ours, stays;
    const std::string failure = failure_of([&] {
      const torch::jit::Module module = test::module_of(item);
      ir::Program program = test::program_of(module, item, test::inputs_of(item, {}));
      const decomp::Decomposed decomposed = to_core(program);
      ours = test::calls_of(program);
      for (const decomp::Refusal& refusal : decomposed.refusals) {
        stays += refusal.target + " stays whole: " + refusal.reason + "; ";
      }
    });
    CHECK_MESSAGE(failure.empty(), item.name, ": ", failure);
    if (chosen()) std::cout << item.name << ": " << ours << "\n";
    if (item.core.empty()) {  // not measured: everything has to be decomposed
      CHECK_MESSAGE(stays.empty(), item.name, ": ", stays);
      continue;
    }
    const bool is_same = ours == item.core;
    (is_same ? same : different) += 1;
    const std::string& listed = item.ours.empty() ? item.core : item.ours;
    CHECK_MESSAGE(ours == listed, item.name, "\n  listed: ", listed, "\n  is:     ", ours);
    if (!item.ours.empty()) CHECK_MESSAGE(!item.because.empty(), item.name, " has no reason");
  }
  MESSAGE(same, " of ", same + different, " decompositions are those of Python");
  if (!chosen()) CHECK(same * 10 >= (same + different) * 9);
}

TEST_CASE("decomposed programs give the results of eager mode") {
  const at::NoGradGuard no_grad;
  size_t compared = 0, not_taken = 0;
  std::set<std::string> with_few;
  for (const Case& item : cases()) {
    if (!is_chosen(item)) continue;
    const torch::jit::Module module = test::module_of(item);
    size_t sets = 0;
    for (const Variant& variant : variants()) {
      CAPTURE(item.name);
      CAPTURE(variant.name);
      c10::IValue expected;
      if (const std::string refused = failure_of([&] { expected = eager(item, module, variant); });
          !refused.empty()) {
        // Eager mode does not take these inputs; those as written it has to.
        CHECK_MESSAGE(variant.name != "as written", item.name, ": ", refused);
        ++not_taken;
        continue;
      }
      ir::Program program = test::program_of(module, item, test::inputs_of(item, variant));
      std::string wrong;
      if (!failure_of([&] { wrong = compare(item, expected, program, variant); }).empty()) {
        ++not_taken;  // by the program as it was captured
        continue;
      }
      const std::string failure = failure_of([&] {
        to_core(program);
        wrong = compare(item, expected, program, variant);
      });
      CHECK_MESSAGE(failure.empty(), item.name, ", ", variant.name, ": ", failure);
      CHECK_MESSAGE(wrong.empty(), item.name, ", ", variant.name, ": ", wrong);
      ++compared;
      ++sets;
    }
    if (sets < 3) with_few.insert(item.name);
  }
  MESSAGE(compared, " results are those of eager mode; ", not_taken, " inputs are not taken by it");
  for (const std::string& name : with_few) CHECK_MESSAGE(false, name, " has fewer than three inputs");
}

TEST_CASE("dynamic sizes stay dynamic, and programs run at other sizes") {
  const at::NoGradGuard no_grad;
  size_t dynamic = 0;
  for (const Case& item : cases()) {
    if (!is_chosen(item)) continue;
    const torch::jit::Module module = test::module_of(item);
    ir::Program program;
    // What cannot be captured with this size dynamic is no matter of decompositions.
    if (!failure_of([&] { program = test::program_of(module, item, test::inputs_of(item, {}), true); })
             .empty() ||
        program.symbols.empty()) {
      continue;
    }
    ++dynamic;
    CAPTURE(item.name);
    const auto symbols_before = program.symbols.size();
    const auto guards_before = program.guards.size();
    const auto range_before = program.symbols[0].range;
    decomp::Decomposed decomposed;
    const std::string failure = failure_of([&] { decomposed = to_core(program); });
    CHECK_MESSAGE(failure.empty(), item.name, ": ", failure);
    for (const decomp::Refusal& refusal : decomposed.refusals) {
      CHECK_MESSAGE(false, item.name, ": ", refusal.target, " stays whole: ", refusal.reason);
    }
    CHECK(program.symbols.size() == symbols_before);
    CHECK(program.guards.size() == guards_before);
    CHECK(program.symbols[0].range == range_before);
    for (const int64_t size : {4, 6, 3}) {
      Variant variant;
      variant.varying = size;
      c10::IValue expected;
      if (!failure_of([&] { expected = eager(item, module, variant); }).empty()) continue;
      std::string wrong;
      const std::string error = failure_of([&] { wrong = compare(item, expected, program, variant); });
      CHECK_MESSAGE(error.empty(), item.name, ", size ", size, ": ", error);
      CHECK_MESSAGE(wrong.empty(), item.name, ", size ", size, ": ", wrong);
    }
  }
  MESSAGE(dynamic, " cases keep a dynamic size");
}

TEST_CASE("a second decomposition changes nothing") {
  for (const Case& item : cases()) {
    if (!is_chosen(item)) continue;
    const torch::jit::Module module = test::module_of(item);
    ir::Program program = test::program_of(module, item, test::inputs_of(item, {}));
    to_core(program);
    const std::string once = test::calls_of(program);
    CHECK_MESSAGE(to_core(program).expanded == 0, item.name);
    CHECK_MESSAGE(test::calls_of(program) == once, item.name);
  }
}

}  // namespace tx
