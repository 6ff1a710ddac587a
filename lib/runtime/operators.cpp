#include "runtime/operators.h"

#include <ATen/core/function_schema.h>
#include <torch/csrc/jit/frontend/function_schema_parser.h>
#include <torch/headeronly/version.h>

#include <sstream>

namespace tx::runtime {
namespace {

using diag::Code;
using diag::Diagnostic;

std::string text_of(const c10::FunctionSchema& schema) {
  std::ostringstream out;
  out << schema;
  return out.str();
}

std::string text_of(const c10::Argument& argument) {
  std::ostringstream out;
  out << argument;
  return out.str();
}

/// Both of int and SymInt, or both of int and ScalarType, are boxed alike: an operator that changed
/// from one to the other takes the same calls.
bool same_type(const c10::Argument& a, const c10::Argument& b) { return *a.type() == *b.type(); }

std::string torch_version() {
  return std::to_string(TORCH_VERSION_MAJOR) + "." + std::to_string(TORCH_VERSION_MINOR) + "." +
         std::to_string(TORCH_VERSION_PATCH);
}

Diagnostic missing(std::string_view target, const std::string* schema_text) {
  Diagnostic diagnostic(Code::TX4010, "the program calls the operator `" + std::string(target) +
                                          "`, which this LibTorch (" + torch_version() +
                                          ") does not have");
  if (schema_text) diagnostic.note("its schema in the program: " + *schema_text);
  return diagnostic.fix("load the library that defines it: --load-library FILE.so");
}

Diagnostic different(std::string_view target, const std::string& schema_text,
                     const c10::FunctionSchema& live, const std::string& why) {
  return Diagnostic(Code::TX4010, "the operator `" + std::string(target) + "` of this LibTorch (" +
                                      torch_version() +
                                      ") is not the one the program was written for: " + why)
      .note("its schema in the program: " + schema_text)
      .note("its schema in LibTorch: " + text_of(live))
      .fix(
          "run the program with the LibTorch that exported it, or export the model again; for a "
          "custom operator load the matching library: --load-library FILE.so");
}

/// `live` with the defaults of `written`.
c10::FunctionSchema with_defaults(const c10::FunctionSchema& live,
                                  const c10::FunctionSchema& written) {
  std::vector<c10::Argument> arguments;
  for (const c10::Argument& argument : live.arguments()) {
    const std::optional<int> index = written.argumentIndexWithName(argument.name());
    std::optional<c10::IValue> value =
        index ? written.arguments()[*index].default_value() : argument.default_value();
    arguments.emplace_back(argument.name(), argument.type(), argument.real_type(), argument.N(),
                           std::move(value), argument.kwarg_only());
  }
  return {live.name(), live.overload_name(), std::move(arguments), live.returns()};
}

}  // namespace

std::optional<c10::OperatorName> operator_name(std::string_view target) {
  const size_t first = target.find('.');
  const size_t last = target.rfind('.');
  if (first == std::string_view::npos || first == last) return std::nullopt;
  const std::string_view overload = target.substr(last + 1);
  return c10::OperatorName(std::string(target.substr(0, first)) +
                               "::" + std::string(target.substr(first + 1, last - first - 1)),
                           overload == "default" ? "" : std::string(overload));
}

std::optional<std::string> incompatibility(const c10::FunctionSchema& written,
                                           const c10::FunctionSchema& live) {
  for (size_t i = 0; i < written.arguments().size(); ++i) {
    const c10::Argument& argument = written.arguments()[i];
    const std::optional<int> index = live.argumentIndexWithName(argument.name());
    if (!index) return "it has no argument `" + argument.name() + "`";
    const c10::Argument& other = live.arguments()[*index];
    if (!same_type(argument, other)) {
      return "its argument `" + text_of(other) + "` was `" + text_of(argument) + "`";
    }
    // Calls give positional arguments by position and all others by name.
    if (!argument.kwarg_only() && (other.kwarg_only() || static_cast<size_t>(*index) != i)) {
      return "its argument `" + argument.name() + "` is at another position";
    }
  }
  for (const c10::Argument& argument : live.arguments()) {
    if (!written.argumentIndexWithName(argument.name()) && !argument.default_value()) {
      return "it needs one more argument, `" + text_of(argument) + "`";
    }
  }
  if (written.returns().size() != live.returns().size()) {
    return "it returns " + std::to_string(live.returns().size()) + " values instead of " +
           std::to_string(written.returns().size());
  }
  for (size_t i = 0; i < live.returns().size(); ++i) {
    if (!same_type(written.returns()[i], live.returns()[i])) {
      return "its result " + std::to_string(i) + " is `" + text_of(live.returns()[i]) +
             "` instead of `" + text_of(written.returns()[i]) + "`";
    }
  }
  return std::nullopt;
}

std::variant<Operator, Diagnostic> find_operator(std::string_view target,
                                                 const std::string* schema_text) {
  const std::optional<c10::OperatorName> name = operator_name(target);
  std::optional<c10::OperatorHandle> handle;
  if (name) handle = c10::Dispatcher::singleton().findSchema(*name);
  if (!handle) return missing(target, schema_text);
  const c10::FunctionSchema& live = handle->schema();
  if (!schema_text || *schema_text == text_of(live)) return Operator{*handle, live};
  std::optional<c10::FunctionSchema> written;
  try {
    written = torch::jit::parseSchema(*schema_text, /*allow_typevars=*/false);
  } catch (const std::exception&) {
    // A schema may name classes that only a library of custom operators knows, or syntax of a
    // newer torch: it is not ours to understand, but it is not the operator LibTorch has.
    return different(target, *schema_text, live, "its schema has another form");
  }
  if (std::optional<std::string> why = incompatibility(*written, live)) {
    return different(target, *schema_text, live, *why);
  }
  return Operator{*handle, with_defaults(live, *written)};
}

}  // namespace tx::runtime
