// DimSpec: what the user wrote about the dimensions of the inputs, as a model of its syntax.
//
// In:  a value of --dynamic (INPUT:AXIS=DIM[,AXIS=DIM] or @FILE.json), as docs/cli.md has it.
// Out: inputs by path, axes by number, dimensions. Nothing is held against the actual inputs here:
//      see dim_bind.h.
// Holds: the grammar is strict. A mistake is a diag::Failure (TX2001) whose place holds the text
//        and the column of the mistake; impossible ranges are TX2006, unreadable files TX0002.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "diag/diagnostic.h"
#include "symbolic/range.h"

namespace tx::symbolic {

struct DimSpec {
  enum class Kind : uint8_t {
    Number,   ///< static, and the example must have this size
    Static,   ///< static; only JSON says so
    Auto,
    Dynamic,
    Named,    ///< scale * name + offset
  };
  Kind kind = Kind::Static;
  int64_t number = 0;
  std::string name;
  int64_t scale = 1;
  int64_t offset = 0;
  /// Of the name; empty where only another place gives it.
  std::optional<Range> range;
  /// Whether somebody wrote range->min: the 2 of `b` and `b:..16` is an assumption only.
  bool min_written = false;
  bool operator==(const DimSpec&) const = default;
  bool is_derived() const { return scale != 1 || offset != 0; }
  /// In the grammar of --dynamic: "batch:2..16", "8*_b[1..128]", "auto".
  std::string text() const;
};

struct AxisSpec {
  int64_t axis = 0;    ///< negative: from the end
  DimSpec dim;
  uint32_t column = 0; ///< of the axis in DynamicSpec::text
};

/// The dimensions of one input, or of all (`*`).
struct DynamicSpec {
  std::vector<std::string> path;  ///< empty: `*`; first the name or index of an argument
  std::vector<AxisSpec> axes;
  /// JSON lists name every axis: the number of dimensions the tensor must have, and the list.
  std::optional<size_t> rank;
  std::string rank_text;
  std::string text;               ///< what was written
  std::string origin;             ///< "--dynamic" or the file's name
  std::string input_text() const; ///< "kv.0.k", "*"
};

/// Parses INPUT:AXIS=DIM[,AXIS=DIM].
DynamicSpec parse_dynamic(std::string_view text);
/// Parses DIM. `loose` allows the spaces of sympy's texts ("dx + 1"). Errors point into `whole`,
/// in which `text` starts at `column` (from 1).
DimSpec parse_dim(std::string_view text, bool loose, const std::string& origin,
                  std::string_view whole, uint32_t column);
/// Parses the JSON of a file; `origin` names it in messages.
std::vector<DynamicSpec> parse_dynamic_json(std::string_view json, const std::string& origin);
/// A value of --dynamic: reads the file of "@FILE".
std::vector<DynamicSpec> read_dynamic(const std::string& value);

/// Throws TX2006 for ranges without at least two values, with torch's text.
void check_dim_range(const Range& range, const std::string& origin, std::string_view whole,
                     uint32_t column);

}  // namespace tx::symbolic
