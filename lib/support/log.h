// Log: lines for people who want to see how an export came about, in torch's manner.
//
// In:  a specification as in TORCH_LOGS ("dynamic" is INFO, "+dynamic" DEBUG, "-dynamic" ERROR;
//      "dynamic,+guards"); lines from everywhere.
// Out: "torch.fx.experimental.symbolic_shapes: [INFO] create_env" on stderr, one line each.
// Holds: without a specification only warnings and errors are written. The components are torch's,
//        and each turns on the same loggers as in torch; components of torch that nothing here logs
//        to are accepted and do nothing. spdlog is seen by log.cpp only.
#pragma once
#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace tx::log {

enum class Level : uint8_t { Debug, Info, Warning, Error };

/// Where a line comes from. The names written are those of torch's loggers.
enum class Logger : uint8_t {
  SymbolicShapes,   ///< torch.fx.experimental.symbolic_shapes: symbols, ranges, guards
  SymbolicConvert,  ///< torch._dynamo.symbolic_convert: start and end of a capture
  OutputGraph,      ///< torch._dynamo.output_graph
  EvalFrame,        ///< torch._dynamo.eval_frame: summary of dimension constraints
  Export,           ///< torch.export: phases, verification
  Aot,              ///< torch._functorch.aot_autograd: functionalization, decompositions
  FakeTensor,       ///< torch._subclasses.fake_tensor: shape rules and meta kernels
  Guards,           ///< torch.__guards: every guard with the place that needed it
  GraphBreaks,      ///< torch.__graph_breaks
  GraphCode,        ///< torch.__graph_code: the graph in its code form
};

/// Whether a line would be written; ask before a text that costs time is built.
bool enabled(Logger logger, Level level);
/// Writes `text`, each of its lines with the logger's name and the level before it.
void write(Logger logger, Level level, std::string_view text);
inline void debug(Logger logger, std::string_view text) { write(logger, Level::Debug, text); }
inline void info(Logger logger, std::string_view text) { write(logger, Level::Info, text); }

/// A name in a specification that is no component; what() lists the known ones.
class UnknownComponent : public std::invalid_argument {
 public:
  using std::invalid_argument::invalid_argument;
};
/// Sets the levels of all loggers from a specification; an empty one is the state at the start.
/// Throws UnknownComponent, and then changes nothing.
void configure(std::string_view specification);
/// The names a specification may hold, sorted.
std::vector<std::string> components();

/// While one lives, the thread writes no lines: for trial exports.
class Silence {
 public:
  Silence();
  ~Silence();
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;
};

/// Sends lines (without line end) to `output` instead of stderr; an empty function undoes it.
void set_output(std::function<void(std::string_view line)> output);

}  // namespace tx::log
