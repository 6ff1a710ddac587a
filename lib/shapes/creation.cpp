// Tensors made from sizes and numbers.
#include <algorithm>
#include <cmath>

#include "shapes/families.h"
#include "shapes/promote.h"

namespace tx::shapes {

using symbolic::ge;
using symbolic::make;
using symbolic::Op;

namespace {

/// float32 is torch's default dtype, which an exported program does not change.
DType dtype_or(const Call& c, DType fallback) {
  return c.optional_dtype("dtype").value_or(fallback);
}

ir::Device device_of(const Call& c) {
  if (c.has("device")) {
    if (auto* device = c["device"].get<ir::Device>()) return *device;
  }
  return {};
}

Sizes checked(const Call& c, Sizes sizes) {
  for (auto& size : sizes) {
    require(c, ge(size, 0),
            "Trying to create tensor with negative dimension " + size.text() + ": " +
                sizes_text(sizes));
  }
  return sizes;
}

MemoryFormat format_or(const Call& c, MemoryFormat fallback) {
  return c.optional_memory_format("memory_format").value_or(fallback);
}

Type from_size(const Call& c) {
  auto format = format_or(c, MemoryFormat::Contiguous);
  return in_format(c, dtype_or(c, DType::F32), checked(c, c.integers("size")), format,
                   device_of(c));
}

Type full(const Call& c) {
  DType dtype = dtype_or(c, c.number("fill_value").value_or(DType::F32));
  return contiguous(dtype, checked(c, c.integers("size")), device_of(c));
}

Type empty_strided(const Call& c) {
  return TensorType{dtype_or(c, DType::F32), checked(c, c.integers("size")), c.integers("stride"),
                    device_of(c)};
}

Type empty_permuted(const Call& c) {
  auto sizes = checked(c, c.integers("size"));
  auto layout = c.static_integers("physical_layout");
  Sizes physical;
  for (auto dim : layout) physical.push_back(sizes.at(dim));
  auto physical_strides = ir::contiguous_strides(physical);
  Sizes strides(sizes.size());
  for (size_t i = 0; i < layout.size(); ++i) strides[layout[i]] = physical_strides[i];
  return TensorType{dtype_or(c, DType::F32), sizes, strides, device_of(c)};
}

Type like(const Call& c) {
  auto& self = c.tensor("self");
  return empty_like(c, self, dtype_or(c, self.dtype), format_or(c, MemoryFormat::Preserve));
}

Type new_from_size(const Call& c) {
  auto& self = c.tensor("self");
  return contiguous(dtype_or(c, self.dtype), checked(c, c.integers("size")), self.device);
}

Type new_strided(const Call& c) {
  auto& self = c.tensor("self");
  return TensorType{dtype_or(c, self.dtype), checked(c, c.integers("size")), c.integers("stride"),
                    self.device};
}

Type eye(const Call& c) {
  Expr rows = c.integer("n");
  return contiguous(dtype_or(c, DType::F32), checked(c, {rows, c.has("m") ? c.integer("m") : rows}),
                    device_of(c));
}

bool is_real(const Expr& number) { return number.op() == Op::Real || number.op() >= Op::ToFloat; }

Expr as_float(const Expr& number) {
  if (number.is_constant()) return Expr::real(static_cast<double>(number.value()));
  return is_real(number) ? number : make(Op::ToFloat, {number});
}

/// How many steps lead from start to end, the end excluded.
Expr steps(const Call& c, const Expr& start, const Expr& end, const Expr& step) {
  bool real = is_real(start) || is_real(end) || is_real(step);
  if (!real) {
    bool backwards = c.env.evaluate(symbolic::lt(step, 0));
    require(c, symbolic::ne(step, 0), "step must be nonzero");
    require(c, backwards ? ge(start, end) : ge(end, start),
            "upper bound and lower bound inconsistent with step sign");
    return backwards ? symbolic::ceil_div(start - end, -step)
                     : symbolic::ceil_div(end - start, step);
  }
  auto value = [](const Expr& e) -> std::optional<double> {
    if (e.is_constant()) return static_cast<double>(e.value());
    return e.op() == Op::Real ? std::optional<double>(e.real_value()) : std::nullopt;
  };
  auto first = value(start), last = value(end), by = value(step);
  if (first && last && by) {
    double count = std::ceil((*last - *first) / *by);
    if (*by == 0) model_error(c, "step must be nonzero");
    if (count < 0) model_error(c, "upper bound and lower bound inconsistent with step sign");
    return Expr(static_cast<int64_t>(count));
  }
  Expr minus = make(Op::FloatMul, {Expr::real(-1.0), as_float(start)});
  Expr distance = make(Op::FloatAdd, {as_float(end), minus});
  return make(Op::Ceil, {make(Op::TrueDiv, {distance, as_float(step)})});
}

Type arange(const Call& c) {
  Expr start = c.has("start") ? c.scalar("start") : Expr(0);
  Expr end = c.scalar("end"), step = c.has("step") ? c.scalar("step") : Expr(1);
  bool real = is_real(start) || is_real(end) || is_real(step);
  return contiguous(dtype_or(c, real ? DType::F32 : DType::I64), {steps(c, start, end, step)},
                    device_of(c));
}

/// range: the end is included.
Type range(const Call& c) {
  Expr start = c.scalar("start"), end = c.scalar("end"),
       step = c.has("step") ? c.scalar("step") : Expr(1);
  auto number = [](const Expr& e) {
    return e.op() == Op::Real ? e.real_value() : static_cast<double>(e.value());
  };
  auto concrete = [](const Expr& e) { return e.is_constant() || e.op() == Op::Real; };
  if (!concrete(start) || !concrete(end) || !concrete(step)) {
    return contiguous(dtype_or(c, DType::F32), {symbolic::floor_div(end - start, step) + 1},
                      device_of(c));
  }
  auto count = static_cast<int64_t>((number(end) - number(start)) / number(step)) + 1;
  return contiguous(dtype_or(c, DType::F32), {Expr(count)}, device_of(c));
}

Type spaced(const Call& c) {
  Sizes sizes = checked(c, {c.integer("steps")});
  bool complex = c.number("start") == DType::C64 || c.number("end") == DType::C64;
  return contiguous(dtype_or(c, complex ? DType::C64 : DType::F32), sizes, device_of(c));
}

Type scalar_tensor(const Call& c) { return contiguous(dtype_or(c, DType::F32), {}, device_of(c)); }

Type window(const Call& c) {
  return contiguous(dtype_or(c, DType::F32), checked(c, {c.integer("window_length")}),
                    device_of(c));
}

/// fft_fftfreq(n), fft_rfftfreq(n): the frequencies of a transform.
Type frequencies(const Call& c) {
  Expr n = c.integer("n");
  bool real = c.op.find("rfft") != std::string_view::npos;
  Expr count = real ? symbolic::floor_div(n, 2) + 1 : n;
  return contiguous(dtype_or(c, DType::F32), checked(c, {count}), device_of(c));
}

Type randint(const Call& c) {
  return contiguous(dtype_or(c, DType::I64), checked(c, c.integers("size")), device_of(c));
}

Type randperm(const Call& c) {
  return contiguous(dtype_or(c, DType::I64), checked(c, {c.integer("n")}), device_of(c));
}

/// The number of elements on and below the diagonal `offset`.
int64_t lower_triangle(int64_t rows, int64_t columns, int64_t offset) {
  int64_t count = 0;
  for (int64_t r = 0; r < rows; ++r) count += std::clamp<int64_t>(r + offset + 1, 0, columns);
  return count;
}

Type triangle_indices(const Call& c) {
  int64_t rows = c.static_integer("row"), columns = c.static_integer("col"),
          offset = c.static_integer("offset");
  bool upper = c.op.find("triu") != std::string_view::npos;
  int64_t count = upper ? rows * columns - lower_triangle(rows, columns, offset - 1)
                        : lower_triangle(rows, columns, offset);
  return contiguous(dtype_or(c, DType::I64), {Expr(2), Expr(count)}, device_of(c));
}

}  // namespace

void register_creation(Table& table) {
  add(table,
      {"zeros", "ones", "empty.memory_format", "rand", "randn", "rand.generator", "randn.generator",
       "normal.float_float"},
      from_size);
  add(table, {"full"}, full);
  add(table, {"empty_strided"}, empty_strided);
  add(table, {"empty_permuted"}, empty_permuted);
  add(table,
      {"empty_like", "zeros_like", "ones_like", "full_like", "rand_like", "randn_like",
       "randint_like", "randint_like.low_dtype", "randint_like.generator",
       "randint_like.Tensor_generator", "randint_like.low_generator_dtype", "randint_like.Tensor",
       "rand_like.generator", "randn_like.generator"},
      like);
  add(table, {"new_empty", "new_zeros", "new_ones", "new_full"}, new_from_size);
  add(table, {"new_empty_strided"}, new_strided);
  add(table, {"eye", "eye.m"}, eye);
  add(table, {"arange", "arange.start", "arange.start_step"}, arange);
  add(table, {"range", "range.step"}, range);
  add(table,
      {"linspace", "linspace.Tensor_Tensor", "linspace.Tensor_Scalar", "linspace.Scalar_Tensor",
       "logspace", "logspace.Tensor_Tensor", "logspace.Tensor_Scalar", "logspace.Scalar_Tensor"},
      spaced);
  add(table, {"scalar_tensor"}, scalar_tensor);
  add(table,
      {"hann_window", "hann_window.periodic", "hamming_window", "hamming_window.periodic",
       "hamming_window.periodic_alpha", "hamming_window.periodic_alpha_beta", "blackman_window",
       "blackman_window.periodic", "bartlett_window", "bartlett_window.periodic", "kaiser_window",
       "kaiser_window.periodic", "kaiser_window.beta"},
      window);
  add(table, {"randint", "randint.low", "randint.generator", "randint.low_generator"}, randint);
  add(table, {"fft_fftfreq", "fft_rfftfreq"}, frequencies);
  add(table, {"randperm", "randperm.generator"}, randperm);
  add(table, {"tril_indices", "triu_indices"}, triangle_indices);
}

}  // namespace tx::shapes
