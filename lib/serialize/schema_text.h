// Reads the text of an operator's schema, as much of it as checking a call takes (private to
// lib/serialize).
//
// In:  "aten::add.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor".
// Out: the arguments with their types; types that no value of a graph can have count as Any.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tx::serialize {

struct SchemaType {
  enum class Base : uint8_t {
    Tensor, Int, Float, Bool, Number, String, DType, Layout, MemoryFormat, Device, Any
  };
  /// What stands behind the base, from the inside to the outside: "Tensor?[]" is {Optional, List}.
  enum class Wrapper : uint8_t { Optional, List, SizedList };
  Base base = Base::Any;
  std::vector<Wrapper> wrappers;
};

struct SchemaArgument {
  SchemaType type;
  std::string name;
  bool has_default = false;
  bool keyword_only = false;
};

struct Schema {
  std::string op;  ///< as graphs name it: "aten.add.Tensor", "aten.relu.default"
  std::vector<SchemaArgument> arguments;
  bool variadic = false;
};

/// Nothing if the text is not a schema.
std::optional<Schema> parse_schema(std::string_view text);

}  // namespace tx::serialize
