// MaybeOne: lists, dicts and tensors that are one and the same in eager mode on some ways only, where
// the graph has two.
//
// In:  such values; what is written to and what is used, in the order of the program.
// Out: the write that is at fault, where something is used that it may have changed.
// Holds: a value that is never used after such a write is no problem: most are names that a branch
//        has given to something else.
#pragma once
#include <ATen/core/ivalue.h>

#include <unordered_map>
#include <vector>

#include "diag/diagnostic.h"

namespace tx::capture {

class MaybeOne {
 public:
  /// These may be one; of tensors, their memory.
  void add(std::vector<c10::IValue> values);
  /// Whether a write to `value` may have to be seen in another one.
  bool has_others(const c10::IValue& value) const;
  /// `value` is written to: the others are out of date, because of `write`.
  void write(const c10::IValue& value, const diag::Diagnostic& write);
  /// The write that `value` may lack, or null.
  const diag::Diagnostic* lacks(const c10::IValue& value) const;
  size_t num_outdated() const { return outdated_.size(); }

 private:
  std::vector<std::vector<c10::IValue>> groups_;
  std::unordered_map<const void*, diag::Diagnostic> outdated_;
};

}  // namespace tx::capture
