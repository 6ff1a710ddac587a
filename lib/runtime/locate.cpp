#include "runtime/locate.h"

namespace tx::runtime {

void locate(diag::Diagnostic& diagnostic, const ir::SourceMap& source, uint32_t location) {
  if (location >= source.locations().size()) return;
  const ir::Location& where = source.locations()[location];
  diagnostic.module_path = where.module_path;
  for (const uint32_t id : where.frames) {
    if (id >= source.frames().size()) continue;
    const ir::Frame& frame = source.frames()[id];
    diagnostic.stack.push_back({frame.file, frame.line, frame.function, frame.code});
  }
  if (const ir::Frame* frame = source.innermost(location)) {
    diagnostic.at({frame->file, frame->line, frame->column, 1, frame->code});
  }
}

}  // namespace tx::runtime
