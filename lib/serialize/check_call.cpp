#include "serialize/check_call.h"

#include <algorithm>
#include <span>

namespace tx::serialize {
namespace {

using Base = SchemaType::Base;
using Wrapper = SchemaType::Wrapper;

template <class... Kinds>
bool is_any_of(const ir::Argument& argument) {
  return (std::holds_alternative<Kinds>(argument.value) || ...);
}
template <class... Kinds>
bool is_any_of(const ir::Type& type) {
  return (std::holds_alternative<Kinds>(type.kind) || ...);
}

class Matcher {
 public:
  explicit Matcher(const std::vector<ir::Node>& nodes) : nodes_(nodes) {}

  bool takes(const SchemaType& type, const ir::Argument& argument) const {
    return takes(type.base, type.wrappers, argument);
  }

 private:
  bool takes(Base base, std::span<const Wrapper> wrappers, const ir::Argument& argument) const {
    if (wrappers.empty()) return base_takes(base, argument);
    const auto inner = wrappers.first(wrappers.size() - 1);
    if (wrappers.back() == Wrapper::Optional) {
      return argument.is_none() || takes(base, inner, argument);
    }
    if (const auto* list = argument.get<ir::ListArg>()) {
      return std::all_of(list->items.begin(), list->items.end(), [&](const ir::Argument& item) {
        return takes(base, inner, item);
      });
    }
    // A list as a value of the graph, before it is taken apart.
    if (const ir::Type* type = referred(argument)) {
      if (is_any_of<ir::TupleType, ir::ConstantType>(*type)) return true;
    }
    // torch takes `int[2] stride` as a single number, too.
    return wrappers.back() == Wrapper::SizedList && takes(base, inner, argument);
  }

  bool base_takes(Base base, const ir::Argument& argument) const {
    if (const ir::Type* type = referred(argument)) return base_takes_value(base, *type);
    switch (base) {
      // A plain number in the place of a tensor is torch's wrapped number.
      case Base::Tensor:
        return is_any_of<ir::NoneArg, int64_t, double, bool, std::complex<double>>(argument);
      // Older schemas have int where newer ones name the enumeration.
      case Base::Int:
        return is_any_of<int64_t, bool, ir::DType, ir::Layout, ir::MemoryFormat>(argument);
      case Base::Float: return is_any_of<int64_t, double>(argument);
      case Base::Bool: return is_any_of<bool>(argument);
      case Base::Number: return is_any_of<int64_t, double, bool, std::complex<double>>(argument);
      case Base::String: return is_any_of<std::string>(argument);
      case Base::DType: return is_any_of<ir::DType, int64_t>(argument);
      case Base::Layout: return is_any_of<ir::Layout, int64_t>(argument);
      case Base::MemoryFormat: return is_any_of<ir::MemoryFormat, int64_t>(argument);
      case Base::Device: return is_any_of<ir::Device, std::string>(argument);
      case Base::Any: return true;
    }
    return false;
  }

  static bool base_takes_value(Base base, const ir::Type& type) {
    if (is_any_of<ir::ConstantType>(type) || base == Base::Any) return true;
    const bool number = is_any_of<ir::SymIntType, ir::SymFloatType, ir::SymBoolType>(type);
    switch (base) {
      case Base::Tensor: return number || is_any_of<ir::TensorType, ir::NoneType>(type);
      case Base::Int:
      case Base::Bool: return is_any_of<ir::SymIntType, ir::SymBoolType>(type);
      case Base::Float: return is_any_of<ir::SymIntType, ir::SymFloatType>(type);
      case Base::Number: return number;
      default: return false;
    }
  }

  /// The type of the node that the argument refers to, or null.
  const ir::Type* referred(const ir::Argument& argument) const {
    const auto* ref = argument.get<ir::NodeRef>();
    return ref ? &nodes_[ref->id].type : nullptr;
  }

  const std::vector<ir::Node>& nodes_;
};

}  // namespace

void check_call(const ir::Node& node, const std::vector<ir::Node>& nodes, const Schema& schema,
                const Damage& damage, const Where& where) {
  const Matcher matcher(nodes);
  const std::vector<SchemaArgument>& expected = schema.arguments;
  std::vector<bool> given(expected.size(), false);
  const auto bind = [&](size_t index, const ir::Argument& argument, const Where& place) {
    if (given[index]) damage.fail(place, "`" + expected[index].name + "` is given twice");
    given[index] = true;
    if (!matcher.takes(expected[index].type, argument)) {
      damage.fail(place, "a value of this kind does not fit `" + expected[index].name + "` of `" +
                             schema.op + "`");
    }
  };

  for (size_t i = 0; i < node.args.size(); ++i) {
    const Where place{&where, "argument", static_cast<int64_t>(i)};
    if (i < expected.size() && !expected[i].keyword_only) {
      bind(i, node.args[i], place);
    } else if (!schema.variadic) {
      damage.fail(place, "`" + schema.op + "` takes no argument at this position");
    }
  }
  for (const auto& [name, argument] : node.kwargs) {
    const Where place{&where, "keyword argument", -1, name};
    const auto found =
        std::find_if(expected.begin(), expected.end(),
                     [&](const SchemaArgument& candidate) { return candidate.name == name; });
    if (found == expected.end()) damage.fail(place, "`" + schema.op + "` has no such argument");
    bind(static_cast<size_t>(found - expected.begin()), argument, place);
  }
  for (size_t i = 0; i < expected.size(); ++i) {
    if (given[i] || expected[i].has_default) continue;
    damage.fail(where, "`" + schema.op + "` needs its argument `" + expected[i].name + "`");
  }
}

void check_getitem(const ir::Node& node, const std::vector<ir::Node>& nodes, const Damage& damage,
                   const Where& where) {
  damage.require(node.args.size() == 2 && node.kwargs.empty(), where,
                 "getitem takes two arguments");
  const auto* ref = node.args[0].get<ir::NodeRef>();
  const auto* index = node.args[1].get<int64_t>();
  const ir::TupleType* tuple = ref ? nodes[ref->id].type.tuple() : nullptr;
  damage.require(tuple && index && *index >= 0, where, "getitem takes a tuple and an index");
  damage.require_index(static_cast<uint64_t>(*index), tuple->elements.size(), where, "element");
}

}  // namespace tx::serialize
