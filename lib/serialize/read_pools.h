// Reads the rows that everything else in a file refers to (private to lib/serialize).
//
// In:  a FlatBuffer that has passed the FlatBuffers verifier, so every offset in it is good.
// Out: symbols, expressions, types and operators as the program has them.
// Holds: rows refer to earlier rows only, and what a row takes once copied is known before it is
//        copied: sharing cannot blow a small file up.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "ir/program.h"
#include "program_generated.h"
#include "serialize/damage.h"
#include "serialize/schema_text.h"

namespace tx::serialize {

namespace fb = ::txp;

/// The text of an optional field, counted.
std::string read_text(const flatbuffers::String* text, Damage& damage, const Where& where);
/// Length of an optional vector.
template <class T>
uint32_t length(const flatbuffers::Vector<T>* vector) {
  return vector ? vector->size() : 0;
}

struct ExpressionRows {
  std::vector<ir::Expr> all;
  const ir::Expr& at(uint32_t row, const Damage& damage, const Where& where) const;
  /// An expression whose value is an integer.
  const ir::Expr& integer(uint32_t row, const Damage& damage, const Where& where) const;
  /// An expression whose value is a float or an integer.
  const ir::Expr& number(uint32_t row, const Damage& damage, const Where& where) const;
  /// An expression whose value is true or false.
  const ir::Expr& truth(uint32_t row, const Damage& damage, const Where& where) const;
};
ExpressionRows read_expressions(const fb::Program& root,
                                const std::vector<ir::SymbolInfo>& symbols, Damage& damage);

struct TypeRows {
  std::vector<ir::Type> all;
  std::vector<uint64_t> costs;  ///< of a copy of each type, in units of Damage::charge
  /// A copy of the row, counted.
  ir::Type copy(uint32_t row, Damage& damage, const Where& where) const;
};
TypeRows read_types(const fb::Program& root, const ExpressionRows& expressions, Damage& damage);

struct OperatorRow {
  std::string name;
  std::string schema_text;
  std::optional<Schema> schema;
};
std::vector<OperatorRow> read_operators(const fb::Program& root, Damage& damage);

ir::Device read_device(const fb::Device* device, Damage& damage, const Where& where);
ir::DType read_dtype(fb::DType dtype, const Damage& damage, const Where& where);

}  // namespace tx::serialize
