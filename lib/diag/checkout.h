// Paths of source files as a viewer of a report finds them.
//
// An archive carries the paths of the machine that made it; a viewer shows files of a checkout, by their
// path in it.
#pragma once
#include <filesystem>
#include <string>

namespace tx::diag {

/// The path in `checkout` of the file that line `line` with the text `code` comes from: a relative path
/// stays; a path below the checkout loses the folder; of any other one the longest end is taken that is
/// a file of the checkout with that very line. `file` itself where there is no such file.
std::string path_in_checkout(const std::string& file, uint32_t line, const std::string& code,
                             const std::filesystem::path& checkout);

}  // namespace tx::diag
