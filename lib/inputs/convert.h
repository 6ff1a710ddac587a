// Converts values from files and the command line to the types a model's signature wants.
//
// In:  an IValue whose containers may hold anything, and a TorchScript type.
// Out: an IValue of exactly that type: `List[Tensor]`, not `List[Any]`.
// Holds: no value is lost or guessed: an int becomes a float where a float is wanted, a tensor
//        without dimensions a number, a list a tuple and back, a dict a named tuple; everything
//        else has to be what the type says.
#pragma once
#include <stdexcept>
#include <string>

#include <ATen/core/ivalue.h>
#include <ATen/core/jit_type.h>

namespace tx::inputs {

/// what(): "`x[1]` has to be a Tensor, not an int".
class ConversionError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// `path` is what messages call the value: "x". Throws ConversionError.
c10::IValue convert(const c10::IValue& value, const c10::TypePtr& type, const std::string& path);

/// A type as Python writes it, classes by their own name: "Optional[Tensor]", "List[int]".
std::string type_text(const c10::Type& type);

/// "a Tensor", "an int", "a list of 2", for messages.
std::string kind_text(const c10::IValue& value);

/// "['k']" or "[3]": the index of a dict's entry in a path.
std::string key_text(const c10::IValue& key);

}  // namespace tx::inputs
