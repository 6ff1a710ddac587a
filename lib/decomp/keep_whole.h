// Composite operators that stay whole in a capture, because the user wants to keep them.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "capture/dispatch/layers.h"

namespace tx::decomp {

/// For CaptureOptions::expander: the named operators become nodes where a capture would break them
/// down (`aten.linear`). Those that may return a view of an argument are broken down all the same:
/// as a node, a later write to the view would not reach its base. Throws diag::Failure (TX3004).
std::unique_ptr<capture::Expander> keep_whole(const std::vector<std::string>& names);

}  // namespace tx::decomp
