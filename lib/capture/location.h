// LocationStack: where in the user's program capture stands.
//
// In:  the walker pushes a call before it enters a function and sets the current place before each
//      operation.
// Out: interned locations for nodes, and the place, call stack and module path of diagnostics.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "diag/diagnostic.h"
#include "ir/program.h"

namespace tx::capture {

/// A place in the user's program, as the walker knows it.
struct SourcePlace {
  ir::Frame frame;
  uint32_t length = 1;           ///< of the text, in characters
  /// Frames around it that the place itself carries, innermost first (traced archives keep the
  /// Python stack of each operation).
  std::vector<ir::Frame> outer;
};

/// What a walker tells about its own instructions. Places are asked for only where one is needed.
class PlaceResolver {
 public:
  virtual ~PlaceResolver() = default;
  /// The place of `instruction`, valid as long as the resolver.
  virtual const SourcePlace& place_of(const void* instruction) = 0;
};

class LocationStack {
 public:
  explicit LocationStack(ir::SourceMap& source) : source_(source) {}
  void set_resolver(PlaceResolver* resolver) { resolver_ = resolver; }

  /// The instruction that is being executed.
  void set_instruction(const void* instruction) {
    instruction_ = instruction;
    cached_ = ir::kNone;
  }
  const void* instruction() const { return instruction_; }
  /// Enters a function called by the current instruction. A call of a module's method gives the new
  /// module path; for other calls it is null.
  void push(const std::string* module_path);
  void pop();

  /// From now on every node stands at `location` of the source map, whatever the walker executes:
  /// what a decomposition calls stands where the operator stood.
  void pin(uint32_t location) { pinned_ = location; }

  /// The current location for a node.
  uint32_t location();
  const std::string& module_path() const;
  /// The current place; empty outside of the program.
  const SourcePlace& place() const;

  /// Fills in place, call stack and module path of `diagnostic`.
  diag::Diagnostic& locate(diag::Diagnostic& diagnostic) const;

  /// Enters and leaves a call.
  class Call {
   public:
    Call(LocationStack& stack, const std::string* module_path) : stack_(stack) {
      stack_.push(module_path);
    }
    ~Call() { stack_.pop(); }
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

   private:
    LocationStack& stack_;
  };

 private:
  /// All frames of the current place, innermost first.
  std::vector<const ir::Frame*> frames() const;

  ir::SourceMap& source_;
  PlaceResolver* resolver_ = nullptr;
  const void* instruction_ = nullptr;
  std::vector<const void*> callers_;
  std::vector<std::string> paths_;
  std::string module_path_;
  uint32_t cached_ = ir::kNone;  ///< location of the current instruction, once asked for
  std::optional<uint32_t> pinned_;
};

}  // namespace tx::capture
