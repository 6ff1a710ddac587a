// RuleBook: the decompositions that are written here, as TorchScript text, one family in each file
// of rules/.
//
// A rule is a function with the operator's name and arguments: `def squeeze__dim(self: Tensor, dim:
// int) -> Tensor` decomposes aten::squeeze.dim; two underscores stand before the overload. What it
// calls takes the operator's place. A rule that returns None leaves the operator as it is for these
// arguments. Functions without an operator of their name are what several rules call.
//
// Holds: nothing is compiled before its first use (about half a millisecond for a function).
#pragma once
#include <ATen/core/function.h>
#include <ATen/core/dispatch/Dispatcher.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tx::decomp {

class RuleBook {
 public:
  /// The rules of the process; built on first use.
  static RuleBook& instance();

  /// The name of the rule for an operator, or null.
  const std::string* find(const c10::OperatorHandle& op) const;
  /// The text of a rule or of a function that rules call.
  const std::string& text(const std::string& rule) const;
  /// The compiled function.
  torch::jit::Function& function(const std::string& rule);
  /// All operators with a rule, as "aten::squeeze.dim", in alphabetical order.
  std::vector<std::string> operators() const;
  /// All functions, and those that are no rules.
  std::vector<std::string> functions() const;
  std::vector<std::string> helpers() const;

 private:
  RuleBook();
  ~RuleBook();
  struct Compiler;

  std::map<std::string, std::string> texts_;  ///< function -> its text
  std::map<std::string, std::string> rules_;  ///< "aten::squeeze.dim" -> function
  std::unique_ptr<Compiler> compiler_;
};

}  // namespace tx::decomp
