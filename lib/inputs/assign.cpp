#include "inputs/assign.h"

#include <algorithm>

#include "inputs/convert.h"
#include "inputs/read.h"
#include "support/strings.h"

namespace tx::inputs {
namespace {

using c10::IValue;

class Assigner {
 public:
  Assigner(const std::vector<Parameter>& parameters, const Taker& taker)
      : parameters_(parameters), taker_(taker), assigned_(parameters.size()) {}

  /// `alone`: no other source is without a name.
  void unnamed(const Source& source, Content content, bool alone) {
    if (!content.named.empty()) {
      by_name(source, content.named);
      return;
    }
    if (content.from_file && alone && content.value.isTuple()) {
      for (const IValue& value : content.value.toTupleRef().elements()) positional(source, value);
      return;
    }
    if (content.from_file && content.value.isGenericDict() && !is_place_for(content.value)) {
      by_name(source, entries(source, content.value));
      return;
    }
    positional(source, content.value);
  }

  void named(const Source& source, const std::string& name, const IValue& value) {
    const auto found = std::find_if(parameters_.begin(), parameters_.end(),
                                    [&](const Parameter& p) { return p.name == name; });
    if (found == parameters_.end()) {
      std::vector<std::string> names;
      for (const Parameter& parameter : parameters_) names.push_back(parameter.name);
      fail_unfit(taker_, taker_.what + " has no argument `" + name + "`" + from(source) +
                             support::did_you_mean(name, names));
    }
    Assigned& slot = assigned_[static_cast<size_t>(found - parameters_.begin())];
    if (slot.value) fail_unfit(taker_, "`" + name + "` is given twice" + from(source));
    slot.value = value;
  }

  std::vector<Assigned> finish() {
    std::vector<std::string> missing;
    for (size_t i = 0; i < parameters_.size(); ++i) {
      if (parameters_[i].required && !assigned_[i].value) {
        missing.push_back("`" + parameters_[i].name + "`");
      }
    }
    if (!missing.empty()) {
      fail_unfit(taker_, "no input is given for " + support::join(missing, ", "));
    }
    return std::move(assigned_);
  }

 private:
  /// Where a value comes from, when that is not plain from its name.
  static std::string from(const Source& source) {
    const auto* file = std::get_if<FileSource>(&source.what);
    return file != nullptr && !source.name ? " (from " + file->path + ")" : "";
  }

  void positional(const Source& source, const IValue& value) {
    if (next_ == parameters_.size() || parameters_[next_].keyword_only) {
      const auto count = static_cast<size_t>(std::count_if(
          parameters_.begin(), parameters_.end(), [](const auto& p) { return !p.keyword_only; }));
      fail_unfit(taker_, "more inputs are given than the " + std::to_string(count) + " that " +
                             taker_.what + " takes" + from(source));
    }
    named_place(source, value);
  }

  void named_place(const Source& source, const IValue& value) {
    Assigned& slot = assigned_[next_];
    if (slot.value)
      fail_unfit(taker_, "`" + parameters_[next_].name + "` is given twice" + from(source));
    slot = {value, true};
    ++next_;
  }

  /// Whether a dict is the value of the next positional argument.
  bool is_place_for(const IValue& dict) const {
    if (next_ == parameters_.size() || parameters_[next_].keyword_only) return false;
    const Parameter& parameter = parameters_[next_];
    if (parameter.takes_dict || parameter.fields.empty()) return parameter.takes_dict;
    for (const auto& entry : dict.toGenericDict()) {
      if (!entry.key().isString()) return false;
      const auto& fields = parameter.fields;
      if (std::find(fields.begin(), fields.end(), entry.key().toStringRef()) == fields.end()) {
        return false;
      }
    }
    return true;
  }

  std::vector<std::pair<std::string, IValue>> entries(const Source& source, const IValue& value) {
    std::vector<std::pair<std::string, IValue>> result;
    for (const auto& entry : value.toGenericDict()) {
      if (!entry.key().isString()) {
        fail_unfit(taker_, "a dict with keys that are no names is not an argument of " +
                               taker_.what + from(source));
      }
      result.emplace_back(entry.key().toStringRef(), entry.value());
    }
    return result;
  }

  void by_name(const Source& source, const std::vector<std::pair<std::string, IValue>>& values) {
    for (const auto& [name, value] : values) named(source, name, value);
  }

  const std::vector<Parameter>& parameters_;
  const Taker& taker_;
  std::vector<Assigned> assigned_;
  size_t next_ = 0;
};

}  // namespace

void fail_unfit(const Taker& taker, std::string message) {
  diag::fail(diag::Diagnostic(taker.code, std::move(message))
                 .note(taker.what + " is " + taker.signature));
}

std::vector<Assigned> assign(const std::vector<Parameter>& parameters,
                             const std::vector<Source>& sources, uint64_t seed,
                             const Taker& taker) {
  const auto num_unnamed = std::count_if(sources.begin(), sources.end(),
                                         [](const Source& source) { return !source.name; });
  Assigner assigner(parameters, taker);
  // Each source has a seed of its own, so that its data does not depend on the others.
  for (size_t i = 0; i < sources.size(); ++i) {
    if (sources[i].name) continue;
    assigner.unnamed(sources[i], read_source(sources[i], seed + i), num_unnamed == 1);
  }
  for (size_t i = 0; i < sources.size(); ++i) {
    if (!sources[i].name) continue;
    assigner.named(sources[i], *sources[i].name, read_source(sources[i], seed + i).value);
  }
  return assigner.finish();
}

}  // namespace tx::inputs
