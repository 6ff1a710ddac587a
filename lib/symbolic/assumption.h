// Facts about data-dependent sizes that a user states: "u0:1..64".
#pragma once
#include <string>
#include <string_view>

#include "symbolic/range.h"

namespace tx::symbolic {

struct Assumption {
  std::string symbol;  ///< "u0"
  Range range;         ///< both ends included
};

/// Parses `SYMBOL:LO..HI`, where either bound may be left out, or `SYMBOL:N`. Throws diag::Failure
/// (TX2012) with a caret under the mistake.
Assumption parse_assumption(std::string_view text);

}  // namespace tx::symbolic
