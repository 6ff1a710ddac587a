#include "symbolic/dim_bind.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "symbolic/guard_text.h"

namespace tx::symbolic {
namespace {

[[noreturn]] void fail_bind(diag::Code code, const DynamicSpec& spec, uint32_t column,
                            std::string message, std::string note = {}) {
  diag::Diagnostic diagnostic(code, std::move(message));
  diag::Place place;
  place.file = spec.origin;
  place.line = 1;
  place.column = column;
  place.code = spec.text;
  diagnostic.at(std::move(place));
  if (!note.empty()) diagnostic.note(std::move(note));
  diag::fail(std::move(diagnostic));
}

bool step_matches(const std::string& written, const PathStep& step) {
  return written == step.text || (step.index && written == std::to_string(*step.index));
}

enum class Match { No, Inside, Exact };

Match match(const std::vector<std::string>& written, const InputLeaf& leaf) {
  const bool argument = written[0] == leaf.path[0].text ||
                        written[0] == std::to_string(leaf.argument);
  if (!argument || written.size() > leaf.path.size()) return Match::No;
  for (size_t i = 1; i < written.size(); ++i) {
    if (!step_matches(written[i], leaf.path[i])) return Match::No;
  }
  return written.size() == leaf.path.size() ? Match::Exact : Match::Inside;
}

std::string known_inputs(const std::vector<InputLeaf>& leaves) {
  std::string text;
  for (const InputLeaf& leaf : leaves) {
    if (leaf.sizes) text += (text.empty() ? "" : ", ") + leaf.input_text();
  }
  return text.empty() ? "no input is a tensor" : "the tensors among the inputs are " + text;
}

std::string shape_text(const std::vector<int64_t>& sizes) {
  std::string text = "torch.Size([";
  for (size_t i = 0; i < sizes.size(); ++i) text += (i ? ", " : "") + std::to_string(sizes[i]);
  return text + "])";
}

struct Bound {
  const DynamicSpec* spec;
  const AxisSpec* axis;
};

class Binder {
 public:
  explicit Binder(std::vector<InputLeaf> leaves) { result_.leaves = std::move(leaves); }

  BoundDims bind(const std::vector<DynamicSpec>& specs) {
    for (const DynamicSpec& spec : specs) {
      if (!spec.path.empty()) bind_input(spec);
    }
    for (const DynamicSpec& spec : specs) {
      if (spec.path.empty()) bind_everywhere(spec);
    }
    collect_ranges();
    for (const auto& [at, bound] : bound_) finish(at.first, at.second, bound);
    return std::move(result_);
  }

 private:
  void bind_input(const DynamicSpec& spec) {
    std::vector<size_t> exact;
    std::string inside;
    for (size_t i = 0; i < result_.leaves.size(); ++i) {
      const Match found = match(spec.path, result_.leaves[i]);
      if (found == Match::Exact) exact.push_back(i);
      if (found == Match::Inside) {
        inside += (inside.empty() ? "" : ", ") + result_.leaves[i].input_text();
      }
    }
    if (exact.empty()) {
      const std::string input = "`" + spec.input_text() + "`";
      if (!inside.empty()) {
        fail_bind(diag::Code::TX2002, spec, 1, input + " is not a tensor but holds several values",
                  "name one of them: " + inside);
      }
      fail_bind(diag::Code::TX2002, spec, 1, "there is no input " + input,
                known_inputs(result_.leaves));
    }
    const InputLeaf& leaf = result_.leaves[exact[0]];
    if (!leaf.sizes) {
      fail_bind(diag::Code::TX2002, spec, 1,
                "the input `" + spec.input_text() + "` is not a tensor",
                known_inputs(result_.leaves));
    }
    const size_t rank = leaf.sizes->size();
    if (spec.rank && *spec.rank != rank) {
      fail_bind(diag::Code::TX2002, spec, 1,
                "Expected dynamic shape spec " + spec.rank_text + " specified at `dynamic_shapes" +
                    leaf.source().substr(1) + "` to have the same length as the actual tensor "
                    "shape " +
                    shape_text(*leaf.sizes) + " (expected " + std::to_string(rank) + ", but got " +
                    std::to_string(*spec.rank) + " instead)");
    }
    for (const AxisSpec& axis : spec.axes) {
      const int64_t at = axis.axis < 0 ? axis.axis + static_cast<int64_t>(rank) : axis.axis;
      if (at < 0 || at >= static_cast<int64_t>(rank)) {
        fail_bind(diag::Code::TX2002, spec, axis.column,
                  "the input `" + spec.input_text() + "` has no axis " + std::to_string(axis.axis),
                  "its shape is " + shape_text(*leaf.sizes));
      }
      const auto [known, fresh] =
          bound_.emplace(std::pair(exact[0], static_cast<uint32_t>(at)), Bound{&spec, &axis});
      if (!fresh && known->second.axis->dim != axis.dim) {
        fail_bind(diag::Code::TX2002, spec, axis.column,
                  "axis " + std::to_string(axis.axis) + " of `" + spec.input_text() +
                      "` is given twice: " + known->second.axis->dim.text() + " and " +
                      axis.dim.text());
      }
    }
  }

  /// `*` speaks of every tensor that has the axis and of which nothing else was said.
  void bind_everywhere(const DynamicSpec& spec) {
    for (const AxisSpec& axis : spec.axes) {
      bool used = false;
      for (size_t i = 0; i < result_.leaves.size(); ++i) {
        if (!result_.leaves[i].sizes) continue;
        const auto rank = static_cast<int64_t>(result_.leaves[i].sizes->size());
        const int64_t at = axis.axis < 0 ? axis.axis + rank : axis.axis;
        if (at < 0 || at >= rank) continue;
        used = true;
        bound_.emplace(std::pair(i, static_cast<uint32_t>(at)), Bound{&spec, &axis});
      }
      if (!used) {
        fail_bind(diag::Code::TX2002, spec, axis.column,
                  "no input has an axis " + std::to_string(axis.axis),
                  known_inputs(result_.leaves));
      }
    }
  }

  void collect_ranges() {
    for (const auto& [at, bound] : bound_) {
      const DimSpec& dim = bound.axis->dim;
      if (dim.kind != DimSpec::Kind::Named || !dim.range) continue;
      if (dim.min_written) written_minima_.insert(dim.name);
      const auto [known, fresh] = ranges_.emplace(dim.name, *dim.range);
      if (fresh || known->second == *dim.range) continue;
      fail_bind(diag::Code::TX2006, *bound.spec, bound.axis->column,
                "Found different definitions " + dim_text(dim.name, known->second) + " and " +
                    dim_text(dim.name, *dim.range) + " for the same symbolic dimension " +
                    dim_text(dim.name, *dim.range) + "!");
    }
  }

  void finish(size_t leaf_index, uint32_t axis, const Bound& bound) {
    const InputLeaf& leaf = result_.leaves[leaf_index];
    DimSpec dim = bound.axis->dim;
    const int64_t size = (*leaf.sizes)[axis];
    const std::string source = leaf.source() + ".size()[" + std::to_string(axis) + "]";
    if (dim.kind == DimSpec::Kind::Static) return;
    if (dim.kind == DimSpec::Kind::Number && dim.number != size) {
      fail_bind(diag::Code::TX2010, *bound.spec, bound.axis->column,
                "Static shape constraint of " + std::to_string(dim.number) +
                    " does not match input size of " + std::to_string(size) + ", for " + source);
    }
    const bool named = dim.kind == DimSpec::Kind::Named;
    if (named) {
      auto range = ranges_.find(dim.name);
      dim.range = range == ranges_.end() ? Range{2, kNoBound} : range->second;
      dim.min_written = written_minima_.contains(dim.name);
    }
    result_.axes.push_back({leaf_index, axis, dim});
    if (dim.kind == DimSpec::Kind::Number) return;
    DimRequest request;
    request.source = source;
    request.origin = {static_cast<uint32_t>(leaf_index), axis};
    request.hint = size;
    request.policy = named ? DimPolicy::Named
                           : (dim.kind == DimSpec::Kind::Auto ? DimPolicy::Auto
                                                              : DimPolicy::Dynamic);
    if (named) {
      request.name = dim.name;
      request.scale = dim.scale;
      request.offset = dim.offset;
      request.range = *dim.range;
    }
    request.min_is_default = !dim.min_written;
    const std::string asked =
        leaf.input_text() + ":" + std::to_string(axis) + "=" + bound.axis->dim.text();
    request.requested = bound.spec->origin == "--dynamic"
                            ? "--dynamic " + asked
                            : "--dynamic @" + bound.spec->origin + " (" + asked + ")";
    result_.requests.push_back(std::move(request));
  }

  BoundDims result_;
  std::map<std::pair<size_t, uint32_t>, Bound> bound_;  ///< by leaf and axis
  std::map<std::string, Range> ranges_;
  std::set<std::string> written_minima_;  ///< names whose lower bound somebody wrote
};

/// The dimension after the fixes: names may be replaced several times (c = b, b = 8*_b).
DimSpec fixed(DimSpec dim, const std::vector<DimFix>& fixes,
              const std::map<std::string, const DimSpec*>& named) {
  if (dim.kind != DimSpec::Kind::Named) return dim;
  for (size_t rounds = 0; rounds <= fixes.size(); ++rounds) {
    const auto assignment = std::find_if(fixes.begin(), fixes.end(), [&](const DimFix& fix) {
      return !fix.range && fix.name == dim.name;
    });
    if (assignment == fixes.end()) break;
    if (assignment->root.empty()) {
      DimSpec constant;
      constant.kind = DimSpec::Kind::Number;
      constant.number = dim.scale * assignment->offset + dim.offset;
      return constant;
    }
    dim.offset += dim.scale * assignment->offset;
    dim.scale *= assignment->scale;
    dim.name = assignment->root;
    dim.min_written = false;
  }
  if (auto own = named.find(dim.name); own != named.end()) {
    dim.range = own->second->range;
    dim.min_written = own->second->min_written;
  }
  for (const DimFix& fix : fixes) {
    if (!fix.range || fix.name != dim.name) continue;
    dim.range = *fix.range;
    // A range that ends is written with both ends: b:2..16.
    dim.min_written |= fix.range->max != kNoBound;
  }
  return dim;
}

}  // namespace

std::string InputLeaf::source() const {
  std::string text = "L";
  for (const PathStep& step : path) {
    text += step.is_index ? "[" + step.text + "]" : "['" + step.text + "']";
  }
  return text;
}

std::string InputLeaf::input_text() const {
  std::string text;
  for (const PathStep& step : path) text += (text.empty() ? "" : ".") + step.text;
  return text;
}

BoundDims bind_dims(const std::vector<DynamicSpec>& specs, std::vector<InputLeaf> leaves) {
  return Binder(std::move(leaves)).bind(specs);
}

std::vector<std::string> fixed_values(const BoundDims& bound, const std::vector<DimFix>& fixes,
                                      bool only_changed) {
  std::map<std::string, const DimSpec*> named;
  for (const BoundAxis& axis : bound.axes) {
    if (axis.dim.kind == DimSpec::Kind::Named) named.emplace(axis.dim.name, &axis.dim);
  }
  std::vector<std::string> values;
  for (size_t leaf = 0; leaf < bound.leaves.size(); ++leaf) {
    std::string text;
    bool changed = false;
    for (const BoundAxis& axis : bound.axes) {
      if (axis.leaf != leaf) continue;
      const DimSpec dim = fixed(axis.dim, fixes, named);
      changed |= dim != axis.dim;
      text += (text.empty() ? bound.leaves[leaf].input_text() + ":" : ",") +
              std::to_string(axis.axis) + "=" + dim.text();
    }
    if (!text.empty() && (changed || !only_changed)) values.push_back(std::move(text));
  }
  return values;
}

}  // namespace tx::symbolic
