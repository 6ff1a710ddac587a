#include "sample_report.h"

#include <cstdio>
#include <nlohmann/json.hpp>
#include <string_view>

namespace tx::cli {

namespace {

std::string_view name_of(driver::SampleProblem::Kind kind) {
  using Kind = driver::SampleProblem::Kind;
  switch (kind) {
    case Kind::Different: return "different";
    case Kind::ModelFails: return "model_fails";
    case Kind::ProgramFails: return "program_fails";
    case Kind::Accepted: return "accepted";
  }
  return "";
}

std::string of(size_t part, size_t all) {
  return std::to_string(part) + " of " + std::to_string(all);
}

}  // namespace

std::string sample_lines(const driver::SampleReport& report) {
  char difference[32];
  std::snprintf(difference, sizeof difference, "%.3g", report.max_abs_error);
  std::string text = "samples: " + of(report.agreed, report.inside) +
                     " inside agree, largest difference " + difference + "; " +
                     of(report.refused, report.outside) + " just outside are refused\n";
  for (const std::string& refusal : report.refusals) {
    text += "  both refuse " + refusal + "\n";
  }
  for (const std::string& bound : report.too_large) {
    text += "  not tried, too large: " + bound + "\n";
  }
  return text;
}

std::string sample_json(const driver::SampleReport& report) {
  nlohmann::ordered_json problems = nlohmann::ordered_json::array();
  for (const driver::SampleProblem& problem : report.problems) {
    problems.push_back(
        {{"kind", name_of(problem.kind)}, {"sizes", problem.sizes}, {"text", problem.text}});
  }
  const nlohmann::ordered_json samples = {
      {"inside",
       {{"tried", report.inside},
        {"agreed", report.agreed},
        {"both_refused", report.refusals},
        {"largest_difference", report.max_abs_error}}},
      {"outside", {{"tried", report.outside}, {"refused", report.refused}}},
      {"too_large", report.too_large},
      {"problems", problems}};
  return nlohmann::ordered_json{{"samples", samples}}.dump(
      -1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace tx::cli
