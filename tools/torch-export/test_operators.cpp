// An operator library for tests, loaded with --load-library: the tutorial's custom operator
// (section 11), and operators that are wrong in one way each.
#include <ATen/core/Tensor.h>
#include <ATen/ops/add.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/relu.h>
#include <torch/library.h>

#include <cstdio>
#include <stdexcept>

namespace {

at::Tensor custom_op(const at::Tensor& input) {
  std::puts("custom_op called!");
  std::fflush(stdout);
  return at::relu(input);
}

at::Tensor like(const at::Tensor& input) { return at::empty_like(input); }

// Gives another result at every call.
at::Tensor counting(const at::Tensor& input) {
  static int calls = 0;
  return at::add(input, ++calls);
}

at::Tensor doubled(const at::Tensor& input) { return at::cat({input, input}, 0); }

at::Tensor doubled_meta(const at::Tensor& input) {
  std::vector<c10::SymInt> sizes = input.sym_sizes().vec();
  sizes[0] = sizes[0] * 2;
  return at::empty_symint(sizes, input.options());
}

// The same for sizes that are plain numbers.
at::Tensor doubled_plainly_meta(const at::Tensor& input) {
  std::vector<int64_t> sizes = input.sizes().vec();
  sizes[0] = sizes[0] * 2;
  return at::empty(sizes, input.options());
}

at::Tensor& increase(at::Tensor& input) { return input.add_(1); }

// An exception that no operator of LibTorch throws.
at::Tensor throwing(const at::Tensor&) { throw std::logic_error("this kernel is wrong"); }

}  // namespace

TORCH_LIBRARY(my_custom_library, library) {
  library.def("custom_op(Tensor input) -> Tensor");
  library.def("no_kernel(Tensor input) -> Tensor");
  library.def("counting(Tensor input) -> Tensor");
  library.def("throwing(Tensor input) -> Tensor");
  library.def("doubled(Tensor input) -> Tensor");
  library.def("doubled_plainly(Tensor input) -> Tensor");
  library.def("increase_(Tensor(a!) input) -> Tensor(a!)");
}
TORCH_LIBRARY_IMPL(my_custom_library, CompositeExplicitAutograd, library) {
  library.impl("custom_op", custom_op);
}
TORCH_LIBRARY_IMPL(my_custom_library, CPU, library) {
  library.impl("counting", counting);
  library.impl("doubled", doubled);
  library.impl("doubled_plainly", doubled);
  library.impl("increase_", increase);
}
TORCH_LIBRARY_IMPL(my_custom_library, Meta, library) {
  library.impl("custom_op", like);
  library.impl("counting", like);
  library.impl("throwing", throwing);
  library.impl("doubled", doubled_meta);
  library.impl("doubled_plainly", doubled_plainly_meta);
  library.impl("increase_", increase);
}
