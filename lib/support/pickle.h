// Pickle: what a Python pickle describes, read without running anything.
//
// In:  the bytes of one pickle, protocol 0 to 5.
// Out: a graph of plain values. A class or function is only a name (Global); what Python would
//      make by calling it is an Object that remembers the callable, its arguments and what was
//      done to the result (state, items). Deciding which names mean something is the reader's job.
// Holds: no code is run and no name is looked up; the work is linear in the bytes. Values may be
//        shared and may contain themselves, as in Python: who walks them must bound the walk.
#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tx::support::pickle {

/// Bytes that are no pickle, or one with opcodes that data files do not contain.
class PickleError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

enum class Kind : uint8_t {
  None, Bool, Int, BigInt, Float, String, Bytes, Tuple, List, Set, Dict, Global, Object, Persistent
};

struct Value {
  Kind kind = Kind::None;
  bool boolean = false;
  int64_t integer = 0;
  double real = 0;
  std::string text;            ///< String, Bytes; Global: "module.name"
  std::vector<Value*> items;   ///< Tuple, List, Set; Object: what was appended to it
  std::vector<std::pair<Value*, Value*>> entries;  ///< Dict; Object: what was set by key
  Value* callable = nullptr;   ///< Object: the class or function
  Value* args = nullptr;       ///< Object: its arguments, a Tuple; Persistent: the id
  Value* state = nullptr;      ///< Object: the argument of BUILD, or null
  bool constructed = false;    ///< Object: made by `cls.__new__`, not by a call

  bool is_global(std::string_view name) const { return kind == Kind::Global && text == name; }
  /// "module.Class" of an Object whose callable is named, else "".
  std::string_view object_type() const {
    return kind == Kind::Object && callable->kind == Kind::Global ? std::string_view(callable->text)
                                                                  : std::string_view();
  }
};

class Pickle {
 public:
  /// Reads one pickle from the start of `bytes`. Throws PickleError.
  explicit Pickle(std::string_view bytes);
  const Value& root() const { return *root_; }
  /// All values, in the order in which they were made.
  const std::deque<Value>& values() const { return values_; }
  /// How many of the bytes the pickle took.
  size_t consumed() const { return consumed_; }

 private:
  friend class Machine;
  std::deque<Value> values_;  // stable addresses
  Value* root_ = nullptr;
  size_t consumed_ = 0;
};

}  // namespace tx::support::pickle
