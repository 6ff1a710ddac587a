#include "symbolic/shape_env.h"

#include <utility>

namespace tx::symbolic {

struct ShapeEnv::State {
  diag::Place place;
  std::string op;
};

ShapeEnv::ShapeEnv() : state_(std::make_unique<State>()) {}
ShapeEnv::~ShapeEnv() = default;

std::optional<bool> ShapeEnv::statically_known(const Expr& condition) {
  if (condition.is_true()) return true;
  if (condition.is_false()) return false;
  return std::nullopt;
}

bool ShapeEnv::evaluate(const Expr& condition) {
  if (auto known = statically_known(condition)) return *known;
  diag::fail(diag::Code::TX1003, "Could not guard on data-dependent expression " +
                                     condition.text());
}

bool ShapeEnv::guard_or_false(const Expr& condition) {
  return statically_known(condition).value_or(false);
}
bool ShapeEnv::guard_or_true(const Expr& condition) {
  return statically_known(condition).value_or(true);
}
bool ShapeEnv::expect_true(const Expr& condition) { return evaluate(condition); }

int64_t ShapeEnv::specialize(const Expr& size) {
  if (size.is_constant()) return size.value();
  diag::fail(diag::Code::TX1003, "Could not extract a number from " + size.text());
}

std::optional<int64_t> ShapeEnv::hint(const Expr& size) const { return size.constant(); }
Expr ShapeEnv::simplify(const Expr& expression) const { return expression; }

void ShapeEnv::set_place(diag::Place place, std::string op) {
  state_->place = std::move(place);
  state_->op = std::move(op);
}

}  // namespace tx::symbolic
