// The yardstick of scripts/bench.sh: a process that loads a TorchScript archive and does nothing
// with it.
#include <torch/csrc/jit/serialization/import.h>

#include <cstdio>

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: jit_load MODEL\n");
    return 2;
  }
  const torch::jit::Module module = torch::jit::load(argv[1], at::kCPU);
  return module.is_training() ? 3 : 0;
}
