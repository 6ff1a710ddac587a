// Programs whose constraints are written here by hand; what is inside and outside follows from them.
#include "runtime/size_sampler.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "runtime/test_program.h"

using namespace tx;
using namespace tx::runtime;
using ir::Expr;

namespace {

constexpr int64_t kNone = ir::kUnbounded;
constexpr int64_t kMany = 1 << 20;

using Sizes = std::vector<int64_t>;

InputSizes one(Sizes sizes) { return {std::move(sizes)}; }

/// Sizes of the first input's first dimension.
std::set<int64_t> firsts(const std::vector<InputSizes>& samples) {
  std::set<int64_t> result;
  for (const InputSizes& sample : samples) result.insert(sample.at(0)->at(0));
  return result;
}

std::set<std::pair<std::string, std::string>> broken(const TestProgram& test,
                                                     std::vector<OutsideSizes> outside) {
  std::set<std::pair<std::string, std::string>> result;
  for (const OutsideSizes& sizes : outside) {
    result.emplace(sizes.broken, sizes_text(test.program, sizes.sizes));
  }
  return result;
}

}  // namespace

TEST_CASE("a range is sampled from its ends, and passed by one") {
  TestProgram test;
  const Expr s0 = test.symbol("s0", {4, 18});
  test.user("x", f32({s0, 3}));
  SizeSampler sampler(test.program, one({8, 3}), 0, kMany);
  CHECK(firsts(sampler.inside(4)) == std::set<int64_t>{4, 5, 17, 18});
  CHECK(sampler.inside(100).size() == 15);
  for (const InputSizes& sizes : sampler.inside(100)) CHECK(sampler.admits(sizes));
  CHECK(broken(test, sampler.outside()) ==
        std::set<std::pair<std::string, std::string>>{
            {"x.size()[0] <= 18", "x[19, 3]"},
            {"x.size()[0] >= 4", "x[3, 3]"},
            {"x.size()[1] == 3", "x[8, 2]"},
            {"x.size()[1] == 3", "x[8, 4]"}});
}

TEST_CASE("sizes 0 and 1 are tried where no answer rests on a size of at least 2") {
  TestProgram test;
  test.user("x", f32({test.symbol("s0", {0, kNone})}));
  SizeSampler sampler(test.program, one({8}), 0, kMany);
  const std::set<int64_t> tried = firsts(sampler.inside(5));
  CHECK(tried.contains(0));
  CHECK(tried.contains(1));
  // Without an upper bound, several times the example.
  CHECK(*tried.rbegin() >= 24);
  CHECK(sampler.outside().empty());

  TestProgram needs;
  needs.user("x", f32({needs.symbol("s0", {0, kNone}, true)}));
  SizeSampler from_2(needs.program, one({8}), 0, kMany);
  CHECK(*firsts(from_2.inside(5)).begin() == 2);
  CHECK(broken(needs, from_2.outside()) ==
        std::set<std::pair<std::string, std::string>>{{"x.size()[0] >= 2", "x[1]"}});
}

TEST_CASE("shared and derived sizes fit, and are broken one at a time") {
  TestProgram test;
  const Expr s0 = test.symbol("s0", {2, 5});
  test.user("x", f32({s0}));
  test.user("y", f32({s0, Expr(2) * s0 + 1}));
  SizeSampler sampler(test.program, {Sizes{3}, Sizes{3, 7}}, 0, kMany);
  const auto inside = sampler.inside(10);
  CHECK(inside.size() == 4);
  for (const InputSizes& sizes : inside) {
    const int64_t size = sizes[0]->at(0);
    CHECK(*sizes[1] == Sizes{size, 2 * size + 1});
  }
  for (const OutsideSizes& outside : sampler.outside()) CHECK(!sampler.admits(outside.sizes));
  std::set<std::string> texts;
  for (const OutsideSizes& outside : sampler.outside()) texts.insert(outside.broken);
  CHECK(texts == std::set<std::string>{"x.size()[0] >= 2", "x.size()[0] <= 5",
                                       "y.size()[0] == s0", "y.size()[1] == 2*s0 + 1"});
}

TEST_CASE("a hidden root is solved for") {
  TestProgram test;
  const Expr root = test.symbol("s1", {2, 4});
  test.user("x", f32({Expr(8) * root}));
  SizeSampler sampler(test.program, one({16}), 0, kMany);
  CHECK(firsts(sampler.inside(10)) == std::set<int64_t>{16, 24, 32});
  CHECK(sampler.admits(one({24})));
  CHECK(!sampler.admits(one({25})));
  CHECK(!sampler.admits(one({8})));
  std::set<std::string> texts;
  for (const OutsideSizes& outside : sampler.outside()) {
    texts.insert(sizes_text(test.program, outside.sizes));
  }
  CHECK(texts.contains("x[8]"));
  CHECK(texts.contains("x[40]"));
}

TEST_CASE("divisibility together with a bound leaves samples") {
  TestProgram test;
  const Expr s0 = test.symbol("s0", {0, kNone}, true);
  test.user("x", f32({s0}));
  test.program.guards.push_back({symbolic::eq(symbolic::mod(s0, 24), 16), ir::kNone, "view"});
  test.program.guards.push_back({symbolic::le(50, s0), ir::kNone, "slice"});
  SizeSampler sampler(test.program, one({64}), 0, kMany);
  const auto inside = sampler.inside(6);
  CHECK(inside.size() == 6);
  for (const InputSizes& sizes : inside) {
    CHECK(sizes[0]->at(0) % 24 == 16);
    CHECK(sizes[0]->at(0) >= 50);
  }
  std::set<std::string> texts;
  for (const OutsideSizes& outside : sampler.outside()) {
    CHECK(!sampler.admits(outside.sizes));
    texts.insert(outside.broken);
  }
  CHECK(texts == std::set<std::string>{"x.size()[0] >= 2", "(x.size()[0] % 24) == 16",
                                       "x.size()[0] >= 50"});
}

TEST_CASE("conditions between sizes hold inside and fail outside") {
  TestProgram test;
  const Expr s0 = test.symbol("s0", {2, 40}), s1 = test.symbol("s1", {2, 40});
  test.user("x", f32({s0, s1}));
  test.program.guards.push_back({symbolic::eq(symbolic::mod(s0 * s1, 30), 0), ir::kNone, "view"});
  test.program.guards.push_back({symbolic::lt(s0, s1), ir::kNone, "if"});
  SizeSampler sampler(test.program, one({5, 6}), 3, kMany);
  const auto inside = sampler.inside(20);
  CHECK(inside.size() == 20);
  for (const InputSizes& sizes : inside) {
    CHECK(sizes[0]->at(0) * sizes[0]->at(1) % 30 == 0);
    CHECK(sizes[0]->at(0) < sizes[0]->at(1));
  }
  size_t divisibility = 0, order = 0;
  for (const OutsideSizes& outside : sampler.outside()) {
    const int64_t a = outside.sizes[0]->at(0), b = outside.sizes[0]->at(1);
    if (outside.broken.find('%') != std::string::npos) {
      ++divisibility;
      CHECK(a * b % 30 != 0);
      CHECK(a < b);
    } else if (outside.broken == "x.size()[0] < x.size()[1]") {
      ++order;
      CHECK(a * b % 30 == 0);
      CHECK(a >= b);
    }
  }
  CHECK(divisibility == 2);
  CHECK(order == 2);
}

TEST_CASE("a sample has no more elements than it may") {
  TestProgram test;
  const Expr s0 = test.symbol("s0", {2, 1000}), s1 = test.symbol("s1", {2, 1000});
  test.user("x", f32({s0, s1}));
  SizeSampler sampler(test.program, one({2, 2}), 0, 2500);
  bool wide = false;
  for (const InputSizes& sizes : sampler.inside(20)) {
    CHECK(sizes[0]->at(0) * sizes[0]->at(1) <= 2500);
    wide = wide || sizes[0]->at(0) == 1000;
  }
  CHECK(wide);
  CHECK(sampler.too_large().empty());
  SizeSampler small(test.program, one({2, 2}), 0, 100);
  small.inside(20);
  CHECK(small.too_large() == std::vector<std::string>{"x.size()[0] = 1000", "x.size()[1] = 1000",
                                                      "x.size()[0] = 999", "x.size()[1] = 999"});
}

TEST_CASE("the same seed gives the same sizes; static programs have one assignment") {
  TestProgram test;
  test.user("x", f32({test.symbol("s0", {2, 90}), test.symbol("s1", {2, 90})}));
  const InputSizes example = one({4, 4});
  SizeSampler a(test.program, example, 5, kMany), b(test.program, example, 5, kMany);
  CHECK((a.inside(30) == b.inside(30)));

  TestProgram fixed;
  fixed.user("x", f32({2, 3}));
  fixed.constant("n", int64_t{3});
  SizeSampler sampler(fixed.program, {Sizes{2, 3}, std::nullopt}, 0, kMany);
  CHECK(sampler.inside(5).size() == 1);
  CHECK(sampler.outside().size() == 4);
}
