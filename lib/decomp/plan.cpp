#include "decomp/plan.h"

#include "decomp/operator_names.h"
#include "decomp/rule_book.h"
#include "diag/diagnostic.h"
#include "support/strings.h"

namespace tx::decomp {
namespace {

std::unordered_set<std::string> names_of(const std::vector<std::string>& texts) {
  std::unordered_set<std::string> result;
  for (const std::string& text : texts) {
    for (const c10::OperatorHandle& op : find_operators(text)) result.insert(qualified_name(op));
  }
  return result;
}

// How an operator that the user names is decomposed, core or not.
Action any_action(const c10::OperatorHandle& op) {
  if (RuleBook::instance().find(op)) return Action::Rule;
  return is_composite(op) ? Action::Kernel : Action::None;
}

[[noreturn]] void fail_no_decomposition(const std::string& text, const c10::OperatorHandle& op) {
  diag::Diagnostic diagnostic(diag::Code::TX3004, "`" + text + "` has no decomposition");
  if (is_core(op)) diagnostic.note(target_of(op) + " is a Core ATen operator");
  diagnostic.fix("`torch-export ops --decomposes` lists the operators that have one");
  diag::fail(std::move(diagnostic));
}

}  // namespace

bool is_composite(const c10::OperatorHandle& op) {
  return op.hasKernelForDispatchKey(c10::DispatchKey::CompositeImplicitAutograd);
}

bool is_core(const c10::OperatorHandle& op) { return op.hasTag(at::Tag::core); }

Action core_action(const c10::OperatorHandle& op) {
  if (RuleBook::instance().find(op)) return Action::Rule;
  return is_composite(op) && !is_core(op) ? Action::Kernel : Action::None;
}

Plan Plan::core(const std::vector<std::string>& keep) {
  Plan plan;
  plan.core_ = true;
  plan.kept_ = names_of(keep);
  return plan;
}

Plan Plan::only(const std::vector<std::string>& names, const std::vector<std::string>& keep) {
  Plan plan;
  plan.kept_ = names_of(keep);
  for (const std::string& text : names) {
    const std::vector<c10::OperatorHandle> found = find_operators(text);
    bool any = false;
    for (const c10::OperatorHandle& op : found) {
      if (any_action(op) == Action::None) continue;
      plan.named_.insert(qualified_name(op));
      any = true;
    }
    if (!any) fail_no_decomposition(text, found.front());
  }
  return plan;
}

Action Plan::action(const c10::OperatorHandle& op) const {
  const auto [known, fresh] = actions_.emplace(&op.schema(), Action::None);
  if (fresh) known->second = decide(op);
  return known->second;
}

Action Plan::decide(const c10::OperatorHandle& op) const {
  const std::string name = qualified_name(op);
  if (kept_.contains(name)) return Action::Keep;
  if (core_) return core_action(op);
  return named_.contains(name) ? any_action(op) : Action::None;
}

}  // namespace tx::decomp
