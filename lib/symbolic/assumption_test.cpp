#include "symbolic/assumption.h"

#include <doctest/doctest.h>

#include "diag/diagnostic.h"

namespace tx::symbolic {
namespace {

uint32_t mistake_in(std::string_view text) {
  try {
    parse_assumption(text);
  } catch (const diag::Failure& failure) {
    CHECK(failure.diagnostics().front().code == diag::Code::TX2012);
    return failure.diagnostics().front().place.column;
  }
  return 0;
}

TEST_CASE("assumptions name a data-dependent symbol and a range") {
  CHECK(parse_assumption("u0:1..64").symbol == "u0");
  CHECK(parse_assumption("u0:1..64").range == Range{1, 64});
  CHECK(parse_assumption("u12:..64").range == Range{kNoLowerBound, 64});
  CHECK(parse_assumption("u1:-3..").range == Range{-3, kNoBound});
  CHECK(parse_assumption("u1:8").range == Range{8, 8});
}

TEST_CASE("a mistake in an assumption is shown where it is") {
  CHECK(mistake_in("s0:1..4") == 1);
  CHECK(mistake_in("u:1..4") == 2);
  CHECK(mistake_in("u0") == 3);
  CHECK(mistake_in("u0:") == 4);
  CHECK(mistake_in("u0:..") == 6);
  CHECK(mistake_in("u0:5..4") == 7);
  CHECK(mistake_in("u0:1..4x") == 8);
  CHECK(mistake_in("u0:99999999999999999999") == 4);
}

}  // namespace
}  // namespace tx::symbolic
