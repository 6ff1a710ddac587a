#include <doctest/doctest.h>

#include <filesystem>

#include "archive/describe_pickle.h"
#include "archive/load.h"
#include "diag/diagnostic.h"

namespace tx::archive {
namespace {

using diag::Code;
using support::pickle::Pickle;

diag::Diagnostic failure_of(const std::string& name) {
  try {
    load_torchscript("archive/" + name);
  } catch (const diag::Failure& failure) {
    return failure.diagnostics().front();
  }
  FAIL("no failure for " << name);
  return {Code::TX0070, ""};
}

// The files are made by scripts/make_testdata_inputs.py; tests run in testdata/.
struct Case {
  const char* file;
  Code code;
  const char* message;
};

TEST_CASE("each file that is no TorchScript archive is called what it is") {
  const Case cases[] = {
      {"pickled_module.pt", Code::TX0003,
       "a pickled module of class torch.nn.modules.container.Sequential, which needs its Python "
       "class to run"},
      {"checkpoint_with_module.pt", Code::TX0003,
       "a checkpoint with a pickled module of class torch.nn.modules.linear.Linear in 'model', "
       "which needs its Python class to run"},
      {"state_dict.pt", Code::TX0004,
       "a state_dict of 6 tensors (0.weight, 0.bias, 1.weight, 1.bias, ...), which holds no "
       "program"},
      {"checkpoint.pt", Code::TX0004,
       "a dict of 3 entries saved with torch.save (epoch, model, optimizer), which holds no "
       "program"},
      {"tensor.pt", Code::TX0004, "a tensor saved with torch.save, which holds no program"},
      {"tuple.pt", Code::TX0004, "a tuple of 2 values, which holds no program"},
      {"legacy_module.pt", Code::TX0005,
       "a file of torch.save in the format used before torch 1.6, with a pickled module of class "
       "torch.nn.modules.linear.Linear"},
      {"legacy_tensor.pt", Code::TX0005,
       "a file of torch.save in the format used before torch 1.6, with a tensor saved with "
       "torch.save"},
      {"legacy.tar", Code::TX0005, "a tar file, the format of torch.save before torch 0.1.10"},
      {"plain.pkl", Code::TX0006, "a plain Python pickle with a dict of 2 entries saved with "
                                  "torch.save (a, b)"},
      {"exported.pt2", Code::TX0006,
       "a .pt2 archive of torch.export: the model is exported already"},
      {"model.onnx", Code::TX0006, "an ONNX model"},
      {"weights.safetensors", Code::TX0006,
       "a safetensors file, which holds weights and no program"},
      {"weights.h5", Code::TX0006, "an HDF5 file (Keras?)"},
      {"weights.gguf", Code::TX0006, "a GGUF file, which holds weights and no program"},
      {"array.npy", Code::TX0006, "a NumPy array"},
      {"arrays.npz", Code::TX0006, "an .npz file of NumPy arrays"},
      {"plain.zip", Code::TX0006, "a zip file without torch's records"},
      {"empty.zip", Code::TX0006, "an empty zip file"},
      {"text.pt", Code::TX0006,
       "in no format this tool knows (TorchScript archives are zip files)"},
  };
  for (const Case& expected : cases) {
    const diag::Diagnostic diagnostic = failure_of(expected.file);
    CAPTURE(expected.file);
    CHECK(diagnostic.code == expected.code);
    CHECK(diagnostic.message == "archive/" + std::string(expected.file) +
                                    " is not a TorchScript archive: it is " + expected.message);
    CHECK(diagnostic.fixes.size() == 1);
  }
}

TEST_CASE("the remedy for a pickled module names the file and the way to the module") {
  CHECK(failure_of("checkpoint_with_module.pt").fixes.front().message ==
        "in Python: model = torch.load(\"archive/checkpoint_with_module.pt\", "
        "weights_only=False)[\"model\"], then torch.jit.script(model.eval()).save(\"model.pt\"), or "
        "torch.jit.trace(model.eval(), example_inputs).save(\"model.pt\")");
}

}  // namespace
}  // namespace tx::archive
