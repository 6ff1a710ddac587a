#include "capture/overrides/table.h"

#include "capture/dispatch/functional.h"
#include "capture/dispatch/layers.h"
#include "capture/overrides/families.h"

namespace tx::capture {
namespace {

OverrideTable build() {
  OverrideTable table;
  register_conjugate(table);
  register_convolution(table);
  register_dropout(table);
  register_batch_norm(table);
  register_fast_path(table);
  register_group_norm(table);
  register_one_hot(table);
  register_stft(table);
  register_take_along_dim(table);
  register_unsafe_chunk(table);
  register_upsample(table);
  return table;
}

}  // namespace

Override find_override(const c10::OperatorHandle& op) {
  // Looked up on every call: keyed by the operator's address, which lives as long as the process.
  static const auto* by_handle = [] {
    auto* map = new std::unordered_map<const c10::FunctionSchema*, Override>;
    for (const auto& [name, override] : build()) {
      const size_t dot = name.find('.');
      const c10::OperatorHandle found = c10::Dispatcher::singleton().findSchemaOrThrow(
          name.substr(0, dot).c_str(), dot == std::string::npos ? "" : name.substr(dot + 1).c_str());
      map->emplace(&found.schema(), override);
    }
    return map;
  }();
  const auto found = by_handle->find(&op.schema());
  return found == by_handle->end() ? nullptr : found->second;
}

void record_whole(const c10::OperatorHandle& op, torch::jit::Stack& stack) {
  const size_t count = op.schema().arguments().size();
  for (size_t i = stack.size() - count; i < stack.size(); ++i) stack[i] = from_functional(stack[i]);
  {
    const AtRecorder at_recorder;
    op.callBoxed(stack);
  }
  for (size_t i = stack.size() - op.schema().returns().size(); i < stack.size(); ++i) {
    stack[i] = to_functional(stack[i]);
  }
}

}  // namespace tx::capture
