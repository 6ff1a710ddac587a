#include "runtime/numbers.h"

#include <cmath>
#include <stdexcept>
#include <string>

namespace tx::runtime {
namespace {

using c10::IValue;
using Arguments = std::span<const IValue>;

[[noreturn]] void raise(const std::string& message) { throw std::runtime_error(message); }

bool is_integer(const IValue& v) { return v.isInt() || v.isBool(); }

int64_t integer(const IValue& v) {
  if (v.isInt()) return v.toInt();
  if (v.isBool()) return v.toBool();
  raise("expected an integer but got " + v.tagKind());
}

double real(const IValue& v) {
  if (v.isDouble()) return v.toDouble();
  if (is_integer(v)) return static_cast<double>(integer(v));
  raise("expected a number but got " + v.tagKind());
}

bool truth(const IValue& v) {
  if (v.isBool()) return v.toBool();
  return v.isDouble() ? v.toDouble() != 0 : integer(v) != 0;
}

bool both_integers(Arguments a) { return is_integer(a[0]) && is_integer(a[1]); }

int64_t checked(bool overflow, int64_t value) {
  if (overflow) raise("integer overflow in the arithmetic of sizes");
  return value;
}

int64_t multiply(int64_t a, int64_t b) {
  int64_t r = 0;
  const bool overflow = __builtin_mul_overflow(a, b, &r);
  return checked(overflow, r);
}

IValue add(Arguments a) {
  if (!both_integers(a)) return real(a[0]) + real(a[1]);
  int64_t r = 0;
  const bool overflow = __builtin_add_overflow(integer(a[0]), integer(a[1]), &r);
  return checked(overflow, r);
}

IValue sub(Arguments a) {
  if (!both_integers(a)) return real(a[0]) - real(a[1]);
  int64_t r = 0;
  const bool overflow = __builtin_sub_overflow(integer(a[0]), integer(a[1]), &r);
  return checked(overflow, r);
}

IValue mul(Arguments a) {
  if (!both_integers(a)) return real(a[0]) * real(a[1]);
  return multiply(integer(a[0]), integer(a[1]));
}

IValue truediv(Arguments a) {
  if (real(a[1]) == 0) raise("division by zero");
  return real(a[0]) / real(a[1]);
}

int64_t floor_quotient(int64_t a, int64_t b) {
  if (b == 0) raise("integer division or modulo by zero");
  if (b == -1) return multiply(a, -1);
  return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

/// Python's %, the sign is that of `y`.
double float_mod(double x, double y) {
  const double r = std::fmod(x, y);
  return r != 0 && (r < 0) != (y < 0) ? r + y : r;
}

IValue floordiv(Arguments a) {
  if (both_integers(a)) return floor_quotient(integer(a[0]), integer(a[1]));
  if (real(a[1]) == 0) raise("float floor division by zero");
  // x // y is exact in Python: (x - x % y) / y, rounded; the floor of x / y can be one too large.
  return std::nearbyint((real(a[0]) - float_mod(real(a[0]), real(a[1]))) / real(a[1]));
}

IValue mod(Arguments a) {
  if (both_integers(a)) {
    const int64_t x = integer(a[0]), y = integer(a[1]);
    if (y == -1) return int64_t{0};
    return x - multiply(floor_quotient(x, y), y);
  }
  const double y = real(a[1]);
  if (y == 0) raise("float modulo by zero");
  return float_mod(real(a[0]), y);
}

IValue power(Arguments a) {
  if (!both_integers(a) || integer(a[1]) < 0) {
    if (real(a[0]) == 0 && real(a[1]) < 0) raise("0.0 cannot be raised to a negative power");
    return std::pow(real(a[0]), real(a[1]));
  }
  int64_t base = integer(a[0]), result = 1;
  for (int64_t exponent = integer(a[1]); exponent > 0;) {
    if (exponent & 1) result = multiply(result, base);
    exponent >>= 1;
    if (exponent > 0) base = multiply(base, base);
  }
  return result;
}

IValue neg(Arguments a) {
  if (!is_integer(a[0])) return -real(a[0]);
  return multiply(integer(a[0]), -1);
}

IValue pos(Arguments a) { return is_integer(a[0]) ? IValue(integer(a[0])) : IValue(real(a[0])); }

IValue absolute(Arguments a) {
  if (!is_integer(a[0])) return std::fabs(real(a[0]));
  return integer(a[0]) < 0 ? neg(a) : IValue(integer(a[0]));
}

IValue lshift(Arguments a) {
  const int64_t by = integer(a[1]);
  if (by < 0) raise("negative shift count");
  if (integer(a[0]) == 0) return int64_t{0};
  if (by > 62) raise("integer overflow in the arithmetic of sizes");
  return multiply(integer(a[0]), int64_t{1} << by);
}

IValue rshift(Arguments a) {
  const int64_t by = integer(a[1]);
  if (by < 0) raise("negative shift count");
  return integer(a[0]) >> std::min<int64_t>(by, 63);
}

/// -1, 0 or 1; ints are compared exactly. NaN compares as 2.
int compare(Arguments a) {
  if (both_integers(a)) {
    const int64_t x = integer(a[0]), y = integer(a[1]);
    return (x > y) - (x < y);
  }
  const double x = real(a[0]), y = real(a[1]);
  return std::isnan(x) || std::isnan(y) ? 2 : (x > y) - (x < y);
}

IValue eq(Arguments a) { return compare(a) == 0; }
IValue ne(Arguments a) { return compare(a) != 0; }
IValue lt(Arguments a) { return compare(a) == -1; }
IValue le(Arguments a) { return compare(a) == -1 || compare(a) == 0; }
IValue gt(Arguments a) { return compare(a) == 1; }
IValue ge(Arguments a) { return compare(a) == 1 || compare(a) == 0; }

bool both_bools(Arguments a) { return a[0].isBool() && a[1].isBool(); }
IValue bit_and(Arguments a) {
  if (both_bools(a)) return a[0].toBool() && a[1].toBool();
  return integer(a[0]) & integer(a[1]);
}
IValue bit_or(Arguments a) {
  if (both_bools(a)) return a[0].toBool() || a[1].toBool();
  return integer(a[0]) | integer(a[1]);
}
IValue bit_xor(Arguments a) {
  if (both_bools(a)) return a[0].toBool() != a[1].toBool();
  return integer(a[0]) ^ integer(a[1]);
}
IValue logical_not(Arguments a) { return !truth(a[0]); }

/// An int and a float give a float, as torch.sym_max and sym_min do.
IValue pick(Arguments a, bool first) {
  const IValue& chosen = first ? a[0] : a[1];
  if (both_integers(a)) return integer(chosen);
  return real(chosen);
}
IValue sym_max(Arguments a) { return pick(a, compare(a) != -1); }
IValue sym_min(Arguments a) { return pick(a, compare(a) != 1); }

IValue sym_float(Arguments a) { return real(a[0]); }
IValue sym_ite(Arguments a) { return truth(a[0]) ? a[1] : a[2]; }
IValue sym_sum(Arguments a) {
  if (!a[0].isList()) raise("expected a list of numbers but got " + a[0].tagKind());
  IValue sum = int64_t{0};
  for (const IValue& item : a[0].toListRef()) {
    const IValue pair[] = {sum, item};
    sum = add(pair);
  }
  return sum;
}

int64_t to_integer(double value) {
  if (!(std::fabs(value) < 9223372036854775808.0)) {
    raise("cannot convert the float " + std::to_string(value) + " to an integer");
  }
  return static_cast<int64_t>(value);
}
template <double (*round)(double)>
IValue rounded(Arguments a) {
  return is_integer(a[0]) ? integer(a[0]) : to_integer(round(real(a[0])));
}
IValue square_root(Arguments a) {
  if (real(a[0]) < 0) raise("math domain error");
  return std::sqrt(real(a[0]));
}
double floor_of(double v) { return std::floor(v); }
double ceil_of(double v) { return std::ceil(v); }
double trunc_of(double v) { return std::trunc(v); }
double nearest_even(double v) { return std::nearbyint(v); }

constexpr NumberFunction kFunctions[] = {
    {"operator.add", 2, add},
    {"operator.sub", 2, sub},
    {"operator.mul", 2, mul},
    {"operator.truediv", 2, truediv},
    {"operator.floordiv", 2, floordiv},
    {"operator.mod", 2, mod},
    {"operator.pow", 2, power},
    {"operator.neg", 1, neg},
    {"operator.pos", 1, pos},
    {"operator.abs", 1, absolute},
    {"operator.lshift", 2, lshift},
    {"operator.rshift", 2, rshift},
    {"operator.eq", 2, eq},
    {"operator.ne", 2, ne},
    {"operator.lt", 2, lt},
    {"operator.le", 2, le},
    {"operator.gt", 2, gt},
    {"operator.ge", 2, ge},
    {"operator.and_", 2, bit_and},
    {"operator.or_", 2, bit_or},
    {"operator.xor", 2, bit_xor},
    {"operator.not_", 1, logical_not},
    {"torch.sym_max", 2, sym_max},
    {"torch.sym_min", 2, sym_min},
    {"torch.sym_not", 1, logical_not},
    {"torch.sym_float", 1, sym_float},
    {"torch.sym_int", 1, rounded<trunc_of>},
    {"torch.sym_ite", 3, sym_ite},
    {"torch.sym_sum", 1, sym_sum},
    {"torch._sym_sqrt", 1, square_root},
    {"math.floor", 1, rounded<floor_of>},
    {"math.ceil", 1, rounded<ceil_of>},
    {"math.trunc", 1, rounded<trunc_of>},
    {"math.sqrt", 1, square_root},
    {"builtins.round", 1, rounded<nearest_even>},
    {"builtins.max", 2, sym_max},
    {"builtins.min", 2, sym_min},
};

}  // namespace

const NumberFunction* find_number_function(std::string_view target) {
  for (const NumberFunction& function : kFunctions) {
    if (function.target == target) return &function;
  }
  return nullptr;
}

}  // namespace tx::runtime
