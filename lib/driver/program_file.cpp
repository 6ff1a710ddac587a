#include "driver/program_file.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace tx::driver {

namespace fs = std::filesystem;

Unverified::~Unverified() {
  std::error_code ignored;
  if (!accepted_) fs::remove(path_, ignored);
}

void Unverified::accept() {
  std::error_code error;
  fs::rename(path_, out_, error);
  if (error) diag::fail(diag::Code::TX0014, "cannot write " + out_ + ": " + error.message());
  accepted_ = true;
}

void check_writable(const std::string& out) {
  const std::string folder = fs::absolute(out).parent_path().string();
  if (access(folder.c_str(), W_OK) == 0) return;
  diag::fail(diag::Code::TX0014, "cannot write `" + out + "`: " + std::strerror(errno));
}

size_t count_calls(const ir::Graph& graph) {
  size_t count = 0;
  for (const ir::Node& node : graph.nodes) count += node.kind == ir::NodeKind::Call;
  for (const auto& [name, subgraph] : graph.subgraphs) count += count_calls(*subgraph);
  return count;
}

void apply_levels(std::vector<diag::Diagnostic>& diagnostics, const LevelPolicy& level) {
  if (!level) return;
  bool failed = false;
  for (diag::Diagnostic& diagnostic : diagnostics) {
    diagnostic.level = level(diagnostic);
    failed |= diagnostic.level == diag::Level::Error;
  }
  if (failed) throw diag::Failure(diagnostics);
}

}  // namespace tx::driver
