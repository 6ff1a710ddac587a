// LocationStack: where in the user's program capture stands.
//
// In:  the walker pushes a call before it enters a function and sets the current place before each
//      operation.
// Out: interned locations for nodes, and the place, call stack and module path of diagnostics.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "diag/diagnostic.h"
#include "ir/program.h"

namespace tx::capture {

class LocationStack {
 public:
  explicit LocationStack(ir::SourceMap& source) : source_(source) {}

  /// A place in the function that is being walked. `outer` are the frames around it that the place
  /// itself carries, innermost first (traced archives keep the Python stack of each operation).
  void set_place(ir::Frame frame, uint32_t length, std::vector<ir::Frame> outer = {});
  /// Enters a function called from the current place. A call of a module's method changes the
  /// module path; other calls keep it.
  void push(const std::string* module_path);
  void pop();

  /// The current location for a node.
  uint32_t location();
  const std::string& module_path() const { return module_path_; }
  const ir::Frame& frame() const { return current_.frame; }

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
  struct Level {
    ir::Frame frame;
    uint32_t length = 1;
    std::vector<ir::Frame> outer;
  };
  /// All frames of the current place, innermost first.
  std::vector<const ir::Frame*> frames() const;

  ir::SourceMap& source_;
  Level current_;
  std::vector<Level> callers_;
  std::vector<std::string> paths_;
  std::string module_path_;
  uint32_t cached_ = ir::kNone;  ///< location of the current place, once asked for
};

}  // namespace tx::capture
