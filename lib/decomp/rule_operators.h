// The operators `rule.*` that decomposition rules may call besides torch's: numbers in the place of
// tensors, and facts about dtypes. TorchScript cannot write them down itself.
#pragma once

namespace tx::decomp {

/// Registers them with TorchScript; later calls do nothing.
void register_rule_operators();

}  // namespace tx::decomp
