// Remainders that equations fix, and what follows from them. Expected values are enumerated.
#include "symbolic/residue.h"

#include <doctest/doctest.h>

#include <ctime>
#include <random>
#include <string>
#include <vector>

#include "symbolic/decide.h"
#include "symbolic/evaluate_at.h"
#include "symbolic/facts.h"
#include "symbolic/shape_env.h"

using namespace tx::symbolic;

namespace {

const Expr s = Expr::symbol("s0"), t = Expr::symbol("s1"), b = Expr::symbol("s2");

ValueAt at(int64_t v, int64_t w = 0, int64_t x = 0) {
  return [=](const Expr& symbol) -> std::optional<int64_t> {
    if (symbol == s) return v;
    if (symbol == t) return w;
    if (symbol == b) return x;
    return std::nullopt;
  };
}

std::optional<Residue> residue(const Expr& equation) {
  return residue_of(Polynomial(normal_form(equation.operands()[0] - equation.operands()[1])));
}

/// The remainder of `equation` admits exactly the sizes at which it holds.
void check_residue(const Expr& equation) {
  CAPTURE(equation.text());
  const auto found = residue(equation);
  REQUIRE(found);
  CHECK(found->symbol == s);
  CHECK(found->high >= 0);
  CHECK(found->high < found->modulus);
  CHECK(found->high - found->low < found->modulus);
  for (int64_t v = -70; v < 200; ++v) {
    CAPTURE(v);
    const bool admitted = mod(found->high - v, found->modulus) <= found->high - found->low;
    REQUIRE(admitted == (truth_at(equation, at(v)) == true));
  }
}

Expr out(const Expr& size, int stride) { return floor_div(size - 1, stride) + 1; }

}  // namespace

TEST_CASE("an equation fixes the remainder of a symbol") {
  check_residue(eq(mod(s, 8), 3));
  check_residue(eq(mod(3 * s + 1, 8), 5));
  check_residue(eq(mod(6 * s + 2, 8), 4));
  check_residue(eq(mod(floor_div(s, 4), 2), 1));
  check_residue(eq(mod(out(s, 4), 8), 0));
  check_residue(eq(mod(out(s, 4), 8), 5));
  check_residue(eq(8 * floor_div(out(s, 2), 8), out(s, 2)));
  check_residue(eq(mod(floor_div(s - 3, 2) + 4, 5), 2));
  check_residue(eq(mod(out(out(s, 2), 2), 7), 0));
  CHECK(!residue(eq(mod(s * t, 8), 0)));
  CHECK(!residue(eq(floor_div(s, 4), 2)));
  CHECK(!residue(eq(mod(s, 8), 9)));
}

TEST_CASE("random remainders of divisions, enumerated") {
  std::mt19937 random(11);
  const auto between = [&](int low, int high) {
    return std::uniform_int_distribution<int>(low, high)(random);
  };
  for (int i = 0; i < 300; ++i) {
    const int j = between(2, 6), k = between(2, 6);
    check_residue(
        eq(mod(floor_div(s + between(-9, 9), j) + between(-9, 9), k), between(0, k - 1)));
  }
}

TEST_CASE("a product of multiples: each factor is one") {
  const Expr h = out(s, 4), w = out(t, 4);
  const Expr windows = eq(16 * b * h * w, 1024 * b * floor_div(h, 8) * floor_div(w, 8));
  const auto parts = as_divisibility(windows);
  REQUIRE(parts);
  CHECK(*parts == logical_and(eq(mod(h, 8), 0), eq(mod(w, 8), 0)));
  // A size whose divisor comes out of the numerator: (s + 9) // 8 is (s + 1) // 8 + 1.
  const Expr far = s + 9;
  CHECK(as_divisibility(eq(far * t, 56 * floor_div(far, 8) * floor_div(t, 7))) ==
        logical_and(eq(mod(t, 7), 0), eq(mod(far, 8), 0)));
  // (s // 4) // 7 is written s // 28.
  const Expr patches = floor_div(s, 4), across = floor_div(t, 4);
  CHECK(as_divisibility(eq(b * patches * across,
                           49 * b * floor_div(patches, 7) * floor_div(across, 7))) ==
        logical_and(eq(mod(patches, 7), 0), eq(mod(across, 7), 0)));
  CHECK(!as_divisibility(eq(s * t, 8 * floor_div(s, 8) * floor_div(t, 8))));
  CHECK(!as_divisibility(eq(s * t + 1, 64 * floor_div(s, 8) * floor_div(t, 8))));
  CHECK(!as_divisibility(eq(s, 8 * floor_div(s, 8))));
  CHECK(!as_divisibility(ne(s * t, 64 * floor_div(s, 8) * floor_div(t, 8))));
}

TEST_CASE("divisibility is what a product says of positive sizes, enumerated") {
  std::mt19937 random(12);
  const auto between = [&](int low, int high) {
    return std::uniform_int_distribution<int>(low, high)(random);
  };
  for (int i = 0; i < 60; ++i) {
    const int k = between(2, 5), m = between(2, 5), p = between(1, 3);
    const Expr x = between(0, 1) ? s + between(0, 12) : out(s, between(2, 3)) + between(0, 9);
    const Expr y = between(0, 1) ? t + between(0, 12) : out(t, between(2, 3)) + between(0, 9);
    const Expr equation =
        eq(p * b * x * y, p * k * m * b * floor_div(x, k) * floor_div(y, m));
    const auto parts = as_divisibility(equation);
    CAPTURE(equation.text());
    REQUIRE(parts);
    for (int64_t v = -2; v < 30; ++v) {
      for (int64_t w = -2; w < 30; ++w) {
        const bool whole = truth_at(equation, at(v, w, 3)) == true;
        const bool each = truth_at(*parts, at(v, w, 3)) == true;
        const bool positive = integer_at(x, at(v, w)) > 0 && integer_at(y, at(v, w)) > 0;
        CAPTURE(v);
        CAPTURE(w);
        if (each) REQUIRE(whole);
        if (whole && positive) REQUIRE(each);
      }
    }
  }
}

TEST_CASE("answers from remainders of divisions are right where they hold, enumerated") {
  std::mt19937 random(13);
  const auto between = [&](int low, int high) {
    return std::uniform_int_distribution<int>(low, high)(random);
  };
  const RangeOf range_of = [](const Expr&) { return Interval{2, kInfinity}; };
  int decided = 0;
  for (int i = 0; i < 400; ++i) {
    const int j = between(1, 4), k = between(2, 6), c = between(-3, 5);
    std::vector<Expr> known{
        eq(mod(floor_div(s + c, j) + between(0, 3), k), between(0, k - 1))};
    if (between(0, 1)) known.push_back(eq(mod(s, between(2, 4)), between(0, 1)));
    if (between(0, 2) == 0) known.push_back(ge(s, between(3, 40)));
    std::vector<int64_t> sizes;
    for (int64_t v = 2; v < 260; ++v) {
      bool all = true;
      for (const Expr& e : known) all &= truth_at(e, at(v)) == true;
      if (all) sizes.push_back(v);
    }
    if (sizes.empty()) continue;  // not what a program can ask
    Facts facts;
    facts.rebuild(known);
    Samples samples;
    samples.find({{s, {2, kInfinity}, sizes[sizes.size() / 2]}}, known, facts);
    Decider with_samples(facts, range_of, &samples), decider(facts, range_of);
    for (int q = 0; q < 8; ++q) {
      const Expr x = floor_div(between(1, 2) * s + between(-4, 6), between(1, 12));
      const Expr z = floor_div(s + between(0, 4), between(1, 6));
      const Expr y = between(0, 1) ? mod(x, between(2, 6)) : x - between(1, 3) * z;
      const int value = between(-1, 4);
      const std::vector<Expr> questions{eq(y, value), ne(y, value), lt(y, value), le(y, value)};
      const Expr& question = questions[static_cast<size_t>(between(0, 3))];
      const auto answer = decider.decide(question);
      CAPTURE(known[0].text());
      CAPTURE(question.text());
      // Samples only save work.
      CHECK(with_samples.decide(question) == answer);
      const Expr refined = decider.refine(y);
      decided += answer.has_value();
      for (const int64_t v : sizes) {
        CAPTURE(v);
        if (answer) REQUIRE(truth_at(question, at(v)) == answer);
        REQUIRE(integer_at(refined, at(v)) == integer_at(y, at(v)));
      }
    }
  }
  CHECK(decided > 600);
}

namespace {

DimRequest automatic(uint32_t axis, int64_t hint) {
  DimRequest r;
  r.source = "L['x'].size()[" + std::to_string(axis) + "]";
  r.origin = {0, axis};
  r.hint = hint;
  r.policy = DimPolicy::Auto;
  return r;
}

}  // namespace

TEST_CASE("windows of a strided image: no restriction beyond the division") {
  ShapeEnv env;
  const auto v = env.declare({automatic(0, 2), automatic(2, 64), automatic(3, 64)});
  const Expr h = out(v[1], 4), w = out(v[2], 4);
  const Expr rows = floor_div(h, 8), columns = floor_div(w, 8);
  CHECK(env.evaluate(eq(16 * v[0] * h * w, 1024 * v[0] * rows * columns)));
  CHECK(env.statically_known(eq(h, 8 * rows)) == true);
  CHECK(env.statically_known(eq(mod(w, 4), 0)) == true);
  CHECK(env.statically_known(ge(rows * columns, 1)) == true);
  CHECK(env.statically_known(gt(64 * v[0] * rows * columns, 1)) == true);
  CHECK(env.statically_known(eq(64 * rows * columns, 64 * v[0] * rows * columns)) == false);
  CHECK(env.statically_known(eq(floor_div(v[1] - 1, 8) + 1, 4 * rows)) == true);
  CHECK(env.statically_known(eq(rows, columns)) == std::nullopt);
  CHECK(env.statically_known(eq(rows, 1)) == std::nullopt);
  env.finish();
  const Constraints c = env.constraints();
  REQUIRE(c.guards.size() == 1);
  CHECK(env.guard_text(c.guards[0].condition) ==
        "((1 + (((-1) + L['x'].size()[2]) // 4)) % 8) == 0 and "
        "((1 + (((-1) + L['x'].size()[3]) // 4)) % 8) == 0");
  // All sizes up to 100 x 100: exactly those that divide are allowed.
  for (int64_t height = 2; height < 100; ++height) {
    const bool allowed = truth_at(c.guards[0].condition, [&](const Expr& symbol) {
                           return std::optional<int64_t>(symbol == v[1] ? height : 32);
                         }) == true;
    REQUIRE(allowed == (((height - 1) / 4 + 1) % 8 == 0));
  }
}

TEST_CASE("the cost of a question does not grow with the program") {
  // A network of many layers asks the same kinds of questions about four scales of an image.
  const auto seconds = [](int layers) {
    ShapeEnv env;
    const auto v = env.declare({automatic(0, 2), automatic(2, 128), automatic(3, 128)});
    const std::clock_t start = std::clock();
    for (int layer = 0; layer < layers; ++layer) {
      const int stride = 2 << (layer % 4), channels = 8 + layer;
      const Expr h = out(v[1], stride), w = out(v[2], stride);
      const Expr plane = h * w, elements = channels * v[0] * plane;
      CHECK(env.simplify(elements) == elements);
      CHECK(!env.guard_or_false(eq(h, 1)));
      CHECK(env.guard_or_true(gt(elements, 1)));
      CHECK(!env.guard_or_false(eq(channels * plane, elements)));
      CHECK(env.statically_known(lt(plane, elements)) == true);
      CHECK(env.statically_known(eq(h, w)) == std::nullopt);
    }
    return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  };
  CHECK(seconds(800) < 2.0);
}
