#include "runtime/check_inputs.h"

#include <cmath>

#include "runtime/convert.h"
#include "runtime/locate.h"
#include "support/strings.h"
#include "symbolic/guard_text.h"

namespace tx::runtime {
namespace {

using c10::IValue;
using diag::Code;
using diag::Diagnostic;
using ir::Expr;
using Leaves = std::span<const IValue>;

/// The largest size there is; the tutorial prints it where there is no upper bound.
constexpr int64_t kLargestSize = std::numeric_limits<int64_t>::max() - 1;

std::string size_text(at::IntArrayRef sizes) {
  std::vector<std::string> items;
  for (const int64_t size : sizes) items.push_back(std::to_string(size));
  return "torch.Size([" + support::join(items, ", ") + "])";
}

std::string size_text(const std::vector<Expr>& sizes) {
  std::vector<std::string> items;
  for (const Expr& size : sizes) items.push_back(size.text());
  return "torch.Size([" + support::join(items, ", ") + "])";
}

/// "kv[0]['k']" -> "'kv'[0]['k']": how torch writes a keyword argument.
std::string quoted(const std::string& path) {
  const size_t end = std::min(path.find_first_of("[."), path.size());
  return "'" + path.substr(0, end) + "'" + path.substr(end);
}

/// Python's ==, which finds a difference between 3 and 3.0 here, as torch does; NaN equals NaN.
bool same_constant(const IValue& expected, const IValue& actual) {
  if (expected.isNone()) return actual.isNone();
  if (expected.isBool()) return actual.isBool() && expected.toBool() == actual.toBool();
  if (expected.isInt()) return actual.isInt() && expected.toInt() == actual.toInt();
  if (expected.isString()) {
    return actual.isString() && expected.toStringRef() == actual.toStringRef();
  }
  if (expected.isComplexDouble()) {
    return actual.isComplexDouble() && expected.toComplexDouble() == actual.toComplexDouble();
  }
  if (!expected.isDouble() || !actual.isDouble()) return false;
  const double a = expected.toDouble(), b = actual.toDouble();
  return a == b || (std::isnan(a) && std::isnan(b));
}

int64_t size_of(Leaves leaves, size_t input, size_t dim) {
  return leaves[input].toTensor().size(static_cast<int64_t>(dim));
}

}  // namespace

InputChecker::InputChecker(const ir::Program& program) : program_(program) {
  size_t num_positional = 0;
  for (const ir::Tree& tree : program.input_tree.positional) num_positional += tree.num_leaves();
  std::unordered_map<std::string, Dim> first;
  std::unordered_map<ir::NodeId, size_t> by_node;
  for (const ir::InputSpec& spec : program.inputs) {
    if (spec.kind != ir::InputKind::UserInput) continue;
    if (spec.node >= program.graph.num_inputs || spec.node >= program.graph.nodes.size()) {
      diag::fail(Code::TX4002, "the program's signature names an input that does not exist");
    }
    const ir::Node& node = program.graph.node(spec.node);
    const size_t index = inputs_.size();
    by_node[spec.node] = index;
    const bool keyword = index >= num_positional && !spec.path.empty() &&
                         program.input_tree.num_leaves() > num_positional;
    inputs_.push_back({&spec, node.name, keyword ? quoted(spec.path) : node.name,
                       spec.constant ? nullptr : node.type.tensor()});
    if (!inputs_.back().type) continue;
    const std::vector<Expr>& sizes = inputs_.back().type->sizes;
    for (size_t d = 0; d < sizes.size(); ++d) {
      if (sizes[d].is_constant()) continue;
      const Dim dim{index, d, sizes[d]};
      if (!sizes[d].is_symbol()) {
        derived_.push_back(dim);
      } else if (const auto [at, is_new] = first.emplace(sizes[d].name(), dim); is_new) {
        firsts_.push_back(dim);
      } else {
        equals_.emplace_back(at->second, dim);
      }
    }
  }
  for (const std::vector<ir::InputDim>& group : program.equality_constraints) {
    std::vector<Dim> dims;
    for (const ir::InputDim& dim : group) {
      const auto found = by_node.find(dim.node);
      const ir::TensorType* type = found == by_node.end() ? nullptr : inputs_[found->second].type;
      if (!type || dim.dim >= type->rank()) {
        diag::fail(Code::TX4002,
                   "an equality of the program names a dimension that does not exist");
      }
      dims.push_back({found->second, dim.dim, type->sizes[dim.dim]});
    }
    for (size_t i = 1; i < dims.size(); ++i) {
      const std::pair<Dim, Dim> pair(dims[0], dims[i]);
      if (std::find(equals_.begin(), equals_.end(), pair) == equals_.end()) equals_.push_back(pair);
    }
  }
}

void InputChecker::check_count(size_t num_leaves) const {
  if (num_leaves == inputs_.size()) return;
  diag::fail(Code::TX4004, "Unexpected number of inputs (expected " +
                               std::to_string(inputs_.size()) + ", got " +
                               std::to_string(num_leaves) + ")");
}

void InputChecker::check(Leaves leaves) const {
  check_count(leaves.size());
  for (size_t i = 0; i < inputs_.size(); ++i) check_leaf(inputs_[i], leaves[i]);
  check_static(leaves);
  check_ranges(leaves);
  check_equal(leaves);
  check_derived(leaves);
  check_guards(bind(leaves));
}

SymbolValues InputChecker::bind(Leaves leaves) const {
  SymbolValues values;
  for (const Dim& dim : firsts_) values[dim.size.name()] = size_of(leaves, dim.input, dim.dim);
  std::vector<SizeEquation> equations;
  for (const Dim& dim : derived_) {
    equations.push_back({&dim.size, size_of(leaves, dim.input, dim.dim)});
  }
  // One without a solution is refused by check_derived(), with its place.
  solve_symbols(equations, values);
  return values;
}

void InputChecker::check_leaf(const Input& input, const IValue& leaf) const {
  if (input.type) {
    check_tensor(input, leaf);
  } else if (input.spec->constant) {
    check_constant(input, leaf);
  }
}

void InputChecker::check_tensor(const Input& input, const IValue& leaf) const {
  if (!leaf.isTensor()) {
    fail_input(
        Code::TX4007, input,
        "Expected input at " + input.label + " to be a tensor, but got " + python_class(leaf));
  }
  const at::Tensor& tensor = leaf.toTensor();
  const ir::TensorType& type = *input.type;
  if (from_torch(tensor.scalar_type()) != type.dtype) {
    const auto dtype = from_torch(tensor.scalar_type());
    fail_input(Code::TX4007, input,
               "Expected input at " + input.label + " to have dtype torch." +
                   std::string(ir::torch_name(type.dtype)) + ", but got torch." +
                   (dtype ? std::string(ir::torch_name(*dtype))
                          : std::string(c10::toString(tensor.scalar_type()))));
  }
  if (tensor.layout() != at::kStrided) {
    fail_input(
        Code::TX4007, input,
        "Expected input at " + input.label + " to be a strided tensor, but got another layout");
  }
  if (static_cast<size_t>(tensor.dim()) != type.rank()) {
    fail_input(Code::TX4006, input,
               "Unexpected number of dimensions in input at " + input.label + ".shape (expected " +
                   size_text(type.sizes) + ", got " + size_text(tensor.sizes()) + ")");
  }
}

void InputChecker::check_constant(const Input& input, const IValue& leaf) const {
  const IValue expected = to_ivalue(*input.spec->constant);
  if (same_constant(expected, leaf)) return;
  fail_input(Code::TX4008, input,
             "Expected input at " + input.label + " to be equal to " + python_str(expected) +
                 ", but got " + python_str(leaf),
             "the program was specialised for this value; export again with the other one to get "
             "a program for it");
}

void InputChecker::check_static(Leaves leaves) const {
  // The tutorial's programs run these checks from the last user input to the first.
  for (size_t i = inputs_.size(); i-- > 0;) {
    if (!inputs_[i].type) continue;
    const std::vector<Expr>& sizes = inputs_[i].type->sizes;
    for (size_t d = 0; d < sizes.size(); ++d) {
      const std::optional<int64_t> expected = sizes[d].constant();
      const int64_t size = size_of(leaves, i, d);
      if (!expected || size == *expected) continue;
      const Dim dim{i, d, sizes[d]};
      fail_size(dim, "Input " + place(dim) + " is specialized at " + std::to_string(*expected),
                size);
    }
  }
}

void InputChecker::check_ranges(Leaves leaves) const {
  for (const Dim& dim : firsts_) {
    const ir::Range range = enforced_range(dim.size);
    const int64_t size = size_of(leaves, dim.input, dim.dim);
    if (size >= range.min && size <= range.max) continue;
    fail_size(
        dim,
        "Input " + place(dim) + " is outside of specified dynamic range " + printed_range(dim.size),
        size);
  }
}

void InputChecker::check_equal(Leaves leaves) const {
  for (const auto& [first, second] : equals_) {
    if (size_of(leaves, first.input, first.dim) != size_of(leaves, second.input, second.dim)) {
      fail_unequal(first, second, leaves);
    }
  }
}

void InputChecker::check_derived(Leaves leaves) const {
  const SymbolValues values = bind(leaves);
  for (const Dim& dim : derived_) {
    const int64_t size = size_of(leaves, dim.input, dim.dim);
    const std::optional<int64_t> expected = evaluate_integer(dim.size, values);
    if (!expected) {
      const std::vector<Expr> symbols = dim.size.free_symbols();
      fail_size(dim,
                "Expected input " + place(dim) + " = " + std::to_string(size) +
                    " to be of the form " + dim.size.text() + ", where " +
                    (symbols.empty() ? "it" : symbols[0].text()) + " is an integer",
                size);
    }
    if (size != *expected) {
      fail_size(dim,
                "Expected input at " + place(dim) + " to be equal to " + std::to_string(*expected) +
                    ", but got " + std::to_string(size),
                size);
    }
    for (const Expr& root : dim.size.free_symbols()) {
      const auto value = values.find(root.name());
      if (value == values.end()) continue;
      const ir::Range range = enforced_range(root);
      if (value->second >= range.min && value->second <= range.max) continue;
      fail_size(dim,
                "Input " + place(dim) + " is outside of specified dynamic range " +
                    printed_range(dim.size),
                size);
    }
  }
}

void InputChecker::check_guards(const SymbolValues& values) const {
  for (const ir::Guard& guard : program_.guards) {
    if (evaluate_condition(guard.condition, values).value_or(true)) continue;
    Diagnostic diagnostic(
        Code::TX4005,
        "Guard failed: " + symbolic::guard_text(guard.condition, [&](const Expr& symbol) {
          const auto dim = std::find_if(firsts_.begin(), firsts_.end(),
                                        [&](const Dim& first) { return first.size == symbol; });
          return dim == firsts_.end() ? symbol.name() : source(*dim);
        }));
    locate(diagnostic, program_.source, guard.location);
    for (const Dim& dim : firsts_) {
      const std::vector<Expr> used = guard.condition.free_symbols();
      if (std::find(used.begin(), used.end(), dim.size) == used.end()) continue;
      diagnostic.note("Input " + place(dim) + " is " + std::to_string(values.at(dim.size.name())));
    }
    if (!guard.reason.empty())
      diagnostic.note("the program relies on it because of " + guard.reason);
    diag::fail(std::move(diagnostic));
  }
}

void InputChecker::fail_input(Code code, const Input& input, std::string message,
                              std::string note) const {
  Diagnostic diagnostic(code, std::move(message));
  if (!input.spec->path.empty()) {
    diagnostic.note(input.placeholder + " is the input `" + input.spec->path + "`");
  }
  if (!note.empty()) diagnostic.note(std::move(note));
  diag::fail(std::move(diagnostic));
}

void InputChecker::fail_size(const Dim& dim, std::string message, int64_t size) const {
  fail_input(Code::TX4005, inputs_[dim.input], std::move(message),
             "its size in dimension " + std::to_string(dim.dim) + " is " + std::to_string(size));
}

void InputChecker::fail_unequal(const Dim& first, const Dim& second, Leaves leaves) const {
  Diagnostic diagnostic(Code::TX4005,
                        "Input " + place(first) + " is not equal to input " + place(second));
  for (const Dim* dim : {&first, &second}) {
    const Input& input = inputs_[dim->input];
    const std::string name =
        input.spec->path.empty() ? "" : " (the input `" + input.spec->path + "`)";
    diagnostic.note(place(*dim) + name + " is " +
                    std::to_string(size_of(leaves, dim->input, dim->dim)));
  }
  diag::fail(std::move(diagnostic));
}

const ir::SymbolInfo* InputChecker::symbol(const std::string& name) const {
  for (const ir::SymbolInfo& info : program_.symbols) {
    if (info.name == name) return &info;
  }
  return nullptr;
}

ir::Range InputChecker::enforced_range(const Expr& size) const {
  const ir::SymbolInfo* info = symbol(size.name());
  if (!info) return {};
  ir::Range range = info->range;
  if (info->needs_at_least_2) range.min = std::max<int64_t>(range.min, 2);
  return range;
}

std::string InputChecker::printed_range(const Expr& size) const {
  std::optional<ir::Range> range;
  for (const auto& [expression, printed] : program_.range_constraints) {
    if (expression == size) range = printed;
  }
  if (size.is_symbol()) {
    const ir::Range enforced = enforced_range(size);
    if (!range) range = enforced;
    range->min = std::max(range->min, enforced.min);
  }
  if (!range) {
    // A derived size without a range of its own: from the ends of its symbol's range.
    range.emplace();
    SymbolValues lowest, highest;
    bool bounded = true;
    for (const Expr& root : size.free_symbols()) {
      const ir::Range of_root = enforced_range(root);
      lowest[root.name()] = of_root.min;
      highest[root.name()] = of_root.max;
      bounded = bounded && of_root.max != ir::kUnbounded;
    }
    range->min = evaluate_integer(size, lowest).value_or(0);
    range->max =
        bounded ? evaluate_integer(size, highest).value_or(ir::kUnbounded) : ir::kUnbounded;
  }
  return "[" + std::to_string(range->min) + ", " +
         std::to_string(std::min(range->max, kLargestSize)) + "]";
}

std::string InputChecker::place(const Dim& dim) const {
  return inputs_[dim.input].placeholder + ".shape[" + std::to_string(dim.dim) + "]";
}

std::string InputChecker::source(const Dim& dim) const {
  const Input& input = inputs_[dim.input];
  return (input.spec->path.empty() ? input.placeholder : input.spec->path) + ".size()[" +
         std::to_string(dim.dim) + "]";
}

}  // namespace tx::runtime
