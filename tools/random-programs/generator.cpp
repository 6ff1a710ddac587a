#include "generator.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Functions.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/jit/api/compilation_unit.h>
#include <torch/csrc/jit/frontend/resolver.h>
#include <torch/csrc/jit/runtime/graph_executor.h>

#include <functional>
#include <optional>
#include <random>
#include <set>

namespace tx::random_programs {
namespace {

using std::string;
using std::to_string;

struct Variable {
  string name;
  c10::IValue value;  ///< at the example; a tensor or an int
};

class Generator {
 public:
  explicit Generator(uint64_t seed) : seed_(seed), random_(seed * 0x9E3779B97F4A7C15ULL + 1) {}

  RandomProgram run() {
    for (int64_t& size : sizes_) size = between(2, 8);
    const int64_t num_inputs = between(1, 3);
    string parameters;
    for (int64_t i = 0; i < num_inputs; ++i) {
      add_input("x" + to_string(i));
      parameters += ", x" + to_string(i);
    }
    const int64_t wanted = between(2, 9);
    for (int64_t tries = 0, taken = 0; tries < 60 && taken < wanted; ++tries) {
      taken += try_statement();
    }
    result_.text = "def forward(self" + parameters + "):\n" + body_ + "    return " + returned() +
                   "\n";
    choose_dims();
    return std::move(result_);
  }

 private:
  // ---- random choices ----

  int64_t between(int64_t low, int64_t high) {
    return low + static_cast<int64_t>(random_() % static_cast<uint64_t>(high - low + 1));
  }
  bool chance(int percent) { return between(1, 100) <= percent; }
  string pick(const std::vector<string>& options) {
    return options[static_cast<size_t>(between(0, static_cast<int64_t>(options.size()) - 1))];
  }
  string number(int64_t low, int64_t high) { return to_string(between(low, high)); }

  // ---- inputs ----

  int64_t size() {
    if (chance(4)) return between(0, 1);
    const int64_t size = sizes_[static_cast<size_t>(between(0, 2))];
    if (chance(10)) return 2 * size;
    if (chance(8)) return size + 1;
    return chance(12) ? between(2, 9) : size;
  }

  void add_input(const string& name) {
    std::vector<int64_t> sizes(static_cast<size_t>(between(1, chance(30) ? 4 : 3)));
    for (int64_t& s : sizes) s = size();
    const at::Generator data = at::detail::createCPUGenerator(seed_ + variables_.size());
    at::Tensor value = at::empty(sizes).normal_(0, 1, data);
    if (chance(10)) {
      value = at::empty(sizes, at::kLong).random_(0, 2, data);
      integers_.insert(name);
    }
    result_.inputs.push_back(value);
    variables_.push_back({name, value});
  }

  void choose_dims() {
    const int64_t mode = between(0, 3);
    int64_t names = 0;
    for (size_t i = 0; i < result_.inputs.size(); ++i) {
      string value;
      for (int64_t axis = 0; axis < result_.inputs[i].dim(); ++axis) {
        const int64_t size = result_.inputs[i].size(axis);
        const string dim = choose_dim(mode, size, names);
        if (!dim.empty()) value += (value.empty() ? "" : ",") + to_string(axis) + "=" + dim;
      }
      if (!value.empty()) result_.dynamic.push_back(to_string(i) + ":" + value);
    }
  }

  string choose_dim(int64_t mode, int64_t size, int64_t& names) {
    if (chance(15) || (size < 2 && mode != 0)) return "";
    if (mode <= 1) return "auto";
    if (mode == 2) {  // one name for each dimension
      const string name = "d" + to_string(names++);
      if (chance(50)) return name;
      return name + ":" + to_string(std::max<int64_t>(0, size - between(0, 4))) + ".." +
             to_string(size + between(1, 9));
    }
    for (int64_t k = 0; k < 3; ++k) {  // equal examples are equal dimensions, some are derived
      const string name = "n" + to_string(sizes_[static_cast<size_t>(k)]);
      if (size == sizes_[static_cast<size_t>(k)]) return name;
      if (size == sizes_[static_cast<size_t>(k)] + 1 && chance(50)) return name + "+1";
      if (size == 2 * sizes_[static_cast<size_t>(k)] && chance(50)) return "2*" + name;
    }
    return "auto";
  }

  // ---- operands ----

  const Variable& tensor(int64_t min_rank = 0, int64_t max_rank = 9) {
    std::vector<const Variable*> fitting;
    for (const Variable& variable : variables_) {
      if (!variable.value.isTensor()) continue;
      const int64_t rank = variable.value.toTensor().dim();
      // Later results more often.
      if (rank >= min_rank && rank <= max_rank) fitting.push_back(&variable);
    }
    if (fitting.empty()) return use(variables_.front());
    const size_t last = fitting.size() - 1;
    return use(*fitting[chance(50) ? last : static_cast<size_t>(between(0, last))]);
  }
  const Variable& use(const Variable& variable) {
    used_.insert(variable.name);
    return variable;
  }
  string dim(const Variable& v) {
    const int64_t rank = std::max<int64_t>(v.value.toTensor().dim(), 1);
    return to_string(chance(30) ? between(-rank, -1) : between(0, rank - 1));
  }
  string size_of(const Variable& v) {
    if (v.value.toTensor().dim() == 0) return "3";
    return v.name + (chance(50) ? ".size(" + dim(v) + ")" : ".shape[" + dim(v) + "]");
  }
  /// An int: a literal, a size, a variable or arithmetic on them.
  string integer(int depth = 1) {
    if (chance(25)) return number(1, 6);
    if (chance(25)) {
      std::vector<const Variable*> ints;
      for (const Variable& v : variables_) {
        if (v.value.isInt()) ints.push_back(&v);
      }
      if (!ints.empty()) {
        return use(*ints[static_cast<size_t>(between(0, static_cast<int64_t>(ints.size()) - 1))])
            .name;
      }
    }
    if (depth == 0 || chance(45)) return size_of(tensor(1));
    const string a = integer(depth - 1);
    switch (between(0, 6)) {
      case 0: return "(" + a + " + " + integer(depth - 1) + ")";
      case 1: return "(" + a + " - " + number(1, 3) + ")";
      case 2: return "(" + a + " * " + number(2, 3) + ")";
      case 3: return "(" + a + " // " + number(2, 3) + ")";
      case 4: return "((" + a + " + 1) // 2)";
      case 5: return "min(" + a + ", " + integer(depth - 1) + ")";
      default: return "max(" + a + ", " + number(1, 4) + ")";
    }
  }
  string condition() {
    const string a = size_of(tensor(1));
    switch (between(0, 4)) {
      case 0: return a + " > " + number(1, 8);
      case 1: return a + " % " + number(2, 3) + " == " + number(0, 1);
      case 2: return a + " == " + size_of(tensor(1));
      case 3: return a + " <= " + integer();
      default: return a + " + " + size_of(tensor(1)) + " < " + number(4, 16);
    }
  }
  string slice() {
    switch (between(0, 8)) {
      case 0: return number(0, 3) + ":";
      case 1: return ":" + number(1, 6);
      case 2: return ":-" + number(1, 3);
      case 3: return "-" + number(1, 4) + ":";
      case 4: return number(0, 2) + "::" + number(2, 3);
      case 5: return number(0, 2) + ":" + number(2, 6) + ":" + number(1, 2);
      case 6: return ":" + integer();
      case 7: return integer() + ":";
      default: return "::" + number(2, 3);
    }
  }
  string index(const Variable& v) {
    const int64_t rank = v.value.toTensor().dim();
    string text;
    for (int64_t d = 0, last = between(0, std::max<int64_t>(rank - 1, 0)); d <= last; ++d) {
      text += (d ? ", " : "");
      text += d < last && chance(60) ? ":" : chance(70) ? slice() : number(-2, 2);
    }
    if (chance(8)) text = "..., " + slice();
    if (chance(6)) text = "None, " + text;
    return "[" + text + "]";
  }

  // ---- expressions ----

  string view() {
    const Variable& v = tensor(1);
    const string to = pick({"view", "reshape"});
    switch (between(0, 6)) {
      case 0: return v.name + "." + to + "([-1])";
      case 1: return v.name + "." + to + "([-1, " + integer() + "])";
      case 2: return v.name + "." + to + "([" + size_of(v) + ", -1])";
      case 3: return v.name + "." + to + "([" + integer() + ", " + integer() + "])";
      case 4: return v.name + "." + to + "([" + number(2, 3) + ", -1])";
      case 5: return v.name + ".flatten(" + dim(v) + ", " + dim(v) + ")";
      default:
        return v.name + "." + to + "([" + size_of(v) + " // 2, 2, -1])";
    }
  }
  string movement() {
    const Variable& v = tensor(1);
    switch (between(0, 7)) {
      case 0: return v.name + ".transpose(" + dim(v) + ", " + dim(v) + ")";
      case 1: return v.name + ".flip([" + dim(v) + "])";
      case 2: return "torch.roll(" + v.name + ", [" + number(-2, 3) + "], [" + dim(v) + "])";
      case 3: return v.name + ".unsqueeze(" + dim(v) + ")";
      case 4: return v.name + ".squeeze(" + dim(v) + ")";
      case 5: return v.name + ".contiguous()";
      case 6: return "torch.movedim(" + v.name + ", " + dim(v) + ", " + dim(v) + ")";
      default: return tensor(2, 2).name + ".t()";
    }
  }
  string piece() {
    const Variable& v = tensor(1);
    const string d = dim(v);
    switch (between(0, 7)) {
      case 0: return "torch.chunk(" + v.name + ", " + number(2, 3) + ", " + d + ")[" +
                     number(0, 1) + "]";
      case 1: return "torch.split(" + v.name + ", " + number(1, 4) + ", " + d + ")[" +
                     number(-1, 1) + "]";
      case 2: return v.name + ".narrow(" + d + ", " + number(0, 2) + ", " + integer() + ")";
      case 3: return v.name + ".select(" + d + ", " + number(-2, 2) + ")";
      case 4: return "torch.split(" + v.name + ", [" + number(1, 3) + ", " + v.name + ".size(" +
                     d + ") - " + number(1, 3) + "], " + d + ")[" + number(0, 1) + "]";
      case 5: return v.name + ".unfold(" + d + ", " + number(1, 3) + ", " + number(1, 2) + ")";
      default: return v.name + index(v);
    }
  }
  string joined() {
    const Variable &a = tensor(1), &b = tensor(1);
    switch (between(0, 3)) {
      case 0: return "torch.cat([" + a.name + ", " + b.name + "], " + dim(a) + ")";
      case 1: return "torch.cat([" + a.name + ", " + a.name + index(a) + "], " + dim(a) + ")";
      case 2: return "torch.stack([" + a.name + ", " + b.name + "], " + dim(a) + ")";
      default: return "torch.stack([" + a.name + ", " + a.name + " * 2], " + dim(a) + ")";
    }
  }
  string product() {
    switch (between(0, 7)) {
      case 0: return "torch.matmul(" + tensor(1).name + ", " + tensor(1).name + ")";
      case 1: return "torch.mm(" + tensor(2, 2).name + ", " + tensor(2, 2).name + ")";
      case 2: return "torch.bmm(" + tensor(3, 3).name + ", " + tensor(3, 3).name + ")";
      case 3: {
        const string a = tensor(2).name;
        return "torch.matmul(" + a + ", " + a + ".transpose(-1, -2))";
      }
      case 4: {
        const string a = tensor(1).name;
        return "torch.linear(" + a + ", torch.full([" + number(1, 5) + ", " + a +
               ".size(-1)], 0.5))";
      }
      case 5: return "torch.linear(" + tensor(1).name + ", torch.full([" + number(1, 5) + ", " +
                     integer() + "], 0.5))";
      case 6: return "torch.outer(" + tensor(1, 1).name + ", " + tensor(1, 1).name + ")";
      default: return "torch.addmm(" + tensor(1, 2).name + ", " + tensor(2, 2).name + ", " +
                      tensor(2, 2).name + ")";
    }
  }
  string window() {
    const Variable& v = tensor(3, 4);
    const int64_t n = v.value.toTensor().dim() - 2;
    if (n < 1 || n > 2) return "";
    const string kernel = number(1, 3), d = to_string(n);
    const string kernels = n == 1 ? kernel : kernel + ", " + kernel;
    const string steps = "[" + number(1, 2) + (n == 2 ? ", " + number(1, 2) : "") + "]";
    const string padding = "[" + number(0, 1) + (n == 2 ? ", " + number(0, 1) : "") + "]";
    switch (between(0, 4)) {
      case 0:
        return "torch.conv" + d + "d(" + v.name + ", torch.full([" + number(1, 3) + ", " +
               v.name + ".size(1), " + kernels + "], 0.25), None, " + steps + ", " + padding + ")";
      case 1:
        return "torch.conv" + d + "d(" + v.name + ", torch.full([2, " +
               to_string(v.value.toTensor().size(1)) + ", " + kernels + "], 0.25), None, " +
               steps + ", " + padding + ")";
      case 2:
        return "torch.max_pool" + d + "d(" + v.name + ", [" + kernels + "], " + steps + ")";
      case 3:
        return n == 1 ? "torch.avg_pool1d(" + v.name + ", [" + kernel + "], " + steps + ")"
                      : "torch.constant_pad_nd(" + v.name + ", [1, " + number(-1, 2) + "], 0.5)";
      default:
        return "torch.conv_transpose" + d + "d(" + v.name + ", torch.full([" + v.name +
               ".size(1), 2, " + kernels + "], 0.25), None, " + steps + ")";
    }
  }
  string reduction() {
    const Variable& v = tensor();
    const string keep = pick({"True", "False"});
    switch (between(0, 8)) {
      case 0: return v.name + ".sum([" + dim(v) + "], " + keep + ")";
      case 1: return v.name + ".mean([" + dim(v) + "], " + keep + ")";
      case 2: return v.name + ".amax([" + dim(v) + "], " + keep + ")";
      case 3: return v.name + ".sum()";
      case 4: return "torch.softmax(" + v.name + ", " + dim(v) + ")";
      case 5: return v.name + ".cumsum(" + dim(v) + ")";
      case 6: return "torch.logsumexp(" + v.name + ", [" + dim(v) + "], " + keep + ")";
      case 7: return "torch.layer_norm(" + v.name + ", [" + v.name + ".size(-1)])";
      default: return "torch.topk(" + v.name + ", " + number(1, 3) + ", " + dim(v) + ")[0]";
    }
  }
  string repetition() {
    const Variable& v = tensor(1, 3);
    const size_t rank = static_cast<size_t>(v.value.toTensor().dim());
    string minus, times;
    for (size_t d = 0; d < rank; ++d) {
      minus += ", -1";
      times += (d ? ", " : "") + number(1, 2);
    }
    switch (between(0, 5)) {
      case 0: return v.name + ".unsqueeze(0).expand([" + integer() + minus + "])";
      case 1: return v.name + ".expand([" + number(2, 3) + minus + "])";
      case 2: return v.name + ".repeat([" + times + "])";
      case 3: return v.name + ".repeat([" + integer() + ", " + times + "])";
      case 4: return v.name + ".expand_as(" + tensor(1).name + ")";
      default: return v.name + "[:1].expand([" + integer() + minus.substr(0, minus.size() - 4) +
                      "])";
    }
  }
  string selection() {
    const Variable& v = tensor(1);
    const string d = dim(v);
    switch (between(0, 4)) {
      case 0: return v.name + ".index_select(" + d + ", torch.arange(" + v.name + ".size(" + d +
                     ") // 2))";
      case 1: return v.name + ".index_select(" + d + ", torch.arange(0, " + v.name + ".size(" + d +
                     "), 2))";
      case 2: {
        string index = v.name;
        for (const string& name : integers_) index = name;
        if (index == v.name) return "";
        result_.indexes_by_data = true;
        for (const Variable& other : variables_) {
          if (other.name == index) use(other);
        }
        return v.name + "[" + index + "]";
      }
      case 3: return "torch.gather(" + v.name + ", " + d + ", torch.zeros_like(" + v.name +
                     ").to(4))";
      default: return "torch.tril(" + tensor(2).name + ")";
    }
  }
  string creation() {
    switch (between(0, 4)) {
      case 0: return "torch.zeros([" + integer() + ", " + integer() + "])";
      case 1: return "torch.ones([" + integer() + "])";
      case 2: return "torch.arange(" + integer() + ").to(6)";
      case 3: return "torch.ones_like(" + tensor().name + ")";
      default: return "torch.arange(0, " + integer() + ", 2).to(6)";
    }
  }
  string pointwise() {
    const string a = tensor().name;
    switch (between(0, 8)) {
      case 0: return "torch.relu(" + a + ")";
      case 1: return "torch.tanh(" + a + ")";
      case 2: return a + " * 0.5 + 1";
      case 3: return a + ".clamp(-1., 1.)";
      case 4: return a + " + " + tensor().name;
      case 5: return a + " * " + tensor().name;
      case 6: return a + " - " + tensor().name + index(tensor(1));
      case 7: return a + " + " + integer();
      default: return "torch.maximum(" + a + ", " + tensor().name + ")";
    }
  }
  string expression() {
    using Make = string (Generator::*)();
    static constexpr Make kMakes[] = {
        &Generator::view,       &Generator::view,      &Generator::movement,
        &Generator::piece,      &Generator::piece,     &Generator::joined,
        &Generator::product,    &Generator::product,   &Generator::window,
        &Generator::reduction,  &Generator::repetition, &Generator::selection,
        &Generator::creation,   &Generator::pointwise, &Generator::pointwise};
    return (this->*kMakes[between(0, std::size(kMakes) - 1)])();
  }

  // ---- statements ----

  /// The lines of a statement that gives `name` a value; empty when there is none.
  string statement(const string& name) {
    const string tab = "    ", set = tab + name + " = ";
    const int64_t kind = between(0, 99);
    if (kind < 10) return set + integer(2) + "\n";
    if (kind < 16) {
      const string a = tensor().name;
      return tab + "if " + condition() + ":\n" + tab + set + a + " + 1\n" + tab + "else:\n" + tab +
             set + pick({a + " * 2", "torch.tanh(" + a + ")"}) + "\n";
    }
    if (kind < 20) {
      return set + tensor().name + "\n" + tab + "for i in range(" + number(1, 3) + "):\n" + tab +
             set + name + " + i\n";
    }
    if (kind < 32) {
      const Variable& v = tensor(1);
      const string target = name + index(v);
      const string write = pick({target + " = 0.5", target + ".add_(1)", target + ".mul_(0.5)",
                                 target + " += 1", target + " = " + tensor().name,
                                 name + ".select(" + dim(v) + ", 0).fill_(2)",
                                 name + ".transpose(" + dim(v) + ", " + dim(v) + ")[0] = 1"});
      return set + v.name + ".clone()\n" + tab + write + "\n";
    }
    const string value = expression();
    return value.empty() ? "" : set + value + "\n";
  }

  bool try_statement() {
    used_.clear();
    const bool by_data = result_.indexes_by_data;
    const string name = "v" + to_string(next_++);
    const string lines = statement(name);
    const auto value = lines.empty() ? std::nullopt : evaluate(lines, name);
    if (!value) {
      result_.indexes_by_data = by_data;
      return false;
    }
    body_ += lines;
    variables_.push_back({name, *value});
    return true;
  }

  /// The value of `name` after the lines; nothing when they fail or give nothing useful.
  std::optional<c10::IValue> evaluate(const string& lines, const string& name) {
    string parameters;
    std::vector<c10::IValue> arguments;
    for (const Variable& variable : variables_) {
      if (!used_.contains(variable.name)) continue;
      parameters += (parameters.empty() ? "" : ", ") + variable.name +
                    (variable.value.isInt() ? ": int" : "");
      arguments.push_back(variable.value);
    }
    const string text = "def f(" + parameters + "):\n" + lines + "    return " + name + "\n";
    try {
      torch::jit::CompilationUnit unit;
      unit.define(std::nullopt, text, torch::jit::nativeResolver(), nullptr);
      const c10::IValue value = unit.get_function("f")(std::move(arguments));
      if (value.isInt()) return std::abs(value.toInt()) < 200 ? std::optional(value) : std::nullopt;
      if (!value.isTensor() || value.toTensor().numel() > 4000) return std::nullopt;
      if (value.toTensor().dim() > 5) return std::nullopt;
      return value;
    } catch (const std::exception&) {
      return std::nullopt;
    }
  }

  string returned() {
    const string last = variables_.back().name;
    if (!chance(40)) return last;
    return last + ", " +
           variables_[static_cast<size_t>(
                          between(0, static_cast<int64_t>(variables_.size()) - 1))].name;
  }

  const uint64_t seed_;
  std::mt19937_64 random_;
  int64_t sizes_[3];
  RandomProgram result_;
  std::vector<Variable> variables_;
  std::set<string> integers_;  ///< inputs of integers
  std::set<string> used_;      ///< by the statement that is being made
  string body_;
  int64_t next_ = 0;
};

}  // namespace

RandomProgram generate(uint64_t seed) {
  const at::NoGradGuard no_grad;
  const torch::jit::GraphOptimizerEnabledGuard unoptimized(false);
  return Generator(seed).run();
}

}  // namespace tx::random_programs
