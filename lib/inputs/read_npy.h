// .npy: one NumPy array.
//
// In:  the bytes of a file of version 1 to 3.
// Out: a tensor of the same dtype, sizes and values, contiguous; big-endian data is swapped.
#pragma once
#include <stdexcept>
#include <string_view>

#include <ATen/core/Tensor.h>

namespace tx::inputs {

/// Bytes that cannot be read as values; what() says why, without the file's name.
class FormatError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

bool is_npy(std::string_view bytes);

/// Throws FormatError.
at::Tensor read_npy(std::string_view bytes);

/// A tensor of elements that are in `bytes` in NumPy's dtype notation ("<f4"), copied. In Fortran
/// order the first index changes fastest. Throws FormatError.
at::Tensor tensor_from_numpy(std::string_view descr, std::vector<int64_t> sizes, bool fortran_order,
                             std::string_view bytes);

}  // namespace tx::inputs
