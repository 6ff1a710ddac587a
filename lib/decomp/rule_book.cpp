#include "decomp/rule_book.h"

#include <torch/csrc/jit/api/compilation_unit.h>
#include <torch/csrc/jit/frontend/resolver.h>

#include "capture/dispatch/layers.h"
#include "decomp/operator_names.h"
#include "decomp/rule_operators.h"
#include "decomp/rules/families.h"
#include "diag/diagnostic.h"
#include "support/strings.h"

namespace tx::decomp {
namespace {

// The functions of a text, by name. Each begins with a line `def NAME(`; comments between two
// functions belong to the one after them.
std::vector<std::pair<std::string, std::string>> functions_of(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> result;
  std::string pending;  // comments before the next function
  for (const std::string& line : support::split(text, '\n')) {
    if (line.starts_with("def ")) {
      result.emplace_back(line.substr(4, line.find('(') - 4), pending + line + "\n");
      pending.clear();
    } else if (line.starts_with("#")) {
      pending += line + "\n";
    } else if (!line.empty() && !result.empty()) {
      result.back().second += line + "\n";
    }
  }
  return result;
}

// "squeeze__dim" -> "aten::squeeze.dim". Names that begin with underscores keep them.
std::string operator_named(const std::string& function) {
  const size_t separator = function.rfind("__");
  if (separator == std::string::npos || separator == 0) return "aten::" + function;
  return "aten::" + function.substr(0, separator) + "." + function.substr(separator + 2);
}

bool is_operator(const std::string& name) {
  const size_t dot = name.find('.');
  return c10::Dispatcher::singleton()
      .findSchema({name.substr(0, dot), dot == std::string::npos ? "" : name.substr(dot + 1)})
      .has_value();
}

// `torch` in a rule: LibTorch's operators, and its dtypes, which are numbers in TorchScript.
struct TorchModule final : torch::jit::BuiltinModule {
  TorchModule() : BuiltinModule("aten") {}
  std::shared_ptr<torch::jit::SugaredValue> attr(const torch::jit::SourceRange& place,
                                                 torch::jit::GraphFunction& method,
                                                 const std::string& field) override {
    static const std::map<std::string, c10::ScalarType> dtypes = {
        {"bool", c10::kBool},   {"uint8", c10::kByte}, {"long", c10::kLong},
        {"half", c10::kHalf},   {"float", c10::kFloat}, {"double", c10::kDouble},
        {"bfloat16", c10::kBFloat16}};
    const auto dtype = dtypes.find(field);
    if (dtype == dtypes.end()) return BuiltinModule::attr(place, method, field);
    return std::make_shared<torch::jit::SimpleValue>(
        method.graph()->insertConstant(static_cast<int64_t>(dtype->second), place));
  }
};

}  // namespace

// Compiles functions when something calls them. `torch.f` is an operator of LibTorch, `rule.f` one
// of rule_operators.h, `f` a function of the book.
struct RuleBook::Compiler final : torch::jit::Resolver,
                                  std::enable_shared_from_this<RuleBook::Compiler> {
  explicit Compiler(const RuleBook& book) : book(book) {}

  torch::jit::Function& function(const std::string& name) {
    if (torch::jit::Function* known = unit.find_function(name)) return *known;
    // The compiler folds constants by running operators.
    const capture::BelowCapture below;
    // The unit keeps no reference to the resolver beyond the call.
    const torch::jit::ResolverPtr resolver(this, [](torch::jit::Resolver*) {});
    unit.define(std::nullopt, book.text(name), resolver, nullptr);
    return unit.get_function(name);
  }

  std::shared_ptr<torch::jit::SugaredValue> resolveValue(const std::string& name,
                                                         torch::jit::GraphFunction&,
                                                         const torch::jit::SourceRange&) override {
    if (name == "torch") return std::make_shared<TorchModule>();
    if (name == "rule") return std::make_shared<torch::jit::BuiltinModule>("rule");
    if (!book.texts_.contains(name)) return nullptr;
    return std::make_shared<torch::jit::FunctionValue>(&function(name));
  }
  c10::TypePtr resolveType(const std::string&, const torch::jit::SourceRange&) override {
    return nullptr;
  }

  const RuleBook& book;
  torch::jit::CompilationUnit unit;
};

RuleBook::RuleBook() : compiler_(std::make_unique<Compiler>(*this)) {
  register_rule_operators();
  for (const Family& family : families()) {
    for (auto& [function, text] : functions_of(family.text)) {
      const std::string op = operator_named(function);
      if (is_operator(op)) rules_.emplace(op, function);
      if (!texts_.emplace(function, std::move(text)).second) {
        diag::fail(diag::Code::TX0070, "two decompositions are called " + function);
      }
    }
  }
}
RuleBook::~RuleBook() = default;

RuleBook& RuleBook::instance() {
  static auto* book = new RuleBook;
  return *book;
}

const std::string* RuleBook::find(const c10::OperatorHandle& op) const {
  const auto found = rules_.find(qualified_name(op));
  return found == rules_.end() ? nullptr : &found->second;
}

const std::string& RuleBook::text(const std::string& rule) const { return texts_.at(rule); }

torch::jit::Function& RuleBook::function(const std::string& rule) {
  return compiler_->function(rule);
}

std::vector<std::string> RuleBook::operators() const {
  std::vector<std::string> result;
  for (const auto& [op, function] : rules_) result.push_back(op);
  return result;
}

std::vector<std::string> RuleBook::functions() const {
  std::vector<std::string> result;
  for (const auto& [function, text] : texts_) result.push_back(function);
  return result;
}

std::vector<std::string> RuleBook::helpers() const {
  std::vector<std::string> result;
  for (const auto& [function, text] : texts_) {
    if (!rules_.contains(operator_named(function))) result.push_back(function);
  }
  return result;
}

}  // namespace tx::decomp
