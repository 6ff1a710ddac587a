// The adapter between symbolic::Expr and LibTorch's SymInt, SymFloat and SymBool.
//
// Holds: every question LibTorch's C++ code asks of a symbolic number is answered by the ShapeEnv of
//        the running capture, which records a guard where the answer is not implied.
#pragma once
#include <c10/core/SymBool.h>
#include <c10/core/SymFloat.h>
#include <c10/core/SymInt.h>
#include <c10/core/SymNodeImpl.h>

#include "symbolic/shape_env.h"

namespace tx::capture {

/// Makes `env` answer the questions of this thread until the scope ends.
class ShapeEnvScope {
 public:
  explicit ShapeEnvScope(symbolic::ShapeEnv& env);
  ~ShapeEnvScope();
  ShapeEnvScope(const ShapeEnvScope&) = delete;
  ShapeEnvScope& operator=(const ShapeEnvScope&) = delete;

 private:
  symbolic::ShapeEnv* previous_;
};

/// `value` must hold a symbol; constants are plain c10::SymInt(n).
c10::SymInt make_sym_int(const symbolic::Expr& value);
c10::SymBool make_sym_bool(const symbolic::Expr& value);
c10::SymFloat make_sym_float(const symbolic::Expr& value);
/// The value at the example inputs (0 where there is none); records nothing.
int64_t hint_of(const c10::SymInt& value);
/// The expression of a node made here.
symbolic::Expr expr_of(const c10::SymNode& node);

}  // namespace tx::capture
