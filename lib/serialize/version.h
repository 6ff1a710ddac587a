// What of the file format this library reads and writes; docs/format.md has the rules.
#pragma once
#include <array>
#include <cstdint>
#include <string_view>

namespace tx::serialize {

inline constexpr uint16_t kMajor = 0;
inline constexpr uint16_t kMinor = 1;
/// The oldest minor version whose readers understand every file written here.
inline constexpr uint16_t kMinReader = 1;

/// Names in Program.required_features.
inline constexpr std::string_view kFeatureDraft = "draft";
inline constexpr std::string_view kFeatureControlFlow = "control-flow";
inline constexpr std::array kFeatures = {kFeatureControlFlow, kFeatureDraft};

/// How deep lists in arguments, trees and tuples of types may nest.
inline constexpr uint32_t kMaxNesting = 56;

}  // namespace tx::serialize
