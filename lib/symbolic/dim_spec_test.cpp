#include "symbolic/dim_spec.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace tx::symbolic;
using tx::diag::Code;

namespace {

using Kind = DimSpec::Kind;

DimSpec dim_of(const std::string& text) { return parse_dynamic("x:0=" + text).axes.at(0).dim; }

struct Refusal {
  Code code = Code::TX0070;
  std::string message;
  uint32_t column = 0;
  std::string line;
};

template <class Action>
Refusal refusal(Action action) {
  try {
    action();
  } catch (const tx::diag::Failure& failure) {
    const auto& d = failure.diagnostics().front();
    return {d.code, d.message, d.place.column, d.place.code};
  }
  return {};
}

Refusal refused(const std::string& text) {
  return refusal([&] { parse_dynamic(text); });
}

}  // namespace

TEST_CASE("inputs and axes") {
  DynamicSpec spec = parse_dynamic("x:0=batch");
  CHECK(spec.path == std::vector<std::string>{"x"});
  REQUIRE(spec.axes.size() == 1);
  CHECK(spec.axes[0].axis == 0);
  CHECK(spec.axes[0].dim.name == "batch");
  spec = parse_dynamic("kv.0.k:-1=t,12=4");
  CHECK(spec.path == std::vector<std::string>{"kv", "0", "k"});
  CHECK(spec.input_text() == "kv.0.k");
  REQUIRE(spec.axes.size() == 2);
  CHECK(spec.axes[0].axis == -1);
  CHECK(spec.axes[1].axis == 12);
  CHECK(spec.axes[1].dim.kind == Kind::Number);
  CHECK(spec.axes[1].dim.number == 4);
  CHECK(parse_dynamic("*:0=auto").path.empty());
  CHECK(parse_dynamic("0:1=dynamic").path == std::vector<std::string>{"0"});
}

TEST_CASE("dimensions") {
  CHECK(dim_of("auto").kind == Kind::Auto);
  CHECK(dim_of("dynamic").kind == Kind::Dynamic);
  CHECK(dim_of("b").range == std::nullopt);
  CHECK(dim_of("b:2..16").range == Range{2, 16});
  CHECK(dim_of("b[2..16]").range == Range{2, 16});
  CHECK(dim_of("b:..16").range == Range{2, 16});
  CHECK(dim_of("b:0..").range == Range{0, kNoBound});
  CHECK(dim_of("b:..").range == Range{2, kNoBound});
  const DimSpec derived = dim_of("4*_n-3");
  CHECK(derived.name == "_n");
  CHECK(derived.scale == 4);
  CHECK(derived.offset == -3);
  CHECK(dim_of("name+1").offset == 1);
  CHECK(dim_of("2*name").scale == 2);
  CHECK(dim_of("6*_n[1..100]").range == Range{1, 100});
  CHECK(dim_of("2*n[3..]+1") == dim_of("2*n+1[3..]"));
  CHECK(dim_of("2*n[3..]+1") == dim_of("2*n+1:3.."));
}

TEST_CASE("texts read back as the same dimension") {
  for (const char* text : {"auto", "dynamic", "7", "b", "b:4..18", "b:17..", "b:2..",
                           "b:2..16", "b:..16", "8*_b", "8*_b[1..128]", "4*_b[1..]-3", "b+1"}) {
    CHECK(dim_of(text).text() == text);
  }
  CHECK(dim_of("b[..16]").text() == "b:..16");
  CHECK(dim_of("2*b[2..]+1").text() == "2*b[2..]+1");
}

TEST_CASE("mistakes, with the column") {
  const auto at = [](const std::string& text, uint32_t column, const std::string& message,
                     Code code = Code::TX2001) {
    CAPTURE(text);
    const Refusal r = refused(text);
    CHECK(r.code == code);
    CHECK(r.column == column);
    CHECK(r.message == message);
    CHECK(r.line == text);
  };
  at("x", 2, "expected `:`, found the end");
  at("", 1, "expected an input, found the end");
  at(":0=b", 1, "expected an input, found `:`");
  at("x.:0=b", 3, "expected an input, found `:`");
  at("*x:0=b", 2, "expected `:`, found `x`");
  at("x:=b", 3, "expected the number of an axis, found `=`");
  at("x:0", 4, "expected `=`, found the end");
  at("x:-0=b", 3, "the last axis is -1");
  at("x:0=", 5, "expected a dimension, found the end");
  at("x:0=b,", 7, "expected the number of an axis, found the end");
  at("x:0=b 1", 6, "expected `,` or the end, found ` `");
  at("x:0=b:16", 9, "expected `..`, found the end");
  at("x:0=b:2...16", 10, "expected `,` or the end, found `.`");
  at("x:0=b[2..16", 12, "expected `]`, found the end");
  at("x:0=b*2", 6, "the factor of a derived dimension stands in front of the name");
  at("x:0=b+", 7, "expected a number, found the end");
  at("x:0=-2*b", 5, "a size or factor cannot be negative");
  at("x:0=auto:2..3", 14, "`auto` takes neither a range nor a factor or offset");
  at("x:0=99999999999999999999", 5, "a number that does not fit into 64 bits");
  at("x:0=1x", 5, "Dim name must be a valid identifier, got 1x");
  at("x:0=1.5*b", 5,
     "Attempted to multiply 1.5 with b, where a positive integer was expected. (Only increasing "
     "linear operations with integer coefficients are supported.)");
  at("x:0=b:5..2", 7, "Cannot create Dim with inconsistent min=5, max=2", Code::TX2006);
  at("x:0=b:4..4", 7, "Cannot create Dim with inconsistent min=4, max=4", Code::TX2006);
}

TEST_CASE("JSON: axes by input") {
  const auto specs = parse_dynamic_json(
      R"({"x": {"0": "batch:2..16", "-1": 4}, "kv.0": {"1": "auto"}})", "shapes.json");
  REQUIRE(specs.size() == 2);
  CHECK(specs[0].path == std::vector<std::string>{"x"});
  CHECK(specs[0].axes[0].dim.range == Range{2, 16});
  CHECK(specs[0].axes[1].axis == -1);
  CHECK(specs[0].axes[1].dim.number == 4);
  CHECK(specs[1].path == std::vector<std::string>{"kv", "0"});
  CHECK(specs[1].axes[0].dim.kind == Kind::Auto);
}

// The example in torch/_export/serde/dynamic_shapes.py.
TEST_CASE("JSON: torch's form") {
  const auto specs = parse_dynamic_json(
      R"({"dynamic_shapes": [[["dx", 4], ["2*dx + 1", 4]], ["_DimHint.STATIC"],
                             ["_DimHint.AUTO", "_DimHint.DYNAMIC"], null, [null, null],
                             {"k": ["dx", null]}],
          "dims": {"dx": {"min": 4, "max": null, "derived": ["2*dx + 1"]}}})",
      "shapes.json");
  REQUIRE(specs.size() == 5);
  CHECK(specs[0].path == std::vector<std::string>{"0", "0"});
  CHECK(specs[0].rank == 2);
  CHECK(specs[0].axes[0].dim.range == Range{4, kNoBound});
  CHECK(specs[1].path == std::vector<std::string>{"0", "1"});
  CHECK(specs[1].axes[0].dim.scale == 2);
  CHECK(specs[1].axes[0].dim.offset == 1);
  CHECK(specs[2].axes[0].dim.kind == Kind::Static);
  CHECK(specs[3].axes[1].dim.kind == Kind::Dynamic);
  CHECK(specs[4].path == std::vector<std::string>{"5", "k"});
  CHECK(parse_dynamic_json(R"({"dynamic_shapes": null, "dims": {}})", "f").empty());
}

TEST_CASE("JSON: mistakes") {
  const auto message = [](const char* json) {
    return refusal([&] { parse_dynamic_json(json, "f.json"); }).message;
  };
  const Refusal syntax = refusal([] { parse_dynamic_json("{\n  \"x\": [1,\n}", "f.json"); });
  CHECK(syntax.code == Code::TX2001);
  CHECK(syntax.message == "f.json: this is not JSON");
  CHECK(syntax.line == "}");
  CHECK(syntax.column == 1);
  CHECK(message("[]") == "f.json: expected an object");
  CHECK(message(R"({"x": 3})") ==
        "f.json: x: expected an object with a dimension for each axis");
  CHECK(message(R"({"x": {"a": "b"}})") == "f.json: x: `a` is not the number of an axis");
  CHECK(message(R"({"x": {"0": 1.5}})") ==
        "f.json: x.0: a dimension is a string or a number, not 1.5");
  CHECK(message(R"({"x": {"0": "b:"}})") == "expected `..`, found the end");
  CHECK(message(R"({"dynamic_shapes": [["dz"]], "dims": {}})") ==
        "f.json: 0.0: `dz` is not among the dims");
  CHECK(message(R"({"dynamic_shapes": [["_DimHint.X"]], "dims": {}})") ==
        "f.json: 0.0: unknown hint _DimHint.X");
  CHECK(message(R"({"dynamic_shapes": [], "dims": {"d": {"min": 5, "max": 2}}})") ==
        "Cannot create Dim with inconsistent min=5, max=2");
  CHECK(message(std::string(100000, '[').c_str()) == "f.json: nested too deeply");
  CHECK(message(R"({"x": {"0": 1e999}})") == "f.json: a number is too large");
  CHECK(message("{\"x\": {\"0\": \"\xff\"}}") == "f.json: this is not JSON");
  CHECK(refusal([] { read_dynamic("@/nonexistent/shapes.json"); }).code == Code::TX0002);
}
