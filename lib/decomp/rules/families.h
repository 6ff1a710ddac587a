// The families of decomposition rules, one file each; families.cpp lists them.
#pragma once
#include <string_view>
#include <vector>

namespace tx::decomp {

struct Family {
  std::string_view name;
  std::string_view text;  ///< TorchScript
};
const std::vector<Family>& families();

extern const std::string_view kCommon, kActivation, kCreation, kElementwise, kIndexing,
    kLinalg, kLosses, kNormalisation, kReduction, kSampling, kViews;

}  // namespace tx::decomp
