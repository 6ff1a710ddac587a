#include "symbolic/samples.h"

#include <algorithm>

namespace tx::symbolic {
namespace {

constexpr size_t kMaxSamples = 12;
/// Candidates that are looked at; with many symbols not each is moved on its own.
constexpr size_t kMaxCandidates = 96;
/// Where a data-dependent size is taken to be when it has no example.
constexpr Wide kSomewhere = 7;

using Point = std::unordered_map<Expr, int64_t>;

ValueAt values_at(const Point& point) {
  return [&point](const Expr& symbol) -> std::optional<int64_t> {
    auto found = point.find(symbol);
    return found == point.end() ? std::nullopt : std::optional<int64_t>(found->second);
  };
}

/// Values of one symbol, the most telling first: the smallest, one step up and down.
std::vector<int64_t> values_of(const Samples::Size& size, Wide base, const Witness* witness) {
  const Wide step = witness ? witness->modulus : 1;
  std::vector<Wide> wanted{base + step, base - step, 2 * base, base + 1, base - 1, base + 8 * step};
  if (size.range.lo > -kInfinity) {
    Wide lowest = size.range.lo;
    if (witness) lowest += mod(witness->low - lowest, Wide(witness->modulus));
    wanted.insert(wanted.begin(), {lowest, size.range.lo, size.range.lo + 1});
  }
  std::vector<int64_t> values;
  for (const Wide v : wanted) {
    const bool fits = v != base && size.range.contains(v) && v < (Wide(1) << 40) &&
                      v > -(Wide(1) << 40) && (!witness || witness->admits(v));
    if (!fits) continue;
    const auto value = static_cast<int64_t>(v);
    if (std::find(values.begin(), values.end(), value) == values.end()) values.push_back(value);
  }
  return values;
}

}  // namespace

void Samples::find(const std::vector<Size>& sizes, const std::vector<Expr>& conditions,
                   const Facts& facts) {
  points_.clear();
  Point base;
  std::vector<std::vector<int64_t>> values;
  for (const Size& size : sizes) {
    const Wide start = size.hint ? Wide(*size.hint)
                                 : std::clamp(kSomewhere, size.range.lo, size.range.hi);
    base[size.symbol] = static_cast<int64_t>(start);
    values.push_back(values_of(size, start, facts.witness(size.symbol)));
  }
  const auto consider = [&](const Point& point) {
    if (points_.size() >= kMaxSamples) return;
    const ValueAt value_of = values_at(point);
    const bool within = std::all_of(sizes.begin(), sizes.end(), [&](const Size& size) {
      return size.range.contains(point.at(size.symbol));
    });
    const bool holds = within && std::all_of(conditions.begin(), conditions.end(),
                                             [&](const Expr& condition) {
                                               return truth_at(condition, value_of) == true;
                                             });
    if (holds) points_.push_back(point);
  };
  consider(base);
  // All at their smallest, then one after the other, then all one step up.
  Point moved = base;
  for (size_t i = 0; i < sizes.size(); ++i) {
    if (!values[i].empty()) moved[sizes[i].symbol] = values[i].front();
  }
  consider(moved);
  size_t candidates = 0;
  for (size_t round = 0; candidates < kMaxCandidates; ++round) {
    bool any = false;
    for (size_t i = 0; i < sizes.size() && candidates < kMaxCandidates; ++i) {
      if (round >= values[i].size()) continue;
      any = true;
      ++candidates;
      moved = base;
      moved[sizes[i].symbol] = values[i][round];
      consider(moved);
    }
    if (!any) break;
  }
}

size_t Samples::keep(const Expr& condition) {
  std::erase_if(points_, [&](const Point& point) {
    return truth_at(condition, values_at(point)) != true;
  });
  return points_.size();
}

Samples::Answers Samples::ask(const Expr& condition) const {
  Answers answers = Answers::None;
  for (const Point& point : points_) {
    const std::optional<bool> here = truth_at(condition, values_at(point));
    if (!here) continue;
    const Answers one = *here ? Answers::AllTrue : Answers::AllFalse;
    if (answers == Answers::None) answers = one;
    if (answers != one) return Answers::Both;
  }
  return answers;
}

}  // namespace tx::symbolic
