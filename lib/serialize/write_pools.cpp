#include "serialize/write_pools.h"

#include "diag/diagnostic.h"
#include "serialize/enums.h"
#include "serialize/version.h"

namespace tx::serialize {

Offset<flatbuffers::String> add_text(FlatBufferBuilder& builder, const std::string& text) {
  return text.empty() ? 0 : builder.CreateSharedString(text);
}

void fail_unwritable(const std::string& what) {
  diag::fail(diag::Code::TX0014, "the program cannot be written: " + what);
}

void check_nesting(uint32_t nesting, const char* what) {
  if (nesting < kMaxNesting) return;
  fail_unwritable(std::string(what) + " nests deeper than " + std::to_string(kMaxNesting) +
                  " levels");
}

// ---- expressions -------------------------------------------------------------------------------

ExpressionPool::ExpressionPool(FlatBufferBuilder& builder, const ir::Program& program)
    : builder_(builder) {
  for (uint32_t i = 0; i < program.symbols.size(); ++i) {
    symbols_.emplace(program.symbols[i].name, i);
  }
}

uint32_t ExpressionPool::row(const ir::Expr& e) {
  if (auto found = ids_.find(e); found != ids_.end()) return found->second;
  const auto operands = add_vector(builder_, rows(e.operands()));
  uint32_t symbol = 0;
  if (e.is_symbol()) {
    const auto found = symbols_.find(e.name());
    if (found == symbols_.end()) {
      diag::fail(diag::Code::TX0070, "the program does not declare the symbol " + e.name());
    }
    symbol = found->second;
  }
  fb::ExpressionBuilder row(builder_);
  row.add_op(to_file(kOpPairs, e.op()));
  if (!operands.IsNull()) row.add_operands(operands);
  if (e.is_constant()) row.add_integer(e.value());
  if (e.op() == symbolic::Op::Real) row.add_real(e.real_value());
  row.add_symbol(symbol);
  const auto id = static_cast<uint32_t>(rows_.size());
  rows_.push_back(row.Finish());
  ids_.emplace(e, id);
  return id;
}

std::vector<uint32_t> ExpressionPool::rows(const std::vector<ir::Expr>& expressions) {
  std::vector<uint32_t> result;
  result.reserve(expressions.size());
  for (const ir::Expr& e : expressions) result.push_back(row(e));
  return result;
}

// ---- types -------------------------------------------------------------------------------------

TypePool::Content TypePool::content(const ir::Type& type, uint32_t nesting) {
  Content result;
  struct Visitor {
    TypePool& pool;
    Content& result;
    uint32_t nesting;
    void operator()(const ir::NoneType&) { result.kind = fb::TypeKind::None; }
    void operator()(const ir::TensorType& tensor) {
      result.kind = fb::TypeKind::Tensor;
      result.dtype = to_file(kDTypePairs, tensor.dtype);
      result.sizes = pool.expressions_.rows(tensor.sizes);
      result.strides = pool.expressions_.rows(tensor.strides);
      result.device = tensor.device.type;
      result.device_index = tensor.device.index;
    }
    void operator()(const ir::TupleType& tuple) {
      result.kind = fb::TypeKind::Tuple;
      for (const ir::Type& element : tuple.elements) {
        result.elements.push_back(pool.row(element, nesting + 1));
      }
    }
    void number(fb::TypeKind kind, const ir::Expr& value) {
      result.kind = kind;
      result.value = pool.expressions_.row(value);
    }
    void operator()(const ir::SymIntType& type) { number(fb::TypeKind::SymInt, type.value); }
    void operator()(const ir::SymFloatType& type) { number(fb::TypeKind::SymFloat, type.value); }
    void operator()(const ir::SymBoolType& type) { number(fb::TypeKind::SymBool, type.value); }
    void operator()(const ir::ConstantType&) { result.kind = fb::TypeKind::Constant; }
    void operator()(const ir::GraphType&) { result.kind = fb::TypeKind::Graph; }
  };
  std::visit(Visitor{*this, result, nesting}, type.kind);
  return result;
}

uint32_t TypePool::row(const ir::Type& type, uint32_t nesting) {
  check_nesting(nesting, "a type");
  Content key = content(type, nesting);
  if (auto found = ids_.find(key); found != ids_.end()) return found->second;

  const auto sizes = add_vector(builder_, key.sizes);
  const auto strides = add_vector(builder_, key.strides);
  const auto elements = add_vector(builder_, key.elements);
  Offset<fb::Device> device = 0;
  if (key.kind == fb::TypeKind::Tensor) {
    device = fb::CreateDevice(builder_, add_text(builder_, key.device), key.device_index);
  }
  const auto id = static_cast<uint32_t>(rows_.size());
  rows_.push_back(fb::CreateType(builder_, key.kind, key.dtype, sizes, strides, device, elements,
                                 key.value));
  ids_.emplace(std::move(key), id);
  return id;
}

// ---- operators ---------------------------------------------------------------------------------

uint32_t OperatorPool::row(const std::string& name) {
  const auto [entry, added] = ids_.emplace(name, static_cast<uint32_t>(rows_.size()));
  if (added) {
    const auto schema = schemas_.find(name);
    const auto name_text = add_text(builder_, name);
    const auto schema_text = schema == schemas_.end() ? 0 : add_text(builder_, schema->second);
    rows_.push_back(fb::CreateOperator(builder_, name_text, schema_text));
  }
  return entry->second;
}

void OperatorPool::add_uncalled() {
  for (const auto& [name, schema] : schemas_) row(name);
}

}  // namespace tx::serialize
