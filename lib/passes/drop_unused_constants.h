// Drop unused constants: constant tensors that nothing uses are no inputs of the program.
//
// In:  a program after dead code was eliminated.
// Out: the same without the unused placeholders of kind CONSTANT_TENSOR; placeholders are numbered
//      anew. Parameters and buffers stay, used or not, as in torch.
#pragma once
#include "ir/program.h"

namespace tx::passes {

void drop_unused_constants(ir::Program& program);

}  // namespace tx::passes
