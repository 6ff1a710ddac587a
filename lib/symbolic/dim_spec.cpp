#include "symbolic/dim_spec.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "symbolic/expr.h"

namespace tx::symbolic {
namespace {

constexpr const char* kForms =
    "a dimension is NAME, NAME:LO..HI, A*NAME+C, auto, dynamic or a number";

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_name_char(char c) { return is_name_start(c) || is_digit(c); }

/// A cursor over a part of a text; errors point into the whole text.
class Cursor {
 public:
  Cursor(std::string_view text, const std::string& origin, std::string_view whole, uint32_t column)
      : text_(text), origin_(origin), whole_(whole), column_(column) {}

  bool done() const { return at_ == text_.size(); }
  char peek() const { return done() ? '\0' : text_[at_]; }
  char peek(size_t ahead) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  size_t at() const { return at_; }
  uint32_t column() const { return column_ + static_cast<uint32_t>(at_); }
  void skip(size_t n = 1) { at_ += n; }
  bool accept(std::string_view token) {
    if (!text_.substr(at_).starts_with(token)) return false;
    at_ += token.size();
    return true;
  }
  template <class Predicate>
  std::string_view take(Predicate predicate) {
    const size_t start = at_;
    while (!done() && predicate(peek())) ++at_;
    return text_.substr(start, at_ - start);
  }
  std::string_view since(size_t start) const { return text_.substr(start, at_ - start); }

  [[noreturn]] void fail(diag::Code code, std::string message, const char* note = nullptr) const {
    fail_at(column(), code, std::move(message), note);
  }
  [[noreturn]] void fail_at(uint32_t column, diag::Code code, std::string message,
                            const char* note = nullptr) const {
    diag::Diagnostic diagnostic(code, std::move(message));
    diag::Place place;
    place.file = origin_;
    place.line = 1;
    place.column = column;
    place.code = whole_;
    diagnostic.at(std::move(place));
    if (note) diagnostic.note(note);
    diag::fail(std::move(diagnostic));
  }
  [[noreturn]] void expected(const std::string& what, const char* note = nullptr) const {
    const std::string found = done() ? "the end" : std::string("`") + peek() + "`";
    fail(diag::Code::TX2001, "expected " + what + ", found " + found, note);
  }

  int64_t integer(const char* what) {
    const uint32_t start = column();
    const std::string_view digits = take(is_digit);
    if (digits.empty()) expected(what);
    int64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc() || value == kNoBound) {
      fail_at(start, diag::Code::TX2001, "a number that does not fit into 64 bits");
    }
    return value;
  }

 private:
  std::string_view text_;
  const std::string& origin_;
  std::string_view whole_;
  uint32_t column_;
  size_t at_ = 0;
};

/// Reads LO..HI into `spec`; either side may be left out.
void parse_range(Cursor& in, DimSpec& spec) {
  const uint32_t start = in.column();
  Range range{2, kNoBound};
  spec.min_written = is_digit(in.peek());
  if (spec.min_written) range.min = in.integer("a lower bound");
  if (!in.accept("..")) in.expected("`..`", "a range is LO..HI, both ends included");
  if (is_digit(in.peek())) range.max = in.integer("an upper bound");
  if (range.min >= range.max) {
    in.fail_at(start, diag::Code::TX2006,
               "Cannot create Dim with inconsistent min=" + std::to_string(range.min) +
                   ", max=" + std::to_string(range.max));
  }
  spec.range = range;
}

class DimParser {
 public:
  DimParser(Cursor& in, bool loose) : in_(in), loose_(loose) {}

  /// Reads one DIM and stops behind it.
  DimSpec parse() {
    const uint32_t start = in_.column();
    const size_t start_at = in_.at();
    if (in_.accept("-")) {
      in_.fail_at(start, diag::Code::TX2001, "a size or factor cannot be negative", kForms);
    }
    if (is_digit(in_.peek())) {
      const int64_t number = in_.integer("a number");
      if (in_.peek() == '.' && is_digit(in_.peek(1))) {
        in_.skip();
        in_.take(is_digit);
        fail_factor(std::string(in_.since(start_at)), start);
      }
      if (is_name_start(in_.peek())) {
        in_.take(is_name_char);
        in_.fail_at(start, diag::Code::TX2001,
                    "Dim name must be a valid identifier, got " + std::string(in_.since(start_at)));
      }
      spaces();
      if (!in_.accept("*")) {
        DimSpec spec;
        spec.kind = DimSpec::Kind::Number;
        spec.number = number;
        return spec;
      }
      spaces();
      if (number == 0) fail_factor("0", start);
      return named(number);
    }
    return named(1);
  }

 private:
  void spaces() {
    if (loose_) in_.take([](char c) { return c == ' '; });
  }

  [[noreturn]] void fail_factor(const std::string& factor, uint32_t column) {
    spaces();
    if (in_.accept("*")) spaces();
    const std::string name(in_.take(is_name_char));
    in_.fail_at(column, diag::Code::TX2001,
                "Attempted to multiply " + factor + " with " + (name.empty() ? "a Dim" : name) +
                    ", where a positive integer was expected. (Only increasing linear operations "
                    "with integer coefficients are supported.)");
  }

  DimSpec named(int64_t scale) {
    DimSpec spec;
    spec.kind = DimSpec::Kind::Named;
    spec.scale = scale;
    if (!is_name_start(in_.peek())) in_.expected("a dimension", kForms);
    spec.name = in_.take(is_name_char);
    if (in_.peek() == '[') bracketed(spec);
    spaces();
    const char sign = in_.peek();
    if (sign == '+' || sign == '-') {
      in_.skip();
      spaces();
      const int64_t offset = in_.integer("a number");
      spec.offset = sign == '-' ? -offset : offset;
      if (!spec.range && in_.peek() == '[') bracketed(spec);
    }
    if (in_.peek() == '*') {
      in_.fail(diag::Code::TX2001, "the factor of a derived dimension stands in front of the name",
               kForms);
    }
    if (!spec.range && in_.accept(":")) parse_range(in_, spec);
    return keyword(spec);
  }

  void bracketed(DimSpec& spec) {
    in_.skip();
    parse_range(in_, spec);
    if (!in_.accept("]")) in_.expected("`]`");
  }

  DimSpec keyword(const DimSpec& spec) {
    if (spec.name != "auto" && spec.name != "dynamic") return spec;
    if (spec.is_derived() || spec.range) {
      in_.fail(diag::Code::TX2001,
               "`" + spec.name + "` takes neither a range nor a factor or offset");
    }
    DimSpec result;
    result.kind = spec.name == "auto" ? DimSpec::Kind::Auto : DimSpec::Kind::Dynamic;
    return result;
  }

  Cursor& in_;
  bool loose_;
};

std::vector<std::string> parse_path(Cursor& in) {
  std::vector<std::string> path;
  if (in.accept("*")) {
    if (in.peek() != ':') in.expected("`:`");
    return path;
  }
  do {
    const std::string_view step =
        in.take([](char c) { return c != '.' && c != ':' && c != ',' && c != '='; });
    if (step.empty()) {
      in.expected("an input", "an input is a name, an index, a path such as kv.0.k, or *");
    }
    path.emplace_back(step);
  } while (in.accept("."));
  return path;
}

}  // namespace

DimSpec parse_dim(std::string_view text, bool loose, const std::string& origin,
                  std::string_view whole, uint32_t column) {
  Cursor in(text, origin, whole, column);
  DimSpec spec = DimParser(in, loose).parse();
  if (!in.done()) in.expected("the end of the dimension", kForms);
  return spec;
}

DynamicSpec parse_dynamic(std::string_view text) {
  static const std::string kOrigin = "--dynamic";
  Cursor in(text, kOrigin, text, 1);
  DynamicSpec spec;
  spec.text = text;
  spec.origin = kOrigin;
  spec.path = parse_path(in);
  if (!in.accept(":")) in.expected("`:`", "the form is INPUT:AXIS=DIM[,AXIS=DIM]");
  do {
    AxisSpec axis;
    axis.column = in.column();
    const bool from_end = in.accept("-");
    axis.axis = in.integer("the number of an axis");
    if (from_end) axis.axis = -axis.axis;
    if (from_end && axis.axis == 0) {
      in.fail_at(axis.column, diag::Code::TX2001, "the last axis is -1");
    }
    if (!in.accept("=")) in.expected("`=`", "the form is INPUT:AXIS=DIM[,AXIS=DIM]");
    axis.dim = DimParser(in, /*loose=*/false).parse();
    spec.axes.push_back(std::move(axis));
  } while (in.accept(","));
  if (!in.done()) in.expected("`,` or the end", kForms);
  return spec;
}

void check_dim_range(const Range& range, const std::string& origin, std::string_view whole,
                     uint32_t column) {
  if (range.min < range.max) return;
  Cursor(whole, origin, whole, 1)
      .fail_at(column, diag::Code::TX2006,
               "Cannot create Dim with inconsistent min=" + std::to_string(range.min) +
                   ", max=" + std::to_string(range.max));
}

std::string DynamicSpec::input_text() const {
  if (path.empty()) return "*";
  std::string joined;
  for (const std::string& step : path) joined += (joined.empty() ? "" : ".") + step;
  return joined;
}

std::string DimSpec::text() const {
  switch (kind) {
    case Kind::Number: return std::to_string(number);
    case Kind::Static: return "static";
    case Kind::Auto: return "auto";
    case Kind::Dynamic: return "dynamic";
    case Kind::Named: break;
  }
  std::string bounds;
  if (range && (min_written || *range != Range{2, kNoBound})) {
    const bool show_min = min_written || range->min != 2;
    bounds = (show_min ? std::to_string(range->min) : "") + ".." +
             (range->max == kNoBound ? "" : std::to_string(range->max));
  }
  std::string result = scale == 1 ? name : std::to_string(scale) + "*" + name;
  if (!bounds.empty()) result += is_derived() ? "[" + bounds + "]" : ":" + bounds;
  if (offset > 0) result += "+" + std::to_string(offset);
  if (offset < 0) result += std::to_string(offset);
  return result;
}

}  // namespace tx::symbolic
