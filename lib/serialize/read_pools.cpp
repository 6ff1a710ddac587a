#include "serialize/read_pools.h"

#include <algorithm>
#include <unordered_set>

#include "serialize/enums.h"
#include "serialize/version.h"

namespace tx::serialize {

std::string read_text(const flatbuffers::String* text, Damage& damage, const Where& where) {
  if (!text) return {};
  damage.charge(1 + text->size() / 16, where);
  return text->str();
}

ir::Device read_device(const fb::Device* device, Damage& damage, const Where& where) {
  damage.require(device, where, "it has no device");
  damage.require(device->index() >= -1, where, "a negative device index");
  return {read_text(device->type(), damage, where), device->index()};
}

ir::DType read_dtype(fb::DType dtype, const Damage& damage, const Where& where) {
  const std::optional<ir::DType> known = from_file(kDTypePairs, dtype);
  damage.require(known.has_value(), where, "an unknown dtype");
  return *known;
}

// ---- types -------------------------------------------------------------------------------------

namespace {

class TypeReader {
 public:
  TypeReader(const ExpressionRows& expressions, Damage& damage)
      : expressions_(expressions), damage_(damage) {}

  void read(const fb::Type& row, const Where& where) {
    cost_ = kTypeCost;
    depth_ = 0;
    ir::Type type = read_kind(row, where);
    damage_.require(depth_ < kMaxNesting, where, "tuples nested too deeply");
    damage_.charge(cost_, where);
    rows.all.push_back(std::move(type));
    rows.costs.push_back(cost_);
    depths_.push_back(depth_);
  }

  TypeRows rows;

 private:
  ir::Type read_kind(const fb::Type& row, const Where& where) {
    const auto value = [&] { return row.value(); };
    switch (row.kind()) {
      case fb::TypeKind::None: return ir::NoneType{};
      case fb::TypeKind::Tensor: return read_tensor(row, where);
      case fb::TypeKind::Tuple: return read_tuple(row, where);
      case fb::TypeKind::SymInt:
        return ir::SymIntType{expressions_.integer(value(), damage_, where)};
      case fb::TypeKind::SymFloat:
        return ir::SymFloatType{expressions_.number(value(), damage_, where)};
      case fb::TypeKind::SymBool:
        return ir::SymBoolType{expressions_.truth(value(), damage_, where)};
      case fb::TypeKind::Constant: return ir::ConstantType{};
      case fb::TypeKind::Graph: return ir::GraphType{};
      default: damage_.fail(where, "an unknown kind of type");
    }
  }

  ir::Type read_tensor(const fb::Type& row, const Where& where) {
    ir::TensorType tensor;
    tensor.dtype = read_dtype(row.dtype(), damage_, where);
    tensor.device = read_device(row.device(), damage_, where);
    damage_.require(length(row.sizes()) == length(row.strides()), where,
                    "it does not have one stride for each size");
    cost_ += length(row.sizes());
    damage_.charge(cost_, where);
    for (uint32_t i = 0; i < length(row.sizes()); ++i) {
      tensor.sizes.push_back(expressions_.integer(row.sizes()->Get(i), damage_, where));
      tensor.strides.push_back(expressions_.integer(row.strides()->Get(i), damage_, where));
    }
    return tensor;
  }

  ir::Type read_tuple(const fb::Type& row, const Where& where) {
    ir::TupleType tuple;
    for (uint32_t i = 0; i < length(row.elements()); ++i) {
      const uint32_t element = row.elements()->Get(i);
      damage_.require_index(element, rows.all.size(), where, "(earlier) type");
      damage_.charge(rows.costs[element], where);
      cost_ += rows.costs[element];
      depth_ = std::max(depth_, depths_[element] + 1);
      tuple.elements.push_back(rows.all[element]);
    }
    return tuple;
  }

  static constexpr uint64_t kTypeCost = sizeof(ir::Type) / 16;

  const ExpressionRows& expressions_;
  Damage& damage_;
  uint64_t cost_ = 0;   ///< of the row that is being read
  uint32_t depth_ = 0;  ///< likewise
  std::vector<uint32_t> depths_;
};

}  // namespace

ir::Type TypeRows::copy(uint32_t row, Damage& damage, const Where& where) const {
  damage.require_index(row, all.size(), where, "type");
  damage.charge(costs[row], where);
  return all[row];
}

TypeRows read_types(const fb::Program& root, const ExpressionRows& expressions, Damage& damage) {
  TypeReader reader(expressions, damage);
  for (uint32_t i = 0; i < length(root.types()); ++i) {
    reader.read(*root.types()->Get(i), {nullptr, "type", i});
  }
  return std::move(reader.rows);
}

// ---- operators ---------------------------------------------------------------------------------

std::vector<OperatorRow> read_operators(const fb::Program& root, Damage& damage) {
  std::vector<OperatorRow> rows;
  std::unordered_set<std::string> names;
  for (uint32_t i = 0; i < length(root.operators()); ++i) {
    const fb::Operator& file_row = *root.operators()->Get(i);
    OperatorRow row;
    row.name = read_text(file_row.name(), damage, {nullptr, "operator", i});
    const Where where{nullptr, "operator", i, row.name};
    damage.require(!row.name.empty(), where, "it has no name");
    damage.require(names.insert(row.name).second, where, "its name is taken");
    row.schema_text = read_text(file_row.schema(), damage, where);
    if (!row.schema_text.empty()) {
      row.schema = parse_schema(row.schema_text);
      damage.require(row.schema.has_value(), where, "its schema does not parse");
      damage.require(row.schema->op == row.name, where, "its schema is of another operator");
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace tx::serialize
