// Generator: small random TorchScript programs that work on their example inputs.
//
// In:  a seed.
// Out: the text of a `forward` method, example inputs, values of --dynamic.
// Holds: the same seed gives the same program. Each statement was run by LibTorch on the example
//        before it was taken, so that a program fails only at other sizes.
#pragma once
#include <ATen/core/ivalue.h>

#include <cstdint>
#include <string>
#include <vector>

namespace tx::random_programs {

struct RandomProgram {
  std::string text;                   ///< "def forward(self, x0, x1): ..."
  std::vector<at::Tensor> inputs;
  std::vector<std::string> dynamic;   ///< values of --dynamic
  /// An index read from data may be out of range for other sizes, in the model as in the program.
  bool indexes_by_data = false;
};

RandomProgram generate(uint64_t seed);

}  // namespace tx::random_programs
