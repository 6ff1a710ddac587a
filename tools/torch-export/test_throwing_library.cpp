// An operator library for tests whose initialisation throws.
#include <stdexcept>

namespace {

[[maybe_unused]] const int unlicensed = (throw std::runtime_error("there is no licence"), 0);

}  // namespace
