#include "driver/model.h"

#include <ATen/core/grad_mode.h>
#include <dlfcn.h>

#include <filesystem>

namespace tx::driver {

void load_libraries(const std::vector<std::string>& libraries) {
  for (const std::string& path : libraries) {
    // A name without a slash would be searched for in the system's folders.
    const std::string file = std::filesystem::absolute(path).string();
    if (dlopen(file.c_str(), RTLD_NOW | RTLD_GLOBAL)) continue;
    const char* reason = dlerror();
    throw diag::Failure(diag::Diagnostic(diag::Code::TX0012, "the operator library " + path + " does not load")
                            .note(reason ? reason : "no reason given")
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
