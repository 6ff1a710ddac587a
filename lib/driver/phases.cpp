#include "driver/phases.h"

#include <sys/resource.h>

namespace tx::driver {

void Phases::end() {
  if (!running_) return;
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin_;
  phases_.back().seconds = elapsed.count();
  running_ = false;
}

void Phases::start(const std::string& name) {
  end();
  if (progress_) progress_(name);
  phases_.push_back({name, 0});
  begin_ = std::chrono::steady_clock::now();
  running_ = true;
}

std::vector<Phase> Phases::finish() {
  end();
  return std::move(phases_);
}

uint64_t peak_memory_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<uint64_t>(usage.ru_maxrss) * 1024;
}

}  // namespace tx::driver
