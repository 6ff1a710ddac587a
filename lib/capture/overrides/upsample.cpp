// upsample_{nearest,bilinear}2d.vec stay whole: they are Core ATen operators, and their scale factors
// are lost when they are broken down.
#include "capture/overrides/families.h"

namespace tx::capture {
namespace {

bool keep(const c10::OperatorHandle& op, torch::jit::Stack& stack) {
  record_whole(op, stack);
  return true;
}

}  // namespace

void register_upsample(OverrideTable& table) {
  table["aten::upsample_nearest2d.vec"] = keep;
  table["aten::upsample_bilinear2d.vec"] = keep;
}

}  // namespace tx::capture
