#include <algorithm>

#include "shapes/families.h"

namespace tx::shapes {

void Table::add(std::string_view op, Rule rule) {
  if (!rules_.emplace(std::string(op), rule).second) {
    diag::fail(diag::Code::TX0070, "two shape rules for " + std::string(op));
  }
}

Rule Table::find(std::string_view op) const {
  auto it = rules_.find(std::string(op));
  return it == rules_.end() ? nullptr : it->second;
}

std::vector<std::string> Table::operators() const {
  std::vector<std::string> names;
  for (auto& [name, rule] : rules_) names.push_back(name);
  std::sort(names.begin(), names.end());
  return names;
}

const Table& table() {
  static const Table* all = [] {
    auto* table = new Table;
    register_attention(*table);
    register_convolution(*table);
    register_creation(*table);
    register_data_dependent(*table);
    register_fft(*table);
    register_indexing(*table);
    register_linalg(*table);
    register_losses(*table);
    register_matmul(*table);
    register_normalisation(*table);
    register_ordering(*table);
    register_padding(*table);
    register_pointwise(*table);
    register_pooling(*table);
    register_random(*table);
    register_recurrent(*table);
    register_reduction(*table);
    register_scatter(*table);
    register_shape(*table);
    register_upsampling(*table);
    register_views(*table);
    return table;
  }();
  return *all;
}

}  // namespace tx::shapes
