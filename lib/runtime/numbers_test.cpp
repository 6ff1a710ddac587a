#include "runtime/numbers.h"

#include <doctest/doctest.h>

#include <limits>
#include <stdexcept>
#include <vector>

using namespace tx::runtime;
using c10::IValue;

namespace {
IValue call(const char* target, std::vector<IValue> arguments) {
  const NumberFunction* function = find_number_function(target);
  REQUIRE(function != nullptr);
  REQUIRE(function->num_arguments == arguments.size());
  return function->call(arguments);
}
int64_t integer(const char* target, std::vector<IValue> arguments) {
  const IValue result = call(target, std::move(arguments));
  REQUIRE(result.isInt());
  return result.toInt();
}
double real(const char* target, std::vector<IValue> arguments) {
  const IValue result = call(target, std::move(arguments));
  REQUIRE(result.isDouble());
  return result.toDouble();
}
bool boolean(const char* target, std::vector<IValue> arguments) {
  const IValue result = call(target, std::move(arguments));
  REQUIRE(result.isBool());
  return result.toBool();
}
const int64_t kMax = std::numeric_limits<int64_t>::max(),
              kMin = std::numeric_limits<int64_t>::min();
}  // namespace

// The expected values are CPython's.
TEST_CASE("integers") {
  CHECK(integer("operator.add", {2, 3}) == 5);
  CHECK(integer("operator.sub", {2, 3}) == -1);
  CHECK(integer("operator.mul", {-4, 3}) == -12);
  CHECK(integer("operator.floordiv", {7, 2}) == 3);
  CHECK(integer("operator.floordiv", {-7, 2}) == -4);
  CHECK(integer("operator.floordiv", {7, -2}) == -4);
  CHECK(integer("operator.floordiv", {-7, -2}) == 3);
  CHECK(integer("operator.mod", {-7, 3}) == 2);
  CHECK(integer("operator.mod", {7, -3}) == -2);
  CHECK(integer("operator.mod", {kMin, -1}) == 0);
  CHECK(integer("operator.pow", {3, 4}) == 81);
  CHECK(integer("operator.pow", {-2, 63}) == kMin);
  CHECK(integer("operator.pow", {0, 0}) == 1);
  CHECK(integer("operator.neg", {5}) == -5);
  CHECK(integer("operator.abs", {-5}) == 5);
  CHECK(integer("operator.lshift", {3, 4}) == 48);
  CHECK(integer("operator.rshift", {-5, 1}) == -3);
  CHECK(integer("operator.add", {true, 2}) == 3);
  CHECK(integer("torch.sym_max", {3, 9}) == 9);
  CHECK(integer("torch.sym_min", {3, 9}) == 3);
  CHECK(integer("torch.sym_sum", {c10::List<int64_t>({1, 2, 3})}) == 6);
}

TEST_CASE("floats and roundings") {
  CHECK(real("operator.truediv", {7, 2}) == 3.5);
  CHECK(real("operator.floordiv", {7.5, 2}) == 3.0);
  CHECK(real("operator.floordiv", {-7.5, 2}) == -4.0);
  CHECK(real("operator.floordiv", {6.0, 0.1}) == 59.0);
  CHECK(real("operator.mod", {-7.5, 2}) == 0.5);
  CHECK(real("operator.pow", {2, -1}) == 0.5);
  CHECK(real("torch.sym_float", {3}) == 3.0);
  CHECK(real("torch.sym_max", {3, 2.5}) == 3.0);
  CHECK(integer("math.floor", {-2.5}) == -3);
  CHECK(integer("math.ceil", {-2.5}) == -2);
  CHECK(integer("math.trunc", {-2.5}) == -2);
  CHECK(integer("builtins.round", {2.5}) == 2);
  CHECK(integer("builtins.round", {3.5}) == 4);
  CHECK(real("torch._sym_sqrt", {9}) == 3.0);
}

TEST_CASE("comparisons and logic") {
  CHECK(boolean("operator.lt", {3, 4}));
  CHECK_FALSE(boolean("operator.gt", {kMax - 1, kMax}));
  CHECK(boolean("operator.eq", {3, 3.0}));
  CHECK_FALSE(boolean("operator.le", {std::nan(""), 1}));
  CHECK(boolean("operator.ne", {std::nan(""), 1}));
  CHECK(boolean("operator.and_", {true, true}));
  CHECK(integer("operator.and_", {6, 3}) == 2);
  CHECK(boolean("operator.or_", {false, true}));
  CHECK(boolean("torch.sym_not", {false}));
  CHECK(integer("torch.sym_ite", {false, 1, 2}) == 2);
}

TEST_CASE("what Python refuses or 64 bits cannot hold") {
  CHECK_THROWS_WITH(call("operator.floordiv", {1, 0}), "integer division or modulo by zero");
  CHECK_THROWS_WITH(call("operator.truediv", {1, 0}), "division by zero");
  CHECK_THROWS_WITH(call("operator.mod", {1.0, 0}), "float modulo by zero");
  const char* overflow = "integer overflow in the arithmetic of sizes";
  CHECK_THROWS_WITH(call("operator.add", {kMax, 1}), overflow);
  CHECK_THROWS_WITH(call("operator.neg", {kMin}), overflow);
  CHECK_THROWS_WITH(call("operator.floordiv", {kMin, -1}), overflow);
  CHECK_THROWS_WITH(call("operator.pow", {10, 19}), overflow);
  CHECK_THROWS_WITH(call("operator.lshift", {1, 63}), overflow);
  CHECK_THROWS_AS(call("math.floor", {1e30}), std::runtime_error);
  CHECK_THROWS_AS(call("operator.add", {std::string("a"), 1}), std::runtime_error);
  CHECK(find_number_function("operator.getitem") == nullptr);
  CHECK(find_number_function("aten.add.Tensor") == nullptr);
}
