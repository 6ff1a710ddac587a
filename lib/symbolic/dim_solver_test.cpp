#include "symbolic/dim_solver.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace tx::symbolic;
using Lines = std::vector<std::string>;

namespace {

const std::string kX = "L['x'].size()[0]", kY = "L['y'].size()[0]";

DimRequest request(const std::string& source, const std::string& name, int64_t hint,
                   Range range = {2, kNoBound}) {
  DimRequest r;
  r.source = source;
  r.name = name;
  r.hint = hint;
  r.range = range;
  return r;
}

Lines messages(const DimReport& report) {
  Lines lines;
  for (const DimViolation& v : report.violations) lines.push_back(v.message);
  return lines;
}

/// One dimension `name` of size `hint`; the program asks `questions`.
DimReport report_of(const DimRequest& dim,
                    const std::vector<std::function<Expr(Expr)>>& questions) {
  ShapeEnv env;
  const Expr s = env.declare({dim})[0];
  for (const auto& question : questions) env.evaluate(question(s));
  env.finish();
  return solve_dims(env);
}

std::string not_all(const std::string& dim, const std::string& range, const std::string& guard) {
  return "Not all values of " + dim + " in the specified range" + range +
         " satisfy the generated guard " + guard + ".";
}

std::string constant_message(const std::string& dim, int value) {
  return "You marked " + dim + " as dynamic but your code specialized it to be a constant (" +
         std::to_string(value) +
         "). If you're using mark_dynamic, either remove it or use maybe_mark_dynamic. If you're "
         "using Dim.DYNAMIC, replace it with either Dim.STATIC or Dim.AUTO.";
}

}  // namespace

TEST_CASE("the tutorial's third dynamic example: text and fixes of section 9") {
  ShapeEnv env;
  const auto s = env.declare({request("L['x'].size()[0]", "inp4_dim0", 8),
                              request("L['x'].size()[1]", "inp4_dim1", 16),
                              request("L['y'].size()[0]", "inp5_dim0", 16),
                              request("L['y'].size()[1]", "inp5_dim1", 32)});
  CHECK(env.evaluate(le(s[0], 16)));
  CHECK(env.evaluate(ge(s[3], 16)));
  CHECK(!env.evaluate(eq(s[3], 16)));
  CHECK(env.evaluate(eq(s[1], s[2])));
  env.finish();
  const DimReport report = solve_dims(env);
  CHECK(report.message() ==
        "Constraints violated (inp4_dim0, inp5_dim0, inp5_dim1)! For more information, run with "
        "TORCH_LOGS=dynamic.\n"
        "  - The values of inp5_dim0 = L['y'].size()[0] and inp4_dim1 = L['x'].size()[1] must "
        "always be equal.\n"
        "  - Not all values of inp5_dim1 = L['y'].size()[1] in the specified range satisfy the "
        "generated guard Ne(L['y'].size()[1], 16).\n"
        "  - Not all values of inp4_dim0 = L['x'].size()[0] in the specified range satisfy the "
        "generated guard L['x'].size()[0] <= 16.\n"
        "  - Not all values of inp5_dim1 = L['y'].size()[1] in the specified range satisfy the "
        "generated guard L['y'].size()[1] >= 16.");
  CHECK(report.fix_lines() == Lines{"inp4_dim0 = Dim('inp4_dim0', max=16)",
                                    "inp5_dim1 = Dim('inp5_dim1', min=17)",
                                    "inp5_dim0 = inp4_dim1"});
}

// The recorded experiments, by number. Lines are the tutorial's form: one for each bound that is
// not the user's, with a full stop.
TEST_CASE("experiments 1 to 5: bounds") {
  const auto at_most_16 = [](Expr s) { return le(s, 16); };
  const auto at_least_6 = [](Expr s) { return ge(s, 6); };
  DimReport r = report_of(request(kX, "b", 8, {2, 64}), {at_most_16});
  CHECK(messages(r) == Lines{not_all("b = " + kX, " b <= 64", kX + " <= 16")});
  CHECK(r.fix_lines() == Lines{"b = Dim('b', max=16)"});

  r = report_of(request(kX, "b", 8, {4, 64}), {at_most_16});
  CHECK(messages(r) == Lines{not_all("b = " + kX, " 4 <= b <= 64", kX + " <= 16")});
  CHECK(r.fix_lines() == Lines{"b = Dim('b', min=4, max=16)"});

  r = report_of(request(kX, "b", 8, {4, 64}), {at_least_6});
  CHECK(messages(r) == Lines{not_all("b = " + kX, " 4 <= b <= 64", kX + " >= 6")});
  CHECK(r.fix_lines() == Lines{"b = Dim('b', min=6, max=64)"});

  r = report_of(request(kX, "b", 8, {2, 64}), {at_least_6, at_most_16});
  CHECK(messages(r) == Lines{not_all("b = " + kX, " b <= 64", kX + " >= 6"),
                             not_all("b = " + kX, " b <= 64", kX + " <= 16")});
  CHECK(r.fix_lines() == Lines{"b = Dim('b', min=6, max=16)"});

  r = report_of(request(kX, "x0", 8), {[](Expr s) { return ge(s, 3); }});
  CHECK(messages(r) == Lines{not_all("x0 = " + kX, "", kX + " >= 3")});
  CHECK(r.fix_lines() == Lines{"x0 = Dim('x0', min=3)"});
}

TEST_CASE("experiments 6, 7 and 23: equalities") {
  ShapeEnv env;
  const auto s = env.declare({request(kX, "b", 8), request(kY, "c", 8),
                              request("L['z'].size()[0]", "e", 8)});
  env.evaluate(eq(s[0], s[1]));
  env.evaluate(eq(s[0], s[2]));
  env.finish();
  const DimReport r = solve_dims(env);
  CHECK(messages(r) ==
        Lines{"The values of c = " + kY + " and b = " + kX + " must always be equal.",
              "The values of e = L['z'].size()[0] and b = " + kX + " must always be equal."});
  CHECK(r.fix_lines() == Lines{"c = b", "e = b"});

  ShapeEnv nested;
  const auto n = nested.declare(
      {request("L['d']['a'].size()[0]", "p", 8), request("L['l'][0].size()[0]", "q", 8)});
  nested.evaluate(eq(n[0], n[1]));
  nested.finish();
  const DimReport q = solve_dims(nested);
  CHECK(messages(q) == Lines{"The values of q = L['l'][0].size()[0] and p = L['d']['a'].size()[0] "
                             "must always be equal."});
  CHECK(q.fix_lines() == Lines{"q = p"});
}

TEST_CASE("experiments 8, 9 and 22: a constant") {
  DimReport r = report_of(request(kX, "b", 8), {[](Expr s) { return eq(s, 8); }});
  CHECK(messages(r) == Lines{constant_message("b", 8)});
  CHECK(r.fix_lines() == Lines{"b = 8"});

  DimRequest dynamic = request(kX, "", 8);
  dynamic.policy = DimPolicy::Dynamic;
  r = report_of(dynamic, {[](Expr s) { return eq(s, 8); }});
  CHECK(r.message() == "Constraints violated (L['x'].size()[0])! For more information, run with "
                       "TORCH_LOGS=dynamic.\n  - " + constant_message(kX, 8));
  CHECK(r.fixes.empty());

  // An example of size 1 makes a named dimension a constant too.
  r = report_of(request(kX, "b", 1, {1, 16}), {});
  CHECK(messages(r) == Lines{constant_message("b", 1)});
}

TEST_CASE("experiments 10 and 11: relations") {
  ShapeEnv env;
  const auto s = env.declare({request(kX, "b", 4), request(kY, "c", 8)});
  env.evaluate(eq(s[0] + s[0], s[1]));
  env.finish();
  DimReport r = solve_dims(env);
  CHECK(messages(r) == Lines{"The values of c = " + kY + " must always be related to the values of "
                             "b = " + kX + " by c = 2*b."});
  CHECK(r.fix_lines() == Lines{"c = 2*b"});

  ShapeEnv plus;
  const auto p = plus.declare({request(kX, "b", 4), request(kY, "c", 5)});
  plus.evaluate(eq(p[0] + 1, p[1]));
  plus.finish();
  r = solve_dims(plus);
  CHECK(messages(r) == Lines{"The values of c = " + kY + " must always be related to the values of "
                             "b = " + kX + " by c = b + 1."});
  CHECK(r.fix_lines() == Lines{"c = b + 1"});
}

TEST_CASE("experiments 12 to 17: remainders and single values") {
  const auto multiple_of_8 = [](Expr s) { return eq(mod(s, 8), 0); };
  const auto elements = [](Expr s) { return ge(8 * floor_div(s, 8), 2); };
  const auto rows = [](Expr s) { return ne(floor_div(s, 8), 1); };
  // That there are two elements follows from the remainder, so the second line is not needed.
  DimReport r = report_of(request(kX, "b", 32), {multiple_of_8, elements, rows});
  CHECK(messages(r) == Lines{not_all("b = " + kX, "", "(" + kX + " % 8) == 0"),
                             not_all("b = " + kX, "", "Ne((" + kX + " // 8), 1)")});
  CHECK(r.fix_lines() == Lines{"_b = Dim('_b', min=1, max=oo)", "b = 8*_b"});

  r = report_of(request(kX, "b", 32, {8, 1024}), {multiple_of_8, elements, rows});
  CHECK(messages(r) == Lines{not_all("b = " + kX, " 8 <= b <= 1024", "(" + kX + " % 8) == 0"),
                             not_all("b = " + kX, " 8 <= b <= 1024", "Ne((" + kX + " // 8), 1)")});
  CHECK(r.fix_lines() == Lines{"_b = Dim('_b', min=1, max=128)", "b = 8*_b"});

  r = report_of(request(kX, "x0", 8), {[](Expr s) { return eq(mod(s, 2), 0); }});
  CHECK(messages(r) == Lines{not_all("x0 = " + kX, "", "(" + kX + " % 2) == 0")});
  CHECK(r.fix_lines() == Lines{"_x0 = Dim('_x0', min=1, max=oo)", "x0 = 2*_x0"});

  r = report_of(request(kX, "x0", 7), {[](Expr s) { return eq(mod(s, 2), 0); }});
  CHECK(messages(r) == Lines{not_all("x0 = " + kX, "", "Ne((" + kX + " % 2), 0)")});
  CHECK(r.fixes.empty());

  r = report_of(request(kX, "x0", 9), {[](Expr s) { return eq(mod(s, 4), 1); }});
  CHECK(messages(r) == Lines{not_all("x0 = " + kX, "", "(" + kX + " % 4) == 1")});
  CHECK(r.fix_lines() == Lines{"_x0 = Dim('_x0', max=oo)", "x0 = 4*_x0 - 3"});

  r = report_of(request(kX, "x0", 9), {[](Expr s) { return eq(s, 8); }});
  CHECK(messages(r) == Lines{not_all("x0 = " + kX, "", "Ne(" + kX + ", 8)")});
  CHECK(r.fixes.empty());
}

TEST_CASE("experiment 18: a power") {
  const DimReport r = report_of(request(kX, "b", 8), {[](Expr s) { return le(s * s, 100); }});
  CHECK(messages(r) == Lines{not_all("b = " + kX, "", kX + "*" + kX + " <= 100")});
  CHECK(r.fix_lines() == Lines{"b = Dim('b', max=10)"});
}

TEST_CASE("experiments 19 and 20: several symbols are accepted") {
  ShapeEnv sum;
  const auto s = sum.declare({request(kX, "x0", 3), request(kY, "y0", 4),
                              request("L['z'].size()[0]", "z0", 7)});
  sum.evaluate(eq(s[0] + s[1], s[2]));
  sum.finish();
  CHECK(solve_dims(sum).ok());
  CHECK(sum.simplify(s[2]).text() == "s0 + s1");

  ShapeEnv product;
  const auto p = product.declare({request(kX, "x0", 8), request("L['x'].size()[1]", "x1", 4),
                                  request(kY, "y0", 5)});
  product.evaluate(le(p[0] * p[1], 32));
  product.evaluate(eq(p[0], p[2]));
  product.finish();
  CHECK(solve_dims(product).ok());
  CHECK(product.constraints().guards.size() == 2);
}

TEST_CASE("experiment 21: an order of two sizes") {
  ShapeEnv env;
  const auto s = env.declare({request(kX, "x0", 8), request(kY, "y0", 9)});
  env.evaluate(lt(s[0], s[1]));
  env.finish();
  const DimReport r = solve_dims(env);
  CHECK(messages(r) == Lines{not_all("y0 = " + kY, "", kY + " >= 3")});
  CHECK(r.fix_lines() == Lines{"y0 = Dim('y0', min=3)"});
}

TEST_CASE("experiment 24: a strided convolution") {
  const std::string x2 = "L['x'].size()[2]", x3 = "L['x'].size()[3]";
  const auto outputs_not_1 = [](Expr s) { return ne(1 + floor_div(s - 3, 2), 1); };
  for (const bool contiguity : {false, true}) {
    ShapeEnv env;
    const auto s = env.declare({request(x2, "x2", 16), request(x3, "x3", 16)});
    env.evaluate(ge(s[0], 3));
    env.evaluate(ge(s[1], 3));
    if (contiguity) {
      env.evaluate(outputs_not_1(s[1]));
      env.evaluate(outputs_not_1(s[0]));
    }
    env.finish();
    const DimReport r = solve_dims(env);
    Lines expected{not_all("x2 = " + x2, "", x2 + " >= 3"),
                   not_all("x3 = " + x3, "", x3 + " >= 3")};
    if (contiguity) {
      // A fix has to satisfy these too: an output of size 1 needs inputs of 3 or 4.
      expected.insert(expected.begin(),
                      {not_all("x3 = " + x3, "", "Ne((1 + (((-3) + " + x3 + ") // 2)), 1)"),
                       not_all("x2 = " + x2, "", "Ne((1 + (((-3) + " + x2 + ") // 2)), 1)")});
    }
    CHECK(messages(r) == expected);
    CHECK(r.fix_lines() == (contiguity ? Lines{"x2 = Dim('x2', min=5)", "x3 = Dim('x3', min=5)"}
                                       : Lines{"x2 = Dim('x2', min=3)", "x3 = Dim('x3', min=3)"}));
  }
}

TEST_CASE("experiment 25: one value is left") {
  const DimReport r = report_of(request(kX, "x0", 8, {2, 15}),
                                {[](Expr s) { return eq(mod(s, 8), 0); }});
  CHECK(r.message() ==
        "Constraints violated (x0)! For more information, run with TORCH_LOGS=dynamic.\n"
        "  - " + not_all("x0 = " + kX, " x0 <= 15", "(" + kX + " % 8) == 0") + "\n"
        "Specializations unexpectedly required (x0)! For more information, run with "
        "TORCH_LOGS=dynamic.\n"
        "  - solving the guards generated for x0 = L['x'].size()[0] resulted in a specialized "
        "value of 8.");
  CHECK(r.fix_lines() == Lines{"x0 = 8"});
  // The questions of chunk(2) hold for every size: no violation.
  CHECK(report_of(request(kX, "x0", 8), {[](Expr s) {
          const Expr c = floor_div(s + 1, 2);
          return eq(floor_div(s - 1 + c, c), 2);
        }}).ok());
}

TEST_CASE("defects of 2.13 done right") {
  // x[2:] with a contiguity question.
  DimReport r = report_of(request(kX, "x0", 8), {[](Expr s) { return ge(4 * s - 8, 2); },
                                                 [](Expr s) { return ne(s - 2, 1); }});
  CHECK(r.fix_lines() == Lines{"x0 = Dim('x0', min=4)"});
  // Bounds and disequalities together.
  r = report_of(request(kX, "b", 32), {[](Expr s) { return ge(s, 16); },
                                       [](Expr s) { return ne(s, 16); }});
  CHECK(r.fix_lines() == Lines{"b = Dim('b', min=17)"});
  // With the fix nothing is violated.
  CHECK(report_of(request(kX, "b", 32, {17, kNoBound}), {[](Expr s) { return ge(s, 16); },
                                                        [](Expr s) { return ne(s, 16); }}).ok());
}

TEST_CASE("derived dimensions") {
  DimRequest twice = request(kY, "b", 8, {2, 16});
  twice.scale = 2;
  ShapeEnv env;
  auto s = env.declare({request(kX, "b", 4, {2, 16}), twice});
  env.evaluate(eq(floor_div(s[1] + 1, 2), s[0]));
  env.finish();
  CHECK(solve_dims(env).ok());

  // Only 2*b is used: messages speak of the root.
  ShapeEnv hidden;
  s = hidden.declare({twice});
  hidden.evaluate(le(s[0], 20));
  hidden.finish();
  const DimReport r = solve_dims(hidden);
  CHECK(messages(r) == Lines{not_all("b", " b <= 16", "b <= 10")});
  CHECK(r.fix_lines() == Lines{"b = Dim('b', max=10)"});

  // Following the suggestion for view(-1, 8).
  DimRequest eight = request(kX, "_b", 32, {1, 128});
  eight.scale = 8;
  CHECK(report_of(eight, {[](Expr e) { return eq(mod(e, 8), 0); },
                          [](Expr e) { return ne(floor_div(e, 8), 1); }}).ok());
}

TEST_CASE("a shared name and an equality with a range") {
  ShapeEnv env;
  const auto s = env.declare({request(kX, "b", 8, {2, 64}), request(kY, "b", 8, {2, 64}),
                              request("L['z'].size()[0]", "c", 8, {4, 32})});
  env.evaluate(eq(s[1], s[2]));
  env.finish();
  const DimReport r = solve_dims(env);
  CHECK(messages(r) ==
        Lines{"The values of c = L['z'].size()[0] and b = " + kX + " must always be equal.",
              not_all("b = " + kX, " b <= 64", kX + " >= 4"),
              not_all("b = " + kX, " b <= 64", kX + " <= 32")});
  CHECK(r.fix_lines() == Lines{"b = Dim('b', min=4, max=32)", "c = b"});
}

TEST_CASE("hints promise nothing") {
  ShapeEnv env;
  DimRequest x = request(kX, "", 8), y = request(kY, "", 8);
  x.policy = DimPolicy::Auto;
  y.policy = DimPolicy::Dynamic;
  const auto s = env.declare({x, y});
  env.evaluate(eq(s[0], s[1]));
  env.evaluate(le(s[0], 16));
  env.evaluate(eq(mod(s[0], 2), 0));
  env.finish();
  CHECK(solve_dims(env).ok());
  const auto outcomes = dim_outcomes(env);
  REQUIRE(outcomes.size() == 2);
  CHECK(outcomes[0].got == "s0 in [2, 16]");
  CHECK(outcomes[0].because == kX + " <= 16");
  CHECK(outcomes[1].because == kX + " == " + kY);
}

TEST_CASE("the diagnostic names place, cause and request") {
  ShapeEnv env;
  DimRequest b = request(kX, "batch", 4, {2, 16});
  b.requested = "--dynamic x:0=batch:2..16";
  const Expr s = env.declare({b})[0];
  tx::diag::Place place;
  place.file = "model.py";
  place.line = 17;
  place.column = 12;
  env.set_place(place, "aten.view.default");
  env.specialize(s);
  env.finish();
  const tx::diag::Diagnostic d = solve_dims(env).diagnostic();
  CHECK(d.code == tx::diag::Code::TX2003);
  CHECK(d.place.line == 17);
  CHECK(d.label == "needs `batch` == 4");
  CHECK(d.notes == Lines{"requested by --dynamic x:0=batch:2..16"});
}
