// Joiner: two branches become one `cond`.
//
// In:  pairs of values, one of each branch, that the program goes on with.
// Out: the values after the decision: those that are the same on both ways as they are, the others
//      as results of the cond.
// Holds: what the two ways give has the same structure, and tensors the same dtype and sizes; where
//        that is not so, violation() says what differs and the value is opaque.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "capture/torchscript/branch.h"

namespace tx::capture::torchscript {

class Joiner {
 public:
  /// `predicate` is a bool tensor, a symbolic bool, or opaque; `outside` are the containers from
  /// before the decision. Numbers that differ are opaque without `numbers`.
  Joiner(Tracer& tracer, Branch& yes, Branch& no, const c10::IValue& predicate,
         const Containers& outside, bool numbers)
      : tracer_(tracer), yes_(yes), no_(no), predicate_(predicate), outside_(outside), numbers_(numbers) {}

  void add(const c10::IValue& yes, const c10::IValue& no, const c10::TypePtr& type);
  /// The first way in which the branches differ more than cond allows.
  const std::optional<diag::Diagnostic>& violation() const { return violation_; }
  /// The values in the order of add(). Records the cond where the predicate is not opaque; else the
  /// results are unknown.
  std::vector<c10::IValue> join();
  /// After join(): values that are one on one of the ways only.
  const std::vector<std::vector<c10::IValue>>& maybe_one() const { return maybe_one_; }

 private:
  struct Plan {
    enum Kind : uint8_t { Same, Leaf, Tuple, List, Dict, Unknown } kind = Same;
    c10::IValue value;        ///< Same: the value; List, Dict: one of its kind
    size_t leaf = 0;
    std::vector<Plan> parts;
    std::vector<c10::IValue> keys;
    c10::TypePtr type;
    std::vector<c10::IValue> maybe_one;  ///< List, Dict: the ones from outside that it is on some way
  };
  Plan plan(const c10::IValue& yes, const c10::IValue& no, const c10::TypePtr& type);
  Plan plan_leaf(const c10::IValue& yes, const c10::IValue& no, const c10::TypePtr& type);
  Plan plan_items(Plan::Kind kind, const c10::IValue& sample, c10::ArrayRef<c10::IValue> yes,
                  c10::ArrayRef<c10::IValue> no, const c10::TypePtr& type);
  Plan plan_of_one(const c10::IValue& given, bool is_yes, const c10::TypePtr& type);
  bool plan_identity(const c10::IValue& container, Plan& plan);
  Plan plan_container(const c10::IValue& yes, const c10::IValue& no, const c10::TypePtr& type);
  Plan differ(const std::string& message, const std::string& fix);
  Plan differ_in_structure(const c10::IValue& yes, const c10::IValue& no);
  c10::IValue build(const Plan& plan, const std::vector<c10::IValue>& results);
  std::vector<OutputLeaves> add_outputs();
  std::vector<at::Tensor> unknown_results();
  /// Of the leaves, once add_outputs() has been called.
  std::vector<ir::TensorType> result_types() const;
  std::vector<ir::Expr> merged_sizes(const std::vector<ir::Expr>& yes, const std::vector<ir::Expr>& no);
  /// Whether a value that is the same on both ways is one from before the decision.
  bool is_shared(const at::Tensor& tensor);
  /// True on one way and false on the other: the predicate itself, or its opposite.
  std::optional<c10::IValue> as_predicate(const c10::IValue& yes, const c10::IValue& no);

  struct LeafPair {
    c10::IValue yes, no;
    bool is_number = false;
    bool contiguous = false;
    std::optional<ir::TensorType> type;  ///< of the result, where both ways give tensors
  };
  Tracer& tracer_;
  Branch& yes_;
  Branch& no_;
  const c10::IValue& predicate_;
  const Containers& outside_;
  bool numbers_;
  Containers planned_;  ///< lists and dicts of one way that a plan stands for
  std::vector<std::vector<c10::IValue>> maybe_one_;
  std::vector<Plan> plans_;
  std::vector<LeafPair> leaves_;
  std::optional<diag::Diagnostic> violation_;
};

}  // namespace tx::capture::torchscript
