// What becomes of decisions that a graph without control flow cannot hold.
#pragma once
#include <cstdint>

namespace tx::capture {

enum class ControlFlow : uint8_t {
  Refuse,  ///< decisions on data break the graph
  Data,    ///< decisions on data become cond and while_loop
  All,     ///< so do those on sizes that the ranges leave open
};

}  // namespace tx::capture
