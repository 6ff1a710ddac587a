// Texts of messages about dimensions: guards with sources for symbols, and Dim definitions.
#pragma once
#include <functional>
#include <string>

#include "symbolic/expr.h"
#include "symbolic/range.h"

namespace tx::symbolic {

using NameOf = std::function<std::string(const Expr& symbol)>;

/// "(L['x'].size()[0] % 8) == 0", "(-8) + 4*L['x'].size()[0] >= 2"; a disequality is written
/// "Ne(L['y'].size()[1], 16)" (source: tutorial, section 9).
std::string guard_text(const Expr& e, const NameOf& name_of);
/// "Dim('b', min=4, max=18)"; a minimum of 2 and no maximum are left out.
std::string dim_text(const std::string& name, const Range& range);

}  // namespace tx::symbolic
