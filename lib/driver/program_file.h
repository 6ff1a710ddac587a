// What jobs that write a program file share.
#pragma once
#include <string>
#include <vector>

#include "driver/driver.h"
#include "ir/program.h"

namespace tx::driver {

/// A program that is not yet verified: it gets its name when it is, and is removed otherwise.
class Unverified {
 public:
  explicit Unverified(std::string out) : out_(std::move(out)), path_(out_ + ".unverified") {}
  ~Unverified();
  Unverified(const Unverified&) = delete;
  Unverified& operator=(const Unverified&) = delete;
  const std::string& path() const { return path_; }
  void accept();

 private:
  std::string out_, path_;
  bool accepted_ = false;
};

/// A folder that cannot be written to is found before the work, not after it.
void check_writable(const std::string& out);

/// Calls in a graph, sub-graphs included.
size_t count_calls(const ir::Graph& graph);

/// Gives each diagnostic the level the user wants; one that is an error then ends the job.
void apply_levels(std::vector<diag::Diagnostic>& diagnostics, const LevelPolicy& level);

}  // namespace tx::driver
