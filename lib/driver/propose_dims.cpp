#include "driver/propose_dims.h"

#include "driver/dynamic.h"
#include "driver/model.h"
#include "inputs/pytree.h"
#include "symbolic/infer_dims.h"

namespace tx::driver {
namespace {

using Sizes = std::vector<std::optional<std::vector<int64_t>>>;

[[noreturn]] void fail_set(const std::string& source, const std::string& difference) {
  diag::fail(diag::Diagnostic(diag::Code::TX0010, "`--inputs-set " + source + "`: " + difference)
                 .note("sets of inputs may differ in the sizes and elements of their tensors only"));
}

std::string kind_of(const c10::IValue& value) {
  if (!value.isTensor()) return "a value that is no tensor";
  const at::Tensor& tensor = value.toTensor();
  return "a tensor of dtype " + std::string(c10::toString(tensor.scalar_type())) + " with " +
         std::to_string(tensor.dim()) + (tensor.dim() == 1 ? " dimension" : " dimensions");
}

/// The sizes of a set's leaves, which have to be like those of the example.
Sizes sizes_like(const inputs::BoundInputs& example, const inputs::BoundInputs& set,
                 const std::string& source) {
  if (example.tree != set.tree) fail_set(source, "its structure differs from that of `--inputs`");
  const std::vector<std::string> paths = inputs::leaf_paths(example.tree);
  Sizes sizes;
  for (size_t i = 0; i < example.leaves.size(); ++i) {
    const c10::IValue &expected = example.leaves[i], &actual = set.leaves[i];
    if (kind_of(expected) != kind_of(actual)) {
      fail_set(source, "`" + paths[i] + "` is " + kind_of(actual) + " instead of " +
                           kind_of(expected));
    }
    if (actual.isTensor()) {
      sizes.emplace_back(actual.toTensor().sizes().vec());
      continue;
    }
    if (expected.type()->str() != actual.type()->str() || !expected.equals(actual).toBool()) {
      fail_set(source, "the value of `" + paths[i] + "` differs from that of `--inputs`");
    }
    sizes.emplace_back();
  }
  return sizes;
}

}  // namespace

std::vector<std::string> propose_dims(const archive::LoadedModule& model,
                                      const inputs::BoundInputs& inputs,
                                      const ExportRequest& request) {
  std::vector<Sizes> others;
  for (const std::string& source : request.inputs_sets) {
    const inputs::BoundInputs set = bind_to_model(model, {{source}, request.inputs.seed});
    others.push_back(sizes_like(inputs, set, source));
  }
  const symbolic::BoundDims given = bind_dynamic(request.dynamic, inputs);
  return symbolic::infer_dims(given.leaves, others, given.axes);
}

}  // namespace tx::driver
