#include "inputs/source.h"

#include <doctest/doctest.h>

#include "diag/diagnostic.h"

namespace tx::inputs {
namespace {

using Sizes = std::vector<int64_t>;

diag::Diagnostic failure_of(const char* text) {
  try {
    parse_source(text);
  } catch (const diag::Failure& failure) {
    return failure.diagnostics().front();
  }
  FAIL("no failure for " << text);
  return {diag::Code::TX0070, ""};
}

template <class T>
T literal(const char* text) {
  return std::get<T>(std::get<Literal>(parse_source(text).what).value);
}

TEST_CASE("literals") {
  CHECK(literal<int64_t>("3") == 3);
  CHECK(literal<int64_t>("-7") == -7);
  CHECK(literal<int64_t>("9223372036854775807") == INT64_MAX);
  CHECK(literal<double>("1.5") == 1.5);
  CHECK(literal<double>("-1e-3") == -0.001);
  CHECK(literal<bool>("true"));
  CHECK_FALSE(literal<bool>("False"));
  CHECK(std::holds_alternative<std::monostate>(std::get<Literal>(parse_source("none").what).value));
  CHECK(literal<std::string>("text:true") == "true");
  CHECK(literal<std::string>("'a b'") == "a b");
  CHECK(literal<std::string>("\"\"").empty());
  const Source named = parse_source("scale=2.0");
  CHECK(named.name == "scale");
  CHECK(named.text == "scale=2.0");
  CHECK(std::get<double>(std::get<Literal>(named.what).value) == 2.0);
}

TEST_CASE("made-up data") {
  const auto plain = std::get<MadeUp>(parse_source("f32[8,100]").what);
  CHECK(plain.tensor.dtype == ir::DType::F32);
  CHECK(plain.tensor.sizes == Sizes{8, 100});
  CHECK(plain.fill == MadeUp::Fill::Random);
  const auto ids = std::get<MadeUp>(parse_source("ids=i64[2, 16]:0..30521").what);
  CHECK(ids.tensor.dtype == ir::DType::I64);
  CHECK(ids.integers == std::pair<int64_t, int64_t>{0, 30521});
  CHECK(std::get<MadeUp>(parse_source("f64[]:-1..0.5").what).reals ==
        std::pair<double, double>{-1, 0.5});
  CHECK(std::get<MadeUp>(parse_source("i8[1]:-128..127").what).integers ==
        std::pair<int64_t, int64_t>{-128, 127});
  const auto zeros = std::get<MadeUp>(parse_source("zeros:bfloat16[]").what);
  CHECK(zeros.tensor.dtype == ir::DType::BF16);
  CHECK(zeros.tensor.sizes.empty());
  CHECK(zeros.fill == MadeUp::Fill::Zeros);
  CHECK(std::get<MadeUp>(parse_source("ones:bool[0,3]").what).tensor.dtype == ir::DType::Bool);
}

TEST_CASE("files") {
  const auto plain = std::get<FileSource>(parse_source("dir/a=b.pt").what);
  CHECK(plain.path == "dir/a=b.pt");
  CHECK(plain.key.empty());
  CHECK_FALSE(plain.raw);
  const Source keyed = parse_source("x=data.npz#images");
  CHECK(keyed.name == "x");
  CHECK(std::get<FileSource>(keyed.what).path == "data.npz");
  CHECK(std::get<FileSource>(keyed.what).key == "images");
  const auto raw = std::get<FileSource>(parse_source("f32[8,100]@a#1.bin").what);
  CHECK(raw.path == "a#1.bin");
  CHECK(raw.raw->sizes == Sizes{8, 100});
}

TEST_CASE("mistakes are pointed at") {
  struct Case {
    const char* text;
    uint32_t column;
    const char* message;
  };
  const Case cases[] = {
      {"", 1, "there is nothing to read"},
      {"x=", 3, "there is nothing to read"},
      {"f31[2]", 1, "`f31` is no dtype (such as f32, f16, bf16, i64, i32, u8, bool)"},
      {"x=f32[2;3]", 8, "expected `,` or `]`"},
      {"f32[2,]", 7, "expected a size, a whole number from 0"},
      {"f32[-1]", 5, "expected a size, a whole number from 0"},
      {"f32[2", 6, "expected `,` or `]`"},
      {"f32[99999999999999999999]", 5, "a size this large is not possible"},
      {"f32[9999999999,9999999999]", 26, "a tensor of this size is not possible"},
      {"f32[2]x", 7, "expected `:LO..HI`, `@FILE` or the end"},
      {"f32[2]@", 8, "expected the path of a file"},
      {"i64[2]:5", 8, "expected LO..HI"},
      {"i64[2]:5..4", 8, "LO must not be above HI"},
      {"i64[2]:0..x", 11, "expected a whole number of 64 bits"},
      {"i64[2]:0.5..3", 8, "expected a whole number of 64 bits"},
      {"u8[2]:0..256", 10, "256 is no uint8"},
      {"i8[2]:-129..0", 7, "-129 is no int8"},
      {"bool[2]:0..1", 9, "a range is for numbers, not for bool"},
      {"f32[2]:1..inf", 8, "LO and HI have to be finite"},
      {"f32[2]:1..0.5", 8, "LO must not be above HI"},
      {"zeros:f32", 10, "expected `[` and the sizes"},
      {"zeros:f32[2]:0..1", 13, "nothing may follow the shape here"},
      {"#a", 1, "expected a file before `#`"},
      {"a.npz#", 7, "expected the name of an entry after `#`"},
  };
  for (const Case& expected : cases) {
    CAPTURE(expected.text);
    const diag::Diagnostic diagnostic = failure_of(expected.text);
    CHECK(diagnostic.code == diag::Code::TX0009);
    CHECK(diagnostic.message ==
          "`--inputs " + std::string(expected.text) + "`: " + expected.message);
    CHECK(diagnostic.place.column == expected.column);
    CHECK(diagnostic.place.code == expected.text);
  }
}

}  // namespace
}  // namespace tx::inputs
