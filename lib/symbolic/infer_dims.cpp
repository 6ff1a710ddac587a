#include "symbolic/infer_dims.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace tx::symbolic {
namespace {

/// Larger factors and differences are taken for chance.
constexpr int64_t kLargestFactor = 16;
constexpr int64_t kLargestDifference = 4;
constexpr size_t kEnoughSizes = 3;

using SizesInSets = std::vector<int64_t>;  ///< of one axis, the exported set first

/// `sizes` as scale * root + offset, where that is simple and not chance.
std::optional<std::pair<int64_t, int64_t>> derived(const SizesInSets& sizes,
                                                   const SizesInSets& root) {
  if (std::set<int64_t>(root.begin(), root.end()).size() < kEnoughSizes) return std::nullopt;
  const auto fits = [&](int64_t scale, int64_t offset) {
    for (size_t i = 0; i < sizes.size(); ++i) {
      if (sizes[i] != scale * root[i] + offset) return false;
    }
    return true;
  };
  const int64_t factor = root[0] == 0 ? 0 : sizes[0] / root[0], difference = sizes[0] - root[0];
  if (factor >= 2 && factor <= kLargestFactor && fits(factor, 0)) return std::pair(factor, int64_t{0});
  if (std::abs(difference) <= kLargestDifference && fits(1, difference)) {
    return std::pair(int64_t{1}, difference);
  }
  return std::nullopt;
}

class Inference {
 public:
  explicit Inference(const std::vector<BoundAxis>& given) {
    for (const BoundAxis& axis : given) {
      given_.emplace(std::pair(axis.leaf, axis.axis), &axis.dim);
      if (!axis.dim.name.empty()) names_.insert(axis.dim.name);
    }
  }

  const DimSpec* given(size_t leaf, uint32_t axis) const {
    const auto found = given_.find({leaf, axis});
    return found == given_.end() ? nullptr : found->second;
  }

  /// Axes that agree with one that the user named take its name.
  void learn(const SizesInSets& sizes, const DimSpec& dim) {
    if (dim.kind != DimSpec::Kind::Named || dim.is_derived()) return;
    DimSpec plain;
    plain.kind = DimSpec::Kind::Named;
    plain.name = dim.name;
    known_.emplace(sizes, plain);
  }

  DimSpec dim_of(const SizesInSets& sizes) {
    if (const auto found = known_.find(sizes); found != known_.end()) return found->second;
    DimSpec dim;
    dim.kind = DimSpec::Kind::Named;
    for (const auto& [root, root_sizes] : roots_) {
      if (const auto form = derived(sizes, root_sizes)) {
        dim.name = root;
        dim.scale = form->first;
        dim.offset = form->second;
        break;
      }
    }
    if (dim.name.empty()) {
      do {
        dim.name = "d" + std::to_string(next_++);
      } while (names_.contains(dim.name));
      roots_.emplace_back(dim.name, sizes);
      // Sizes 0 and 1 among the sets are promised like the others.
      const int64_t smallest = *std::min_element(sizes.begin(), sizes.end());
      if (smallest < 2) {
        dim.range = Range{smallest, kNoBound};
        dim.min_written = true;
      }
    }
    known_.emplace(sizes, dim);
    return dim;
  }

 private:
  std::map<std::pair<size_t, uint32_t>, const DimSpec*> given_;
  std::set<std::string> names_;
  std::map<SizesInSets, DimSpec> known_;
  std::vector<std::pair<std::string, SizesInSets>> roots_;
  int64_t next_ = 0;
};

[[noreturn]] void fail_small(const InputLeaf& leaf, uint32_t axis, int64_t size) {
  diag::Diagnostic diagnostic(
      diag::Code::TX2008, "the size of `" + leaf.input_text() + "` in dimension " +
                              std::to_string(axis) +
                              " differs between the sets of inputs, but is " +
                              std::to_string(size) + " in the one that is exported");
  diagnostic.note("a dimension whose example has size 0 or 1 is never dynamic");
  diagnostic.fix("give a set with a larger size to --inputs, and this one to --inputs-set");
  diag::fail(std::move(diagnostic));
}

}  // namespace

std::vector<std::string> infer_dims(
    const std::vector<InputLeaf>& leaves,
    const std::vector<std::vector<std::optional<std::vector<int64_t>>>>& others,
    const std::vector<BoundAxis>& given) {
  Inference inference(given);
  const auto sizes_in_sets = [&](size_t leaf, uint32_t axis) {
    SizesInSets sizes{leaves[leaf].sizes->at(axis)};
    for (const auto& set : others) sizes.push_back(set.at(leaf)->at(axis));
    return sizes;
  };
  const auto each_axis = [&](const auto& visit) {
    for (size_t leaf = 0; leaf < leaves.size(); ++leaf) {
      if (!leaves[leaf].sizes) continue;
      for (uint32_t axis = 0; axis < leaves[leaf].sizes->size(); ++axis) visit(leaf, axis);
    }
  };
  each_axis([&](size_t leaf, uint32_t axis) {
    if (const DimSpec* dim = inference.given(leaf, axis)) {
      inference.learn(sizes_in_sets(leaf, axis), *dim);
    }
  });
  std::map<size_t, std::string> values;
  each_axis([&](size_t leaf, uint32_t axis) {
    const SizesInSets sizes = sizes_in_sets(leaf, axis);
    const bool differs =
        std::any_of(sizes.begin(), sizes.end(), [&](int64_t size) { return size != sizes[0]; });
    if (!differs || inference.given(leaf, axis)) return;
    if (sizes[0] < 2) fail_small(leaves[leaf], axis, sizes[0]);
    std::string& value = values[leaf];
    value += (value.empty() ? leaves[leaf].input_text() + ":" : ",") + std::to_string(axis) + "=" +
             inference.dim_of(sizes).text();
  });
  std::vector<std::string> result;
  for (auto& [leaf, value] : values) result.push_back(std::move(value));
  return result;
}

}  // namespace tx::symbolic
