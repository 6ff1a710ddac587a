// Soundness of dynamic dimensions, tested on random programs.
//
// random_programs_test [--count N] [--seed S] [--samples K] [--verbose]
//
// Programs of the seeds S, S+1, ... are generated until N of them were exported. At K assignments of
// sizes that the constraints allow, a program has to equal eager LibTorch; sizes just outside have to
// be refused; sizes inside for which eager LibTorch fails are a finding too. Each finding is printed
// with its seed; `--count 1 --seed S --verbose` shows it again. Findings that hold a text of
// testdata/random_programs/known.txt are counted as known. Exit code 1 with other findings.
#include <ATen/Parallel.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <map>
#include <stdexcept>

#include "archive/load.h"
#include "driver/attach_weights.h"
#include "driver/dynamic.h"
#include "driver/quiet_libtorch.h"
#include "driver/sample.h"
#include "generator.h"
#include "passes/pipeline.h"

using namespace tx;

namespace {

struct Flags {
  uint64_t count = 2000, seed = 1, samples = 6;
  bool verbose = false;
};

struct Totals {
  uint64_t generated = 0, exported = 0, inside = 0, outside = 0, findings = 0;
  uint64_t known = 0;
  std::map<std::string, uint64_t> refused;  ///< by diagnostic code
};

inputs::BoundInputs bound(const std::vector<at::Tensor>& tensors) {
  inputs::BoundInputs result;
  for (size_t i = 0; i < tensors.size(); ++i) {
    result.positional.emplace_back(tensors[i]);
    result.tree.positional_names.push_back("x" + std::to_string(i));
    result.tree.positional.emplace_back();
  }
  result.arguments = result.leaves = result.positional;
  return result;
}

void print_finding(uint64_t seed, const random_programs::RandomProgram& program,
                   const std::string& what) {
  std::printf("FINDING seed %llu: %s\n%s", static_cast<unsigned long long>(seed), what.c_str(),
              program.text.c_str());
  for (size_t i = 0; i < program.inputs.size(); ++i) {
    std::printf("  x%zu %s", i, program.inputs[i].scalar_type() == at::kLong ? "i64[" : "f32[");
    for (int64_t d = 0; d < program.inputs[i].dim(); ++d) {
      std::printf("%s%lld", d ? "," : "", static_cast<long long>(program.inputs[i].size(d)));
    }
    std::printf("]\n");
  }
  for (const std::string& value : program.dynamic) std::printf("  --dynamic %s\n", value.c_str());
  std::fflush(stdout);
}

/// What is wrong with one program; nothing when it is sound or was refused.
std::vector<std::string> findings_of(const random_programs::RandomProgram& random, uint64_t seed,
                                     const Flags& flags, Totals& totals) {
  archive::LoadedModule model;
  model.module = torch::jit::Module("Random");
  model.module.define(random.text);
  const inputs::BoundInputs example = bound(random.inputs);
  driver::ExportRequest request;
  request.dynamic = random.dynamic;
  request.fix = true;
  ir::Program program;
  try {
    driver::DynamicCapture capture =
        driver::capture_with_dims(model, example, request, capture::CaptureOptions());
    program = std::move(capture.captured.program);
    driver::attach_weights(program, capture.captured.weights);
    passes::run_pipeline(program);
  } catch (const diag::Failure& failure) {
    const diag::Diagnostic& first = failure.diagnostics().front();
    ++totals.refused[std::string(diag::kind(first.code).name)];
    // The rule and LibTorch's own kernel disagree about the example.
    if (first.code == diag::Code::TX3002) return {first.message};
    if (flags.verbose) std::printf("refused: %s\n", first.message.c_str());
    return {};
  } catch (const std::exception& error) {
    return {std::string("capture ends with an exception: ") + error.what()};
  }
  ++totals.exported;
  std::vector<std::string> findings;
  try {
    driver::SampleOptions options;
    options.count = flags.samples;
    options.seed = seed;
    options.max_elements = 1 << 14;
    const driver::SampleReport report =
        driver::compare_samples(program, model.module, example, options);
    totals.inside += report.inside;
    totals.outside += report.outside;
    for (const driver::SampleProblem& problem : report.problems) {
      // The model alone fails where nothing used the result and the program left it out.
      const bool by_data = problem.text.find("out of bounds") != std::string::npos ||
                           problem.text.find("out of range") != std::string::npos;
      if (random.indexes_by_data && by_data) continue;
      findings.push_back(problem.sizes + ": " + problem.text);
    }
    if (!random.indexes_by_data) {
      for (const std::string& refusal : report.refusals) {
        findings.push_back("both fail inside, " + refusal);
      }
    }
  } catch (const diag::Failure& failure) {
    findings.push_back(std::string("the program does not run: ") + failure.what());
  }
  return findings;
}

/// The texts of known.txt: up to " | ", behind which is the reason; `#` starts a comment.
std::vector<std::string> known_texts() {
  std::ifstream stream(TX_TESTDATA "/random_programs/known.txt");
  if (!stream) throw std::runtime_error("testdata/random_programs/known.txt cannot be read");
  std::vector<std::string> texts;
  for (std::string line; std::getline(stream, line);) {
    const size_t bar = line.find(" | ");
    if (!line.starts_with("#") && bar != std::string::npos) texts.push_back(line.substr(0, bar));
  }
  return texts;
}

uint64_t number(const char* text) { return std::stoull(text); }

Flags parse(int argc, char** argv) {
  Flags flags;
  for (int i = 1; i < argc; ++i) {
    const std::string flag = argv[i];
    if (flag == "--verbose") {
      flags.verbose = true;
    } else if (i + 1 < argc && flag == "--count") {
      flags.count = number(argv[++i]);
    } else if (i + 1 < argc && flag == "--seed") {
      flags.seed = number(argv[++i]);
    } else if (i + 1 < argc && flag == "--samples") {
      flags.samples = number(argv[++i]);
    } else {
      throw std::invalid_argument("unknown or incomplete flag " + flag);
    }
  }
  return flags;
}

int run(const Flags& flags) {
  const driver::QuietLibTorch quiet;
  // The tensors are small: threads would only wait for each other.
  at::set_num_threads(1);
  const std::vector<std::string> known = known_texts();
  Totals totals;
  const auto begin = std::chrono::steady_clock::now();
  for (uint64_t seed = flags.seed; totals.exported < flags.count; ++seed) {
    const random_programs::RandomProgram program = random_programs::generate(seed);
    ++totals.generated;
    if (flags.verbose) print_finding(seed, program, "(verbose)");
    std::vector<std::string> findings = findings_of(program, seed, flags, totals);
    const bool any = !findings.empty();
    std::erase_if(findings, [&](const std::string& finding) {
      return std::any_of(known.begin(), known.end(), [&](const std::string& text) {
        return ("seed " + std::to_string(seed) + ": " + finding).find(text) != std::string::npos;
      });
    });
    if (any && findings.empty()) ++totals.known;
    if (!findings.empty()) {
      ++totals.findings;
      print_finding(seed, program, findings.front());
    }
    if (totals.generated >= 20 * flags.count + 20) break;  // hardly anything is exported
  }
  const std::chrono::duration<double> time = std::chrono::steady_clock::now() - begin;
  std::printf("%llu programs generated, %llu exported; %llu sizes inside, %llu outside; "
              "%llu programs with findings, %llu with known ones; %.1f s\n",
              static_cast<unsigned long long>(totals.generated),
              static_cast<unsigned long long>(totals.exported),
              static_cast<unsigned long long>(totals.inside),
              static_cast<unsigned long long>(totals.outside),
              static_cast<unsigned long long>(totals.findings),
              static_cast<unsigned long long>(totals.known), time.count());
  for (const auto& [code, count] : totals.refused) {
    std::printf("  refused with %s: %llu\n", code.c_str(), static_cast<unsigned long long>(count));
  }
  return totals.findings > 0 || totals.exported < flags.count ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(parse(argc, argv));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "random_programs_test: %s\n", error.what());
    return 2;
  }
}
