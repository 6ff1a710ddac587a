// The dispatcher layers of a capture, top to bottom:
//
//   TESTING_ONLY_GenericMode  an expander, where there is one; overrides of composite kernels (overrides/)
//   Autograd*                 LibTorch's CompositeImplicit kernels break operators down
//   Functionalize             LibTorch's functionalization removes mutation and aliasing
//   Fake                      the recorder
//
// `Fake` has no kernel and no fallback in LibTorch 2.13; a second fallback on a key throws when it
// is registered, so a clash with another LibTorch is loud.
#pragma once
#include <ATen/FunctionalTensorWrapper.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/grad_mode.h>
#include <ATen/core/stack.h>
#include <c10/core/impl/LocalDispatchKeySet.h>

#include "capture/dispatch/sym_node.h"

namespace tx::capture {

class Recorder;

/// Sees every call before the overrides do: what runs a program once more with other operators.
class Expander {
 public:
  virtual ~Expander() = default;
  /// Replaces the arguments on the stack by the results and returns true, or leaves the stack alone.
  virtual bool expand(const c10::OperatorHandle& op, torch::jit::Stack& stack) = 0;
};

/// Puts the layers in place, with `recorder` at the bottom, until the scope ends.
class CaptureScope {
 public:
  explicit CaptureScope(Recorder& recorder, Expander* expander = nullptr);
  ~CaptureScope();
  CaptureScope(const CaptureScope&) = delete;
  CaptureScope& operator=(const CaptureScope&) = delete;

 private:
  Recorder* previous_;
  Expander* previous_expander_;
  bool onednn_enabled_;
  ShapeEnvScope shape_env_;
  at::NoGradGuard no_grad_;
  at::functionalization::impl::FunctionalizationReapplyViewsGuard reapply_views_{true};
  c10::impl::IncludeDispatchKeyGuard include_;
};

/// Inside a capture: calls go to LibTorch's own kernels, for real and meta tensors.
class BelowCapture {
 public:
  BelowCapture();

 private:
  c10::impl::ExcludeDispatchKeyGuard exclude_;
};

/// Inside an override or a kernel: calls go to the recorder, without decomposition.
class AtRecorder {
 public:
  AtRecorder();

 private:
  c10::impl::ExcludeDispatchKeyGuard exclude_;
};

}  // namespace tx::capture
