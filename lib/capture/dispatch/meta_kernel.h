// Runs an operator's meta kernel at the example sizes: LibTorch's own word on dtype, sizes, strides.
#pragma once
#include <ATen/core/dispatch/Dispatcher.h>

#include <optional>
#include <string>
#include <vector>

#include "ir/types.h"
#include "symbolic/shape_env.h"

namespace tx::capture {

enum class MetaSupport {
  None,
  Composite,  ///< a kernel made of other calls, which may lack a meta kernel
  Direct,
};
MetaSupport meta_support(const c10::OperatorHandle& op);

/// One type for each returned tensor, lists flattened into a TupleType; numbers become NoneType.
/// nullopt when an inner call has no meta kernel. Throws c10::Error when the kernel refuses the
/// arguments.
std::optional<ir::Type> run_meta_kernel(const c10::OperatorHandle& op,
                                        const std::vector<c10::IValue>& arguments,
                                        const symbolic::ShapeEnv& env);

/// The same with sizes that stay symbolic, for operators of libraries that have no shape rule. What
/// the kernel asks of sizes is recorded like any other question. Where it cannot take symbolic sizes,
/// there is no type, and `reason` is what was raised.
std::optional<ir::Type> run_symbolic_meta_kernel(const c10::OperatorHandle& op,
                                                 const std::vector<c10::IValue>& arguments,
                                                 std::string& reason);

/// The type of an operator's results, as they stand on the stack.
ir::Type type_of_results(const c10::FunctionSchema& schema,
                         const std::vector<c10::IValue>& results);

}  // namespace tx::capture
