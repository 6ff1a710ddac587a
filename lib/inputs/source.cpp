#include "inputs/source.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <filesystem>

#include "diag/diagnostic.h"
#include "support/strings.h"

namespace tx::inputs {
namespace {

bool is_name_start(char c) { return std::isalpha(static_cast<unsigned char>(c)) || c == '_'; }
bool is_name_char(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

size_t identifier_length(std::string_view text) {
  if (text.empty() || !is_name_start(text[0])) return 0;
  size_t length = 1;
  while (length < text.size() && is_name_char(text[length])) ++length;
  return length;
}

std::optional<ir::DType> parse_dtype(std::string_view name) {
  if (name == "bool") return ir::DType::Bool;
  if (const auto dtype = ir::dtype_from_short_name(name)) return dtype;
  return ir::dtype_from_torch_name(name);
}

bool exists(std::string_view path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

class Parser {
 public:
  explicit Parser(std::string_view whole) : whole_(whole) {}

  Source parse() {
    Source source;
    source.text = whole_;
    const size_t length = identifier_length(whole_);
    if (length > 0 && length < whole_.size() && whole_[length] == '=') {
      source.name = whole_.substr(0, length);
      at_ = length + 1;
    }
    if (at_ == whole_.size()) fail(at_, "there is nothing to read");
    source.what = parse_what();
    return source;
  }

 private:
  std::string_view rest() const { return whole_.substr(at_); }

  [[noreturn]] void fail(size_t at, const std::string& why, size_t length = 1) const {
    diag::Place place;
    place.file = "--inputs";
    place.line = 1;
    place.column = static_cast<uint32_t>(at + 1);
    place.length = static_cast<uint32_t>(length);
    place.code = whole_;
    diag::fail(diag::Diagnostic(diag::Code::TX0009,
                                "`--inputs " + std::string(whole_) + "`: " + why)
                   .at(place));
  }

  std::variant<MadeUp, Literal, FileSource> parse_what() {
    if (auto literal = parse_literal()) return *literal;
    for (const auto fill : {MadeUp::Fill::Zeros, MadeUp::Fill::Ones}) {
      const std::string_view prefix = fill == MadeUp::Fill::Zeros ? "zeros:" : "ones:";
      if (!rest().starts_with(prefix)) continue;
      at_ += prefix.size();
      MadeUp made{parse_tensor(), fill, {}, {}};
      if (at_ != whole_.size()) fail(at_, "nothing may follow the shape here");
      return made;
    }
    const size_t length = identifier_length(rest());
    const bool bracket = length > 0 && length < rest().size() && rest()[length] == '[';
    if (bracket && (parse_dtype(rest().substr(0, length)) || !exists(rest()))) {
      return parse_shaped();
    }
    return parse_file();
  }

  std::optional<Literal> parse_literal() const {
    const std::string_view text = rest();
    if (text == "none" || text == "None") return Literal{std::monostate()};
    if (text == "true" || text == "True") return Literal{true};
    if (text == "false" || text == "False") return Literal{false};
    if (text.starts_with("text:")) return Literal{std::string(text.substr(5))};
    if (text.size() >= 2 && (text[0] == '\'' || text[0] == '"') && text.back() == text[0]) {
      return Literal{std::string(text.substr(1, text.size() - 2))};
    }
    if (const auto integer = whole_number<int64_t>(text)) return Literal{*integer};
    if (const auto real = whole_number<double>(text)) return Literal{*real};
    return std::nullopt;
  }

  template <class T>
  static std::optional<T> whole_number(std::string_view text) {
    if (text.starts_with("+") && !text.starts_with("+-")) text.remove_prefix(1);
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc() || end != text.data() + text.size()) {
      return std::nullopt;
    }
    return value;
  }

  /// DTYPE[SIZE,...]
  TensorSpec parse_tensor() {
    const size_t length = identifier_length(rest());
    const std::string_view name = rest().substr(0, length);
    const auto dtype = parse_dtype(name);
    if (!dtype) {
      fail(at_, "`" + std::string(name) + "` is no dtype (such as f32, f16, bf16, i64, i32, u8, "
                "bool)", std::max<size_t>(length, 1));
    }
    at_ += length;
    TensorSpec spec{*dtype, {}};
    if (at_ == whole_.size() || whole_[at_] != '[') fail(at_, "expected `[` and the sizes");
    ++at_;
    if (at_ < whole_.size() && whole_[at_] == ']') {
      ++at_;
      return spec;
    }
    while (true) {
      spec.sizes.push_back(parse_size());
      if (at_ < whole_.size() && whole_[at_] == ',') {
        ++at_;
        continue;
      }
      if (at_ < whole_.size() && whole_[at_] == ']') break;
      fail(at_, "expected `,` or `]`");
    }
    ++at_;
    check_size(spec);
    return spec;
  }

  int64_t parse_size() {
    while (at_ < whole_.size() && whole_[at_] == ' ') ++at_;
    int64_t size = 0;
    const char* start = whole_.data() + at_;
    const auto [end, error] = std::from_chars(start, whole_.data() + whole_.size(), size);
    if (error == std::errc::result_out_of_range) fail(at_, "a size this large is not possible");
    if (error != std::errc() || size < 0) fail(at_, "expected a size, a whole number from 0");
    at_ += static_cast<size_t>(end - start);
    while (at_ < whole_.size() && whole_[at_] == ' ') ++at_;
    return size;
  }

  void check_size(const TensorSpec& spec) const {
    int64_t bytes = ir::element_size(spec.dtype);
    for (const int64_t size : spec.sizes) {
      if (__builtin_mul_overflow(bytes, std::max<int64_t>(size, 1), &bytes)) {
        fail(at_ - 1, "a tensor of this size is not possible");
      }
    }
  }

  /// DTYPE[SIZES], DTYPE[SIZES]:LO..HI or DTYPE[SIZES]@FILE
  std::variant<MadeUp, Literal, FileSource> parse_shaped() {
    const TensorSpec spec = parse_tensor();
    if (at_ == whole_.size()) return MadeUp{spec, MadeUp::Fill::Random, {}, {}};
    if (whole_[at_] == '@') {
      ++at_;
      if (at_ == whole_.size()) fail(at_, "expected the path of a file");
      return FileSource{std::string(rest()), "", spec};
    }
    if (whole_[at_] != ':') fail(at_, "expected `:LO..HI`, `@FILE` or the end");
    ++at_;
    return parse_range(spec);
  }

  MadeUp parse_range(const TensorSpec& spec) {
    MadeUp made{spec, MadeUp::Fill::Random, {}, {}};
    const size_t dots = rest().find("..");
    if (dots == std::string_view::npos) fail(at_, "expected LO..HI", rest().size());
    const std::string_view low = rest().substr(0, dots), high = rest().substr(dots + 2);
    const size_t high_at = at_ + dots + 2;
    if (ir::is_floating_point(spec.dtype)) {
      made.reals = {bound<double>(low, at_), bound<double>(high, high_at)};
      const auto [lo, hi] = *made.reals;
      if (!std::isfinite(hi - lo)) fail(at_, "LO and HI have to be finite", rest().size());
      if (lo > hi) fail(at_, "LO must not be above HI", rest().size());
    } else if (ir::is_integral(spec.dtype)) {
      made.integers = {bound<int64_t>(low, at_), bound<int64_t>(high, high_at)};
      if (made.integers->first > made.integers->second) {
        fail(at_, "LO must not be above HI", rest().size());
      }
      check_fits(spec.dtype, made.integers->first, at_);
      check_fits(spec.dtype, made.integers->second, high_at);
    } else {
      fail(at_, "a range is for numbers, not for " + std::string(ir::torch_name(spec.dtype)),
           rest().size());
    }
    return made;
  }

  template <class T>
  T bound(std::string_view text, size_t at) const {
    const auto value = whole_number<T>(text);
    if (value) return *value;
    fail(at, std::is_same_v<T, double> ? "expected a number" : "expected a whole number of 64 bits",
         std::max<size_t>(text.size(), 1));
  }

  void check_fits(ir::DType dtype, int64_t value, size_t at) const {
    const auto bits = 8 * ir::element_size(dtype);
    const bool is_unsigned = dtype == ir::DType::U8 || dtype == ir::DType::U16 ||
                             dtype == ir::DType::U32 || dtype == ir::DType::U64;
    const int value_bits = static_cast<int>(is_unsigned ? bits : bits - 1);
    const bool fits = value_bits >= 63
                          ? (!is_unsigned || value >= 0)
                          : value < (int64_t{1} << value_bits) &&
                                value >= (is_unsigned ? 0 : -(int64_t{1} << value_bits));
    if (!fits) {
      fail(at, std::to_string(value) + " is no " + std::string(ir::torch_name(dtype)),
           std::to_string(value).size());
    }
  }

  FileSource parse_file() const {
    const std::string text(rest());
    const size_t hash = text.rfind('#');
    // A `#` may be part of the name: the file that exists decides.
    if (hash == std::string::npos || exists(text)) return {text, "", {}};
    if (hash + 1 == text.size()) fail(whole_.size(), "expected the name of an entry after `#`");
    if (hash == 0) fail(at_, "expected a file before `#`");
    return {text.substr(0, hash), text.substr(hash + 1), {}};
  }

  std::string_view whole_;
  size_t at_ = 0;
};

}  // namespace

Source parse_source(std::string_view text) { return Parser(text).parse(); }

}  // namespace tx::inputs
