// The pages of docs/diagnostics, compiled in; scripts/cmake/embed_pages.cmake makes the source.
#pragma once
#include <string_view>

namespace tx::cli {

/// The page of a code ("TX1001") as Markdown; every code of kinds.def has one.
std::string_view page(std::string_view code);

}  // namespace tx::cli
