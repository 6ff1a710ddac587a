#include "archive/unknown_operators.h"

#include <caffe2/serialize/inline_container.h>
#include <torch/csrc/jit/frontend/function_schema_parser.h>
#include <torch/csrc/jit/runtime/operator.h>

#include <algorithm>
#include <regex>

namespace tx::archive {
namespace {

constexpr const char* kOverload = "stand_in";

// Operators are written `ops.torchvision.nms(`, those of aten `torch.relu(`; functions of the model may
// have such names behind others, `__torch__.torchvision.ops.boxes.nms(`.
std::vector<std::string> calls_in(const std::string& code) {
  static const std::regex call(R"((?:^|[^.\w])(?:ops\.([A-Za-z_]\w*)|torch)\.([A-Za-z_]\w*)(?=\())");
  std::vector<std::string> names;
  for (std::sregex_iterator it(code.begin(), code.end(), call), end; it != end; ++it) {
    names.push_back(((*it)[1].matched ? (*it)[1].str() : "aten") + "::" + (*it)[2].str());
  }
  return names;
}

bool is_known(const std::string& name) {
  // TorchScript's own instructions are no operators.
  return name.starts_with("prim::") ||
         !torch::jit::getAllOperatorsFor(c10::Symbol::fromQualString(name)).empty();
}

}  // namespace

std::vector<std::string> unknown_operators(const std::string& path) {
  std::vector<std::string> unknown;
  try {
    caffe2::serialize::PyTorchStreamReader reader(path);
    for (const std::string& record : reader.getAllRecords()) {
      if (!record.starts_with("code/") || !record.ends_with(".py")) continue;
      const auto [data, size] = reader.getRecord(record);
      for (const std::string& name : calls_in({static_cast<const char*>(data.get()), size})) {
        if (std::find(unknown.begin(), unknown.end(), name) == unknown.end() && !is_known(name)) {
          unknown.push_back(name);
        }
      }
    }
  } catch (const c10::Error&) {
    // No archive of torch: loading it says what it is.
  }
  return unknown;
}

StandIns::StandIns(std::vector<std::string> names) : names_(std::move(names)) {
  for (const std::string& name : names_) {
    const std::string schema = name + "." + kOverload + "(...) -> Tensor";
    schemas_.push_back(torch::jit::parseSchema(schema));
    torch::jit::registerOperator(torch::jit::Operator(
        schema, [name](torch::jit::Stack&) { TORCH_CHECK(false, "LibTorch does not know ", name); },
        c10::AliasAnalysisKind::CONSERVATIVE));
  }
}

StandIns::~StandIns() {
  for (const c10::FunctionSchema& schema : schemas_) torch::jit::deregisterOperator(schema);
}

bool calls_stand_in(const torch::jit::Node& node) {
  const c10::FunctionSchema* schema = node.maybeSchema();
  return schema && schema->overload_name() == kOverload;
}

}  // namespace tx::archive
