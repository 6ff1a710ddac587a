#include "support/strings.h"

#include <doctest/doctest.h>

#include <limits>

using namespace tx::support;

// Literals below were printed by CPython 3.11.
TEST_CASE("floats are written as Python's repr") {
  CHECK(python_repr(0.1) == "0.1");
  CHECK(python_repr(1e-5) == "1e-05");
  CHECK(python_repr(0.0001) == "0.0001");
  CHECK(python_repr(0.00012345) == "0.00012345");
  CHECK(python_repr(1.0) == "1.0");
  CHECK(python_repr(-0.0) == "-0.0");
  CHECK(python_repr(-1e9) == "-1000000000.0");
  CHECK(python_repr(123456.789) == "123456.789");
  CHECK(python_repr(1e15) == "1000000000000000.0");
  CHECK(python_repr(1e16) == "1e+16");
  CHECK(python_repr(1.5e300) == "1.5e+300");
  CHECK(python_repr(5e-324) == "5e-324");
  CHECK(python_repr(1.0 / 3) == "0.3333333333333333");
  CHECK(python_repr(-3.4028234663852886e38) == "-3.4028234663852886e+38");
  CHECK(python_repr(std::numeric_limits<double>::infinity()) == "inf");
  CHECK(python_repr(-std::numeric_limits<double>::infinity()) == "-inf");
  CHECK(python_repr(std::numeric_limits<double>::quiet_NaN()) == "nan");
}

TEST_CASE("complex numbers are written as Python's repr") {
  CHECK(python_repr(std::complex<double>(0, 1)) == "1j");
  CHECK(python_repr(std::complex<double>(0, 0.5)) == "0.5j");
  CHECK(python_repr(std::complex<double>(1, 2)) == "(1+2j)");
  CHECK(python_repr(std::complex<double>(1.5, -2)) == "(1.5-2j)");
  CHECK(python_repr(std::complex<double>(-0.0, -1)) == "(-0-1j)");
  CHECK(python_repr(std::complex<double>(1e16, std::numeric_limits<double>::infinity())) == "(1e+16+infj)");
}

TEST_CASE("strings are written as Python's repr") {
  CHECK(python_repr("tanh") == "'tanh'");
  CHECK(python_repr("it's") == "\"it's\"");
  CHECK(python_repr("it's \"it\"") == "'it\\'s \"it\"'");
  CHECK(python_repr("a\\b\n\t\x01") == "'a\\\\b\\n\\t\\x01'");
  CHECK(python_repr("gr\xc3\xbc\xc3\x9f") == "'gr\xc3\xbc\xc3\x9f'");
  CHECK(python_repr("\xff") == "'\\xff'");
}

TEST_CASE("split, join, trim, replace, indent") {
  CHECK(split("a,b,,c", ',') == std::vector<std::string>{"a", "b", "", "c"});
  CHECK(split("", ',') == std::vector<std::string>{""});
  CHECK(join(std::vector<std::string>{"a", "b"}, ", ") == "a, b");
  CHECK(trim("  a b\n") == "a b");
  CHECK(trim(" \t") == "");
  CHECK(replace_all("aXbX", "X", "--") == "a--b--");
  CHECK(replace_all("ab", "", "-") == "ab");
  CHECK(indent("a\n\nb\n", 2) == "  a\n\n  b\n");
}

TEST_CASE("the closest name, where one is close") {
  const std::vector<std::string> names = {"dynamic", "dynamo", "guards", "x"};
  CHECK(closest("dynmic", names) == "dynamic");
  CHECK(closest("gaurds", names) == "guards");
  CHECK_FALSE(closest("inductor", names));
  CHECK_FALSE(closest("y", names));
  CHECK_FALSE(closest("", names));
  CHECK(did_you_mean("dynmo", names) == "; did you mean `dynamo`?");
  CHECK(did_you_mean("nothing", names) == "");
}

TEST_CASE("valid UTF-8 is told from other bytes") {
  CHECK(utf8_length("a", 0) == 1);
  CHECK(utf8_length("\xc3\xbc", 0) == 2);
  CHECK(utf8_length("\xf0\x9f\x94\xa5", 0) == 4);
  CHECK(utf8_length("\xc3", 0) == 0);
  CHECK(utf8_length("\xc0\x80", 0) == 0);
  CHECK(utf8_length("\xed\xa0\x80", 0) == 0);
}
