// Program: everything that is written to a file and needed to run it.
#pragma once
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ir/graph.h"
#include "ir/tree.h"

namespace tx::ir {

// ---- signature ---------------------------------------------------------------------------------

/// Numbers are torch's InputKind and OutputKind.
enum class InputKind : uint8_t { UserInput = 1, Parameter = 2, Buffer = 3, ConstantTensor = 4 };
enum class OutputKind : uint8_t { UserOutput = 1, BufferMutation = 3, UserInputMutation = 6 };
std::string_view torch_name(InputKind kind);   ///< "USER_INPUT"
std::string_view torch_name(OutputKind kind);  ///< "BUFFER_MUTATION"

/// A leaf that is no tensor: a number, a string, a bool or None.
using ConstantLeaf = Argument;

struct InputSpec {
  InputKind kind;
  NodeId node;             ///< the placeholder
  std::string target;      ///< qualified name of a weight; empty for user inputs
  /// Today's placeholder name: "p_lin_weight", "b_bn_running_mean", "c_lifted_tensor_0", "x", "d_a".
  std::string qualified_name;
  /// User inputs: where the leaf is, for messages: "x", "kv[0]['k']".
  std::string path;
  std::optional<ConstantLeaf> constant;  ///< a user input that is no tensor: the value captured
};
struct OutputSpec {
  OutputKind kind;
  Argument value;          ///< a NodeRef, or a constant (a number, string or None in the outputs)
  std::string target;      ///< mutated buffer, or mutated user input's placeholder name
};

// ---- weights -----------------------------------------------------------------------------------

/// Bytes shared by weights; `owner` keeps a mapped file or a buffer alive.
struct Storage {
  std::shared_ptr<const void> owner;
  const std::byte* data = nullptr;
  uint64_t bytes = 0;
};
/// A parameter, buffer or constant. Tied weights share a storage.
struct Weight {
  std::string name;  ///< InputSpec::target
  DType dtype = DType::F32;
  std::vector<int64_t> sizes, strides;
  int64_t offset = 0;  ///< in elements
  uint32_t storage = 0;
  bool requires_grad = false;
};

// ---- shapes ------------------------------------------------------------------------------------

inline constexpr int64_t kUnbounded = std::numeric_limits<int64_t>::max();
struct Range {
  int64_t min = 0;
  int64_t max = kUnbounded;  ///< kUnbounded: no bound
  bool operator==(const Range&) const = default;
};
struct InputDim {
  NodeId node;  ///< a placeholder
  uint32_t dim;
  bool operator==(const InputDim&) const = default;
};
struct SymbolInfo {
  std::string name;       ///< "s0", "u0"
  std::string dim_name;   ///< the user's Dim, or empty
  Range range;            ///< what the user allows and the program supports
  std::optional<int64_t> hint;
  std::optional<InputDim> origin;
  bool needs_at_least_2 = false;  ///< an answer depended on the size being neither 0 nor 1
};
struct Guard {
  Expr condition;
  uint32_t location = kNone;
  std::string reason;     ///< the operator or statement that asked
};

// ---- source ------------------------------------------------------------------------------------

struct Frame {
  std::string file;
  uint32_t line = 0, column = 0;
  std::string function;
  std::string code;       ///< the source line
  bool operator==(const Frame&) const = default;
};
struct Location {
  std::vector<uint32_t> frames;  ///< innermost call first
  std::string module_path;       ///< "encoder.layers.3.attn"
  bool operator==(const Location&) const = default;
};
/// Interned frames and locations of all nodes.
class SourceMap {
 public:
  uint32_t intern(const Frame& frame);
  uint32_t intern(const Location& location);
  const std::vector<Frame>& frames() const { return frames_; }
  const std::vector<Location>& locations() const { return locations_; }
  /// The innermost frame of a node's location that has a file, or null.
  const Frame* innermost(uint32_t location) const;

 private:
  std::vector<Frame> frames_;
  std::vector<Location> locations_;
  std::map<std::string, uint32_t> frame_ids_, location_ids_;
};

// ---- program -----------------------------------------------------------------------------------

struct Program {
  std::string producer;      ///< "torch-export 0.1.0"
  std::string model_name;    ///< class of the exported module
  int64_t opset_version = 0; ///< LibTorch's operator-set version
  std::string torch_version; ///< of the LibTorch that captured it
  bool draft = false;

  Graph graph;
  std::vector<InputSpec> inputs;    ///< one for each placeholder, in order
  std::vector<OutputSpec> outputs;  ///< one for each graph output, in order
  InputTree input_tree;             ///< leaves: the user inputs
  Tree output_tree;                 ///< leaves: the user outputs

  std::vector<Storage> storages;
  std::vector<Weight> weights;

  std::vector<SymbolInfo> symbols;  ///< in order of creation
  std::vector<std::pair<Expr, Range>> range_constraints;
  std::vector<std::vector<InputDim>> equality_constraints;
  std::vector<Guard> guards;

  std::map<std::string, std::string> schemas;  ///< "aten.add.Tensor" -> its schema text
  SourceMap source;
};

}  // namespace tx::ir
