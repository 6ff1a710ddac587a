#include "dimension_report.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace tx::cli {

std::string dimension_table(const std::vector<driver::DimensionRow>& rows) {
  using Line = std::array<std::string, 4>;
  std::vector<Line> lines{{"dimension", "asked", "got", "because"}};
  for (const driver::DimensionRow& row : rows) {
    std::string because = row.because;
    if (!because.empty() && row.place.known()) {
      because += " at " + row.place.file + ":" + std::to_string(row.place.line);
    }
    lines.push_back({row.input + ":" + std::to_string(row.axis), row.asked, row.got, because});
  }
  std::array<size_t, 3> width{};
  for (const Line& line : lines) {
    for (size_t i = 0; i < width.size(); ++i) width[i] = std::max(width[i], line[i].size());
  }
  std::string text;
  for (const Line& line : lines) {
    std::string out = " ";
    for (size_t i = 0; i < width.size(); ++i) {
      out += " " + line[i] + std::string(width[i] - line[i].size() + 1, ' ');
    }
    out += " " + line[3];
    out.erase(out.find_last_not_of(' ') + 1);
    text += out + "\n";
  }
  return text;
}

std::string dimension_json(const std::vector<driver::DimensionRow>& rows) {
  nlohmann::ordered_json report = nlohmann::ordered_json::array();
  for (const driver::DimensionRow& row : rows) {
    nlohmann::ordered_json location;  // null where no guard decided
    if (row.place.known()) {
      location = {{"file", row.place.file}, {"line", row.place.line}, {"column", row.place.column}};
    }
    report.push_back({{"input", row.input}, {"axis", row.axis}, {"asked", row.asked},
                      {"got", row.got}, {"because", row.because}, {"location", location}});
  }
  return nlohmann::ordered_json{{"dimension_report", report}}.dump();
}

}  // namespace tx::cli
