// Reads what a Source names as values.
//
// In:  a parsed Source.
// Out: an IValue. Lists and dicts have the element type Any unless the file says better; binding
//      them to a model's arguments gives them the types the model wants.
// Holds: what a file is, its content says, not its name. Nothing in a file is run; classes and
//        functions that a pickle names are refused unless they make plain data. All tensors are on
//        the CPU and own their memory.
#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <ATen/core/ivalue.h>

#include "inputs/source.h"

namespace tx::inputs {

struct Content {
  c10::IValue value;
  /// Files with named entries (.npz, .safetensors, a TorchScript container): the entries. `value`
  /// is a dict of them. Empty for an entry picked by its key.
  std::vector<std::pair<std::string, c10::IValue>> named;
  bool from_file = false;
};

/// `seed` is that of made-up data. Throws diag::Failure (TX0002, TX0009, TX0011).
Content read_source(const Source& source, uint64_t seed);

/// A file that torch.save or LibTorch's pickle_save wrote, .npy, .npz, .safetensors, a TorchScript
/// container.
/// Throws diag::Failure (TX0002, TX0011).
Content read_file(const std::string& path);

}  // namespace tx::inputs
