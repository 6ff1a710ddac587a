// Which source gives which argument; the rules of bind.h without types.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include <ATen/core/ivalue.h>

#include "diag/diagnostic.h"
#include "inputs/source.h"

namespace tx::inputs {

struct Parameter {
  std::string name;
  bool takes_dict = false;          ///< a dict in its place is its value
  std::vector<std::string> fields;  ///< of a named tuple: a dict of these is its value too
  bool required = true;
  bool keyword_only = false;
};

struct Assigned {
  std::optional<c10::IValue> value;  ///< nothing: left out
  bool positional = false;
};

/// How messages speak of what takes the inputs.
struct Taker {
  diag::Code code;        ///< of inputs that do not fit
  std::string what;       ///< "the model", "the program"
  std::string signature;  ///< "forward(x: Tensor)"
};

[[noreturn]] void fail_unfit(const Taker& taker, std::string message);

/// One for each parameter. Reads the sources. Throws diag::Failure.
std::vector<Assigned> assign(const std::vector<Parameter>& parameters,
                             const std::vector<Source>& sources, uint64_t seed, const Taker& taker);

}  // namespace tx::inputs
