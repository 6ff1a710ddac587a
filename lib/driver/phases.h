// The phases of a job: how long each took, and who wants to know when one starts.
#pragma once
#include <chrono>
#include <string>
#include <vector>

#include "driver/driver.h"

namespace tx::driver {

class Phases {
 public:
  explicit Phases(const Progress& progress) : progress_(progress) {}
  /// Ends the phase before.
  void start(const std::string& name);
  /// All phases; the last one ends now.
  std::vector<Phase> finish();

 private:
  void end();
  const Progress& progress_;
  std::vector<Phase> phases_;
  std::chrono::steady_clock::time_point begin_;
  bool running_ = false;
};

/// Largest resident size of this process so far.
uint64_t peak_memory_bytes();

}  // namespace tx::driver
