// Files that are no TorchScript archive: says what each is and how to get what is needed.
//
// In:  the bytes of a file; what it is called does not count.
// Out: nothing for a TorchScript archive, otherwise a diag::Failure of TX0002 to TX0006.
// Holds: nothing in the file is run; a pickle is only read for the names in it.
#pragma once
#include <string>

#include "support/mapped_file.h"
#include "support/zip_directory.h"

namespace tx::archive {

/// Refuses everything that is no zip archive.
void refuse_other_formats(const support::MappedFile& file);

/// Refuses zip archives that hold something else than TorchScript.
void refuse_other_zips(const std::string& path, const support::ZipDirectory& zip);

}  // namespace tx::archive
