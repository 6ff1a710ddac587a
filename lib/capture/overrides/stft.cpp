// stft and istft with symbolic sizes. LibTorch's kernels make the same calls with plain ones; and
// istft's looks at the values of the window, where a program asserts when it runs.
#include <ATen/ops/_assert_async.h>
#include <ATen/ops/_fft_c2c.h>
#include <ATen/ops/_fft_c2r.h>
#include <ATen/ops/_fft_r2c.h>
#include <ATen/ops/as_strided.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/logical_not.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/unfold_backward.h>
#include <ATen/ops/view_as_real.h>

#include "capture/dispatch/functional.h"
#include "capture/dispatch/known_value.h"
#include "capture/dispatch/traced_tensor.h"
#include "capture/overrides/families.h"

namespace tx::capture {
namespace {

using at::Tensor;
using c10::SymInt;

enum Normalisation : int64_t { kNone = 0, kByRootN = 1, kByN = 2 };

// What the two operators have in common.
struct Frames {
  int64_t n_fft, hop, win_length;
  Tensor window;  ///< undefined: ones

  Frames(const c10::IValue* arguments)
      : n_fft(arguments[1].toInt()),
        hop(arguments[2].isNone() ? n_fft / 4 : arguments[2].toInt()),
        win_length(arguments[3].isNone() ? n_fft : arguments[3].toInt()),
        window(arguments[4].isNone() ? Tensor() : arguments[4].toTensor()) {}

  bool valid() const {
    if (n_fft <= 0 || hop <= 0 || win_length <= 0 || win_length > n_fft) return false;
    return !window.defined() ||
           (window.dim() == 1 && window.sym_size(0).sym_eq(win_length).guard_bool(__FILE__, __LINE__));
  }
  /// The window in the middle of a frame, with zeros around it.
  Tensor padded(Tensor shorter) const {
    if (win_length == n_fft) return shorter;
    const int64_t left = (n_fft - win_length) / 2;
    return at::constant_pad_nd(shorter, {left, n_fft - win_length - left}, 0);
  }
};

// stft(Tensor self, int n_fft, int? hop_length, int? win_length, Tensor? window, bool normalized,
//      bool? onesided, bool? return_complex, bool? align_to_window) -> Tensor
bool stft(const c10::OperatorHandle& op, torch::jit::Stack& stack) {
  const c10::IValue* arguments = &stack[stack.size() - op.schema().arguments().size()];
  const Tensor self = arguments[0].toTensor();
  const Frames frames(arguments);
  const bool is_complex = self.is_complex() || (frames.window.defined() && frames.window.is_complex());
  const bool onesided = arguments[6].isNone() ? !is_complex : arguments[6].toBool();
  // The kernel says what is wrong with these.
  if (!(self.is_floating_point() || self.is_complex()) || self.dim() < 1 || self.dim() > 2 ||
      !frames.valid() || !arguments[8].isNone() || (onesided && is_complex) ||
      (arguments[7].isNone() && !is_complex)) {
    return false;
  }
  const bool return_complex = arguments[7].isNone() || arguments[7].toBool();
  Tensor input = self.dim() == 1 ? self.unsqueeze(0) : self;
  const SymInt length = input.sym_size(1);
  if (!length.sym_ge(frames.n_fft).guard_bool(__FILE__, __LINE__)) return false;

  const SymInt count = (length - frames.n_fft) / frames.hop + 1;
  input = at::as_strided_symint(
      input, {input.sym_size(0), count, frames.n_fft},
      {input.sym_stride(0), input.sym_stride(1) * frames.hop, input.sym_stride(1)});
  Tensor window = frames.window;
  if (!window.defined() && frames.win_length < frames.n_fft) {
    window = at::ones({frames.win_length}, self.options());
  }
  if (window.defined()) input = input.mul(frames.padded(window));

  const int64_t norm = arguments[5].toBool() ? kByRootN : kNone;
  Tensor result = is_complex ? at::_fft_c2c(input, {2}, norm, /*forward=*/true)
                             : at::_fft_r2c(input, {2}, norm, onesided);
  result = result.transpose(1, 2);
  if (self.dim() == 1) result = result.squeeze(0);
  torch::jit::drop(stack, op.schema().arguments().size());
  stack.emplace_back(return_complex ? result : at::view_as_real(result));
  return true;
}

// Refuses windows whose overlaps reach zero: now where the windows are constants, else at run time.
void check_overlaps(const Tensor& envelope) {
  const Tensor too_small = envelope.abs().min().lt(1e-11);
  const char* message = "window overlap add min: 1";
  const TracedTensorImpl* traced = as_traced(from_functional(too_small));
  const Tensor known = traced && traced->known() ? traced->known()->value() : Tensor();
  if (known.defined()) {
    TORCH_CHECK(!known.item<bool>(), message);
  } else {
    at::_assert_async(at::logical_not(too_small), message);
  }
}

// istft(Tensor self, int n_fft, int? hop_length, int? win_length, Tensor? window, bool center,
//       bool normalized, bool? onesided, int? length, bool return_complex) -> Tensor
bool istft(const c10::OperatorHandle& op, torch::jit::Stack& stack) {
  const c10::IValue* arguments = &stack[stack.size() - op.schema().arguments().size()];
  const Tensor self = arguments[0].toTensor();
  const Frames frames(arguments);
  const int64_t n_fft = frames.n_fft;
  const bool return_complex = arguments[9].toBool();
  // The kernel says what is wrong with these.
  if (!self.is_complex() || self.dim() < 2 || self.dim() > 3 || !frames.valid() ||
      frames.hop > frames.win_length) {
    return false;
  }
  const bool full = self.sym_size(-2).sym_eq(n_fft).guard_bool(__FILE__, __LINE__);
  const bool onesided = arguments[7].isNone() ? !full : arguments[7].toBool();
  const bool fits =
      onesided ? self.sym_size(-2).sym_eq(n_fft / 2 + 1).guard_bool(__FILE__, __LINE__) : full;
  if (!fits || (return_complex && onesided) ||
      (!return_complex && frames.window.defined() && frames.window.is_complex()) ||
      !self.sym_size(-1).sym_gt(0).guard_bool(__FILE__, __LINE__)) {
    return false;
  }

  const auto real = return_complex ? self.scalar_type() : c10::toRealValueType(self.scalar_type());
  Tensor window = frames.padded(
      frames.window.defined() ? frames.window : at::ones({frames.win_length}, self.options().dtype(real)));
  Tensor input = self.dim() == 2 ? self.unsqueeze(0) : self;
  input = input.transpose(1, 2);
  const int64_t norm = arguments[6].toBool() ? kByRootN : kByN;
  if (return_complex) {
    input = at::_fft_c2c(input, {2}, norm, /*forward=*/false);
  } else {
    if (!onesided) input = input.slice(-1, 0, n_fft / 2 + 1);
    input = at::_fft_c2r(input, {2}, norm, n_fft);
  }

  const SymInt count = input.sym_size(1);
  const SymInt length = (count - 1) * frames.hop + n_fft;
  const auto overlap_add = [&](const Tensor& parts) {
    return at::unfold_backward_symint(parts, {parts.sym_size(0), length}, 1, n_fft, frames.hop);
  };
  const bool center = arguments[5].toBool();
  const int64_t start = center ? n_fft / 2 : 0;
  const SymInt end = arguments[8].isNone() ? (center ? SymInt(-(n_fft / 2)) : length)
                                           : arguments[8].toSymInt() + start;
  Tensor result = overlap_add(input.mul(window.view({1, 1, n_fft}))).slice_symint(1, start, end);
  const Tensor envelope =
      overlap_add(window.pow(2).expand_symint({1, count, n_fft})).slice_symint(1, start, end);
  check_overlaps(envelope);
  result = result.div(envelope);
  if (self.dim() == 2) result = result.squeeze(0);
  if (end.sym_gt(length).guard_bool(__FILE__, __LINE__)) {
    result = at::constant_pad_nd_symint(result, {SymInt(0), end - length}, 0);
  }
  torch::jit::drop(stack, op.schema().arguments().size());
  stack.emplace_back(std::move(result));
  return true;
}

}  // namespace

void register_stft(OverrideTable& table) {
  table["aten::stft"] = stft;
  table["aten::istft"] = istft;
}

}  // namespace tx::capture
