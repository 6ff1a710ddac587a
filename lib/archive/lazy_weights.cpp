#include "archive/lazy_weights.h"

#include <cstring>
#include <unordered_set>

#include "archive/load.h"

namespace tx::archive {
namespace {

// Smaller weights cost less to copy than to keep track of.
constexpr uint64_t kLargeWeight = 64 * 1024;
// torch aligns records; a weight elsewhere would not be aligned for its elements.
constexpr uint64_t kAlignment = 64;

struct Marker {
  char magic[16];
  uint64_t index;
};
// Random bytes; with the address of the buffer they make sure that a marker is a marker.
constexpr char kMagic[16] = {'\x9e', 'T', 'x', '\x03', '\xd1', '\x42', '\x88', 'w',
                             '\xf7', '\x1a', 'L', '\xc3', '\x60', '\xbb', '\x05', '\xee'};

/// What a storage in a mapped file keeps alive.
struct MappedWeight {
  std::shared_ptr<const support::MappedFile> file;
  std::shared_ptr<std::byte> copy;  ///< all of the file, writable: what kernels see
  uint64_t offset;                  ///< in the file
};
void release(void* context) { delete static_cast<MappedWeight*>(context); }

/// Calls `visit` for each tensor that is reachable from `root` through attributes and containers.
template <class Visit>
void visit_tensors(const c10::IValue& root, const Visit& visit) {
  std::vector<c10::IValue> pending{root};
  std::unordered_set<const void*> seen;
  while (!pending.empty()) {
    const c10::IValue value = std::move(pending.back());
    pending.pop_back();
    if (value.isTensor()) {
      visit(value.toTensor());
      continue;
    }
    if (value.isPtrType() && !seen.insert(value.internalToPointer()).second) continue;
    if (value.isObject()) {
      for (const c10::IValue& slot : value.toObjectRef().slots()) pending.push_back(slot);
    } else if (value.isList()) {
      for (const c10::IValue& item : value.toListRef()) pending.push_back(item);
    } else if (value.isTuple()) {
      for (const c10::IValue& item : value.toTupleRef().elements()) pending.push_back(item);
    } else if (value.isGenericDict()) {
      for (const auto& entry : value.toGenericDict()) {
        pending.push_back(entry.key());
        pending.push_back(entry.value());
      }
    }
  }
}

}  // namespace

LazyReader::LazyReader(std::shared_ptr<const support::MappedFile> file,
                       const support::ZipDirectory& zip, bool lazy)
    : file_(std::move(file)) {
  if (!lazy) return;
  const char* start = file_->text().data();
  for (const support::ZipEntry& entry : zip.entries()) {
    // NAME/data/KEY. Constants of the code (NAME/constants/KEY) are rare and are read at once,
    // because they are not reachable from the module's attributes.
    const size_t slash = entry.name.find('/');
    if (slash == std::string::npos || entry.name.compare(slash, 6, "/data/") != 0) continue;
    if (!entry.stored() || entry.size < kLargeWeight) continue;
    const auto offset = static_cast<uint64_t>(zip.raw(entry).data() - start);
    if (offset % kAlignment == 0) weights_[offset] = entry.size;
  }
}

size_t LazyReader::size() const { return file_->bytes().size(); }

size_t LazyReader::read(uint64_t position, void* buffer, size_t count, const char*) const {
  const std::string_view all = file_->text();
  if (position > all.size()) return 0;
  count = std::min<size_t>(count, all.size() - position);
  const auto weight = weights_.find(position);
  if (weight == weights_.end() || weight->second != count) {
    std::memcpy(buffer, all.data() + position, count);
    return count;
  }
  const std::lock_guard lock(mutex_);
  Marker marker{};
  std::memcpy(marker.magic, kMagic, sizeof kMagic);
  marker.index = deferred_.size();
  std::memcpy(buffer, &marker, sizeof marker);
  deferred_.push_back({position, count, buffer});
  return count;
}

bool place_weights(const torch::jit::Module& module, const LazyReader& reader) {
  const auto& deferred = reader.deferred();
  if (deferred.empty()) return true;
  const auto& file = reader.file();
  const std::shared_ptr<std::byte> copy = file->writable_view(0, file->bytes().size());
  std::unordered_set<const void*> placed_storages;
  std::unordered_set<uint64_t> placed_markers;
  visit_tensors(module._ivalue(), [&](const at::Tensor& tensor) {
    if (!tensor.defined() || !tensor.has_storage() || !tensor.device().is_cpu()) return;
    const c10::Storage& storage = tensor.storage();
    if (placed_storages.count(storage.unsafeGetStorageImpl())) return;
    Marker marker{};
    if (storage.nbytes() < kLargeWeight) return;
    std::memcpy(&marker, storage.data(), sizeof marker);
    if (std::memcmp(marker.magic, kMagic, sizeof kMagic) != 0) return;
    if (marker.index >= deferred.size()) return;
    const LazyReader::Deferred& weight = deferred[marker.index];
    if (weight.buffer != storage.data() || storage.nbytes() > weight.size) return;
    void* data = copy.get() + weight.offset;
    auto* context = new MappedWeight{file, copy, weight.offset};
    storage.set_data_ptr_noswap(at::DataPtr(data, context, &release, at::kCPU));
    placed_storages.insert(storage.unsafeGetStorageImpl());
    placed_markers.insert(marker.index);
  });
  return placed_markers.size() == deferred.size();
}

ir::Storage storage_of(const at::Tensor& tensor) {
  const c10::Storage& storage = tensor.storage();
  const at::DataPtr& pointer = storage.data_ptr();
  if (pointer.get_deleter() == &release) {
    const auto* weight = static_cast<const MappedWeight*>(pointer.get_context());
    return {weight->file, weight->file->bytes().data() + weight->offset, storage.nbytes()};
  }
  auto owner = std::make_shared<const c10::Storage>(storage);
  return {owner, static_cast<const std::byte*>(owner->data()), owner->nbytes()};
}

}  // namespace tx::archive
