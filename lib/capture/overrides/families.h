// The families of overrides; table.cpp builds the table from them.
#pragma once
#include "capture/overrides/table.h"

namespace tx::capture {

void register_conjugate(OverrideTable& table);
void register_convolution(OverrideTable& table);
void register_dropout(OverrideTable& table);
void register_batch_norm(OverrideTable& table);
void register_fast_path(OverrideTable& table);
void register_group_norm(OverrideTable& table);
void register_one_hot(OverrideTable& table);
void register_stft(OverrideTable& table);
void register_take_along_dim(OverrideTable& table);
void register_unsafe_chunk(OverrideTable& table);
void register_upsample(OverrideTable& table);

}  // namespace tx::capture
