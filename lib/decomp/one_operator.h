// Models of one operator for tests: from a line of TorchScript to a program and its results.
#pragma once
#include <ATen/core/ivalue.h>
#include <torch/csrc/jit/api/module.h>

#include <string>
#include <vector>

#include "decomp/decompose.h"
#include "ir/program.h"

namespace tx::test {

/// A case of testdata/decomp:
///
///   case NAME
///   inputs x f32[B,8], i i64[3]:0..7     `B` is a size that may vary, 4 if nothing else is said
///       return torch.mm(x, y)            the body of `forward`, indented
///   core permute, addmm                  the measured operators
///   ours view, mm                        those of this project, where they are others,
///   because ...                          and why
///   random                               results are compared in shape and dtype only
struct Case {
  struct Input {
    std::string name;
    c10::ScalarType dtype = c10::kFloat;
    std::vector<std::string> sizes;
    double low = 0, high = 0;  ///< low == high: normal floats
  };
  std::string family, name;
  std::vector<Input> inputs;
  std::string body;
  std::string core, ours, because;
  bool random = false;
};
/// All cases of a folder, file by file. Throws std::runtime_error with file and line of a mistake.
std::vector<Case> read_cases(const std::string& folder);

/// How the inputs of a run differ from those of the case.
struct Variant {
  std::string name = "as written";
  int64_t varying = 4;                       ///< the value of B
  std::optional<c10::ScalarType> floats;     ///< dtype of the floating-point inputs
  bool transposed = false;                   ///< strides of another order
  uint64_t seed = 0;
};

torch::jit::Module module_of(const Case& item);
std::vector<c10::IValue> inputs_of(const Case& item, const Variant& variant);

/// The program of a module; `dynamic` makes every size `B` one dynamic dimension.
ir::Program program_of(const torch::jit::Module& module, const Case& item,
                       const std::vector<c10::IValue>& inputs, bool dynamic = false);

/// "permute, addmm": the calls in order, without getitem, numbers and their assertions.
std::string calls_of(const ir::Program& program);

}  // namespace tx::test
