// Lazy weights: lets LibTorch load an archive without reading its large weights.
//
// LibTorch reads an archive through an interface. LazyReader answers a read of a large weight with
// a marker instead of the data; place_weights() then finds the storages that hold markers and makes
// them point into the mapped file.
// Holds: only records of whole tensors are answered with markers, and every marker is found again
//        or the load does not count.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <caffe2/serialize/read_adapter_interface.h>
#include <torch/csrc/jit/api/module.h>

#include "support/mapped_file.h"
#include "support/zip_directory.h"

namespace tx::archive {

class LazyReader : public caffe2::serialize::ReadAdapterInterface {
 public:
  /// A weight whose read was answered with a marker.
  struct Deferred {
    uint64_t offset, size;
    const void* buffer;  ///< where LibTorch keeps the marker
  };

  /// With `lazy` false every read gives the data.
  LazyReader(std::shared_ptr<const support::MappedFile> file, const support::ZipDirectory& zip,
             bool lazy);
  size_t size() const override;
  size_t read(uint64_t position, void* buffer, size_t count, const char* what) const override;

  const std::vector<Deferred>& deferred() const { return deferred_; }
  const std::shared_ptr<const support::MappedFile>& file() const { return file_; }

 private:
  std::shared_ptr<const support::MappedFile> file_;
  std::map<uint64_t, uint64_t> weights_;  ///< offset of each large weight -> its size
  mutable std::mutex mutex_;
  mutable std::vector<Deferred> deferred_;
};

/// Points every storage in the module's attributes that holds a marker of `reader` into the file.
/// False if a marker was not found: the module must not be used then.
bool place_weights(const torch::jit::Module& module, const LazyReader& reader);

}  // namespace tx::archive
