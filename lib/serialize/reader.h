// Reads a program file (.txp); docs/format.md describes it.
//
// In:  a path, or bytes in memory. They are not trusted.
// Out: the program; its storages point into the mapped file: weights are read when they are used.
// Holds: a bad file gives a diag::Failure that names the part of the file, whatever its bytes are:
//        TX0002 it cannot be read, TX4001 it is no program file, TX4002 it is damaged, TX4003 it
//        needs a newer reader. A program that was read holds everything that ir/ promises.
#pragma once
#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "ir/program.h"

namespace tx::serialize {

struct ReadOptions {
  /// Storages get their data; without, only their sizes, and the file is not kept open.
  bool with_weights = true;
  /// Compares every storage with its hash, which reads all of it.
  bool check_weights = false;
};

ir::Program read_program(const std::string& path, const ReadOptions& options = {});
/// `owner` keeps `bytes` alive; they start at a multiple of 64. `name` stands for them in messages.
ir::Program read_program(std::shared_ptr<const void> owner, std::span<const std::byte> bytes,
                         const std::string& name, const ReadOptions& options = {});

/// The FlatBuffer part of a file, which flatc and readers in other languages take as it is.
std::string extract_header(const std::string& path);

/// Whether the bytes, or the file's, start as a program file does, of whatever version. False for a
/// file that cannot be read.
bool looks_like_program(std::span<const std::byte> bytes);
bool looks_like_program(const std::string& path);

}  // namespace tx::serialize
