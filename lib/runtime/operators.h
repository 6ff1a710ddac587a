// Operators of a program in this LibTorch: found by name, compared by schema.
//
// In:  the target of a call ("aten.add.Tensor") and the schema text that the program file has of
// it. Out: the operator's handle and the schema that calls are bound to. Holds: an operator that is
// missing or takes other arguments than the program was written for is
//        a diag::Diagnostic (TX4010) before anything runs, never a wrong call.
#pragma once
#include <ATen/core/dispatch/Dispatcher.h>

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "diag/diagnostic.h"

namespace tx::runtime {

struct Operator {
  c10::OperatorHandle handle;
  /// LibTorch's schema, with the defaults of the program's schema where it has one: an argument
  /// that a call leaves out keeps the value it had when the program was captured.
  c10::FunctionSchema schema;
};

/// "aten.add.Tensor" -> {"aten::add", "Tensor"}; "aten.mm.default" -> {"aten::mm", ""}. Empty when
/// `target` has no such form.
std::optional<c10::OperatorName> operator_name(std::string_view target);

/// `schema_text`: what the program says of the operator; null when it says nothing.
std::variant<Operator, diag::Diagnostic> find_operator(std::string_view target,
                                                       const std::string* schema_text);

/// Why a call written for `written` cannot be made with `live`; empty when it can: `live` is the
/// same or has more arguments, all with defaults.
std::optional<std::string> incompatibility(const c10::FunctionSchema& written,
                                           const c10::FunctionSchema& live);

}  // namespace tx::runtime
