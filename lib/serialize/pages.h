// Reads the bytes of storages piece by piece (private to lib/serialize).
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

#include "ir/program.h"

namespace tx::serialize {

/// Calls `visit` with all bytes of the storage, in order, a few MiB at a time, and each piece's
/// offset. Pages of a mapped file that were read are given back, so that a process which copies
/// many weights does not hold them all.
void for_each_piece(const ir::Storage& storage,
                    const std::function<void(std::span<const std::byte>, uint64_t)>& visit);

}  // namespace tx::serialize
