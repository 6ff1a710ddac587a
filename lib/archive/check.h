// Checks of a TorchScript archive that LibTorch does not make, so that a damaged file is an error
// and never a crash or a wrong number.
//
// In:  the zip directory of an archive that is known to be TorchScript.
// Out: what the loader needs to know of it; TX0007 for damage, TX0008 for a format that is too new.
// Holds: after it every record lies inside the file, every record that LibTorch reads at once has
//        the right checksum, and no tensor reaches beyond its record. Large weights are not read.
#pragma once
#include <cstdint>
#include <string>

#include "support/zip_directory.h"

namespace tx::archive {

struct ArchiveFacts {
  int64_t format_version = 0;
  /// Some class runs code, or LibTorch packs weights, while the archive is loaded.
  bool reads_weights_at_load = false;
  /// The model's code asks whether gradients are recorded.
  bool asks_grad_mode = false;
};

/// `path` is for messages; `newest` is the newest format version that can be read.
ArchiveFacts check_torchscript(const std::string& path, const support::ZipDirectory& zip,
                               int64_t newest);

}  // namespace tx::archive
