// Pools: the rows that everything else in a file refers to by number (private to lib/serialize).
//
// In:  a FlatBuffer under construction; expressions, types and operators as the program has them.
// Out: row numbers, given out in the order of first use, so the same program gives the same rows.
// Holds: a row refers to earlier rows only.
#pragma once
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "ir/program.h"
#include "program_generated.h"

namespace tx::serialize {

namespace fb = ::txp;
using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;

/// The string, shared with equal ones; no field at all for an empty one.
Offset<flatbuffers::String> add_text(FlatBufferBuilder& builder, const std::string& text);
/// The vector; no field at all for an empty one.
template <class T>
Offset<flatbuffers::Vector<T>> add_vector(FlatBufferBuilder& builder, const std::vector<T>& items) {
  return items.empty() ? 0 : builder.CreateVector(items);
}

class ExpressionPool {
 public:
  ExpressionPool(FlatBufferBuilder& builder, const ir::Program& program);
  uint32_t row(const ir::Expr& e);
  std::vector<uint32_t> rows(const std::vector<ir::Expr>& expressions);
  const std::vector<Offset<fb::Expression>>& all() const { return rows_; }

 private:
  FlatBufferBuilder& builder_;
  std::unordered_map<std::string, uint32_t> symbols_;
  std::unordered_map<ir::Expr, uint32_t> ids_;
  std::vector<Offset<fb::Expression>> rows_;
};

class TypePool {
 public:
  TypePool(FlatBufferBuilder& builder, ExpressionPool& expressions)
      : builder_(builder), expressions_(expressions) {}
  uint32_t row(const ir::Type& type, uint32_t nesting = 0);
  const std::vector<Offset<fb::Type>>& all() const { return rows_; }

 private:
  /// What a row holds, with sub-expressions and sub-types as numbers.
  struct Content {
    fb::TypeKind kind{};
    fb::DType dtype{};
    std::vector<uint32_t> sizes, strides, elements;
    std::string device;
    int device_index = -1;
    uint32_t value = 0;
    auto operator<=>(const Content&) const = default;
  };
  Content content(const ir::Type& type, uint32_t nesting);

  FlatBufferBuilder& builder_;
  ExpressionPool& expressions_;
  std::map<Content, uint32_t> ids_;
  std::vector<Offset<fb::Type>> rows_;
};

class OperatorPool {
 public:
  OperatorPool(FlatBufferBuilder& builder, const ir::Program& program)
      : builder_(builder), schemas_(program.schemas) {}
  uint32_t row(const std::string& name);
  /// Adds the operators that have a schema but no call, too.
  void add_uncalled();
  const std::vector<Offset<fb::Operator>>& all() const { return rows_; }

 private:
  FlatBufferBuilder& builder_;
  const std::map<std::string, std::string>& schemas_;
  std::unordered_map<std::string, uint32_t> ids_;
  std::vector<Offset<fb::Operator>> rows_;
};

/// TX0014 or TX0070: a program that the format cannot hold.
[[noreturn]] void fail_unwritable(const std::string& what);
/// Refuses what the reader would refuse as nested too deeply.
void check_nesting(uint32_t nesting, const char* what);

}  // namespace tx::serialize
