// Places in the code of an archive, for instructions that carry no place of their own.
#pragma once
#include "archive/load.h"
#include "diag/diagnostic.h"

namespace tx::archive {

/// A place that only names a file of the archive's code ("code/__torch__/model.py", line 0) gets
/// line and text of the method's definition; the innermost stack frame's function is
/// "Class.method". Other places stay as they are.
void complete_place(const LoadedModule& model, diag::Diagnostic& diagnostic);

}  // namespace tx::archive
