// Node and intern: the storage behind Expr (private to lib/symbolic).
//
// In:  an operator with operands that are canonical already, or a leaf's value.
// Out: the one node of that content.
// Holds: nodes are immutable, never freed, and two nodes never have the same content. Safe to call
//        from several threads; constants in [-256, 4096] and recently used ones take no lock.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "symbolic/expr.h"

namespace tx::symbolic {

struct Node {
  Op op = Op::Constant;
  int64_t value = 0;             ///< of a Constant
  double real = 0;               ///< of a Real
  size_t hash = 0;
  std::string name;              ///< of a Symbol
  std::vector<Expr> operands;
};

/// The node of `op(operands)`; the caller has brought the operands into canonical form.
const Node* intern(Op op, std::vector<Expr> operands);
const Node* intern_constant(int64_t value);
const Node* intern_symbol(std::string_view name);
const Node* intern_real(double value);

/// `op(operands)` as it stands, without any simplification.
Expr make_raw(Op op, std::vector<Expr> operands);

/// A total order that does not depend on addresses: symbols in name order (s2 before s10), then
/// compound expressions by operator and operands; constants last.
int compare(const Expr& a, const Expr& b);
/// Compares names with runs of digits taken as numbers.
int compare_names(std::string_view a, std::string_view b);

/// Whether the expression is a float.
bool is_real(const Expr& e);
/// Whether the expression is a truth value.
bool is_boolean(const Expr& e);

}  // namespace tx::symbolic
