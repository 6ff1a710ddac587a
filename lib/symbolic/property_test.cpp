// Random expressions: canonical forms keep their value, answers and bounds are never wrong.
#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "diag/diagnostic.h"
#include "symbolic/decide.h"
#include "symbolic/evaluate_at.h"
#include "symbolic/facts.h"
#include "symbolic/interval.h"
#include "symbolic/shape_env.h"

using namespace tx::symbolic;

namespace {

using Point = std::array<int64_t, 3>;

const std::array<Expr, 3> kSymbols{Expr::symbol("s0"), Expr::symbol("s1"), Expr::symbol("s2")};

/// A tree of operations as it was asked for, with its value at a point by Python's semantics,
/// written without any of the code under test.
struct Tree {
  enum Kind { Number, Symbol, Add, Sub, Mul, Div, Mod, Min, Max } kind = Number;
  int64_t number = 0;
  std::vector<Tree> children;

  std::optional<int64_t> at(const Point& point) const {
    if (kind == Number) return number;
    if (kind == Symbol) return point[static_cast<size_t>(number)];
    const auto left = children[0].at(point), right = children[1].at(point);
    if (!left || !right) return std::nullopt;
    const int64_t a = *left, b = *right;
    switch (kind) {
      case Add: return a + b;
      case Sub: return a - b;
      case Mul: return a * b;
      case Min: return a < b ? a : b;
      case Max: return a < b ? b : a;
      default: break;
    }
    if (b == 0) return std::nullopt;
    int64_t quotient = a / b, remainder = a % b;
    if (remainder != 0 && (remainder < 0) != (b < 0)) {
      --quotient;
      remainder += b;
    }
    return kind == Div ? quotient : remainder;
  }

  Expr expr() const {
    if (kind == Number) return Expr(number);
    if (kind == Symbol) return kSymbols[static_cast<size_t>(number)];
    const Expr a = children[0].expr(), b = children[1].expr();
    switch (kind) {
      case Add: return a + b;
      case Sub: return a - b;
      case Mul: return a * b;
      case Div: return floor_div(a, b);
      case Mod: return mod(a, b);
      case Min: return min(a, b);
      default: return max(a, b);
    }
  }
};

class Generator {
 public:
  explicit Generator(uint64_t seed) : random_(seed) {}

  int64_t between(int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(random_);
  }

  Tree tree(int depth) {
    Tree t;
    if (depth == 0 || between(0, 5) == 0) {
      t.kind = between(0, 2) == 0 ? Tree::Number : Tree::Symbol;
      t.number = t.kind == Tree::Number ? between(-6, 12) : between(0, 2);
      return t;
    }
    t.kind = static_cast<Tree::Kind>(between(Tree::Add, Tree::Max));
    t.children.push_back(tree(depth - 1));
    // Divisors are constants most of the time, as in sizes.
    if ((t.kind == Tree::Div || t.kind == Tree::Mod) && between(0, 3) != 0) {
      Tree divisor;
      divisor.number = between(1, 8);
      t.children.push_back(divisor);
    } else {
      t.children.push_back(tree(depth - 1));
    }
    return t;
  }

  Point point(const std::array<Range, 3>& ranges) {
    Point p;
    for (size_t i = 0; i < p.size(); ++i) {
      p[i] = between(ranges[i].min, std::min<int64_t>(ranges[i].max, ranges[i].min + 30));
    }
    return p;
  }

  std::optional<Expr> expression(const Tree& t) {
    try {
      return t.expr();
    } catch (const tx::diag::Failure&) {
      return std::nullopt;  // a division by zero for every size
    }
  }

  Expr relation(const Expr& a, const Expr& b) {
    switch (between(0, 3)) {
      case 0: return eq(a, b);
      case 1: return ne(a, b);
      case 2: return lt(a, b);
      default: return le(a, b);
    }
  }

 private:
  std::mt19937_64 random_;
};

ValueAt values_at(const Point& point) {
  return [point](const Expr& symbol) -> std::optional<int64_t> {
    for (size_t i = 0; i < kSymbols.size(); ++i) {
      if (kSymbols[i] == symbol) return point[i];
    }
    return std::nullopt;
  };
}

RangeOf range_of(const std::array<Range, 3>& ranges) {
  return [&ranges](const Expr& symbol) {
    for (size_t i = 0; i < kSymbols.size(); ++i) {
      if (kSymbols[i] == symbol) return to_interval(ranges[i]);
    }
    return Interval{};
  };
}

constexpr std::array<Range, 3> kSizes{Range{2, kNoBound}, Range{2, 17}, Range{5, kNoBound}};

}  // namespace

TEST_CASE("a canonical form has the value of the expression it was made from") {
  Generator generate(1);
  const std::array<Range, 3> anything{Range{-9, 20}, Range{-9, 20}, Range{-9, 20}};
  int compared = 0;
  for (int i = 0; i < 4000; ++i) {
    const Tree tree = generate.tree(4);
    const auto e = generate.expression(tree);
    if (!e) continue;
    Expr normal = *e;
    try {
      normal = normal_form(*e);
    } catch (const tx::diag::Failure&) {
      continue;  // a division by zero that only the normal form shows
    }
    for (int k = 0; k < 8; ++k) {
      const Point point = generate.point(anything);
      const auto expected = tree.at(point);
      if (!expected) continue;
      ++compared;
      const auto value = integer_at(*e, values_at(point));
      CAPTURE(e->text());
      REQUIRE(value == expected);
      REQUIRE(integer_at(normal, values_at(point)) == expected);
    }
  }
  CHECK(compared > 15000);
}

TEST_CASE("bounds contain every value") {
  Generator generate(2);
  for (int i = 0; i < 4000; ++i) {
    const Tree tree = generate.tree(4);
    const auto e = generate.expression(tree);
    if (!e) continue;
    const Interval interval = bounds(*e, range_of(kSizes));
    for (int k = 0; k < 8; ++k) {
      const auto value = tree.at(generate.point(kSizes));
      CAPTURE(e->text());
      if (value) REQUIRE(interval.contains(*value));
    }
  }
}

TEST_CASE("answers from ranges are right for every size") {
  Generator generate(3);
  const Facts nothing;
  Decider decider(nothing, range_of(kSizes));
  int decided = 0;
  for (int i = 0; i < 4000; ++i) {
    const Tree left = generate.tree(3), right = generate.tree(2);
    const auto a = generate.expression(left), b = generate.expression(right);
    if (!a || !b) continue;
    const Expr condition = generate.relation(*a, *b);
    const auto answer = decider.decide(condition);
    const Expr refined = decider.refine(*a);
    decided += answer.has_value();
    for (int k = 0; k < 12; ++k) {
      const Point point = generate.point(kSizes);
      const auto x = left.at(point), y = right.at(point);
      if (!x || !y) continue;
      CAPTURE(condition.text());
      CAPTURE(a->text());
      const auto truth = truth_at(condition, values_at(point));
      if (answer) REQUIRE(truth == answer);
      REQUIRE(integer_at(refined, values_at(point)) == x);
    }
  }
  CHECK(decided > 500);
}

TEST_CASE("answers that rest on facts are right where the facts hold") {
  Generator generate(4);
  int decided = 0, checked = 0;
  for (int i = 0; i < 1500; ++i) {
    const Point hint = generate.point(kSizes);
    std::vector<Expr> known;
    for (int k = 0; k < 3; ++k) {
      const auto a = generate.expression(generate.tree(2));
      const auto b = generate.expression(generate.tree(1));
      if (!a || !b) continue;
      // Remainders are what witnesses are made of.
      const Expr e = generate.between(0, 1) ? mod(*a, Expr(generate.between(2, 6))) : *a;
      const Expr condition = generate.relation(e, *b);
      const auto truth = truth_at(condition, values_at(hint));
      if (truth) known.push_back(*truth ? condition : logical_not(condition));
    }
    Facts facts;
    facts.rebuild(known);
    Decider decider(facts, range_of(kSizes));
    for (int q = 0; q < 4; ++q) {
      const auto a = generate.expression(generate.tree(2));
      const auto b = generate.expression(generate.tree(1));
      if (!a || !b) continue;
      const Expr question = generate.relation(mod(*a, Expr(generate.between(2, 6))), *b);
      const auto answer = decider.decide(question);
      decided += answer.has_value();
      for (int k = 0; k < 20; ++k) {
        const Point point = k == 0 ? hint : generate.point(kSizes);
        bool hold = true;
        for (const Expr& fact : known) hold &= truth_at(fact, values_at(point)) == true;
        const auto truth = truth_at(question, values_at(point));
        if (!hold || !truth) continue;
        ++checked;
        CAPTURE(question.text());
        if (answer) REQUIRE(*answer == *truth);
      }
    }
  }
  CHECK(decided > 300);
  CHECK(checked > 3000);
}

namespace {

/// Asks random questions of an environment whose dimensions allow `user`, and checks that every
/// choice of sizes that the recorded constraints allow gets the same answers. Returns how many
/// answers were checked.
int check_constraints(Generator& generate, DimPolicy policy, const std::array<Range, 3>& user) {
  int checked = 0;
  const Point hint = generate.point(kSizes);
  ShapeEnv env;
  std::vector<DimRequest> requests(3);
  for (size_t k = 0; k < requests.size(); ++k) {
    requests[k].source = std::string("L['") + static_cast<char>('x' + k) + "'].size()[0]";
    requests[k].origin = {static_cast<uint32_t>(k), 0};
    requests[k].policy = policy;
    requests[k].name = std::string(1, static_cast<char>('x' + k));
    requests[k].range = user[k];
    requests[k].hint = hint[k];
  }
  const auto symbols = env.declare(requests);
  REQUIRE(std::equal(symbols.begin(), symbols.end(), kSymbols.begin()));
  std::vector<std::pair<Expr, bool>> answers;
  for (int q = 0; q < 5; ++q) {
    const auto a = generate.expression(generate.tree(2));
      const auto b = generate.expression(generate.tree(1));
    if (!a || !b) continue;
    const Expr question = generate.relation(*a, *b);
    const auto truth = truth_at(question, values_at(hint));
    if (!truth) continue;
    CAPTURE(question.text());
    REQUIRE(env.evaluate(question) == *truth);
    answers.emplace_back(question, *truth);
  }
  env.finish();
  std::vector<Expr> finals;
  for (const Expr& symbol : symbols) finals.push_back(env.simplify(symbol));
  const Constraints c = env.constraints();
  for (int k = 0; k < 300; ++k) {
    Point point = generate.point(user);
    if (k < 200) {
      // Near the hint, where guards hold, and at the sizes that are assumed away.
      point = hint;
      point[static_cast<size_t>(generate.between(0, 2))] += generate.between(-3, 3);
      if (k % 2) point[static_cast<size_t>(generate.between(0, 2))] = generate.between(0, 2);
    }
    bool allowed = true;
    for (size_t s = 0; s < symbols.size(); ++s) {
      Range range = env.range(symbols[s]);
      range.min = std::max(range.min, c.symbols[s].needs_at_least);
      allowed &= user[s].contains(point[s]) && range.contains(point[s]);
      allowed &= integer_at(finals[s], values_at(point)) == point[s];
    }
    for (const GuardRecord& guard : c.guards) {
      allowed &= truth_at(guard.condition, values_at(point)) == true;
    }
    if (!allowed) continue;
    for (const auto& [question, answer] : answers) {
      CAPTURE(question.text());
      CAPTURE(point[0]);
      CAPTURE(point[1]);
      CAPTURE(point[2]);
      const auto truth = truth_at(question, values_at(point));
      if (truth) REQUIRE(*truth == answer);
      ++checked;
    }
  }
  return checked;
}

}  // namespace

TEST_CASE("guards, ranges and replacements together describe the answers given") {
  int checked = 0;
  for (const uint64_t seed : {5, 541, 553}) {
    Generator generate(seed);
    for (int i = 0; i < 200; ++i) checked += check_constraints(generate, DimPolicy::Auto, kSizes);
  }
  CHECK(checked > 20000);
}

TEST_CASE("sizes 0 and 1 get the same answers where nothing is marked") {
  const std::array<Range, 3> from_zero{Range{0, kNoBound}, Range{1, 17}, Range{0, 40}};
  int checked = 0;
  for (const uint64_t seed : {6, 623, 634, 643}) {
    Generator generate(seed);
    for (int i = 0; i < 300; ++i) {
      checked += check_constraints(generate, DimPolicy::Named, from_zero);
    }
  }
  CHECK(checked > 20000);
}
