#include "driver/model.h"

#include <ATen/core/grad_mode.h>
#include <dlfcn.h>

#include <filesystem>
#include <optional>

namespace tx::driver {

namespace {

// dlopen() is declared to throw nothing, but static objects of a library may.
void* open_library(const std::string& file) {
  void* (*volatile open)(const char*, int) = dlopen;
  return open(file.c_str(), RTLD_NOW | RTLD_GLOBAL);
}

// Why a library does not load, or nothing.
std::optional<std::string> failure_to_load(const std::string& file) {
  try {
    if (open_library(file)) return std::nullopt;
    const char* reason = dlerror();
    return reason ? reason : "no reason given";
  } catch (const c10::Error& error) {
    return error.what_without_backtrace();
  } catch (const std::exception& error) {
    return error.what();
  }
}

}  // namespace

void load_libraries(const std::vector<std::string>& libraries) {
  for (const std::string& path : libraries) {
    // A name without a slash would be searched for in the system's folders.
    const std::string file = std::filesystem::absolute(path).string();
    const auto reason = failure_to_load(file);
    if (!reason) continue;
    throw diag::Failure(diag::Diagnostic(diag::Code::TX0012, "the operator library " + path + " does not load")
                            .note(*reason)
                            .fix("build it against the LibTorch this tool runs with"));
  }
}

std::vector<inputs::Source> parse_sources(const InputArgs& args) {
  std::vector<inputs::Source> sources;
  for (const std::string& text : args.sources) sources.push_back(inputs::parse_source(text));
  return sources;
}

inputs::BoundInputs bind_to_model(const archive::LoadedModule& model, const InputArgs& args) {
  const auto method = model.module.find_method("forward");
  if (!method) {
    diag::fail(diag::Code::TX0010, "the model " + model.name + " has no method `forward`");
  }
  return inputs::bind_inputs(method->function().getSchema(), parse_sources(args), args.seed);
}

}  // namespace tx::driver
