// Source: one `--inputs` value, taken apart; nothing is read yet.
//
//   [NAME=]SRC     NAME is an identifier; a path that looks like one takes `./` before it
//   SRC  f32[8,100]            made-up data: floats normal, integers 0 or 1, bools at random
//        i64[2,16]:0..30521    the same, uniform between two values, both included
//        zeros:f32[3]  ones:f32[3]
//        f32[8,100]@file.bin   raw bytes, little endian
//        1.5  -3  true  none   a number, a bool, None
//        text:abc  'abc'       a string
//        file  file#key        a file, or one entry of it; what it is its content says
// A dtype is the short name of graph annotations or torch's own: f32, float32, i64, int64, bool.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "ir/types.h"

namespace tx::inputs {

struct TensorSpec {
  ir::DType dtype = ir::DType::F32;
  std::vector<int64_t> sizes;
};

struct MadeUp {
  enum class Fill : uint8_t { Random, Zeros, Ones };
  TensorSpec tensor;
  Fill fill = Fill::Random;
  std::optional<std::pair<int64_t, int64_t>> integers;  ///< of an integer dtype
  std::optional<std::pair<double, double>> reals;       ///< of a floating-point dtype
};

/// None, a bool, a number or a string.
struct Literal {
  std::variant<std::monostate, bool, int64_t, double, std::string> value;
};

struct FileSource {
  std::string path;
  std::string key;                ///< after `#`; empty: all of the file
  std::optional<TensorSpec> raw;  ///< the file is nothing but this tensor's elements
};

struct Source {
  std::string text;  ///< as the user wrote it
  std::optional<std::string> name;
  std::variant<MadeUp, Literal, FileSource> what;
};

/// Throws diag::Failure (TX0009) with the character that does not fit.
Source parse_source(std::string_view text);

}  // namespace tx::inputs
