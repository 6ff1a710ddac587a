#include "decomp/rules/families.h"

namespace tx::decomp {

const std::vector<Family>& families() {
  static const std::vector<Family> all = {
      {"common", kCommon},
      {"activation", kActivation},
      {"creation", kCreation},
      {"elementwise", kElementwise},
      {"indexing", kIndexing},
      {"linalg", kLinalg},
      {"losses", kLosses},
      {"normalisation", kNormalisation},
      {"reduction", kReduction},
      {"sampling", kSampling},
      {"views", kViews},
  };
  return all;
}

}  // namespace tx::decomp
