// An environment that takes up a program's symbols: what follows is answered, everything else refused.
#include <doctest/doctest.h>

#include "symbolic/shape_env.h"

using namespace tx;
using namespace tx::symbolic;

namespace {

const Expr s0 = Expr::symbol("s0");
const Expr s1 = Expr::symbol("s1");

diag::Code refusal_of(const std::function<void()>& ask) {
  try {
    ask();
  } catch (const diag::Failure& failure) {
    return failure.diagnostics().front().code;
  }
  return diag::Code::TX0070;
}

}  // namespace

TEST_CASE("ranges and conditions of the program answer questions") {
  ShapeEnv env;
  env.resume({{"s0", {2, 16}, 4}, {"s1", {0, kNoBound}, 8}}, {eq(mod(s1, Expr(8)), Expr(0))});
  CHECK(env.evaluate(ge(s0, Expr(2))));
  CHECK(!env.evaluate(gt(s0, Expr(16))));
  CHECK(env.evaluate(eq(mod(s1, Expr(4)), Expr(0))));
  CHECK(env.expect_true(ge(s1, Expr(0))));
  CHECK(env.hint(s0 * s1) == 32);
}

TEST_CASE("a number that the program's conditions fix is known") {
  ShapeEnv env;
  const Expr parts = floor_div(s0 + 2, Expr(3));
  env.resume({{"s0", {0, kNoBound}, 7, true}}, {eq(parts, Expr(3))});
  CHECK(env.specialize(parts) == 3);
  CHECK(refusal_of([&] { env.specialize(s0); }) == diag::Code::TX3006);
}

TEST_CASE("what does not follow is refused and never recorded") {
  ShapeEnv env;
  env.resume({{"s0", {0, kNoBound}, 4}}, {});
  CHECK(refusal_of([&] { env.evaluate(eq(s0, Expr(1))); }) == diag::Code::TX3006);
  CHECK(refusal_of([&] { env.expect_true(ge(s0, Expr(2))); }) == diag::Code::TX3006);
  CHECK(refusal_of([&] { env.specialize(s0); }) == diag::Code::TX3006);
  CHECK(env.constraints().guards.empty());
  CHECK(!env.guard_or_false(eq(s0, Expr(1))));
  CHECK(env.guard_or_true(eq(s0, Expr(1))));
}

TEST_CASE("choices of layout count on sizes of 2 or more, results do not") {
  ShapeEnv env;
  env.resume({{"s0", {0, kNoBound}, 4, true}, {"s1", {0, kNoBound}, 4, false}}, {});
  CHECK(env.statically_known(lt(Expr(1), s0)) == true);
  CHECK(!env.guard_or_true(eq(s0, Expr(1))));
  CHECK(refusal_of([&] { env.evaluate(lt(Expr(1), s0)); }) == diag::Code::TX3006);
  CHECK(refusal_of([&] { env.expect_true(lt(Expr(1), s0)); }) == diag::Code::TX3006);
  CHECK(env.simplify(max(s0, Expr(1))) == max(s0, Expr(1)));
  // What sizes are made of may be any number: 2 * s1 + 5 says nothing of s1.
  CHECK(!env.statically_known(lt(Expr(1), s1)));
}

TEST_CASE("questions about strides are answered for tensors with elements") {
  ShapeEnv env;
  env.resume({{"s0", {0, kNoBound}, 4}}, {});
  CHECK(env.known_unless_empty(lt(Expr(1), Expr(4) * s0)) == true);
  CHECK(env.known_unless_empty(eq(s0, Expr(0))) == false);
  CHECK(!env.known_unless_empty(eq(s0, Expr(1))));
}
