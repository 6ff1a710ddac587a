// Archive: loads TorchScript archives.
//
// In:  the path of a file made by torch.jit.save.
// Out: the module, on the CPU, whatever device it was saved from, with the source text of its
//      methods for messages.
// Holds: large weights stay in the mapped file and are read when something reads them. Writing to
//        such a weight changes neither the file nor what storage_of() gives out. Every other file
//        gets an error that says what it is and what to do (TX0002 to TX0008).
#pragma once
#include <cstdint>
#include <memory>
#include <string>

#include <ATen/core/Tensor.h>
#include <torch/csrc/jit/api/module.h>

#include "archive/unknown_operators.h"
#include "ir/program.h"
#include "support/mapped_file.h"

namespace tx::archive {

struct LoadedModule {
  std::shared_ptr<const StandIns> stand_ins;  ///< outlive the module
  torch::jit::Module module;
  std::shared_ptr<const support::MappedFile> file;
  std::string name;            ///< the class of the model, without its module: "ResNet"
  int64_t format_version = 0;  ///< operator-set version the archive was written with
  /// Large weights are in the mapped file. False when the archive has no large weight, or has
  /// classes that may read their weights while they are loaded.
  bool lazy = false;
  /// The model's code asks whether gradients are recorded: a program has torch.export's answer, yes.
  bool asks_grad_mode = false;
};

/// Throws diag::Failure.
LoadedModule load_torchscript(const std::string& path);

/// The same with stand-ins for operators that LibTorch does not know, as far as it then loads.
LoadedModule load_with_stand_ins(const std::string& path);

/// The newest operator-set version that this LibTorch reads and writes.
int64_t operator_set_version();

/// The whole storage of a dense CPU tensor: for a weight that is in a mapped archive the bytes of
/// the file, as they are there; for any other tensor its memory. The owner keeps either alive.
/// Two tensors that share a storage give the same `data`.
ir::Storage storage_of(const at::Tensor& tensor);

}  // namespace tx::archive
