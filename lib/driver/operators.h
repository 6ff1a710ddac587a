// The inventory of operators as jobs of the tool. This header needs no LibTorch.
#pragma once
#include <string>
#include <vector>

namespace tx::driver {

struct OperatorInfo {
  std::string name;    ///< "aten.add.Tensor"
  std::string schema;  ///< as LibTorch writes it
  bool is_core = false, is_pointwise = false, is_mutable = false, is_composite = false;
  /// "rule", "pointwise rule", "composite kernel", "meta kernel (static sizes)", "none".
  std::string shapes;
  /// On the way to Core ATen: "rule", "composite kernel" or "none".
  std::string decomposition;
  std::vector<std::string> decomposes_into;  ///< what the rule calls
  std::string rule;                          ///< its text
};

struct OperatorsRequest {
  std::string name;  ///< empty: all operators
  // Filters; an operator has to pass all of those that are set.
  bool core = false, pointwise = false, is_mutable = false, composite = false;
  bool decomposes = false;     ///< has a decomposition
  bool without_shapes = false; ///< nothing tells the shape of its result
  std::vector<std::string> libraries;
};
/// In alphabetical order. Throws diag::Failure (TX3004) for a name of no operator.
std::vector<OperatorInfo> list_operators(const OperatorsRequest& request);

/// Something that a model or a program calls and this tool cannot use.
struct MissingOperator {
  std::string name;  ///< "my_library.my_op"; with overload where it is known
  std::string why;
};
/// What a TorchScript archive or a program file needs that is not there, in order of appearance.
std::vector<MissingOperator> missing_operators(const std::string& file,
                                               const std::vector<std::string>& libraries);

}  // namespace tx::driver
