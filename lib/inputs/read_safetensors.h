// .safetensors: named tensors after a JSON header.
//
// In:  the bytes of a file.
// Out: its tensors by name, copied, in the order of their names.
// Holds: every tensor lies inside the file and has as many bytes as its shape says.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ATen/core/Tensor.h>

#include "inputs/read_npy.h"

namespace tx::inputs {

bool is_safetensors(std::string_view bytes);

/// Throws FormatError.
std::vector<std::pair<std::string, at::Tensor>> read_safetensors(std::string_view bytes);

}  // namespace tx::inputs
