// The families of shape rules, one file each. table.cpp calls every one of them once.
#pragma once
#include "shapes/rule.h"

namespace tx::shapes {

void register_attention(Table& table);
void register_convolution(Table& table);
void register_creation(Table& table);
void register_data_dependent(Table& table);
void register_fft(Table& table);
void register_indexing(Table& table);
void register_linalg(Table& table);
void register_losses(Table& table);
void register_matmul(Table& table);
void register_normalisation(Table& table);
void register_ordering(Table& table);
void register_padding(Table& table);
void register_pointwise(Table& table);
void register_pooling(Table& table);
void register_random(Table& table);
void register_recurrent(Table& table);
void register_reduction(Table& table);
void register_scatter(Table& table);
void register_shape(Table& table);
void register_upsampling(Table& table);
void register_views(Table& table);

}  // namespace tx::shapes
