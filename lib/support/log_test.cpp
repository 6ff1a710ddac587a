#include "support/log.h"

#include <doctest/doctest.h>

using namespace tx;
using log::Level;
using log::Logger;

namespace {
struct Captured {
  std::vector<std::string> lines;
  Captured() {
    log::set_output([this](std::string_view line) { lines.emplace_back(line); });
  }
  ~Captured() {
    log::set_output({});
    log::configure("");
  }
};
}  // namespace

TEST_CASE("without a specification only warnings are written") {
  Captured captured;
  log::configure("");
  log::info(Logger::SymbolicShapes, "create_env");
  log::write(Logger::SymbolicShapes, Level::Warning, "careful");
  CHECK(captured.lines ==
        std::vector<std::string>{"torch.fx.experimental.symbolic_shapes: [WARNING] careful"});
}

TEST_CASE("a component is INFO, with + DEBUG, with - ERROR") {
  Captured captured;
  log::configure("dynamic, +aot,-export");
  CHECK(log::enabled(Logger::Aot, Level::Debug));
  CHECK_FALSE(log::enabled(Logger::SymbolicShapes, Level::Warning));  // part of export, set last
  CHECK_FALSE(log::enabled(Logger::Export, Level::Warning));
  CHECK(log::enabled(Logger::Export, Level::Error));
  log::configure("dynamic");
  CHECK(log::enabled(Logger::SymbolicShapes, Level::Info));
  CHECK_FALSE(log::enabled(Logger::SymbolicShapes, Level::Debug));
  CHECK_FALSE(log::enabled(Logger::Aot, Level::Debug));
  log::configure("dynamo");
  CHECK(log::enabled(Logger::SymbolicShapes, Level::Info));
  log::info(Logger::EvalFrame, "Suggested fixes:\n");
  CHECK(captured.lines == std::vector<std::string>{"torch._dynamo.eval_frame: [INFO] Suggested fixes:",
                                                   "torch._dynamo.eval_frame: [INFO] "});
}

TEST_CASE("every component of torch is known, and loggers by their full names") {
  for (const std::string& name : log::components()) CHECK_NOTHROW(log::configure("+" + name));
  log::configure("+torch.export");
  CHECK(log::enabled(Logger::Export, Level::Debug));
  log::configure("");
}

TEST_CASE("an unknown name is refused with the known ones and changes nothing") {
  log::configure("dynamic");
  try {
    log::configure("+aot,dynmic");
    FAIL("accepted");
  } catch (const log::UnknownComponent& error) {
    const std::string text = error.what();
    CHECK(text.starts_with("unknown log component `dynmic`; did you mean `dynamic`?; the known ones are all, "));
    CHECK(text.find(", guards, ") != text.npos);
  }
  CHECK(log::enabled(Logger::SymbolicShapes, Level::Info));
  CHECK_FALSE(log::enabled(Logger::Aot, Level::Debug));
  log::configure("");
}

TEST_CASE("trial exports are silent") {
  Captured captured;
  log::configure("dynamic");
  {
    const log::Silence silence;
    log::info(Logger::SymbolicShapes, "create_env");
    CHECK_FALSE(log::enabled(Logger::SymbolicShapes, Level::Error));
  }
  CHECK(captured.lines.empty());
  CHECK(log::enabled(Logger::SymbolicShapes, Level::Info));
}
