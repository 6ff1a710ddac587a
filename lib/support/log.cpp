#include "support/log.h"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <memory>
#include <mutex>

#include "support/strings.h"

namespace tx::log {
namespace {

constexpr size_t kNumLoggers = 10;
constexpr std::array<const char*, kNumLoggers> kLoggerNames = {
    "torch.fx.experimental.symbolic_shapes",
    "torch._dynamo.symbolic_convert",
    "torch._dynamo.output_graph",
    "torch._dynamo.eval_frame",
    "torch.export",
    "torch._functorch.aot_autograd",
    "torch._subclasses.fake_tensor",
    "torch.__guards",
    "torch.__graph_breaks",
    "torch.__graph_code",
};
static_assert(static_cast<size_t>(Logger::GraphCode) + 1 == kNumLoggers);

/// A component and the loggers it sets. torch's other components are in the second list.
struct Component {
  std::string_view name;
  std::vector<Logger> loggers;
};
const std::vector<Component>& our_components() {
  using enum Logger;
  static const std::vector<Component> table = {
      {"all",
       {SymbolicShapes, SymbolicConvert, OutputGraph, EvalFrame, Export, Aot, FakeTensor}},
      {"torch",
       {SymbolicShapes, SymbolicConvert, OutputGraph, EvalFrame, Export, Aot, FakeTensor}},
      {"dynamic", {SymbolicShapes}},
      {"dynamo", {SymbolicShapes, SymbolicConvert, OutputGraph, EvalFrame}},
      {"export", {SymbolicShapes, SymbolicConvert, OutputGraph, EvalFrame, Export}},
      {"aot", {Aot}},
      {"fake_tensor", {FakeTensor}},
      {"guards", {Guards}},
      {"verbose_guards", {Guards}},
      {"graph_breaks", {GraphBreaks}},
      {"graph_code", {GraphCode}},
      {"graph", {GraphCode}},
  };
  return table;
}

constexpr std::string_view kOtherComponents[] = {
    "annotation", "aot_graphs", "aot_graphs_effects", "aot_joint_graph", "async_compile",
    "auto_chunker", "autograd", "autotuning", "benchmarking", "bytecode", "c10d", "cache",
    "caching", "compiled_autograd", "compiled_autograd_verbose", "compute_dependencies",
    "cudagraph_static_inputs", "cudagraphs", "ddp", "ddp_graphs", "distributed", "dtensor", "fsdp",
    "fusion", "graph_code_verbose", "graph_region_expansion", "graph_sizes", "hierarchical_compile",
    "incremental", "inductor", "inductor_metrics", "ir_post_fusion", "ir_pre_fusion", "kernel_code",
    "loop_ordering", "loop_tiling", "native_dsl", "node_runtime_estimation", "not_implemented",
    "onnx", "onnx_diagnostics", "output_code", "overlap", "overlap_scheduling", "perf_hints",
    "post_grad_graphs", "pp", "pre_grad_graphs", "recompiles", "recompiles_verbose", "schedule",
    "side_effects", "sym_node", "trace_bytecode", "trace_call", "trace_shape_events",
    "trace_source"};

spdlog::level::level_enum spdlog_level(Level level) {
  switch (level) {
    case Level::Debug: return spdlog::level::debug;
    case Level::Info: return spdlog::level::info;
    case Level::Warning: return spdlog::level::warn;
    case Level::Error: return spdlog::level::err;
  }
  return spdlog::level::err;
}

/// "%*": the level as Python's logging names it.
class PythonLevelName : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&,
              spdlog::memory_buf_t& out) override {
    const std::string_view name = message.level == spdlog::level::debug  ? "DEBUG"
                                  : message.level == spdlog::level::info ? "INFO"
                                  : message.level == spdlog::level::warn ? "WARNING"
                                                                         : "ERROR";
    out.append(name.data(), name.data() + name.size());
  }
  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<PythonLevelName>();
  }
};

/// Hands each formatted line to a function, or to stderr.
class LineSink : public spdlog::sinks::base_sink<std::mutex> {
 public:
  LineSink() {
    auto formatter = std::make_unique<spdlog::pattern_formatter>(
        spdlog::pattern_time_type::local, "");
    formatter->add_flag<PythonLevelName>('*').set_pattern("%n: [%*] %v");
    set_formatter_(std::move(formatter));
  }
  void set_output(std::function<void(std::string_view)> output) {
    const std::lock_guard<std::mutex> lock(mutex_);
    output_ = std::move(output);
  }

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    if (output_) {
      output_(std::string_view(line.data(), line.size()));
    } else {
      line.push_back('\n');
      std::fwrite(line.data(), 1, line.size(), stderr);
    }
  }
  void flush_() override {}

 private:
  std::function<void(std::string_view)> output_;
};

struct State {
  std::shared_ptr<LineSink> sink = std::make_shared<LineSink>();
  std::vector<std::unique_ptr<spdlog::logger>> loggers;
  State() {
    for (const char* name : kLoggerNames) {
      loggers.push_back(std::make_unique<spdlog::logger>(name, sink));
      loggers.back()->set_level(spdlog::level::warn);
    }
  }
  spdlog::logger& operator[](Logger logger) { return *loggers[static_cast<size_t>(logger)]; }
};

/// Never destroyed: lines may be written while other objects are.
State& state() {
  static State& state = *new State;
  return state;
}

thread_local int silenced = 0;

/// The loggers of a component, or of a logger named in full; null for an unknown name.
const std::vector<Logger>* find_component(std::string_view name) {
  for (const Component& component : our_components())
    if (component.name == name) return &component.loggers;
  static const std::vector<Logger> none;
  if (std::find(std::begin(kOtherComponents), std::end(kOtherComponents), name) !=
      std::end(kOtherComponents))
    return &none;
  static const std::map<std::string_view, std::vector<Logger>> by_logger_name = [] {
    std::map<std::string_view, std::vector<Logger>> map;
    for (size_t i = 0; i < kNumLoggers; ++i) map[kLoggerNames[i]] = {static_cast<Logger>(i)};
    return map;
  }();
  const auto found = by_logger_name.find(name);
  return found == by_logger_name.end() ? nullptr : &found->second;
}

}  // namespace

bool enabled(Logger logger, Level level) {
  return silenced == 0 && state()[logger].should_log(spdlog_level(level));
}

void write(Logger logger, Level level, std::string_view text) {
  if (!enabled(logger, level)) return;
  for (const std::string& line : support::split(text, '\n'))
    state()[logger].log(spdlog_level(level), spdlog::string_view_t(line.data(), line.size()));
}

std::vector<std::string> components() {
  std::vector<std::string> names(std::begin(kOtherComponents), std::end(kOtherComponents));
  for (const Component& component : our_components()) names.emplace_back(component.name);
  std::sort(names.begin(), names.end());
  return names;
}

void configure(std::string_view specification) {
  std::array<spdlog::level::level_enum, kNumLoggers> levels;
  levels.fill(spdlog::level::warn);
  for (const std::string& part : support::split(specification, ',')) {
    std::string_view name = support::trim(part);
    if (name.empty()) continue;
    Level level = Level::Info;
    if (name[0] == '+' || name[0] == '-') {
      level = name[0] == '+' ? Level::Debug : Level::Error;
      name.remove_prefix(1);
    }
    const std::vector<Logger>* loggers = find_component(name);
    if (!loggers) {
      const std::vector<std::string> known = components();
      throw UnknownComponent("unknown log component `" + std::string(name) + "`" +
                             support::did_you_mean(name, known) + "; the known ones are " +
                             support::join(known, ", "));
    }
    for (const Logger logger : *loggers)
      levels[static_cast<size_t>(logger)] = spdlog_level(level);
  }
  for (size_t i = 0; i < kNumLoggers; ++i) state().loggers[i]->set_level(levels[i]);
}

Silence::Silence() { ++silenced; }
Silence::~Silence() { --silenced; }

void set_output(std::function<void(std::string_view line)> output) {
  state().sink->set_output(std::move(output));
}

}  // namespace tx::log
