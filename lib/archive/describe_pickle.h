// Says in words what a pickle holds: "a pickled module of class models.Net", "a state_dict with
// 62 tensors (conv1.weight, ...)". Reads names only.
#pragma once
#include <string>

#include "support/pickle.h"

namespace tx::archive {

struct Described {
  std::string text;
  bool is_module = false;
  /// How to get from what torch.load returns to the module: "", "[\"model\"]".
  std::string module_access;
};

Described describe(const support::pickle::Value& root);

}  // namespace tx::archive
