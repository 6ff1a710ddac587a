// What LibTorch says when it cannot load an archive, in the user's words.
#pragma once
#include <exception>
#include <string>

namespace tx::archive {

/// Throws TX0008: names the operator or class that is missing, or quotes LibTorch's message without
/// C++ frames.
[[noreturn]] void fail_unloadable(const std::string& path, const std::exception& error);

}  // namespace tx::archive
