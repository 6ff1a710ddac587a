// Runs the rules on cases of the tables, as they stand and with symbols for their sizes. For tests.
#pragma once
#include <map>
#include <optional>
#include <set>

#include "shapes/rule.h"
#include "shapes/table_reader.h"

namespace tx::shapes::test {

inline ir::Type run(symbolic::ShapeEnv& env, const Case& entry,
                    const std::vector<ir::Node>& nodes) {
  std::vector<std::string_view> names(entry.names.begin(), entry.names.end());
  Rule rule = table().find(entry.op);
  if (!rule && entry.pointwise) rule = &pointwise;
  if (!rule) diag::fail(diag::Code::TX3001, "no rule");
  return rule(Call(env, entry.op, nodes, entry.arguments, names));
}

using Values = std::map<std::string, int64_t>;

inline symbolic::Expr at(const symbolic::Expr& e, const Values& values) {
  return e.substitute([&](const symbolic::Expr& symbol) -> std::optional<symbolic::Expr> {
    auto it = values.find(symbol.name());
    return it == values.end() ? std::nullopt : std::optional<symbolic::Expr>(it->second);
  });
}

inline ir::Type at(const ir::Type& type, const Values& values) {
  ir::Type result = type;
  if (auto* tensor = std::get_if<ir::TensorType>(&result.kind)) {
    for (auto& size : tensor->sizes) size = at(size, values);
    for (auto& stride : tensor->strides) stride = at(stride, values);
  } else if (auto* tuple = std::get_if<ir::TupleType>(&result.kind)) {
    for (auto& element : tuple->elements) element = at(element, values);
  }
  return result;
}

/// The type with the strides of sizes 0 and 1, which address nothing, set to 0.
inline ir::Type without_idle_strides(ir::Type type) {
  if (auto* tensor = std::get_if<ir::TensorType>(&type.kind)) {
    bool empty = false;
    for (auto& size : tensor->sizes) empty = empty || size == symbolic::Expr(0);
    for (size_t d = 0; d < tensor->rank(); ++d) {
      if (empty || tensor->sizes[d] == symbolic::Expr(1)) tensor->strides[d] = 0;
    }
  } else if (auto* tuple = std::get_if<ir::TupleType>(&type.kind)) {
    for (auto& element : tuple->elements) element = without_idle_strides(element);
  }
  return type;
}

/// `t` with symbols for its sizes, when it is dense (broadcast dimensions aside).
inline std::optional<ir::TensorType> symbolised(symbolic::ShapeEnv& env, const ir::TensorType& t,
                                                Values& hints) {
  ir::TensorType result = t;
  std::vector<size_t> order;
  for (size_t d = 0; d < t.rank(); ++d) {
    if (t.sizes[d].value() >= 2) {
      std::string source = "L['x" + std::to_string(hints.size()) + "'].size()[0]";
      result.sizes[d] = env.create_symbol(source, t.sizes[d].value());
      hints[result.sizes[d].name()] = t.sizes[d].value();
    }
    if (t.sizes[d].value() == 0) return std::nullopt;
    if (t.sizes[d].value() > 1 && t.strides[d].value() > 0) order.push_back(d);
  }
  std::sort(order.begin(), order.end(),
            [&](size_t a, size_t b) { return t.strides[a].value() < t.strides[b].value(); });
  int64_t expected = 1;
  symbolic::Expr stride(1);
  for (auto d : order) {
    if (t.strides[d].value() != expected) return std::nullopt;
    expected *= t.sizes[d].value();
    result.strides[d] = stride;
    stride = stride * result.sizes[d];
  }
  // A size of 1 has the stride of its place in a contiguous tensor; others do not generalise.
  auto contiguous = ir::contiguous_strides(t.sizes), general = ir::contiguous_strides(result.sizes);
  for (size_t d = 0; d < t.rank(); ++d) {
    if (t.sizes[d].value() != 1) continue;
    if (t.strides[d] != contiguous[d]) return std::nullopt;
    result.strides[d] = general[d];
  }
  return result;
}

/// Whether everything recorded during the run holds for `values`.
inline bool admitted(symbolic::ShapeEnv& env, const symbolic::Constraints& constraints,
                     const Values& values) {
  for (auto& record : constraints.symbols) {
    int64_t value = values.at(record.name);
    if (!record.range.contains(value)) return false;
    if (at(env.simplify(record.symbol), values) != symbolic::Expr(value)) return false;
  }
  for (auto& guard : constraints.guards) {
    if (!at(guard.condition, values).is_true()) return false;
  }
  return true;
}

struct Outcome {
  bool skipped = false;  ///< a layout without a symbolic form, or no sizes to generalise
  size_t points = 0;     ///< other sizes at which the results were compared
  std::vector<std::string> failures;
};

/// Runs the case with symbols and compares at other sizes.
inline Outcome generalise(const Case& entry) {
  Outcome outcome;
  symbolic::ShapeEnv env;
  Values hints;
  auto nodes = entry.nodes;
  for (auto& node : nodes) {
    auto tensor = symbolised(env, *node.type.tensor(), hints);
    if (!tensor) {
      outcome.skipped = true;
      return outcome;
    }
    node.type = *tensor;
  }
  if (hints.empty()) {
    outcome.skipped = true;
    return outcome;
  }
  auto fail = [&](const std::string& what) {
    outcome.failures.push_back(entry.op + "  " + entry.line + "\n    " + what);
  };
  ir::Type general;
  try {
    general = run(env, entry, nodes);
  } catch (const diag::Failure& failure) {
    fail(std::string("symbolic: ") + failure.what());
    return outcome;
  }
  env.finish();
  auto constraints = env.constraints();
  if (text(without_idle_strides(at(general, hints))) != text(without_idle_strides(entry.result))) {
    fail("at the example sizes: " + text(general) + " = " + text(at(general, hints)));
  }
  // Equal sizes stay equal, so that the operands go on fitting together.
  const std::vector<int64_t (*)(int64_t)> changes = {
      [](int64_t v) { return v + 1; },         [](int64_t v) { return v + 2; },
      [](int64_t v) { return 2 * v; },         [](int64_t v) { return 2 * v + 1; },
      [](int64_t v) { return v + v % 3 + 1; }, [](int64_t v) { return 3 * v + (v & 1); },
      [](int64_t v) { return 12 * v; }};
  for (auto* change : changes) {
    Values values;
    for (auto& [name, hint] : hints) values[name] = change(hint);
    if (!admitted(env, constraints, values)) continue;
    ++outcome.points;
    auto here = nodes;
    std::string sizes;
    for (auto& node : here) {
      node.type = at(node.type, values);
      sizes += " " + text(node.type);
    }
    std::string wanted, got = text(without_idle_strides(at(general, values)));
    try {
      symbolic::ShapeEnv constant;
      wanted = text(without_idle_strides(run(constant, entry, here)));
    } catch (const diag::Failure& failure) {
      wanted = failure.what();
    }
    if (got != wanted) fail("symbolic " + got + ", static " + wanted + " at" + sizes);
  }
  return outcome;
}

}  // namespace tx::shapes::test
