#include "driver/attach_weights.h"

#include "archive/load.h"

namespace tx::driver {

void attach_weights(ir::Program& program,
                    const std::unordered_map<std::string, at::Tensor>& weights) {
  std::unordered_map<const std::byte*, uint32_t> storages;
  for (const ir::InputSpec& spec : program.inputs) {
    if (spec.kind == ir::InputKind::UserInput) continue;
    const at::Tensor& tensor = weights.at(spec.target);
    ir::Weight weight;
    weight.name = spec.target;
    weight.dtype = static_cast<ir::DType>(tensor.scalar_type());
    weight.sizes = tensor.sizes().vec();
    weight.strides = tensor.strides().vec();
    weight.offset = tensor.storage_offset();
    weight.requires_grad = tensor.requires_grad();
    ir::Storage storage = archive::storage_of(tensor);
    const auto known = storage.data ? storages.find(storage.data) : storages.end();
    if (known != storages.end()) {
      weight.storage = known->second;
    } else {
      weight.storage = static_cast<uint32_t>(program.storages.size());
      if (storage.data) storages.emplace(storage.data, weight.storage);
      program.storages.push_back(std::move(storage));
    }
    program.weights.push_back(std::move(weight));
  }
}

}  // namespace tx::driver
