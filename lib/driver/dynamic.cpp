#include "driver/dynamic.h"

#include <algorithm>

#include "support/log.h"
#include "support/strings.h"
#include "symbolic/dim_bind.h"
#include "symbolic/dim_spec.h"

namespace tx::driver {
namespace {

using symbolic::BoundDims;
using symbolic::DimFix;
using symbolic::DynamicSpec;
using symbolic::InputLeaf;
using symbolic::PathStep;

// More rounds than the longest chain of fixes seen; each round narrows at least one dimension.
constexpr int kMaxRounds = 8;

std::string key_text(const ir::TreeKey& key) {
  return std::visit(
      [](const auto& value) -> std::string {
        using T = std::decay_t<decltype(value)>;
        if constexpr (std::is_same_v<T, std::string>) return value;
        else if constexpr (std::is_same_v<T, bool>) return value ? "True" : "False";
        else if constexpr (std::is_same_v<T, double>) return support::python_repr(value);
        else return std::to_string(value);
      },
      key);
}

void add_paths(const ir::Tree& tree, const std::vector<PathStep>& path,
               std::vector<std::vector<PathStep>>& paths) {
  if (tree.kind == ir::TreeKind::Leaf) {
    paths.push_back(path);
    return;
  }
  for (size_t i = 0; i < tree.children.size(); ++i) {
    std::vector<PathStep> inner = path;
    switch (tree.kind) {
      case ir::TreeKind::Dict: inner.push_back({key_text(tree.keys[i]), false, {}}); break;
      case ir::TreeKind::NamedTuple: inner.push_back({tree.fields[i], false, i}); break;
      default: inner.push_back({std::to_string(i), true, {}});
    }
    add_paths(tree.children[i], inner, paths);
  }
}

std::vector<InputLeaf> input_leaves(const inputs::BoundInputs& inputs) {
  std::vector<InputLeaf> leaves;
  size_t argument = 0;
  const auto add = [&](const std::string& name, const ir::Tree& tree) {
    std::vector<std::vector<PathStep>> paths;
    add_paths(tree, {{name, false, {}}}, paths);
    for (auto& path : paths) {
      const c10::IValue& value = inputs.leaves.at(leaves.size());
      InputLeaf leaf{std::move(path), argument, std::nullopt};
      if (value.isTensor() && value.toTensor().defined()) leaf.sizes = value.toTensor().sizes().vec();
      leaves.push_back(std::move(leaf));
    }
    ++argument;
  };
  for (size_t i = 0; i < inputs.tree.positional.size(); ++i) {
    add(inputs.tree.positional_names[i], inputs.tree.positional[i]);
  }
  for (size_t i = 0; i < inputs.tree.keyword.size(); ++i) {
    add(inputs.tree.keyword_names[i], inputs.tree.keyword[i]);
  }
  return leaves;
}

void log_event(symbolic::Event event, std::string_view text) {
  // The tutorial's log does not show these.
  const bool detail =
      event == symbolic::Event::SetReplacement || event == symbolic::Event::Assume;
  log::write(log::Logger::SymbolicShapes, detail ? log::Level::Debug : log::Level::Info, text);
}

// What a successful set of fixes is: the values that replace --dynamic, and torch's lines.
struct FixSet {
  std::vector<std::string> values;
  std::vector<DimFix> lines;
};

// Later rounds refine the definitions of earlier ones.
void merge(std::vector<DimFix>& all, const std::vector<DimFix>& more) {
  for (const DimFix& fix : more) {
    const auto same = std::find_if(all.begin(), all.end(),
                                   [&fix](const DimFix& earlier) { return earlier.name == fix.name; });
    if (same != all.end()) {
      *same = fix;
    } else {
      all.push_back(fix);
    }
  }
}

class Search {
 public:
  Search(const archive::LoadedModule& model, const inputs::BoundInputs& inputs,
         capture::CaptureOptions options)
      : model_(model), inputs_(inputs), options_(std::move(options)) {}

  capture::Captured attempt(const BoundDims& bound) {
    options_.dims = bound.requests;
    options_.log = log_event;
    return capture::capture(model_.module, inputs_, options_);
  }

  /// Tries the fixes of a violated capture. Empty when no set of fixes succeeds.
  std::optional<FixSet> find_fixes(const BoundDims& first, symbolic::DimReport report,
                                   capture::Captured& captured) {
    const log::Silence silence;
    FixSet fixes;
    BoundDims bound = first;
    for (int round = 0; round < kMaxRounds && !report.fixes.empty(); ++round) {
      const bool one_round = round == 0;
      fixes.values = symbolic::fixed_values(bound, report.fixes, one_round);
      merge(fixes.lines, report.fixes);
      try {
        bound = bind_dynamic(symbolic::fixed_values(bound, report.fixes, false), inputs_);
        captured = attempt(bound);
      } catch (const diag::Failure&) {
        return std::nullopt;
      }
      if (captured.dims.ok()) return fixes;
      report = captured.dims;
    }
    return std::nullopt;
  }

 private:
  const archive::LoadedModule& model_;
  const inputs::BoundInputs& inputs_;
  capture::CaptureOptions options_;
};

std::vector<DimensionRow> rows(const std::vector<symbolic::DimOutcome>& outcomes,
                               const BoundDims& bound) {
  std::vector<DimensionRow> result;
  for (const symbolic::DimOutcome& outcome : outcomes) {
    DimensionRow row;
    row.input = bound.leaves.at(outcome.origin.input).input_text();
    row.axis = outcome.origin.axis;
    for (const symbolic::BoundAxis& axis : bound.axes) {
      if (axis.leaf == outcome.origin.input && axis.axis == outcome.origin.axis) row.asked = axis.dim.text();
    }
    row.got = outcome.got;
    row.because = outcome.because;
    row.place = outcome.provenance.place;
    result.push_back(std::move(row));
  }
  return result;
}

// Rows of the dimensions that the fixes made static, with what made them so in the first attempt.
void add_static_rows(std::vector<DimensionRow>& rows, const BoundDims& fixed,
                     const std::vector<DimensionRow>& first) {
  for (const symbolic::BoundAxis& axis : fixed.axes) {
    if (axis.dim.kind != symbolic::DimSpec::Kind::Number) continue;
    DimensionRow row;
    row.input = fixed.leaves.at(axis.leaf).input_text();
    row.axis = axis.axis;
    row.asked = row.got = axis.dim.text();
    const auto before = std::find_if(first.begin(), first.end(), [&row](const DimensionRow& other) {
      return other.input == row.input && other.axis == row.axis;
    });
    if (before == first.end()) continue;  // it was static from the start
    row.because = before->because;
    row.place = before->place;
    const auto behind = std::find_if(rows.begin(), rows.end(), [&](const DimensionRow& other) {
      const auto leaf = [&fixed](const DimensionRow& r) {
        return std::find_if(fixed.leaves.begin(), fixed.leaves.end(), [&r](const InputLeaf& l) {
          return l.input_text() == r.input;
        });
      };
      return std::make_pair(leaf(other), other.axis) > std::make_pair(leaf(row), row.axis);
    });
    rows.insert(behind, std::move(row));
  }
}

// The lines of torch followed by what to paste.
std::vector<diag::Fix> to_fixes(const FixSet& set) {
  std::vector<diag::Fix> fixes;
  std::string message;
  for (const DimFix& line : set.lines) message += (message.empty() ? "" : "\n") + line.line();
  fixes.push_back({message, set.values, diag::Applicability::Machine, true});
  return fixes;
}

}  // namespace

BoundDims bind_dynamic(const std::vector<std::string>& values, const inputs::BoundInputs& inputs) {
  std::vector<DynamicSpec> specs;
  for (const std::string& value : values) {
    for (DynamicSpec& spec : symbolic::read_dynamic(value)) specs.push_back(std::move(spec));
  }
  return symbolic::bind_dims(specs, input_leaves(inputs));
}

DynamicCapture capture_with_dims(const archive::LoadedModule& model,
                                 const inputs::BoundInputs& inputs, const ExportRequest& request,
                                 const capture::CaptureOptions& options) {
  Search search(model, inputs, options);
  const BoundDims bound = bind_dynamic(request.dynamic, inputs);
  DynamicCapture result;
  result.captured = search.attempt(bound);
  const std::vector<DimensionRow> first = rows(result.captured.outcomes, bound);
  if (result.captured.dims.ok()) {
    result.report = first;
    // The line that ends torch's log, where a second environment goes over the finished graph.
    log_event(symbolic::Event::CreateEnv, "create_env");
    return result;
  }
  diag::Diagnostic violation = result.captured.dims.diagnostic();
  const auto fixes = search.find_fixes(bound, result.captured.dims, result.captured);
  if (fixes) violation.fixes = to_fixes(*fixes);
  if (!fixes || !request.fix) throw diag::Failure(std::move(violation));

  const BoundDims fixed = bind_dynamic(fixes->values.empty() ? request.dynamic : fixes->values, inputs);
  diag::Diagnostic note(diag::Code::TX2011, "exported with suggested fixes");
  for (const std::string& value : request.dynamic) note.note("asked: --dynamic " + value);
  for (const std::string& value : fixes->values) note.note("used:  --dynamic " + value);
  result.captured.reports.push_back(std::move(note));
  result.report = rows(result.captured.outcomes, fixed);
  add_static_rows(result.report, fixed, first);
  return result;
}

}  // namespace tx::driver
