// A diagnostic: what the tool has to say about a model, a file or a command line, as an object.
//
// In:  code, message and place, filled in by whoever finds the problem.
// Out: nothing is printed here; tools/ hands diagnostics, once, to the sinks of diag/sinks.h.
// Holds: every diagnostic has a code of kinds.def, and its message is complete without the notes.
#pragma once
#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tx::diag {

enum class Level : uint8_t { Note, Warning, Error };

enum class Code : uint16_t {
#define DIAG(code, level, exit, title) code,
#include "diag/kinds.def"
#undef DIAG
};

/// What kinds.def says about a code.
struct Kind {
  Code code;
  std::string_view name;  ///< "TX1001"
  Level level;
  int exit_code;
  std::string_view title;
};
const Kind& kind(Code code);
/// All kinds in the order of kinds.def.
const std::vector<Kind>& all_kinds();
/// The kind called `name` ("TX1001", upper or lower case), or null.
const Kind* find_kind(std::string_view name);

/// A place in source text. Lines and columns count from 1; 0 means unknown.
struct Place {
  std::string file;
  uint32_t line = 0;
  uint32_t column = 0;
  uint32_t length = 1;    ///< of the underlined text, in characters
  std::string code;       ///< the source line, without its line end; empty when not available
  bool known() const { return !file.empty(); }
};

/// One level of the call stack of the user's program.
struct StackFrame {
  std::string file;
  uint32_t line = 0;
  std::string function;
  std::string code;
};

enum class Applicability : uint8_t { Machine, Maybe };

/// A change that would solve the problem.
struct Fix {
  std::string message;
  std::vector<std::string> dynamic;  ///< complete --dynamic values for the inputs they name
  Applicability applicability = Applicability::Maybe;
  bool checked = false;              ///< an export with this fix was tried and succeeded
};

struct Diagnostic {
  Code code;
  Level level;
  std::string message;
  Place place;
  std::string label;                 ///< written after the caret
  std::vector<StackFrame> stack;     ///< innermost call first
  std::string module_path;           ///< "encoder.layers.3.attn"
  std::vector<std::string> notes;
  std::vector<Fix> fixes;
  int count = 1;                     ///< how often the same place was reached

  Diagnostic(Code code, std::string message)
      : code(code), level(kind(code).level), message(std::move(message)) {}

  Diagnostic& at(Place where, std::string text = {}) {
    place = std::move(where);
    label = std::move(text);
    return *this;
  }
  Diagnostic& note(std::string text) {
    notes.push_back(std::move(text));
    return *this;
  }
  Diagnostic& fix(std::string text) {
    // Not push_back({...}): gcc 12 warns of bounds that are kept.
    fixes.emplace_back().message = std::move(text);
    return *this;
  }
};

/// The one exception of the project: work that cannot go on, with all diagnostics that say why.
/// LibTorch unwinds by exceptions through its dispatcher, so errors inside a capture have to as
/// well; driver/ and tools/ are the only places that catch it.
class Failure : public std::exception {
 public:
  explicit Failure(Diagnostic diagnostic) : diagnostics_{std::move(diagnostic)} {}
  explicit Failure(std::vector<Diagnostic> diagnostics) : diagnostics_(std::move(diagnostics)) {}
  const std::vector<Diagnostic>& diagnostics() const { return diagnostics_; }
  std::vector<Diagnostic>& diagnostics() { return diagnostics_; }
  const char* what() const noexcept override {
    return diagnostics_.empty() ? "failure" : diagnostics_.front().message.c_str();
  }

 private:
  std::vector<Diagnostic> diagnostics_;
};

/// Throws a Failure with one diagnostic.
[[noreturn]] void fail(Diagnostic diagnostic);
[[noreturn]] void fail(Code code, std::string message);

}  // namespace tx::diag
