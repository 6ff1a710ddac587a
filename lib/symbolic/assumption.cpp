#include "symbolic/assumption.h"

#include <charconv>
#include <optional>

#include "diag/diagnostic.h"

namespace tx::symbolic {
namespace {

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Assumption parse() {
    Assumption result;
    result.symbol = symbol();
    if (!accept(":")) fail("expected `:` after the symbol");
    const auto low = bound();
    if (!accept("..")) {
      if (!low) fail("expected a bound or `..`");
      result.range = {*low, *low};
    } else {
      const size_t at = at_;
      const auto high = bound();
      if (!low && !high) fail("expected a bound: without one there is nothing to assume");
      result.range = {low.value_or(kNoLowerBound), high.value_or(kNoBound)};
      if (result.range.min > result.range.max) {
        at_ = at;
        fail("the upper bound is below the lower one");
      }
    }
    if (at_ != text_.size()) fail("unexpected text after the range");
    return result;
  }

 private:
  std::string symbol() {
    const size_t start = at_;
    if (!accept("u")) fail("expected a data-dependent symbol: u0, u1, ...");
    const size_t digits = at_;
    while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') ++at_;
    if (at_ == digits) fail("expected the number of the symbol, as in u0");
    return std::string(text_.substr(start, at_ - start));
  }

  std::optional<int64_t> bound() {
    int64_t value = 0;
    const char* begin = text_.data() + at_;
    const auto [end, error] = std::from_chars(begin, text_.data() + text_.size(), value);
    if (error == std::errc::result_out_of_range || value == kNoBound || value == kNoLowerBound) {
      fail("a number that does not fit into 64 bits");
    }
    if (error != std::errc()) return std::nullopt;
    at_ += static_cast<size_t>(end - begin);
    return value;
  }

  bool accept(std::string_view token) {
    if (!text_.substr(at_).starts_with(token)) return false;
    at_ += token.size();
    return true;
  }

  [[noreturn]] void fail(const std::string& message) const {
    diag::Place place;
    place.file = "--assume";
    place.line = 1;
    place.column = static_cast<uint32_t>(at_) + 1;
    place.code = text_;
    diag::Diagnostic diagnostic(diag::Code::TX2012, message);
    diagnostic.at(std::move(place));
    diagnostic.note("an assumption is SYMBOL:LO..HI or SYMBOL:N, as in u0:1..64");
    diag::fail(std::move(diagnostic));
  }

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace

Assumption parse_assumption(std::string_view text) { return Parser(text).parse(); }

}  // namespace tx::symbolic
