#include "decomp/one_operator.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/randint.h>
#include <ATen/ops/randn.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <stdexcept>

#include "capture/capture.h"
#include "inputs/bind.h"
#include "passes/pipeline.h"
#include "support/strings.h"

namespace tx::test {
namespace {

namespace fs = std::filesystem;

const std::string kVarying = "B";

c10::ScalarType dtype_of(const std::string& name) {
  if (name == "f32") return c10::kFloat;
  if (name == "f64") return c10::kDouble;
  if (name == "i64") return c10::kLong;
  if (name == "b8") return c10::kBool;
  if (name == "c64") return c10::kComplexFloat;
  throw std::runtime_error("unknown dtype " + name);
}

// "x f32[B,8]:0..1"
Case::Input parse_input(std::string_view text) {
  Case::Input input;
  const std::string line(support::trim(text));
  const size_t space = line.find(' '), open = line.find('['), close = line.find(']');
  if (space == std::string::npos || open == std::string::npos || close == std::string::npos) {
    throw std::runtime_error("expected NAME DTYPE[SIZES]: " + line);
  }
  input.name = line.substr(0, space);
  input.dtype = dtype_of(line.substr(space + 1, open - space - 1));
  const std::string sizes = line.substr(open + 1, close - open - 1);
  if (!sizes.empty()) input.sizes = support::split(sizes, ',');
  const size_t range = line.find("..");
  if (range != std::string::npos) {
    input.low = std::stod(line.substr(close + 2, range - close - 2));
    input.high = std::stod(line.substr(range + 2));
  }
  return input;
}

// The commas between inputs, not those between sizes.
std::vector<std::string> split_inputs(const std::string& text) {
  std::vector<std::string> parts(1);
  int depth = 0;
  for (const char c : text) {
    depth += c == '[' ? 1 : c == ']' ? -1 : 0;
    if (c == ',' && depth == 0) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

void read_line(const std::string& line, const std::string& family, std::vector<Case>& cases) {
  if (line.empty() || line[0] == '#') return;
  if (line.starts_with("case ")) {
    Case item;
    item.family = family;
    item.name = line.substr(5);
    cases.push_back(std::move(item));
    return;
  }
  if (cases.empty()) throw std::runtime_error("expected `case NAME`");
  Case& item = cases.back();
  const auto rest = [&line](std::string_view word) { return line.substr(word.size()); };
  if (line.starts_with("    ")) {
    item.body += line + "\n";
  } else if (line.starts_with("inputs ")) {
    for (const std::string& input : split_inputs(rest("inputs "))) item.inputs.push_back(parse_input(input));
  } else if (line.starts_with("core ")) {
    item.core = rest("core ");
  } else if (line.starts_with("ours ")) {
    item.ours = rest("ours ");
  } else if (line.starts_with("because ")) {
    item.because = rest("because ");
  } else if (line == "random") {
    item.random = true;
  } else {
    throw std::runtime_error("unknown word in `" + line + "`");
  }
}

// The same values in a tensor whose dimensions lie in memory the other way round.
at::Tensor with_other_strides(const at::Tensor& tensor) {
  std::vector<int64_t> reversed(static_cast<size_t>(tensor.dim()));
  std::iota(reversed.rbegin(), reversed.rend(), 0);
  return tensor.permute(reversed).contiguous().permute(reversed);
}

at::Tensor make(const Case::Input& input, const Variant& variant, at::Generator generator) {
  std::vector<int64_t> sizes;
  for (const std::string& size : input.sizes) {
    sizes.push_back(size == kVarying ? variant.varying : std::stoll(size));
  }
  at::Tensor tensor;
  if (input.dtype == c10::kBool) {
    tensor = at::rand(sizes, generator) > 0.5;
  } else if (input.dtype == c10::kLong) {
    tensor = at::randint(static_cast<int64_t>(input.low), static_cast<int64_t>(input.high) + 1, sizes,
                         generator, at::TensorOptions(c10::kLong));
  } else if (input.dtype == c10::kComplexFloat) {
    tensor = at::randn(sizes, generator, at::TensorOptions(input.dtype));
  } else {
    tensor = input.low < input.high ? at::rand(sizes, generator) * (input.high - input.low) + input.low
                                    : at::randn(sizes, generator);
    const c10::ScalarType dtype = variant.floats.value_or(input.dtype);
    if (c10::isIntegralType(dtype, false)) tensor = tensor * 3;
    tensor = tensor.to(dtype);
  }
  return variant.transposed ? with_other_strides(tensor) : tensor;
}

// The bytes of constants that the program carries.
void attach_constants(ir::Program& program, const capture::Captured& captured) {
  for (const ir::InputSpec& spec : program.inputs) {
    if (spec.kind == ir::InputKind::UserInput) continue;
    const auto tensor = std::make_shared<at::Tensor>(captured.weights.at(spec.target).contiguous());
    ir::Weight weight;
    weight.name = spec.target;
    weight.dtype = static_cast<ir::DType>(tensor->scalar_type());
    weight.sizes = tensor->sizes().vec();
    weight.strides = tensor->strides().vec();
    weight.storage = static_cast<uint32_t>(program.storages.size());
    program.storages.push_back({tensor, static_cast<const std::byte*>(tensor->const_data_ptr()),
                                static_cast<uint64_t>(tensor->nbytes())});
    program.weights.push_back(std::move(weight));
  }
}

}  // namespace

std::vector<Case> read_cases(const std::string& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::vector<Case> cases;
  for (const fs::path& file : files) {
    std::ifstream stream(file);
    std::string line;
    for (int number = 1; std::getline(stream, line); ++number) {
      try {
        read_line(line, file.stem().string(), cases);
      } catch (const std::exception& error) {
        throw std::runtime_error(file.string() + ":" + std::to_string(number) + ": " + error.what());
      }
    }
  }
  return cases;
}

torch::jit::Module module_of(const Case& item) {
  torch::jit::Module module("OneOperator");
  std::string text = "def forward(self";
  for (const Case::Input& input : item.inputs) text += ", " + input.name;
  module.define(text + "):\n" + item.body);
  return module;
}

std::vector<c10::IValue> inputs_of(const Case& item, const Variant& variant) {
  at::Generator generator = at::make_generator<at::CPUGeneratorImpl>(variant.seed);
  std::vector<c10::IValue> values;
  for (const Case::Input& input : item.inputs) values.emplace_back(make(input, variant, generator));
  return values;
}

ir::Program program_of(const torch::jit::Module& module, const Case& item,
                       const std::vector<c10::IValue>& values, bool dynamic) {
  inputs::BoundInputs bound;
  bound.positional = bound.arguments = bound.leaves = values;
  for (const Case::Input& input : item.inputs) {
    bound.tree.positional_names.push_back(input.name);
    bound.tree.positional.emplace_back();
  }
  capture::CaptureOptions options;
  options.allow_input_mutation = true;
  for (size_t i = 0; dynamic && i < item.inputs.size(); ++i) {
    for (size_t axis = 0; axis < item.inputs[i].sizes.size(); ++axis) {
      if (item.inputs[i].sizes[axis] != kVarying) continue;
      symbolic::DimRequest request;
      request.source = "L['" + item.inputs[i].name + "'].size()[" + std::to_string(axis) + "]";
      request.origin = {static_cast<uint32_t>(i), static_cast<uint32_t>(axis)};
      request.hint = values[i].toTensor().size(static_cast<int64_t>(axis));
      request.name = kVarying;
      request.min_is_default = true;
      options.dims.push_back(std::move(request));
    }
  }
  capture::Captured captured = capture::capture(module, bound, options);
  if (!captured.dims.ok()) throw std::runtime_error(captured.dims.violations.front().message);
  attach_constants(captured.program, captured);
  passes::run_pipeline(captured.program);
  return std::move(captured.program);
}

std::string calls_of(const ir::Program& program) {
  std::string text;
  for (const ir::Node& node : program.graph.nodes) {
    if (node.kind != ir::NodeKind::Call || !node.target.starts_with("aten.")) continue;
    if (node.target == "aten.sym_size.int" || node.target == "aten._assert_scalar.default") continue;
    std::string name = node.target.substr(5);
    if (name.ends_with(".default")) name.resize(name.size() - 8);
    text += (text.empty() ? "" : ", ") + name;
  }
  return text;
}

}  // namespace tx::test
