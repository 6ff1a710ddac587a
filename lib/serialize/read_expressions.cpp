// Expressions are rebuilt through symbolic::make, which brings them into canonical form. What that
// can cost is bounded beforehand: a made-up file must not make it multiply out huge products.
#include <algorithm>
#include <limits>
#include <unordered_map>

#include "diag/diagnostic.h"
#include "serialize/enums.h"
#include "serialize/read_pools.h"

namespace tx::serialize {
namespace {

using ir::Expr;
using symbolic::Op;

enum class Sort : uint8_t { Integer, Float, Truth };

Sort sort_of(const Expr& e) {
  switch (e.op()) {
    case Op::False:
    case Op::True:
    case Op::Eq:
    case Op::Ne:
    case Op::Lt:
    case Op::Le:
    case Op::And:
    case Op::Or:
    case Op::Not: return Sort::Truth;
    case Op::Real:
    case Op::ToFloat:
    case Op::TrueDiv:
    case Op::FloatAdd:
    case Op::FloatMul: return Sort::Float;
    default: return Sort::Integer;
  }
}

/// How large an expression is; sums and products saturate at kTooLarge.
struct Measure {
  uint64_t nodes = 1;   ///< written out, without sharing
  uint64_t depth = 1;
  uint64_t terms = 1;   ///< of the polynomial that it is, or is made of
  uint64_t degree = 1;
};
constexpr uint64_t kTooLarge = uint64_t{1} << 32;
constexpr uint64_t kMaxNodes = 1 << 13;
constexpr uint64_t kMaxDepth = 128;
constexpr uint64_t kMaxTerms = 1 << 10;
constexpr uint64_t kMaxDegree = 32;
/// Steps of a polynomial division.
constexpr uint64_t kMaxSteps = 1 << 14;

uint64_t multiply(uint64_t a, uint64_t b) { return std::min(a * b, kTooLarge); }
uint64_t add(uint64_t a, uint64_t b) { return std::min(a + b, kTooLarge); }

/// Upper bound of the steps of dividing a polynomial of `degree` by one of `terms` terms: the
/// number of monomials of at most that degree in that many unknowns.
uint64_t division_steps(uint64_t degree, uint64_t terms) {
  uint64_t steps = 1;
  for (uint64_t i = 1; i <= std::min(degree, terms); ++i) {
    steps = multiply(steps, degree + terms + 1 - i) / i;
    if (steps > kMaxSteps) return kTooLarge;
  }
  return steps;
}

class ExpressionReader {
 public:
  ExpressionReader(const std::vector<ir::SymbolInfo>& symbols, Damage& damage)
      : symbols_(symbols), damage_(damage) {}

  void read(const fb::Expression& row, const Where& where) {
    const std::optional<Op> op = from_file(kOpPairs, row.op());
    damage_.require(op.has_value(), where, "an unknown operation");
    const std::vector<Expr> operands = read_operands(row, where);
    check_operands(*op, operands, where);
    Expr result = build(*op, row, operands, where);
    const Measure& size = measure(result);
    check_size(size, where);
    damage_.charge(1 + size.nodes / 16, where);
    rows_.all.push_back(std::move(result));
  }

  ExpressionRows rows_;

 private:
  std::vector<Expr> read_operands(const fb::Expression& row, const Where& where) {
    std::vector<Expr> operands;
    damage_.charge(1 + length(row.operands()), where);
    for (uint32_t i = 0; i < length(row.operands()); ++i) {
      operands.push_back(rows_.at(row.operands()->Get(i), damage_, where));
    }
    return operands;
  }

  void check_operands(Op op, const std::vector<Expr>& operands, const Where& where) const {
    size_t least = 0, most = 0;
    bool (*fits)(Sort) = nullptr;
    const auto expect = [&](size_t min, size_t max, bool (*sort)(Sort)) {
      least = min;
      most = max;
      fits = sort;
    };
    constexpr size_t kMany = std::numeric_limits<size_t>::max();
    const auto integer = [](Sort sort) { return sort == Sort::Integer; };
    const auto number = [](Sort sort) { return sort != Sort::Truth; };
    const auto truth = [](Sort sort) { return sort == Sort::Truth; };
    switch (op) {
      case Op::Constant:
      case Op::Symbol:
      case Op::Real:
      case Op::False:
      case Op::True: return damage_.require(operands.empty(), where, "a leaf has operands");
      case Op::Add:
      case Op::Mul:
      case Op::Min:
      case Op::Max: expect(2, kMany, integer); break;
      case Op::FloorDiv:
      case Op::Mod: expect(2, 2, integer); break;
      case Op::And:
      case Op::Or: expect(2, kMany, truth); break;
      case Op::Not: expect(1, 1, truth); break;
      case Op::Lt:
      case Op::Le:
      case Op::TrueDiv: expect(2, 2, number); break;
      case Op::FloatAdd:
      case Op::FloatMul: expect(2, kMany, number); break;
      case Op::ToFloat:
      case Op::Floor:
      case Op::Ceil:
      case Op::Trunc: expect(1, 1, number); break;
      case Op::Eq:
      case Op::Ne: {
        damage_.require(operands.size() == 2, where, "a wrong number of operands");
        const bool truths = sort_of(operands[0]) == Sort::Truth;
        expect(2, 2, truths ? +truth : +number);
        break;
      }
    }
    damage_.require(operands.size() >= least && operands.size() <= most, where,
                    "a wrong number of operands");
    for (const Expr& operand : operands) {
      damage_.require(fits(sort_of(operand)), where, "an operand of the wrong kind");
    }
  }

  Expr build(Op op, const fb::Expression& row, const std::vector<Expr>& operands,
             const Where& where) {
    switch (op) {
      case Op::Constant: return Expr(row.integer());
      case Op::Symbol:
        damage_.require_index(row.symbol(), symbols_.size(), where, "symbol");
        return Expr::symbol(symbols_[row.symbol()].name);
      case Op::Real:
        damage_.require(row.real().has_value(), where, "a float without a value");
        return Expr::real(*row.real());
      default: break;
    }
    check_cost(op, operands, where);
    try {
      return symbolic::make(op, operands);
    } catch (const diag::Failure& failure) {  // a division by 0, a number beyond 64 bits
      damage_.fail(where, failure.what());
    }
  }

  /// Refuses what would take too long to bring into canonical form.
  void check_cost(Op op, const std::vector<Expr>& operands, const Where& where) {
    Measure result{1, 0, 0, 0};
    const bool multiplies = op == Op::Mul || op == Op::FloatMul;
    if (multiplies) result.terms = 1;
    for (const Expr& operand : operands) {
      const Measure& size = measure(operand);
      result.nodes = add(result.nodes, size.nodes);
      result.terms = multiplies ? multiply(result.terms, size.terms)
                                : add(result.terms, size.terms);
      result.degree = multiplies ? add(result.degree, size.degree)
                                 : std::max(result.degree, size.degree);
    }
    check_size(result, where);
    if (op == Op::FloorDiv || op == Op::Mod) {
      const Measure &numerator = measure(operands[0]), &divisor = measure(operands[1]);
      const uint64_t steps =
          multiply(numerator.terms, division_steps(numerator.degree, divisor.terms));
      damage_.require(steps <= kMaxSteps, where, "a division that is too large");
      damage_.charge(steps / 16, where);
    }
    // Sorting and comparing operands is quadratic at worst.
    damage_.charge(multiply(result.terms, result.terms) / 256, where);
  }

  void check_size(const Measure& size, const Where& where) const {
    damage_.require(size.nodes <= kMaxNodes && size.depth <= kMaxDepth &&
                        size.terms <= kMaxTerms && size.degree <= kMaxDegree,
                    where, "an expression that is too large");
  }

  const Measure& measure(const Expr& e) {
    if (auto found = measures_.find(e); found != measures_.end()) return found->second;
    Measure result;
    const Op op = e.op();
    const bool sums = op == Op::Add || op == Op::FloatAdd;
    const bool multiplies = op == Op::Mul || op == Op::FloatMul;
    const bool passes = op == Op::ToFloat || op == Op::TrueDiv;
    if (sums || passes) result.terms = 0;
    if (e.is_constant() || op == Op::Real || multiplies) result.degree = 0;
    for (const Expr& operand : e.operands()) {
      const Measure size = measure(operand);
      result.nodes = add(result.nodes, size.nodes);
      result.depth = std::max(result.depth, size.depth + 1);
      if (sums || passes) {
        result.terms = add(result.terms, size.terms);
        result.degree = std::max(result.degree, size.degree);
      } else if (multiplies) {
        result.terms = multiply(result.terms, size.terms);
        result.degree = add(result.degree, size.degree);
      }
    }
    return measures_.emplace(e, result).first->second;
  }

  const std::vector<ir::SymbolInfo>& symbols_;
  Damage& damage_;
  std::unordered_map<Expr, Measure> measures_;
};

}  // namespace

const Expr& ExpressionRows::at(uint32_t row, const Damage& damage, const Where& where) const {
  damage.require_index(row, all.size(), where, "(earlier) expression");
  return all[row];
}
const Expr& ExpressionRows::integer(uint32_t row, const Damage& damage, const Where& where) const {
  const Expr& e = at(row, damage, where);
  damage.require(sort_of(e) == Sort::Integer, where, "an expression that is no integer");
  return e;
}
const Expr& ExpressionRows::number(uint32_t row, const Damage& damage, const Where& where) const {
  const Expr& e = at(row, damage, where);
  damage.require(sort_of(e) != Sort::Truth, where, "an expression that is no number");
  return e;
}
const Expr& ExpressionRows::truth(uint32_t row, const Damage& damage, const Where& where) const {
  const Expr& e = at(row, damage, where);
  damage.require(sort_of(e) == Sort::Truth, where, "an expression that is neither true nor false");
  return e;
}

ExpressionRows read_expressions(const fb::Program& root,
                                const std::vector<ir::SymbolInfo>& symbols, Damage& damage) {
  ExpressionReader reader(symbols, damage);
  for (uint32_t i = 0; i < length(root.expressions()); ++i) {
    reader.read(*root.expressions()->Get(i), {nullptr, "expression", i});
  }
  return std::move(reader.rows_);
}

}  // namespace tx::serialize
