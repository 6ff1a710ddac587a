#include "symbolic/dim_bind.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace tx::symbolic;
using tx::diag::Code;
using Lines = std::vector<std::string>;

namespace {

/// forward(x: Tensor[3, 4], kv: [{k: Tensor[2, 5]}, Tensor[7]], n: int)
std::vector<InputLeaf> leaves() {
  InputLeaf x{{{"x", false, {}}}, 0, std::vector<int64_t>{3, 4}};
  InputLeaf k{{{"kv", false, {}}, {"0", true, {}}, {"k", false, {}}}, 1,
              std::vector<int64_t>{2, 5}};
  InputLeaf v{{{"kv", false, {}}, {"1", true, {}}}, 1, std::vector<int64_t>{7}};
  InputLeaf n{{{"n", false, {}}}, 2, std::nullopt};
  return {x, k, v, n};
}

BoundDims bind(const Lines& values) {
  std::vector<DynamicSpec> specs;
  for (const std::string& value : values) specs.push_back(parse_dynamic(value));
  return bind_dims(specs, leaves());
}

std::pair<Code, std::string> refused(const Lines& values) {
  try {
    bind(values);
  } catch (const tx::diag::Failure& failure) {
    return {failure.diagnostics().front().code, failure.what()};
  }
  return {Code::TX0070, ""};
}

}  // namespace

TEST_CASE("requests come in the order of leaves and axes") {
  const BoundDims bound = bind({"kv.0.k:1=t", "1.1:0=dynamic", "x:-1=c:..9,0=b"});
  REQUIRE(bound.requests.size() == 4);
  CHECK(bound.requests[0].source == "L['x'].size()[0]");
  CHECK(bound.requests[0].hint == 3);
  CHECK(bound.requests[0].requested == "--dynamic x:0=b");
  CHECK(bound.requests[1].source == "L['x'].size()[1]");
  CHECK(bound.requests[1].range == Range{2, 9});
  CHECK(bound.requests[2].source == "L['kv'][0]['k'].size()[1]");
  CHECK(bound.requests[2].origin == InputAxis{1, 1});
  CHECK(bound.requests[3].source == "L['kv'][1].size()[0]");
  CHECK(bound.requests[3].policy == DimPolicy::Dynamic);
}

TEST_CASE("a star speaks of what nothing else was said about") {
  const BoundDims bound = bind({"*:1=auto", "x:1=4"});
  REQUIRE(bound.requests.size() == 1);
  CHECK(bound.requests[0].source == "L['kv'][0]['k'].size()[1]");
}

TEST_CASE("a range given at one place holds at all") {
  const BoundDims bound = bind({"x:0=b", "kv.0.k:0=b[3..8]"});
  CHECK(bound.requests[0].range == Range{3, 8});
  CHECK(bound.requests[1].range == Range{3, 8});
}

TEST_CASE("what does not fit the inputs") {
  CHECK(refused({"z:0=b"}) == std::pair(Code::TX2002, std::string("there is no input `z`")));
  CHECK(refused({"kv:0=b"}) ==
        std::pair(Code::TX2002, std::string("`kv` is not a tensor but holds several values")));
  CHECK(refused({"n:0=b"}) ==
        std::pair(Code::TX2002, std::string("the input `n` is not a tensor")));
  CHECK(refused({"x:2=b"}) ==
        std::pair(Code::TX2002, std::string("the input `x` has no axis 2")));
  CHECK(refused({"x:-3=b"}).first == Code::TX2002);
  CHECK(refused({"*:5=b"}) ==
        std::pair(Code::TX2002, std::string("no input has an axis 5")));
  CHECK(refused({"x:0=b,-2=c"}) ==
        std::pair(Code::TX2002, std::string("axis -2 of `x` is given twice: b and c")));
  CHECK(refused({"x:0=5"}) ==
        std::pair(Code::TX2010, std::string("Static shape constraint of 5 does not match input "
                                            "size of 3, for L['x'].size()[0]")));
  CHECK(refused({"x:0=a:0..10", "x:1=a:0..20"}) ==
        std::pair(Code::TX2006,
                  std::string("Found different definitions Dim('a', min=0, max=10) and Dim('a', "
                              "min=0, max=20) for the same symbolic dimension Dim('a', min=0, "
                              "max=20)!")));
  const auto specs = parse_dynamic_json(
      R"({"dynamic_shapes": [["_DimHint.AUTO"]], "dims": {}})", "f.json");
  try {
    bind_dims(specs, leaves());
    FAIL("a list of the wrong length");
  } catch (const tx::diag::Failure& failure) {
    CHECK(std::string(failure.what()) ==
          "Expected dynamic shape spec [\"_DimHint.AUTO\"] specified at `dynamic_shapes['x']` to "
          "have the same length as the actual tensor shape torch.Size([3, 4]) (expected 2, but got "
          "1 instead)");
  }
}

TEST_CASE("a lower bound of 2 counts as the user's where it was written") {
  const auto is_default = [](const Lines& values) {
    std::vector<bool> result;
    for (const DimRequest& request : bind(values).requests) {
      result.push_back(request.min_is_default);
    }
    return result;
  };
  using Flags = std::vector<bool>;
  CHECK(is_default({"x:0=b"}) == Flags{true});
  CHECK(is_default({"x:0=b:..16"}) == Flags{true});
  CHECK(is_default({"x:0=b:2.."}) == Flags{false});
  CHECK(is_default({"x:0=b:2..16"}) == Flags{false});
  CHECK(is_default({"x:0=auto,1=dynamic"}) == Flags{true, true});
  // What is written at one place holds at all.
  CHECK(is_default({"x:0=b", "kv.0.k:0=b:2.."}) == Flags{false, false});
  CHECK(is_default({"x:1=2*n", "kv.1:0=n+3[2..]"}) == Flags{false, false});
  CHECK(is_default({"x:1=2*n[..9]"}) == Flags{true});
}

TEST_CASE("values of --dynamic after fixes") {
  const BoundDims bound = bind({"x:0=b:..64,1=c", "kv.0.k:0=d,1=2*c+1", "kv.1:0=auto"});
  const auto range = [](const char* name, Range r) {
    DimFix fix;
    fix.name = name;
    fix.range = r;
    return fix;
  };
  const auto assign = [](const char* name, const char* root, int64_t scale, int64_t offset) {
    DimFix fix;
    fix.name = name;
    fix.root = root;
    fix.scale = scale;
    fix.offset = offset;
    return fix;
  };
  CHECK(fixed_values(bound, {}, false) ==
        Lines{"x:0=b:..64,1=c", "kv.0.k:0=d,1=2*c+1", "kv.1:0=auto"});
  CHECK(fixed_values(bound, {}, true).empty());
  CHECK(fixed_values(bound, {range("b", {2, 16})}, true) == Lines{"x:0=b:2..16,1=c"});
  CHECK(fixed_values(bound, {assign("d", "b", 1, 0)}, true) ==
        Lines{"kv.0.k:0=b:..64,1=2*c+1"});
  CHECK(fixed_values(bound, {assign("c", "", 1, 4)}, true) ==
        Lines{"x:0=b:..64,1=4", "kv.0.k:0=d,1=9"});
  CHECK(fixed_values(bound, {range("_c", {1, kNoBound}), assign("c", "_c", 8, 0)}, true) ==
        Lines{"x:0=b:..64,1=8*_c[1..]", "kv.0.k:0=d,1=16*_c[1..]+1"});
}
