#include "capture/dispatch/layers.h"

#include <ATen/Context.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <torch/library.h>

#include <algorithm>

#include "capture/dispatch/recorder.h"
#include "capture/overrides/table.h"

namespace tx::capture {
namespace {

using c10::DispatchKey;
using c10::DispatchKeySet;

constexpr DispatchKey kOverrides = DispatchKey::TESTING_ONLY_GenericMode;
constexpr DispatchKey kRecorder = DispatchKey::Fake;

thread_local Recorder* current_recorder = nullptr;
thread_local Expander* current_expander = nullptr;

// Functionalization knows what an operator of LibTorch writes to or returns a view of, and takes that
// out. Of an operator of a library it does not.
void refuse_aliases(const c10::OperatorHandle& op) {
  const c10::FunctionSchema& schema = op.schema();
  if (schema.name().rfind("aten::", 0) == 0 || schema.name().rfind("prim", 0) == 0 ||
      op.hasKernelForDispatchKey(DispatchKey::CompositeImplicitAutograd) ||
      op.hasKernelForDispatchKey(DispatchKey::Functionalize)) {
    return;
  }
  const auto aliases = [](const c10::Argument& argument) { return argument.alias_info() != nullptr; };
  const bool views = std::any_of(schema.returns().begin(), schema.returns().end(), aliases);
  if (!schema.is_mutable() && !views) return;
  current_recorder->fail(
      diag::Diagnostic(diag::Code::TX1005,
                       schema.is_mutable()
                           ? "the mutation by the operator " + schema.name() +
                                 " of a library cannot be turned into a functional operation"
                           : "the operator " + schema.name() + " of a library returns a view")
          .note(c10::toString(schema))
          .fix("give the library an operator that returns a new tensor, and call that one"));
}

void run_overrides(const c10::OperatorHandle& op, DispatchKeySet keys, torch::jit::Stack* stack) {
  if (current_expander && current_expander->expand(op, *stack)) return;
  if (const Override override = find_override(op)) {
    if (override(op, *stack)) return;
  }
  refuse_aliases(op);
  op.redispatchBoxed(keys & DispatchKeySet(DispatchKeySet::FULL_AFTER, kOverrides), stack);
}

void run_recorder(const c10::OperatorHandle& op, DispatchKeySet, torch::jit::Stack* stack) {
  current_recorder->record(op, *stack);
}

// Library objects made on first use: the registration macro would be lost in a static library.
void register_fallbacks() {
  static auto* overrides = [] {
    auto* library = new torch::Library(torch::Library::IMPL, "_", kOverrides, __FILE__, __LINE__);
    library->fallback(torch::CppFunction::makeFromBoxedFunction<&run_overrides>());
    return library;
  }();
  static auto* recorder = [] {
    auto* library = new torch::Library(torch::Library::IMPL, "_", kRecorder, __FILE__, __LINE__);
    library->fallback(torch::CppFunction::makeFromBoxedFunction<&run_recorder>());
    return library;
  }();
  (void)overrides;
  (void)recorder;
}

DispatchKeySet layer_keys() {
  return DispatchKeySet({kOverrides, DispatchKey::Functionalize, kRecorder});
}

DispatchKeySet above_recorder() {
  return DispatchKeySet({kOverrides, DispatchKey::Functionalize}) | c10::autograd_dispatch_keyset |
         DispatchKeySet(DispatchKey::ADInplaceOrView);
}

}  // namespace

CaptureScope::CaptureScope(Recorder& recorder, Expander* expander)
    : previous_(current_recorder),
      previous_expander_(current_expander),
      onednn_enabled_(at::globalContext().userEnabledMkldnn()),
      shape_env_(recorder.env()),
      include_((register_fallbacks(), layer_keys())) {
  current_recorder = &recorder;
  current_expander = expander;
  // Composite kernels (lstm) would choose operators of oneDNN, which other backends do not have.
  at::globalContext().setUserEnabledMkldnn(false);
}
CaptureScope::~CaptureScope() {
  at::globalContext().setUserEnabledMkldnn(onednn_enabled_);
  current_recorder = previous_;
  current_expander = previous_expander_;
}

BelowCapture::BelowCapture() : exclude_(above_recorder() | DispatchKeySet(kRecorder)) {}
AtRecorder::AtRecorder() : exclude_(above_recorder()) {}

}  // namespace tx::capture
