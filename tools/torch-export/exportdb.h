// ExportDB: torch's catalogue of what can be exported, as TorchScript can express it.
//
// In:  testdata/exportdb/catalogue.json, written by scripts/make_exportdb.py, and outcomes.json, which
//      exportdb_test measures with this tool.
// Out: the cases, and docs/exportdb.md.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace tx::cli {

struct ExportdbCase {
  std::string name, title;
  std::vector<std::string> tags;
  std::string level;                 ///< in torch: SUPPORTED or NOT_SUPPORTED_YET
  std::string form;                  ///< how TorchScript expresses it; empty when it cannot
  std::string missing;               ///< why it cannot
  std::vector<std::string> options;  ///< of the export

  // Measured.
  std::string outcome;                 ///< "exported", "refused", "no TorchScript form"
  std::vector<std::string> codes;      ///< of the diagnostics
  std::string diagnostics;             ///< as text
  std::vector<std::string> operators;  ///< in the order of the graph; "true_graph_0.aten.sin.default"
};

/// The cases in the order of their names; throws std::runtime_error for texts that are no such JSON.
std::vector<ExportdbCase> parse_exportdb(std::string_view catalogue, std::string_view outcomes);
/// The catalogue that is compiled in.
const std::vector<ExportdbCase>& exportdb();
/// A file of testdata/exportdb by its name, as compiled in.
std::string_view exportdb_file(std::string_view name);
/// The text of docs/exportdb.md.
std::string exportdb_page(const std::vector<ExportdbCase>& cases);

}  // namespace tx::cli
