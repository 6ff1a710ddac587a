#include "runtime/size_sampler.h"

#include <algorithm>
#include <numeric>

#include "symbolic/guard_text.h"

namespace tx::runtime {
namespace {

using ir::Expr;

/// Values of a wide range that are looked at: this many from each of its ends.
constexpr int64_t kWindow = 2048;
/// A dimension without an upper bound is tried up to these; further where few values are allowed.
constexpr int64_t kSmallestReach = 40;
constexpr int64_t kLargestReach = 1 << 14;
constexpr size_t kEnoughValues = 6;
constexpr int kAttempts = 60;

int64_t saturating_product(const std::vector<int64_t>& sizes) {
  int64_t product = 1;
  for (const int64_t size : sizes) {
    if (__builtin_mul_overflow(product, size, &product)) return ir::kUnbounded;
  }
  return product;
}

}  // namespace

std::string sizes_text(const ir::Program& program, const InputSizes& sizes) {
  std::string text;
  size_t index = 0;
  for (const ir::InputSpec& spec : program.inputs) {
    if (spec.kind != ir::InputKind::UserInput || index >= sizes.size()) continue;
    const auto& tensor = sizes[index++];
    if (!tensor) continue;
    const std::string name = spec.path.empty() ? program.graph.node(spec.node).name : spec.path;
    text += (text.empty() ? "" : ", ") + name + "[";
    for (size_t d = 0; d < tensor->size(); ++d) {
      text += (d ? ", " : "") + std::to_string((*tensor)[d]);
    }
    text += "]";
  }
  return text;
}

SizeSampler::SizeSampler(const ir::Program& program, InputSizes example, uint64_t seed,
                         int64_t max_elements)
    : program_(program), example_(std::move(example)), max_elements_(max_elements), random_(seed) {
  for (const ir::InputSpec& spec : program.inputs) {
    if (spec.kind == ir::InputKind::UserInput) inputs_.push_back(&spec);
  }
  // An example that is itself larger sets the measure.
  if (const int64_t size = elements(example_); size < ir::kUnbounded / 2) {
    max_elements_ = std::max(max_elements_, 2 * size);
  }
  read_dims();
  read_symbols();
  read_conditions();
  for (Symbol& symbol : symbols_) set_domain(symbol);
}

void SizeSampler::read_dims() {
  for (size_t i = 0; i < inputs_.size(); ++i) {
    const ir::TensorType* type =
        inputs_[i]->constant ? nullptr : program_.graph.node(inputs_[i]->node).type.tensor();
    if (!type) continue;
    for (size_t d = 0; d < type->rank(); ++d) dims_.push_back({i, d, type->sizes[d]});
  }
}

void SizeSampler::read_symbols() {
  for (const Dim& dim : dims_) {
    for (const Expr& free : dim.size.free_symbols()) {
      const auto known = std::find_if(symbols_.begin(), symbols_.end(), [&](const Symbol& symbol) {
        return symbol.name == free.name();
      });
      if (known != symbols_.end()) continue;
      Symbol symbol{free.name(), {}, 2, {}, {}};
      for (const ir::SymbolInfo& info : program_.symbols) {
        if (info.name != free.name()) continue;
        symbol.range = info.range;
        if (info.needs_at_least_2) symbol.range.min = std::max<int64_t>(symbol.range.min, 2);
        symbol.hint = info.hint.value_or(2);
      }
      if (dim.size.is_symbol()) symbol.hint = example_.at(dim.input)->at(dim.axis);
      symbols_.push_back(std::move(symbol));
    }
  }
}

void SizeSampler::read_conditions() {
  const auto add = [this](const Expr& holds) {
    Condition condition{holds, {}};
    for (const Expr& free : holds.free_symbols()) {
      const auto at = std::find_if(symbols_.begin(), symbols_.end(), [&](const Symbol& symbol) {
        return symbol.name == free.name();
      });
      // What no input gives a value is not a condition on the inputs.
      if (at == symbols_.end()) return;
      condition.symbols.push_back(static_cast<size_t>(at - symbols_.begin()));
    }
    if (!condition.symbols.empty()) conditions_.push_back(std::move(condition));
  };
  for (const ir::Guard& guard : program_.guards) add(guard.condition);
  for (const std::vector<ir::InputDim>& group : program_.equality_constraints) {
    for (size_t i = 1; i < group.size(); ++i) {
      const auto size = [this](const ir::InputDim& dim) {
        return program_.graph.node(dim.node).type.tensor()->sizes.at(dim.dim);
      };
      add(symbolic::eq(size(group[0]), size(group[i])));
    }
  }
  for (const Dim& dim : dims_) {
    if (!dim.size.is_constant() && !dim.size.is_symbol()) add(symbolic::le(0, dim.size));
  }
}

bool SizeSampler::allowed_alone(const Symbol& symbol, int64_t value) const {
  const SymbolValues values{{symbol.name, value}};
  for (const Condition& condition : conditions_) {
    if (condition.symbols.size() != 1 || symbols_[condition.symbols[0]].name != symbol.name) {
      continue;
    }
    if (!evaluate_condition(condition.holds, values).value_or(true)) return false;
  }
  return true;
}

void SizeSampler::set_domain(Symbol& symbol) {
  const int64_t low = std::max<int64_t>(symbol.range.min, 0);
  const bool open = symbol.range.max == ir::kUnbounded;
  const auto fill = [&](int64_t high) {
    symbol.window.clear();
    if (high - low <= 2 * kWindow) {
      for (int64_t value = low; value <= high; ++value) symbol.window.push_back(value);
    } else {
      for (int64_t i = 0; i < kWindow; ++i) symbol.window.push_back(low + i);
      for (int64_t i = kWindow - 1; i >= 0; --i) symbol.window.push_back(high - i);
    }
    symbol.domain.clear();
    for (const int64_t value : symbol.window) {
      if (allowed_alone(symbol, value)) symbol.domain.push_back(value);
    }
  };
  if (!open) {
    fill(symbol.range.max);
    return;
  }
  int64_t reach = std::max({kSmallestReach, 3 * symbol.hint, low + 4});
  fill(reach);
  while (symbol.domain.size() < kEnoughValues && reach < kLargestReach) fill(reach *= 2);
}

SymbolValues SizeSampler::named(const Values& values) const {
  SymbolValues result;
  for (size_t i = 0; i < values.size(); ++i) {
    if (values[i]) result[symbols_[i].name] = *values[i];
  }
  return result;
}

bool SizeSampler::conditions_hold(const Values& values, size_t newest,
                                  std::optional<size_t> negated) const {
  std::optional<SymbolValues> numbers;
  for (size_t i = 0; i < conditions_.size(); ++i) {
    const Condition& condition = conditions_[i];
    const auto& symbols = condition.symbols;
    if (std::find(symbols.begin(), symbols.end(), newest) == symbols.end()) continue;
    if (!std::all_of(symbols.begin(), symbols.end(), [&](size_t s) { return values[s]; })) continue;
    if (!numbers) numbers = named(values);
    const bool holds = evaluate_condition(condition.holds, *numbers).value_or(true);
    if (holds == (negated == i)) return false;
  }
  return true;
}

std::optional<SizeSampler::Values> SizeSampler::attempt(const Values& fixed, bool ignore_fixed,
                                                        std::optional<size_t> negated,
                                                        int patience) {
  Values values = fixed;
  std::vector<size_t> order;
  for (size_t i = 0; i < symbols_.size(); ++i) {
    if (!fixed[i]) {
      order.push_back(i);
    } else if (!ignore_fixed && !conditions_hold(values, i, negated)) {
      return std::nullopt;
    }
  }
  std::shuffle(order.begin(), order.end(), random_);
  for (const size_t index : order) {
    const Symbol& symbol = symbols_[index];
    const bool wide = negated && std::count(conditions_[*negated].symbols.begin(),
                                            conditions_[*negated].symbols.end(), index) > 0;
    std::vector<int64_t> candidates;
    for (const int64_t value : wide ? symbol.window : symbol.domain) {
      values[index] = value;
      if (conditions_hold(values, index, negated)) candidates.push_back(value);
    }
    if (candidates.empty()) return std::nullopt;
    // Sizes near the example most of the time; the smallest ones when large ones did not fit.
    size_t count = candidates.size();
    const int64_t near = std::max<int64_t>(2 * symbol.hint, 8);
    const auto ceiling = [&](int64_t limit) {
      return static_cast<size_t>(
          std::upper_bound(candidates.begin(), candidates.end(), limit) - candidates.begin());
    };
    if (patience > 2 * kAttempts / 3) {
      count = std::min<size_t>(count, 3);
    } else if (patience > kAttempts / 3 || random_() % 2 == 0) {
      count = std::max<size_t>(ceiling(near), 1);
    }
    values[index] = candidates[random_() % count];
  }
  return values;
}

std::optional<SizeSampler::Values> SizeSampler::draw(const Values& fixed, bool ignore_fixed,
                                                     std::optional<size_t> negated, bool bounded) {
  for (int patience = 0; patience < kAttempts; ++patience) {
    const auto values = attempt(fixed, ignore_fixed, negated, patience);
    if (!values) continue;
    const auto sizes = sizes_at(*values);
    if (sizes && (!bounded || elements(*sizes) <= max_elements_)) return values;
  }
  return std::nullopt;
}

std::optional<InputSizes> SizeSampler::sizes_at(const Values& values) const {
  const SymbolValues numbers = named(values);
  InputSizes sizes = example_;
  for (const Dim& dim : dims_) {
    const std::optional<int64_t> size = evaluate_integer(dim.size, numbers);
    if (!size || *size < 0) return std::nullopt;
    (*sizes.at(dim.input)).at(dim.axis) = *size;
  }
  return sizes;
}

int64_t SizeSampler::elements(const InputSizes& sizes) const {
  int64_t sum = 0;
  for (const auto& tensor : sizes) {
    if (tensor && __builtin_add_overflow(sum, saturating_product(*tensor), &sum)) {
      return ir::kUnbounded;
    }
  }
  return sum;
}

bool SizeSampler::collect(const std::optional<Values>& values, std::vector<InputSizes>& into) {
  if (!values) return false;
  std::optional<InputSizes> sizes = sizes_at(*values);
  if (!sizes || !seen_.insert(*sizes).second) return false;
  into.push_back(std::move(*sizes));
  return true;
}

std::vector<InputSizes> SizeSampler::inside(size_t count) {
  std::vector<InputSizes> result;
  seen_.clear();
  too_large_.clear();
  const Values none(symbols_.size());
  const auto at = [&](size_t symbol, int64_t value) {
    Values fixed = none;
    fixed[symbol] = value;
    return fixed;
  };
  const auto all = [&](bool low) {
    Values fixed;
    for (const Symbol& symbol : symbols_) {
      if (symbol.domain.empty()) return none;
      fixed.push_back(low ? symbol.domain.front() : symbol.domain.back());
    }
    return fixed;
  };
  // The ends of each dimension, then their neighbours, the others being what they may.
  using Pick = std::optional<int64_t> (*)(const std::vector<int64_t>&);
  const Pick ends[] = {
      [](const std::vector<int64_t>& d) { return std::optional(d.front()); },
      [](const std::vector<int64_t>& d) { return std::optional(d.back()); },
      [](const std::vector<int64_t>& d) {
        return d.size() > 1 ? std::optional(d[1]) : std::nullopt;
      },
      [](const std::vector<int64_t>& d) {
        return d.size() > 1 ? std::optional(d[d.size() - 2]) : std::nullopt;
      },
      [](const std::vector<int64_t>& d) {
        return d.size() > 2 ? std::optional(d[2]) : std::nullopt;
      },
  };
  if (count > 0) collect(draw(all(true), false, std::nullopt, true), result);
  for (const Pick pick : ends) {
    for (size_t i = 0; i < symbols_.size() && result.size() < count; ++i) {
      if (symbols_[i].domain.empty()) continue;
      const std::optional<int64_t> value = pick(symbols_[i].domain);
      if (!value) continue;
      const auto values = draw(at(i, *value), false, std::nullopt, true);
      collect(values, result);
      if (!values && draw(at(i, *value), false, std::nullopt, false)) {
        too_large_.push_back(source(i) + " = " + std::to_string(*value));
      }
    }
  }
  if (result.size() < count) collect(draw(all(false), false, std::nullopt, true), result);
  for (size_t tries = 0; tries < 20 * count && result.size() < count; ++tries) {
    collect(draw(none, false, std::nullopt, true), result);
  }
  return result;
}

std::vector<OutsideSizes> SizeSampler::outside() {
  std::vector<OutsideSizes> result;
  seen_.clear();
  change_static(result);
  pass_bounds(result);
  break_equalities(result);
  break_conditions(result);
  return result;
}

void SizeSampler::add_outside(std::optional<InputSizes> sizes, std::string broken,
                              std::vector<OutsideSizes>& result) {
  if (!sizes || admits(*sizes) || !seen_.insert(*sizes).second) return;
  result.push_back({std::move(*sizes), std::move(broken)});
}

void SizeSampler::change_static(std::vector<OutsideSizes>& result) {
  for (const Dim& dim : dims_) {
    const std::optional<int64_t> size = dim.size.constant();
    if (!size) continue;
    for (const int64_t other : {*size + 1, *size - 1}) {
      if (other < 0) continue;
      InputSizes sizes = example_;
      (*sizes[dim.input])[dim.axis] = other;
      add_outside(std::move(sizes), source(dim) + " == " + std::to_string(*size), result);
    }
  }
}

void SizeSampler::pass_bounds(std::vector<OutsideSizes>& result) {
  for (size_t i = 0; i < symbols_.size(); ++i) {
    const auto pass = [&](int64_t value, const std::string& broken) {
      Values fixed(symbols_.size());
      fixed[i] = value;
      const auto values = draw(fixed, true, std::nullopt, false);
      if (values) add_outside(sizes_at(*values), broken, result);
    };
    const ir::Range range = symbols_[i].range;
    if (range.min > 0) pass(range.min - 1, source(i) + " >= " + std::to_string(range.min));
    // One more than the largest size there could be is no size.
    if (range.max < ir::kUnbounded - 1) {
      pass(range.max + 1, source(i) + " <= " + std::to_string(range.max));
    }
  }
}

void SizeSampler::break_equalities(std::vector<OutsideSizes>& result) {
  std::set<std::string> known;
  for (const Dim& dim : dims_) {
    if (dim.size.is_constant()) continue;
    // The first dimension of a symbol may be any size; a derived one depends on others.
    if (dim.size.is_symbol() && known.insert(dim.size.name()).second) continue;
    for (const int64_t step : {1, -1}) {
      const auto values = draw(Values(symbols_.size()), false, std::nullopt, false);
      if (!values) continue;
      std::optional<InputSizes> sizes = sizes_at(*values);
      int64_t& size = (*(*sizes)[dim.input])[dim.axis];
      if (size + step < 0) continue;
      size += step;
      add_outside(std::move(sizes), source(dim) + " == " + dim.size.text(), result);
    }
  }
}

void SizeSampler::break_conditions(std::vector<OutsideSizes>& result) {
  for (size_t i = 0; i < conditions_.size(); ++i) {
    const std::string text = symbolic::guard_text(conditions_[i].holds, [&](const Expr& symbol) {
      for (size_t s = 0; s < symbols_.size(); ++s) {
        if (symbols_[s].name == symbol.name()) return source(s);
      }
      return symbol.name();
    });
    for (int time = 0; time < 2; ++time) {
      const auto values = draw(Values(symbols_.size()), false, i, false);
      if (values) add_outside(sizes_at(*values), text, result);
    }
  }
}

bool SizeSampler::admits(const InputSizes& sizes) const {
  const auto size_of = [&](const Dim& dim) { return sizes.at(dim.input)->at(dim.axis); };
  SymbolValues values;
  for (const Dim& dim : dims_) {
    if (dim.size.is_symbol()) values.emplace(dim.size.name(), size_of(dim));
  }
  std::vector<SizeEquation> equations;
  for (const Dim& dim : dims_) equations.push_back({&dim.size, size_of(dim)});
  if (!solve_symbols(equations, values)) return false;
  for (const Dim& dim : dims_) {
    if (evaluate_integer(dim.size, values) != size_of(dim)) return false;
  }
  for (const Symbol& symbol : symbols_) {
    const auto value = values.find(symbol.name);
    if (value == values.end()) continue;
    if (value->second < symbol.range.min || value->second > symbol.range.max) return false;
  }
  return std::all_of(conditions_.begin(), conditions_.end(), [&](const Condition& condition) {
    return evaluate_condition(condition.holds, values).value_or(true);
  });
}

std::string SizeSampler::source(size_t symbol) const {
  for (const Dim& dim : dims_) {
    if (dim.size.is_symbol() && dim.size.name() == symbols_[symbol].name) return source(dim);
  }
  return symbols_[symbol].name;
}

std::string SizeSampler::source(const Dim& dim) const {
  const ir::InputSpec& spec = *inputs_[dim.input];
  const std::string name = spec.path.empty() ? program_.graph.node(spec.node).name : spec.path;
  return name + ".size()[" + std::to_string(dim.axis) + "]";
}

}  // namespace tx::runtime
