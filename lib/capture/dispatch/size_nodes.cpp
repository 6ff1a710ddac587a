#include "capture/dispatch/size_nodes.h"

#include "diag/diagnostic.h"

namespace tx::capture {
namespace {

using symbolic::Expr;
using symbolic::Op;

ir::Type type_of_number(const Expr& expression) {
  switch (expression.op()) {
    case Op::Eq: case Op::Ne: case Op::Lt: case Op::Le:
    case Op::And: case Op::Or: case Op::Not: case Op::True: case Op::False:
      return ir::SymBoolType{expression};
    case Op::Real: case Op::ToFloat: case Op::TrueDiv: case Op::FloatAdd: case Op::FloatMul:
      return ir::SymFloatType{expression};
    default:
      return ir::SymIntType{expression};
  }
}

const char* target_of(Op op) {
  switch (op) {
    case Op::Add: case Op::FloatAdd: return "operator.add";
    case Op::Mul: case Op::FloatMul: return "operator.mul";
    case Op::FloorDiv: return "operator.floordiv";
    case Op::Mod: return "operator.mod";
    case Op::Min: return "torch.sym_min";
    case Op::Max: return "torch.sym_max";
    case Op::Eq: return "operator.eq";
    case Op::Ne: return "operator.ne";
    case Op::Lt: return "operator.lt";
    case Op::Le: return "operator.le";
    case Op::And: return "operator.and_";
    case Op::Or: return "operator.or_";
    case Op::Not: return "torch.sym_not";
    case Op::ToFloat: return "torch.sym_float";
    case Op::TrueDiv: return "operator.truediv";
    case Op::Floor: return "math.floor";
    case Op::Ceil: return "math.ceil";
    case Op::Trunc: return "math.trunc";
    default: return nullptr;
  }
}

}  // namespace

void SizeNodes::add_source(ir::NodeId tensor, uint32_t axis, const Expr& size) {
  sources_.push_back({tensor, axis, size});
}

SizeNodes SizeNodes::afresh(Append append) const {
  SizeNodes result(std::move(append));
  result.sources_ = sources_;
  for (const auto& [expression, node] : computed_) {
    if (expression.is_symbol()) result.computed_.emplace(expression, node);
  }
  return result;
}

std::optional<ir::NodeId> SizeNodes::find(const Expr& expression) const {
  const auto known = computed_.find(expression);
  return known == computed_.end() ? std::nullopt : std::optional(known->second);
}

void SizeNodes::forget_from(ir::NodeId first) {
  std::erase_if(computed_, [first](const auto& entry) { return entry.second >= first; });
  std::erase_if(sources_, [first](const Source& source) { return source.tensor >= first; });
}

ir::Argument SizeNodes::argument(const Expr& expression) {
  if (expression.is_constant()) return expression.value();
  if (expression.op() == Op::Real) return expression.real_value();
  if (expression.is_true() || expression.is_false()) return expression.is_true();
  return ir::NodeRef{compute(expression)};
}

ir::NodeId SizeNodes::size_of(const Source& source) {
  return append_("aten.sym_size.int", {ir::NodeRef{source.tensor}, static_cast<int64_t>(source.axis)},
                 ir::SymIntType{source.size});
}

ir::NodeId SizeNodes::symbol(const Expr& symbol) {
  for (auto source = sources_.rbegin(); source != sources_.rend(); ++source) {
    if (source->size == symbol) return size_of(*source);
  }
  // A symbol that only occurs in derived sizes, a * symbol + c.
  for (const Source& source : sources_) {
    const auto at = [&](int64_t value) {
      return source.size.substitute([&](const Expr& e) -> std::optional<Expr> {
        return e == symbol ? std::optional<Expr>(value) : std::nullopt;
      });
    };
    const Expr offset = at(0);
    const Expr scale = at(1) - offset;
    if (!offset.is_constant() || !scale.is_constant() || scale.value() == 0 ||
        source.size != scale * symbol + offset) {
      continue;
    }
    ir::NodeId value = size_of(source);
    if (offset.value() != 0) {
      value = append_("operator.sub", {ir::NodeRef{value}, offset.value()},
                      ir::SymIntType{scale * symbol});
    }
    if (scale.value() != 1) {
      value = append_("operator.floordiv", {ir::NodeRef{value}, scale.value()}, ir::SymIntType{symbol});
    }
    return value;
  }
  if (outer_) return outer_(symbol);
  diag::fail(diag::Code::TX1005, "the size " + symbol.text() + " is not that of any input");
}

ir::NodeId SizeNodes::fold(const char* target, const Expr& expression) {
  const auto& operands = expression.operands();
  ir::Argument result = argument(operands[0]);
  Expr so_far = operands[0];
  for (size_t i = 1; i < operands.size(); ++i) {
    const ir::Argument next = argument(operands[i]);
    so_far = i + 1 == operands.size() ? expression : make(expression.op(), {so_far, operands[i]});
    const auto known = computed_.find(so_far);
    result = ir::NodeRef{known != computed_.end()
                             ? known->second
                             : append_(target, {result, next}, type_of_number(so_far))};
    computed_.emplace(so_far, std::get<ir::NodeRef>(result.value).id);
  }
  return std::get<ir::NodeRef>(result.value).id;
}

ir::NodeId SizeNodes::compute(const Expr& expression) {
  if (const auto known = computed_.find(expression); known != computed_.end()) return known->second;
  ir::NodeId node = ir::kNone;
  const char* target = target_of(expression.op());
  const bool is_order = expression.op() == Op::Lt || expression.op() == Op::Le;
  if (expression.is_symbol()) {
    node = symbol(expression);
  } else if (is_order && expression.operands()[0].is_constant()) {
    // Written as people do: the number on the right.
    const ir::Argument left = argument(expression.operands()[1]);
    node = append_(expression.op() == Op::Lt ? "operator.gt" : "operator.ge",
                   {left, argument(expression.operands()[0])}, type_of_number(expression));
  } else if (target && expression.operands().size() == 1) {
    const ir::Argument operand = argument(expression.operands()[0]);
    node = append_(target, {operand}, type_of_number(expression));
  } else if (target) {
    node = fold(target, expression);
  } else {
    diag::fail(diag::Code::TX1005, "the number " + expression.text() + " cannot be computed in a program");
  }
  computed_.emplace(expression, node);
  return node;
}

}  // namespace tx::capture
