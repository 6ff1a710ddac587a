// Strings: the few text helpers that several libraries need.
//
// Holds: numbers and quoted strings come out exactly as Python's repr() writes them, because the
//        text forms of graphs are compared with Python's.
#pragma once
#include <complex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tx::support {

/// The items with `separator` between them.
std::string join(std::span<const std::string> items, std::string_view separator);
/// The parts of `text` between separators; an empty text has one empty part.
std::vector<std::string> split(std::string_view text, char separator);
/// `text` without leading and trailing white space.
std::string_view trim(std::string_view text);
/// Every occurrence of `from` replaced; an empty `from` occurs nowhere.
std::string replace_all(std::string_view text, std::string_view from, std::string_view to);
/// Each non-empty line with `spaces` blanks before it.
std::string indent(std::string_view text, size_t spaces);

/// "1e-05", "0.1", "2.0", "inf", "-1000000000.0".
std::string python_repr(double value);
/// "1j", "(1+2j)", "(-0-1j)".
std::string python_repr(std::complex<double> value);
/// "'abc'", with the quotes and escapes Python chooses. Bytes that are not valid UTF-8 come out as
/// \xNN.
std::string python_repr(std::string_view text);
inline std::string python_repr(const std::string& text) {
  return python_repr(std::string_view(text));
}
inline std::string python_repr(const char* text) { return python_repr(std::string_view(text)); }
inline const char* python_repr(bool value) { return value ? "True" : "False"; }

/// The candidate that a mistyped `name` most likely meant, if one is close enough.
std::optional<std::string> closest(std::string_view name, std::span<const std::string> candidates);
/// "; did you mean `x`?", or nothing when no candidate is close.
std::string did_you_mean(std::string_view name, std::span<const std::string> candidates);

/// Bytes of the UTF-8 sequence that starts at `at`; 0 when there is no valid one.
size_t utf8_length(std::string_view text, size_t at);

}  // namespace tx::support
