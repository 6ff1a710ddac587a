// TracedModule: a copy of the user's module in which every tensor is a functional tensor.
//
// In:  a loaded module.
// Out: an object graph of the same classes for the interpreter to run on and to change; after the
//      run, what the program did to parameters, buffers and attributes.
// Holds: the user's module is never changed. Tensors that are the same (tied weights) become one
//        input of the program.
#pragma once
#include <torch/csrc/jit/api/module.h>

#include <string>
#include <unordered_map>
#include <vector>

#include "capture/tracer.h"

namespace tx::capture::torchscript {

/// A tensor of the module: a parameter, a buffer, or an attribute that is neither.
struct ModuleTensor {
  std::string name;          ///< qualified: "encoder.layers.0.weight"
  ir::InputKind kind;
  at::Tensor value;          ///< as loaded
  at::Tensor traced;         ///< the functional tensor that stands for it at the start
};

/// A buffer and its value after the run.
struct BufferMutation {
  std::string name;
  at::Tensor value;          ///< functional
};

class TracedModule {
 public:
  TracedModule(const torch::jit::Module& module, Tracer& tracer);

  const c10::intrusive_ptr<c10::ivalue::Object>& root() const { return root_; }
  /// The qualified name of a module object, or null for objects that are no modules of the tree.
  const std::string* path_of(const c10::ivalue::Object* object) const;
  /// Parameters and buffers in the module's own order, then attributes.
  const std::vector<ModuleTensor>& tensors() const { return tensors_; }
  /// Whether autograd would track this tensor: a parameter that requires a gradient.
  bool requires_grad(const at::Tensor& tensor) const;

  /// The interpreter tells of every attribute it writes, with the current place.
  void attribute_written(const c10::ivalue::Object* object, const std::string& attribute);

  /// The mutated buffers, in the order of tensors(). Reports a warning for every attribute that was
  /// written and is no buffer, and breaks the graph for a mutated parameter.
  std::vector<BufferMutation> mutations();

 private:
  struct Copy;
  c10::IValue copy(const c10::IValue& value, const std::string& path, ir::InputKind kind);
  c10::intrusive_ptr<c10::ivalue::Object> copy_object(
      const c10::intrusive_ptr<c10::ivalue::Object>& object, const std::string& path);
  at::Tensor copy_tensor(const at::Tensor& tensor, const std::string& path, ir::InputKind kind);
  void collect(const torch::jit::Module& module);

  Tracer& tracer_;
  c10::intrusive_ptr<c10::ivalue::Object> root_;
  std::vector<ModuleTensor> tensors_;
  std::unordered_map<std::string, size_t> tensor_by_identity_;
  std::unordered_map<const void*, c10::IValue> copied_;
  std::unordered_map<const c10::ivalue::Object*, std::string> paths_;
  struct Written {
    c10::intrusive_ptr<c10::ivalue::Object> object;
    std::string attribute;
    c10::IValue before;
    diag::Diagnostic report;
  };
  std::vector<Written> written_;
};

}  // namespace tx::capture::torchscript
