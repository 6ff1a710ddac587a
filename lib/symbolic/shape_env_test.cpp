#include "symbolic/shape_env.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "symbolic/dim_solver.h"

using namespace tx::symbolic;
using tx::diag::Code;
using tx::diag::Failure;

namespace {

DimRequest named(const std::string& input, uint32_t axis, const std::string& name, int64_t hint,
                 Range range = {2, kNoBound}) {
  DimRequest r;
  r.source = "L['" + input + "'].size()[" + std::to_string(axis) + "]";
  r.origin = {static_cast<uint32_t>(input[0] - 'x'), axis};
  r.name = name;
  r.hint = hint;
  r.range = range;
  return r;
}

DimRequest derived(DimRequest r, int64_t scale, int64_t offset) {
  r.scale = scale;
  r.offset = offset;
  return r;
}

DimRequest hinted(const std::string& input, uint32_t axis, int64_t hint,
                  DimPolicy policy = DimPolicy::Auto) {
  DimRequest r = named(input, axis, "", hint);
  r.policy = policy;
  return r;
}

Code code_of(const std::function<void()>& action, std::string* message = nullptr) {
  try {
    action();
  } catch (const Failure& failure) {
    if (message) *message = failure.what();
    return failure.diagnostics().front().code;
  }
  return Code::TX0070;
}

struct Log {
  std::vector<std::string> lines;
  EventSink sink() {
    return [this](Event, std::string_view text) { lines.emplace_back(text); };
  }
};

std::vector<std::string> guard_texts(const ShapeEnv& env) {
  std::vector<std::string> texts;
  for (const GuardRecord& g : env.constraints().guards) {
    texts.push_back(env.guard_text(g.condition));
  }
  return texts;
}

}  // namespace

TEST_CASE("constants cost nothing and record nothing") {
  ShapeEnv env;
  CHECK(env.evaluate(eq(Expr(3), Expr(3))));
  CHECK(!env.evaluate(lt(Expr(3), Expr(3))));
  CHECK(env.specialize(7) == 7);
  CHECK(env.hint(7) == 7);
  CHECK(env.constraints().guards.empty());
}

// The tutorial's log, section 10, without the lines of dynamo.
TEST_CASE("events of the tutorial's third dynamic example") {
  Log log;
  ShapeEnv env(log.sink());
  const auto s = env.declare({named("x", 0, "inp4_dim0", 8, {2, 16}),
                              named("x", 1, "shared_dim", 16), named("y", 0, "shared_dim", 16),
                              named("y", 1, "inp5_dim1", 32, {17, kNoBound})});
  CHECK(env.evaluate(le(s[0], 16)));
  CHECK(env.evaluate(ge(s[3], 16)));
  CHECK(!env.evaluate(eq(s[3], 16)));
  tx::diag::Place place;
  place.file = "torch_export_nightly_tutorial.py";
  place.line = 376;
  env.set_provenance({place, "_meta_registrations.py:1891 in meta_mm", "dynamic_shapes_example3"});
  CHECK(env.evaluate(eq(s[1], s[2])));
  env.finish();
  CHECK(log.lines == std::vector<std::string>{
      "create_env",
      "create_symbol s0 = 8 for L['x'].size()[0] [2, 16]",
      "create_symbol s1 = 16 for L['x'].size()[1] [2, 9223372036854775806]",
      "create_symbol s2 = 16 for L['y'].size()[0] [2, 9223372036854775806]",
      "create_symbol s3 = 32 for L['y'].size()[1] [17, 9223372036854775806]",
      "eval Eq(s1, s2) [guard added] at torch_export_nightly_tutorial.py:376 in "
      "dynamic_shapes_example3 (_meta_registrations.py:1891 in meta_mm)",
      "set_replacement s2 = s1 (solve) VR[2, int_oo]",
      "produce_guards"});
  const Constraints c = env.constraints();
  REQUIRE(c.ranges.size() == 4);
  CHECK(c.ranges[0] == std::pair<Expr, Range>(s[0], {2, 16}));
  CHECK(c.ranges[1] == std::pair<Expr, Range>(s[1], {2, kNoBound}));
  CHECK(c.ranges[2] == std::pair<Expr, Range>(s[2], {2, kNoBound}));
  CHECK(c.ranges[3] == std::pair<Expr, Range>(s[3], {17, kNoBound}));
  CHECK(c.equalities == std::vector<std::vector<InputAxis>>{{{0, 1}, {1, 0}}});
  CHECK(c.guards.empty());
}

TEST_CASE("0/1 specialisation is an assumption that is noted") {
  ShapeEnv env;
  const auto s = env.declare({named("x", 0, "b", 8, {0, 64}), named("x", 1, "c", 8, {1, 64}),
                              named("y", 0, "d", 8)});
  CHECK(!env.evaluate(eq(s[0], 1)));
  CHECK(!env.evaluate(eq(s[1], 0)));
  CHECK(!env.evaluate(eq(s[2], 1)));
  const Constraints c = env.constraints();
  CHECK(c.symbols[0].needs_at_least == 2);
  CHECK(c.symbols[1].needs_at_least == 0);
  CHECK(c.symbols[2].needs_at_least == 0);
  CHECK(c.guards.empty());
  CHECK(!env.evaluate(eq(s[1], 1)));
  CHECK(env.constraints().symbols[1].needs_at_least == 2);
  CHECK(env.simplify(max(s[0], 1)) == s[0]);
}

TEST_CASE("sizes that may be small one at a time but not together") {
  ShapeEnv env;
  const auto s = env.declare({named("x", 0, "b", 8, {0, 64}), named("x", 1, "c", 8, {1, 64}),
                              named("y", 0, "d", 8, {0, 64})});
  // Wrong at (0, 1, 33), though right as soon as one of the first two is at least 2.
  CHECK(env.evaluate(le(s[1] + s[2] - s[0], s[1] * s[2])));
  const Constraints c = env.constraints();
  CHECK(c.symbols[0].needs_at_least + c.symbols[1].needs_at_least >= 1);
}

TEST_CASE("replacement by equality: torch's choice of the symbol that disappears") {
  SUBCASE("equal hints: the larger name") {
    ShapeEnv env;
    const auto s = env.declare({hinted("x", 0, 8), hinted("y", 0, 8)});
    CHECK(env.evaluate(eq(s[1], s[0])));
    CHECK(env.simplify(s[1] + 1) == s[0] + 1);
  }
  SUBCASE("the larger hint") {
    ShapeEnv env;
    const auto s = env.declare({hinted("x", 0, 8), hinted("y", 0, 4)});
    CHECK(env.evaluate(eq(s[0], 2 * s[1])));
    CHECK(env.simplify(s[0]) == 2 * s[1]);
    CHECK(env.evaluate(ge(s[0], 4)));
    CHECK(guard_texts(env).empty());
  }
  SUBCASE("an offset") {
    ShapeEnv env;
    const auto s = env.declare({hinted("x", 0, 5), hinted("y", 0, 4)});
    CHECK(env.evaluate(eq(s[0], s[1] + 1)));
    CHECK(env.simplify(s[0]) == s[1] + 1);
  }
  SUBCASE("a sum") {
    ShapeEnv env;
    const auto s = env.declare({hinted("x", 0, 3), hinted("y", 0, 4), hinted("z", 0, 7)});
    CHECK(env.evaluate(eq(s[0] + s[1], s[2])));
    CHECK(env.simplify(s[2]) == s[0] + s[1]);
  }
  SUBCASE("no integer solution: a guard only") {
    ShapeEnv env;
    const auto s = env.declare({hinted("x", 0, 4), hinted("y", 0, 3)});
    CHECK(env.evaluate(eq(3 * s[0], 4 * s[1])));
    CHECK(env.simplify(s[0]) == s[0]);
    CHECK(guard_texts(env) ==
          std::vector<std::string>{"(3*L['x'].size()[0]) == (4*L['y'].size()[0])"});
    CHECK(env.evaluate(eq(4 * s[1], 3 * s[0])));
    CHECK(env.constraints().guards.size() == 1);
  }
  SUBCASE("a constant") {
    Log log;
    ShapeEnv env(log.sink());
    const auto s = env.declare({hinted("x", 0, 8)});
    CHECK(env.specialize(s[0]) == 8);
    CHECK(env.simplify(s[0]) == Expr(8));
    CHECK(log.lines.back() == "set_replacement s0 = 8 (solve) VR[8, 8]");
  }
  SUBCASE("a range of one value") {
    Log log;
    ShapeEnv env(log.sink());
    const auto s = env.declare({hinted("x", 0, 8)});
    CHECK(env.evaluate(le(s[0], 8)));
    CHECK(env.evaluate(ge(s[0], 8)));
    CHECK(env.simplify(s[0]) == Expr(8));
    CHECK(log.lines.back() == "set_replacement s0 = 8 (range_refined_to_singleton) VR[8, 8]");
  }
}

// Rows of the guard table: the question an operator asks, the guard's text. The questions about
// contiguity of computed sizes are left out, as the table allows.
TEST_CASE("guard texts of the operator table") {
  ShapeEnv env;
  const auto s = env.declare({hinted("x", 0, 8), hinted("x", 1, 4), hinted("y", 0, 9),
                              hinted("y", 1, 32)});
  const Expr &x0 = s[0], &x1 = s[1], &y0 = s[2], &y1 = s[3];
  const auto text = [&](const Expr& e) { return env.guard_text(e); };
  CHECK(text(eq(x1, y0)) == "L['x'].size()[1] == L['y'].size()[0]");
  CHECK(text(logical_and(eq(y0, x0), eq(y1, x1))) ==
        "L['y'].size()[0] == L['x'].size()[0] and L['y'].size()[1] == L['x'].size()[1]");
  CHECK(text(eq(x1, 8)) == "L['x'].size()[1] == 8");
  CHECK(text(ge(x0, 3)) == "L['x'].size()[0] >= 3");
  CHECK(text(lt(x0, 20)) == "L['x'].size()[0] < 20");
  CHECK(text(le(-x0, -3)) == "(-1)*L['x'].size()[0] <= -3");
  CHECK(text(ge(4 * x0 - 12, 2)) == "(-12) + 4*L['x'].size()[0] >= 2");
  CHECK(text(eq(floor_div(1 + x0, 2), 1)) == "((1 + L['x'].size()[0]) // 2) == 1");
  CHECK(text(gt(x0, 3)) == "L['x'].size()[0] > 3");
  CHECK(text(eq(mod(x0 * x1, 4), 0)) == "((L['x'].size()[0]*L['x'].size()[1]) % 4) == 0");
  CHECK(text(eq(x0 * x1, 4 * floor_div(x0 * x1, 4))) ==
        "(L['x'].size()[0]*L['x'].size()[1]) == (4*((L['x'].size()[0]*L['x'].size()[1]) // 4))");
  CHECK(text(eq(mod(x0, 2), 0)) == "(L['x'].size()[0] % 2) == 0");
  CHECK(text(ge(8 * floor_div(x0, 8), 2)) == "8*(L['x'].size()[0] // 8) >= 2");
  CHECK(text(ne(x0, 8)) == "Ne(L['x'].size()[0], 8)");
  CHECK(text(ne(x0 - 2, 1)) == "Ne(((-2) + L['x'].size()[0]), 1)");
  CHECK(text(eq(floor_div(x0 - 1 + floor_div(1 + x0, 2), floor_div(1 + y0, 2)), 2)) ==
        "(((-1) + L['x'].size()[0] + ((1 + L['x'].size()[0]) // 2)) // "
        "((1 + L['y'].size()[0]) // 2)) == 2");
  CHECK(text(ge(x0 - floor_div(1 + x0, 2), 0)) ==
        "L['x'].size()[0] + (-1)*((1 + L['x'].size()[0]) // 2) >= 0");
  CHECK(text(le(x0 * x1, 32)) == "L['x'].size()[0]*L['x'].size()[1] <= 32");
  CHECK(text(le(x0 * x0, 100)) == "L['x'].size()[0]*L['x'].size()[0] <= 100");
  CHECK(text(eq(x0, 2 * y0)) == "L['x'].size()[0] == (2*L['y'].size()[0])");
  CHECK(text(logical_or(eq(x0, 1), eq(x0, y0))) ==
        "L['x'].size()[0] == 1 or L['x'].size()[0] == L['y'].size()[0]");
}

TEST_CASE("guards of the table's branches, and the ranges they leave") {
  struct Row {
    std::function<Expr(const Expr&)> question;
    int64_t hint;
    bool answer;
    Range range;
    std::vector<std::string> guards;
  };
  const std::string s = "L['x'].size()[0]";
  const std::vector<Row> rows{
      {[](const Expr& x) { return ge(x, 3); }, 8, true, {3, kNoBound}, {}},
      {[](const Expr& x) { return lt(x, 20); }, 8, true, {2, 19}, {}},
      {[](const Expr& x) { return le(-x, -3); }, 8, true, {3, kNoBound}, {}},
      {[](const Expr& x) { return gt(x, 16); }, 8, false, {2, 16}, {}},
      {[](const Expr& x) { return logical_and(lt(x, 16), gt(x, 4)); }, 8, true, {5, 15}, {}},
      {[](const Expr& x) { return le(2, x - 3); }, 8, true, {5, kNoBound}, {}},
      {[](const Expr& x) { return eq(mod(x, 2), 0); }, 8, true, {2, kNoBound},
       {"(" + s + " % 2) == 0"}},
      {[](const Expr& x) { return eq(mod(x, 2), 0); }, 7, false, {2, kNoBound},
       {"Ne((" + s + " % 2), 0)"}},
      {[](const Expr& x) { return eq(x, 8); }, 9, false, {2, kNoBound}, {"Ne(" + s + ", 8)"}},
      {[](const Expr& x) { return eq(x, 1); }, 8, false, {2, kNoBound}, {}},
      {[](const Expr& x) { return ne(x, 0); }, 8, true, {2, kNoBound}, {}},
  };
  for (size_t i = 0; i < rows.size(); ++i) {
    CAPTURE(i);
    ShapeEnv env;
    const auto x = env.declare({hinted("x", 0, rows[i].hint)});
    CHECK(env.evaluate(rows[i].question(x[0])) == rows[i].answer);
    CHECK(env.evaluate(rows[i].question(x[0])) == rows[i].answer);
    env.finish();
    const Constraints c = env.constraints();
    REQUIRE(c.ranges.size() == 1);
    CHECK(c.ranges[0].second == rows[i].range);
    CHECK(guard_texts(env) == rows[i].guards);
  }
}

TEST_CASE("relations of two sizes") {
  ShapeEnv env;
  const auto s = env.declare({hinted("x", 0, 8), hinted("y", 0, 9)});
  CHECK(env.evaluate(lt(s[0], s[1])));
  CHECK(env.range(s[1]) == Range{3, kNoBound});
  CHECK(env.statically_known(le(s[0], s[1])) == true);
  CHECK(env.statically_known(eq(s[0], s[1])) == false);
  CHECK(env.statically_known(le(s[0] + 2, s[1])) == std::nullopt);
  CHECK(guard_texts(env) ==
        std::vector<std::string>{"L['x'].size()[0] < L['y'].size()[0]"});
}

TEST_CASE("questions that need no guard") {
  ShapeEnv env;
  const auto v = env.declare({hinted("x", 0, 8), hinted("x", 1, 4), hinted("y", 0, 6)});
  const Expr &s = v[0], &t = v[1];
  CHECK(env.statically_known(ge(s - floor_div(s + 1, 2), 0)) == true);   // chunk(2)
  CHECK(env.statically_known(eq(floor_div(s - 1 + floor_div(s + 1, 2), floor_div(s + 1, 2)), 2)) ==
        true);                                                           // number of chunks
  CHECK(env.statically_known(eq(mod(6 * s, 3), 0)) == true);
  CHECK(env.statically_known(ge(s * t, 4)) == true);
  CHECK(env.statically_known(eq(s * t, 0)) == false);
  CHECK(env.statically_known(ge(s * t - s, 2)) == true);
  CHECK(env.statically_known(eq(floor_div(s * t, t), s)) == true);
  CHECK(env.statically_known(ge(2 * s, s + 1)) == true);
  CHECK(env.statically_known(le(floor_div(s, 2), s)) == true);
  CHECK(env.statically_known(lt(mod(s, 8), 8)) == true);
  CHECK(env.statically_known(eq(s + 1, 1)) == false);
  CHECK(env.statically_known(eq(s, t)) == std::nullopt);
  CHECK(env.simplify(max(s, 1)) == s);
  CHECK(env.simplify(min(s + t, s)) == s);
  CHECK(env.simplify(make(Op::Trunc, {make(Op::TrueDiv, {s, 2})})) == floor_div(s, 2));
  CHECK(env.constraints().guards.empty());
}

TEST_CASE("a known remainder answers what follows from it") {
  ShapeEnv env;
  const auto v = env.declare({hinted("x", 0, 32), hinted("x", 1, 4)});
  const Expr &s = v[0], &t = v[1];
  CHECK(env.evaluate(eq(mod(s, 8), 0)));
  CHECK(env.statically_known(eq(mod(s, 4), 0)) == true);
  CHECK(env.statically_known(eq(s, 8 * floor_div(s, 8))) == true);
  CHECK(env.statically_known(ge(8 * floor_div(s, 8), 2)) == true);
  CHECK(env.statically_known(ge(s, 8)) == true);
  CHECK(env.statically_known(eq(s, 12)) == false);
  CHECK(env.statically_known(eq(mod(s, 16), 0)) == std::nullopt);
  CHECK(env.simplify(8 * floor_div(s, 8)) == s);
  CHECK(env.evaluate(eq(mod(s, 32), 0)));
  CHECK(env.statically_known(eq(mod(s, 16), 0)) == true);
  CHECK(env.evaluate(eq(mod(s * t, 128), 0)));
  CHECK(env.statically_known(eq(s * t, 128 * floor_div(s * t, 128))) == true);
}

TEST_CASE("view(-1, 4): the factor becomes known") {
  ShapeEnv env;
  const auto v = env.declare({hinted("x", 0, 8), hinted("x", 1, 4)});
  CHECK(env.evaluate(eq(v[0] * v[1], v[0] * 4)));
  CHECK(env.simplify(v[1]) == Expr(4));
}

TEST_CASE("declared equal dimensions the program never compares") {
  ShapeEnv env;
  const auto s = env.declare({named("x", 0, "b", 8), named("y", 0, "b", 8)});
  CHECK(env.evaluate(le(s[0], s[1])));
  env.finish();
  CHECK(env.simplify(s[1]) == s[0]);
  CHECK(env.constraints().guards.empty());
  CHECK(env.constraints().equalities.size() == 1);
}

TEST_CASE("derived dimensions") {
  SUBCASE("of a dimension") {
    ShapeEnv env;
    const auto s = env.declare({named("x", 0, "b", 4, {2, 16}),
                                derived(named("y", 0, "b", 8, {2, 16}), 2, 0)});
    CHECK(s[1] == 2 * s[0]);
    CHECK(env.evaluate(eq(floor_div(s[1] + 1, 2), s[0])));
    env.finish();
    const Constraints c = env.constraints();
    REQUIRE(c.ranges.size() == 2);
    CHECK(c.ranges[0].first.text() == "s0");
    CHECK(c.ranges[0].second == Range{2, 16});
    CHECK(c.ranges[1].first.text() == "2*s0");
    CHECK(c.ranges[1].second == Range{4, 32});
    CHECK(c.guards.empty());
  }
  SUBCASE("of a hidden root") {
    ShapeEnv env;
    const auto s = env.declare({derived(named("x", 0, "b", 8, {2, 16}), 2, 0)});
    CHECK(s[0].text() == "2*s0");
    const Constraints c = env.constraints();
    REQUIRE(c.ranges.size() == 2);
    CHECK(c.ranges[0].first.text() == "2*s0");
    CHECK(c.ranges[0].second == Range{4, 32});
    CHECK(c.ranges[1].first.text() == "s0");
    CHECK(c.ranges[1].second == Range{2, 16});
  }
  SUBCASE("of a hidden root that is 1 at the example") {
    ShapeEnv env;
    const auto s = env.declare({derived(named("x", 0, "_n", 10, {1, 100}), 6, 4)});
    CHECK(s[0].text() == "6*s0 + 4");
    CHECK(env.evaluate(ge(s[0], 10)));
    CHECK(!env.evaluate(eq(s[0], 1)));
    env.finish();
    const Constraints c = env.constraints();
    CHECK(c.guards.empty());
    REQUIRE(c.symbols.size() == 1);
    CHECK(c.symbols[0].range == Range{1, 100});
    CHECK(!c.symbols[0].needs_at_least);
    CHECK(solve_dims(env).ok());
  }
  SUBCASE("of a hidden root that is 0 at the example, with the default range") {
    DimRequest r = derived(named("x", 0, "n", 5), 3, 5);
    r.min_is_default = true;
    ShapeEnv env;
    const auto s = env.declare({r});
    CHECK(s[0].text() == "3*s0 + 5");
    CHECK(env.range(s[0]) == Range{5, kNoBound});
    // Twice as large: 2*n is at least 2 from n = 1 on.
    DimRequest twice = derived(named("x", 0, "n", 2), 2, 0);
    twice.min_is_default = true;
    ShapeEnv other;
    CHECK(other.range(other.declare({twice})[0]) == Range{2, kNoBound});
  }
  SUBCASE("of a hidden root, where a size and not the root is 0 or 1") {
    ShapeEnv env;
    const auto s = env.declare({derived(named("x", 0, "n", 1, {1, 9}), 1, -2),
                                derived(named("y", 0, "n", 6, {1, 9}), 2, 0)});
    CHECK(s[0] == Expr(1));
    CHECK(s[1] == Expr(6));
    env.finish();
    CHECK(!solve_dims(env).ok());
  }
  SUBCASE("an answer that needs the root to make sizes of at least 2") {
    ShapeEnv env;
    const auto s = env.declare({derived(named("x", 0, "n", 3, {0, 9}), 2, 1)});
    CHECK(s[0].text() == "2*s0 + 1");
    CHECK(!env.evaluate(eq(s[0], 1)));
    env.finish();
    const Constraints c = env.constraints();
    CHECK(!c.symbols[0].needs_at_least);
    REQUIRE(c.guards.size() == 1);
    CHECK(c.guards[0].condition == ge(Expr::symbol("s0"), 1));
    CHECK(solve_dims(env).ok());
  }
  SUBCASE("before its root") {
    ShapeEnv env;
    const auto s = env.declare({derived(named("x", 0, "b", 7), 2, -1), named("y", 0, "b", 4)});
    CHECK(s[0] == 2 * s[1] - 1);
    CHECK(s[1].text() == "s0");
  }
}

TEST_CASE("examples that do not fit their dimensions") {
  std::string message;
  CHECK(code_of([] { ShapeEnv().declare({named("x", 1, "d", 10, {11, 18})}); }, &message) ==
        Code::TX2004);
  CHECK(message == "10 not in range [11, 18]");
  CHECK(code_of([] { ShapeEnv().declare({named("x", 0, "d", 3, {1, 2})}); }, &message) ==
        Code::TX2004);
  CHECK(message == "3 not in range [2, 2]");
  CHECK(code_of([] { ShapeEnv().declare({named("x", 0, "a", 3), named("y", 0, "a", 4)}); },
                &message) == Code::TX2005);
  CHECK(message == "L['y'].size()[0] = 4 is not equal to L['x'].size()[0] = 3");
  CHECK(code_of([] {
          ShapeEnv().declare({named("x", 0, "a", 3, {0, 10}), named("y", 0, "a", 3, {0, 20})});
        }, &message) == Code::TX2006);
  CHECK(message == "Found different definitions Dim('a', min=0, max=10) and Dim('a', min=0, "
                   "max=20) for the same symbolic dimension Dim('a', min=0, max=20)!");
  CHECK(code_of([] { ShapeEnv().declare({derived(named("x", 0, "b", 7), 2, 0)}); }, &message) ==
        Code::TX2005);
  CHECK(message == "L['x'].size()[0] = 7 is not of the form 2*b, where b is an integer");
  CHECK(code_of([] { ShapeEnv().declare({hinted("x", 0, 1, DimPolicy::Dynamic)}); }, &message) ==
        Code::TX2008);
  CHECK(message.find("Received user-specified dim hint Dim.DYNAMIC(min=None, max=None), but export "
                     "0/1 specialized due to hint of 1 for dimension inputs['x'].shape[0].") !=
        std::string::npos);
}

TEST_CASE("an automatic dimension of size 1 is static, with a warning") {
  ShapeEnv env;
  CHECK(env.declare({hinted("x", 0, 1)})[0] == Expr(1));
  REQUIRE(env.warnings().size() == 1);
  CHECK(env.warnings()[0].message ==
        "dimension inputs['x'].shape[0] 0/1 specialized; Dim.AUTO was specified along with a "
        "sample input with hint = 1.");
}

TEST_CASE("a hint's range is not tested against the example") {
  ShapeEnv env;
  DimRequest r = hinted("x", 0, 8, DimPolicy::Dynamic);
  r.range = {0, 4};
  const auto s = env.declare({r});
  CHECK(s[0].is_symbol());
  CHECK(env.constraints().ranges[0].second == Range{2, 4});
}

TEST_CASE("data-dependent symbols") {
  Log log;
  ShapeEnv env(log.sink());
  const Expr u = env.create_unbacked();
  std::string message;
  CHECK(code_of([&] { env.evaluate(gt(u, 2)); }, &message) == Code::TX1003);
  CHECK(message == "Could not guard on data-dependent expression u0 > 2 (unhinted: u0 > 2).  "
                   "(Size-like symbols: none)");
  CHECK(code_of([&] { env.specialize(u); }) == Code::TX1003);
  CHECK(!env.guard_or_false(eq(u, 1)));
  CHECK(env.guard_or_true(ne(u, 1)));
  CHECK(env.hint(u) == std::nullopt);
  CHECK(env.expect_true(ge(u, 0)));
  CHECK(env.expect_true(logical_and(ge(u, 2), le(u, 10))));
  CHECK(env.evaluate(lt(u, 11)));
  CHECK(env.range(u) == Range{2, 10});
  CHECK(!env.expect_true(gt(u, 10)));
  CHECK(env.expect_true(eq(mod(u, 3), 0)));
  const Constraints c = env.constraints();
  // What the range says is asserted as the range.
  REQUIRE(c.runtime_asserts.size() == 1);
  CHECK(c.runtime_asserts[0].condition == eq(mod(u, 3), 0));
  CHECK(c.ranges.back() == std::pair<Expr, Range>(u, {2, 10}));
  CHECK(log.lines[1] == "create_unbacked_symint u0 [-int_oo, int_oo]");
  CHECK(log.lines[2] == "runtime_assert u0 >= 0 [guard added]");
}

TEST_CASE("facts about data-dependent symbols, before and after their creation") {
  ShapeEnv env;
  env.assume("u0", {1, 512});
  const Expr u0 = env.create_unbacked(), u1 = env.create_unbacked({0, kNoBound});
  CHECK(env.evaluate(ge(u0, 1)));
  env.assume("u1", {4, kNoBound});
  CHECK(env.evaluate(ge(u1, 4)));
  CHECK(env.range(u0) == Range{1, 512});
  CHECK(env.range(u1) == Range{4, kNoBound});
}

TEST_CASE("a data-dependent size that equals a dimension takes its symbol") {
  ShapeEnv env;
  const auto s = env.declare({hinted("x", 0, 8)});
  const Expr u = env.create_unbacked({0, kNoBound});
  CHECK(env.expect_true(eq(s[0], u)));
  CHECK(env.simplify(u) == s[0]);
  // The symbol is gone, so no range of it is asserted: the equality is.
  REQUIRE(env.constraints().runtime_asserts.size() == 1);
  CHECK(env.constraints().runtime_asserts[0].condition == eq(s[0], u));
}

TEST_CASE("torch._check on a dimension") {
  ShapeEnv env;
  const auto s = env.declare({hinted("x", 0, 8)});
  CHECK(env.expect_true(le(s[0], 20)));
  CHECK(!env.expect_true(ge(s[0], 9)));
  CHECK(env.range(s[0]) == Range{2, 20});
}
