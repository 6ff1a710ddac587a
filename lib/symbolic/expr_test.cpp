#include "symbolic/expr.h"

#include <doctest/doctest.h>

#include <limits>
#include <thread>

#include "diag/diagnostic.h"

using namespace tx::symbolic;

namespace {
const Expr s0 = Expr::symbol("s0"), s1 = Expr::symbol("s1"), s2 = Expr::symbol("s2"),
           s10 = Expr::symbol("s10"), s17 = Expr::symbol("s17"), s27 = Expr::symbol("s27"),
           s53 = Expr::symbol("s53"), s77 = Expr::symbol("s77");
}

TEST_CASE("texts of the symbolic-shapes samples") {
  CHECK((s1 - 2).text() == "s1 - 2");
  CHECK((s77 + s17).text() == "s17 + s77");
  CHECK((s77 * 2).text() == "2*s77");
  CHECK((s77 + s77).text() == "2*s77");
  CHECK((s27 * 3).text() == "3*s27");
  CHECK((s77 * s27).text() == "s27*s77");
  CHECK(floor_div(s77, 2).text() == "(s77//2)");
  CHECK(floor_div(s77 + 1, 2).text() == "((s77 + 1)//2)");
  CHECK((floor_div(s53 - 3, 2) + 1).text() == "(((s53 - 3)//2)) + 1");
  CHECK(max(1, s0).text() == "Max(1, s0)");
  CHECK(gt(s53, 10).text() == "s53 > 10");
  CHECK(le(s0, 16).text() == "s0 <= 16");
  CHECK(ge(s0, 16).text() == "s0 >= 16");
  CHECK(lt(s0, s1).text() == "s0 < s1");
  CHECK(eq(s1, s2).text() == "Eq(s1, s2)");
  CHECK(ne(Expr::symbol("s3"), 16).text() == "Ne(s3, 16)");
  CHECK((s10 + s2).text() == "s2 + s10");
}

// Expected texts: printed by Python's torch 2.13 for the same expressions.
TEST_CASE("texts as sympy prints them") {
  CHECK((2 * floor_div(s0, 2)).text() == "2*((s0//2))");
  CHECK((floor_div(s0, 2) + s1).text() == "s1 + ((s0//2))");
  CHECK((floor_div(s1, 2) + floor_div(s0, 2)).text() == "((s0//2)) + ((s1//2))");
  CHECK((s1 * floor_div(s0, 2) * s0).text() == "s0*s1*((s0//2))");
  CHECK((2 - s0).text() == "2 - s0");
  CHECK((5 - 3 * s0).text() == "5 - 3*s0");
  CHECK((2 - s0 * s1).text() == "-s0*s1 + 2");
  CHECK((s0 + s0 * s1).text() == "s0*s1 + s0");
  CHECK((s0 + s0 * s0 + 1).text() == "s0**2 + s0 + 1");
  CHECK((s0 * s0 * s1 + s0 * s1 * s1 + s1).text() == "s0**2*s1 + s0*s1**2 + s1");
  CHECK((s1 - s0).text() == "-s0 + s1");
  CHECK((-s0).text() == "-s0");
  CHECK((-s0 - 1).text() == "-s0 - 1");
  CHECK(mod(s0, 8).text() == "Mod(s0, 8)");
  CHECK((mod(s0 + 1, 8) + 1).text() == "(Mod(s0 + 1, 8)) + 1");
  CHECK(floor_div(s0 * s1, 4).text() == "((s0*s1)//4)");
  CHECK(floor_div(s0, s1).text() == "(s0//s1)");
  CHECK(floor_div(-s0, 2).text() == "((-s0)//2)");
  CHECK((max(1, s0 - 1) + 2).text() == "Max(1, s0 - 1) + 2");
  CHECK(logical_and(gt(s0, 4), lt(s0, 16)).text() == "(s0 > 4) & (s0 < 16)");
  CHECK(logical_or(eq(s0, 1), eq(s0, s1)).text() == "Eq(s0, 1) | Eq(s0, s1)");
  CHECK(floor_div(4 * s0, 6).text() == "((2*s0)//3)");
  CHECK(floor_div(4 * s0 + 2, 6).text() == "((2*s0 + 1)//3)");
  CHECK(floor_div(4 * s0 + 3, 6).text() == "((4*s0 + 3)//6)");
  CHECK((s0 * floor_div(s1 - 1, 2) - 3).text() == "s0*(((s1 - 1)//2)) - 3");
  CHECK(make(Op::FloatMul, {s0, Expr::real(0.7)}).text() == "0.7*ToFloat(s0)");
  CHECK(make(Op::TrueDiv, {s0, 2}).text() == "IntTrueDiv(s0, 2)");
  CHECK(make(Op::Floor, {make(Op::FloatMul, {s0, Expr::real(0.7)})}).text() ==
        "FloorToInt(0.7*ToFloat(s0))");
}

TEST_CASE("division and remainder") {
  CHECK(floor_div(-7, 2) == Expr(-4));
  CHECK(floor_div(7, -2) == Expr(-4));
  CHECK(mod(-7, 2) == Expr(1));
  CHECK(mod(7, -2) == Expr(-1));
  CHECK(floor_div(6 * s0 + 4 * s1, 2) == 3 * s0 + 2 * s1);
  CHECK(floor_div(8 * s0 + s1, 8) == s0 + floor_div(s1, 8));
  CHECK(floor_div(s0 - 4, 2) == floor_div(s0, 2) - 2);
  CHECK(floor_div(s0 * s1, s1) == s0);
  CHECK(floor_div(s0 * s0 - s1 * s1, s0 - s1) == s0 + s1);
  CHECK(floor_div(floor_div(s0, 2), 3) == floor_div(s0, 6));
  CHECK(floor_div(s0, 1) == s0);
  CHECK(mod(8 * s0 + 3, 8) == Expr(3));
  CHECK(mod(s0 * s1, s1) == Expr(0));
  CHECK(mod(mod(s0, 8), 4) == mod(s0, 4));
  CHECK(mod(s0, 1) == Expr(0));
  CHECK(ceil_div(s0, 2) == floor_div(s0 + 1, 2));
  CHECK(ceil_div(-7, 2) == Expr(-3));
  CHECK_THROWS_AS(floor_div(s0, 0), tx::diag::Failure);
  CHECK_THROWS_AS(mod(s0, 0), tx::diag::Failure);
}

TEST_CASE("minimum and maximum") {
  CHECK(max(3, 5) == Expr(5));
  CHECK(max(max(1, s0), 4) == max(s0, 4));
  CHECK(max(s0, s0 + 1) == s0 + 1);
  CHECK(min(s0, s0 + 1) == s0);
  CHECK(min(s1, s0) == min(s0, s1));
}

TEST_CASE("comparisons") {
  CHECK(eq(s0, s0).is_true());
  CHECK(lt(s0, s0 + 1).is_true());
  CHECK(eq(2 * s0, 4 * s1 + 1).is_false());
  CHECK(eq(16, s0) == eq(s0, 16));
  CHECK(logical_not(le(s0, 16)) == gt(s0, 16));
  CHECK(logical_not(eq(s0, s1)) == ne(s0, s1));
  CHECK(logical_and(gt(s0, 4), le(s0, 4)).is_false());
  CHECK(logical_or(gt(s0, 4), le(s0, 4)).is_true());
  CHECK(lt(Expr(std::numeric_limits<int64_t>::min()), Expr(1)).is_true());
  CHECK(lt(s0 - 9000000000000000000, s0 + 9000000000000000000).is_true());
}

TEST_CASE("floats that come back to integers") {
  const auto floor_of = [](const Expr& e) { return make(Op::Floor, {e}); };
  CHECK(floor_of(make(Op::FloatMul, {s0, Expr::real(2.0)})) == 2 * s0);
  CHECK(floor_of(make(Op::FloatMul, {s0, Expr::real(0.5)})) == floor_div(s0, 2));
  CHECK(floor_of(make(Op::FloatMul, {Expr::real(1.5), s0})) == floor_div(3 * s0, 2));
  CHECK(floor_of(make(Op::TrueDiv, {s0, 3})) == floor_div(s0, 3));
  CHECK(make(Op::Ceil, {make(Op::TrueDiv, {s0, 3})}) == ceil_div(s0, 3));
  CHECK(make(Op::Trunc, {Expr::real(-2.5)}) == Expr(-2));
  CHECK(make(Op::FloatAdd, {s0, Expr::real(0.5)}).text() == "ToFloat(s0) + 0.5");
}

TEST_CASE("overflow is an error, not a wrong number") {
  const int64_t huge = std::numeric_limits<int64_t>::max();
  CHECK((Expr(huge) - 1).value() == huge - 1);
  CHECK_THROWS_AS(Expr(huge) + 1, tx::diag::Failure);
  CHECK_THROWS_AS(Expr(huge) * 2, tx::diag::Failure);
  CHECK_THROWS_AS(s0 * huge + s0, tx::diag::Failure);
}

TEST_CASE("symbols and substitution") {
  const Expr e = s10 * s2 + floor_div(s0, 2) + s2;
  CHECK(e.free_symbols() == std::vector<Expr>{s0, s2, s10});
  const Expr at = e.substitute([](const Expr& s) -> std::optional<Expr> {
    if (s == s0) return Expr(7);
    if (s == s2) return s1 + 1;
    return std::nullopt;
  });
  CHECK(at == s1 * s10 + s10 + s1 + 4);
}

TEST_CASE("expressions made in several threads are the same") {
  std::vector<Expr> results(4);
  std::vector<std::thread> threads;
  for (Expr& result : results) {
    threads.emplace_back([&result] {
      Expr sum;
      for (int i = 0; i < 300; ++i) {
        sum = sum + Expr::symbol("t" + std::to_string(i % 7)) * (i + 5000);
      }
      result = sum;
    });
  }
  for (std::thread& t : threads) t.join();
  for (const Expr& result : results) CHECK(result == results[0]);
}
