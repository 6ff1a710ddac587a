// Range: the values a size may take, both ends included.
#pragma once
#include <cstdint>
#include <limits>
#include <string>

namespace tx::symbolic {

inline constexpr int64_t kNoBound = std::numeric_limits<int64_t>::max();
inline constexpr int64_t kNoLowerBound = std::numeric_limits<int64_t>::min();

struct Range {
  int64_t min = 0;
  int64_t max = kNoBound;  ///< kNoBound: no bound
  bool operator==(const Range&) const = default;
  bool contains(int64_t value) const { return min <= value && value <= max; }
  /// "[2, 16]"; no upper bound is written 9223372036854775806, as in the tutorial.
  std::string text() const;
};

}  // namespace tx::symbolic
