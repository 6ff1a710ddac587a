// Sinks: diagnostics as text for people, as JSON lines for CI jobs, and as report files.
//
// In:  diagnostics, complete; whether colour is wanted.
// Out: texts; report files.
// Holds: nothing is wrapped or cut; the JSON forms are those of docs/cli.md and stay as they are.
//        Text that is not UTF-8 has its bad bytes replaced in the JSON forms.
#pragma once
#include <span>
#include <string>
#include <string_view>

#include "diag/diagnostic.h"

namespace tx::diag {

std::string_view level_name(Level level);  ///< "error", "warning", "note"

/// The text for a terminal, with its line end:
///
///     error[TX2003]: Constraints violated (batch)! ...
///       --> model.py:17:12
///        |
///     17 |     return x.view(4, 100)
///        |            ^^^^^^^^^^^^^^ needs `batch` == 4
///        = note: requested by --dynamic x:0=batch:2..16
///
///     Suggested fixes:
///       batch = 4
///        = fix: --dynamic x:0=4            (checked: export succeeds)
///
/// What a message has under its own `Suggested fixes:` stands there too, once.
std::string to_text(const Diagnostic& diagnostic, bool color);

/// One JSON object, without line end; `rendered` is the text without colour.
std::string to_json_line(const Diagnostic& diagnostic);

/// The whole of a `.json` report: {"diagnostics": [...]}.
std::string json_report(std::span<const Diagnostic> diagnostics);
/// The whole of a `.sarif` report (SARIF 2.1.0); `version` is the tool's. Paths are those in the current
/// folder (checkout.h), and what happens in an installed package stands at the call that led there.
std::string sarif_report(std::span<const Diagnostic> diagnostics, std::string_view version);
/// Writes the report whose form the ending of `path` names. Throws a Failure: TX0001 for another
/// ending, TX0014 for a file that cannot be written.
void write_report(const std::string& path, std::span<const Diagnostic> diagnostics,
                  std::string_view version);

/// Column of a place as it is printed: an unknown one is that of the line's first character.
uint32_t shown_column(const Place& place);

}  // namespace tx::diag
