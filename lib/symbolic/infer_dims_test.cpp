#include "symbolic/infer_dims.h"

#include <doctest/doctest.h>

using namespace tx;
using namespace tx::symbolic;

namespace {

using Sizes = std::vector<int64_t>;
using Values = std::vector<std::string>;

InputLeaf leaf(const std::string& name, std::optional<Sizes> sizes) {
  return {{{name, false, {}}}, 0, std::move(sizes)};
}

BoundAxis given(size_t leaf, uint32_t axis, const std::string& name) {
  BoundAxis bound{leaf, axis, {}};
  bound.dim.kind = DimSpec::Kind::Named;
  bound.dim.name = name;
  return bound;
}

}  // namespace

TEST_CASE("sizes that differ are dynamic, those that agree share a dimension") {
  CHECK(infer_dims({leaf("x", Sizes{8, 100}), leaf("n", std::nullopt), leaf("y", Sizes{8, 5})},
                   {{Sizes{4, 100}, std::nullopt, Sizes{4, 7}}}, {}) ==
        Values{"x:0=d0", "y:0=d0,1=d1"});
  CHECK(infer_dims({leaf("x", Sizes{8})}, {{Sizes{8}}}, {}).empty());
}

TEST_CASE("a relation is proposed only where three sizes show it") {
  const auto two = [](Sizes x, Sizes y) {
    std::vector<std::vector<std::optional<Sizes>>> others;
    for (size_t i = 1; i < x.size(); ++i) others.push_back({Sizes{x[i]}, Sizes{y[i]}});
    return infer_dims({leaf("x", Sizes{x[0]}), leaf("y", Sizes{y[0]})}, others, {});
  };
  CHECK(two({4, 8}, {8, 16}) == Values{"x:0=d0", "y:0=d1"});
  CHECK(two({4, 8, 6}, {8, 16, 12}) == Values{"x:0=d0", "y:0=2*d0"});
  CHECK(two({4, 8, 6}, {5, 9, 7}) == Values{"x:0=d0", "y:0=d0+1"});
  CHECK(two({4, 8, 6}, {3, 7, 5}) == Values{"x:0=d0", "y:0=d0-1"});
  CHECK(two({4, 8, 6}, {9, 17, 13}) == Values{"x:0=d0", "y:0=d1"});
  CHECK(two({4, 8, 6}, {8, 16, 13}) == Values{"x:0=d0", "y:0=d1"});
}

TEST_CASE("what the user gave is not proposed, and its name is taken over") {
  CHECK(infer_dims({leaf("x", Sizes{8, 3}), leaf("y", Sizes{8, 5})},
                   {{Sizes{4, 3}, Sizes{4, 6}}}, {given(0, 0, "batch"), given(0, 1, "d0")}) ==
        Values{"y:0=batch,1=d1"});
}

TEST_CASE("sizes 0 and 1") {
  CHECK(infer_dims({leaf("x", Sizes{8})}, {{Sizes{1}}}, {}) == Values{"x:0=d0:1.."});
  CHECK_THROWS_WITH_AS(
      infer_dims({leaf("x", Sizes{1})}, {{Sizes{8}}}, {}),
      "the size of `x` in dimension 0 differs between the sets of inputs, but is 1 in the one that "
      "is exported",
      diag::Failure);
}
