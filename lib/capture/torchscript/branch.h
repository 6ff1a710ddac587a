// Branch: what one way through a decision gives and changes.
#pragma once
#include <ATen/core/ivalue.h>
#include <ATen/core/jit_type.h>

#include <optional>
#include <vector>

#include "capture/torchscript/journal.h"
#include "capture/tracer.h"

namespace tx::capture::torchscript {

/// Thrown where the program raises, or fails, on a way that not every run takes. What there is to
/// say has been said when `reported`.
struct Raised {
  diag::Diagnostic diagnostic;
  bool reported = false;
};

struct Branch {
  SubGraph graph;
  std::vector<c10::IValue> outputs;
  Journal journal;                     ///< undone; the changes are in `after`
  std::vector<c10::IValue> after;      ///< contents of journal.entries() at the end
  std::optional<Raised> raised;

  /// What is at `place` at the end of this branch.
  c10::IValue at_end(const Journal::Place& place) const {
    for (size_t i = 0; i < journal.entries().size(); ++i) {
      if (journal.entries()[i].place == place) return after[i];
    }
    return Journal::contents(place);
  }
};

/// A value that is a leaf of the values of graphs: a tensor or a number.
inline bool is_leaf(const c10::IValue& value) {
  return (value.isTensor() && value.toTensor().defined()) || value.isInt() || value.isDouble() ||
         value.isBool() || value.isSymInt() || value.isSymFloat() || value.isSymBool();
}
/// The type of the items of a container's type; AnyType where it does not say.
c10::TypePtr item_type(const c10::TypePtr& type, size_t index);
/// The same type with `Optional` taken away.
c10::TypePtr without_optional(const c10::TypePtr& type);

/// `value` with each leaf replaced by what `convert` gives for it, and new containers. Leaves of
/// types that say nothing of numbers (Any) stay as they are.
c10::IValue map_leaves(const c10::IValue& value, const c10::TypePtr& type,
                       const std::function<c10::IValue(const c10::IValue&, const c10::TypePtr&)>& convert);

/// The lists and dicts in a value.
std::vector<c10::IValue> containers_in(const c10::IValue& value);

/// The dtype of a leaf as a tensor.
c10::ScalarType number_dtype(const c10::IValue& leaf);
/// A leaf of the same kind, of zeros.
at::Tensor zeros_like(Tracer& tracer, const c10::IValue& leaf);

/// Whether a leaf of `value` is a number that depends on data.
bool holds_data_number(const c10::IValue& value, const c10::TypePtr& type);

/// The type that the program gives to what is at `place`.
c10::TypePtr type_at(const Journal::Place& place);

/// Makes leaves of a sub-graph fit for its outputs: numbers become tensors; tensors whose memory
/// belongs to something outside, or to an earlier leaf, are copied, and so the graph's outputs share
/// no memory with anything. To be used while recording in the sub-graph.
class OutputLeaves {
 public:
  explicit OutputLeaves(Tracer& tracer) : tracer_(tracer) {}
  /// `contiguous`: the result has to be.
  at::Tensor add(const c10::IValue& leaf, bool contiguous);
  /// What may be one in eager mode where the graph has two: a result and a tensor from outside, two
  /// results. `results` are those of the leaves, after the graph.
  std::vector<std::vector<c10::IValue>> maybe_one(const std::vector<at::Tensor>& results) const;

 private:
  Tracer& tracer_;
  std::vector<at::Tensor> originals_;
  std::vector<bool> from_outside_;
};

}  // namespace tx::capture::torchscript
