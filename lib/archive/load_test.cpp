#include "archive/load.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/full.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/zeros.h>
#include <doctest/doctest.h>
#include <caffe2/serialize/inline_container.h>
#include <torch/csrc/jit/serialization/import.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "diag/diagnostic.h"
#include "support/zip_directory.h"

namespace tx::archive {
namespace {

namespace fs = std::filesystem;

struct TempFolder {
  fs::path path = fs::temp_directory_path() / ("archive_test_" + std::to_string(::getpid()));
  TempFolder() { fs::create_directories(path); }
  ~TempFolder() { fs::remove_all(path); }
  std::string operator/(const char* name) const { return (path / name).string(); }
};

std::string bytes_of(const std::string& path) {
  std::ostringstream out;
  out << std::ifstream(path, std::ios::binary).rdbuf();
  return out.str();
}
void write_bytes(const std::string& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

std::string replace(std::string text, std::string_view from, std::string_view to) {
  size_t count = 0;
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
    ++count;
  }
  CHECK(count > 0);
  return text;
}

/// Writes an archive with other contents of its records.
void rewrite(const std::string& from, const std::string& to,
             const std::function<std::string(const std::string&, std::string)>& change) {
  const std::string bytes = bytes_of(from);
  const support::ZipDirectory zip(bytes);
  caffe2::serialize::PyTorchStreamWriter writer(to);
  for (const support::ZipEntry& entry : zip.entries()) {
    const std::string name = entry.name.substr(entry.name.find('/') + 1);
    if (name == "version" || name.starts_with(".data/")) continue;  // the writer makes them
    const std::string contents = change(name, zip.read(entry));
    writer.writeRecord(name, contents.data(), contents.size());
  }
  if (const std::string version = change("version", "3\n"); version != "3\n") {
    writer.setMinVersion(std::stoull(version));
  }
  writer.writeEndOfFile();
}

/// Its parameter `big` is 256 KiB large.
torch::jit::Module small_model() {
  torch::jit::Module module("Affine");
  module.register_parameter("big", at::arange(65536, at::kFloat), false);
  module.register_buffer("small", at::full({2}, 0.5));
  module.register_attribute("many", c10::ListType::ofTensors(),
                            c10::List<at::Tensor>({at::ones({128, 256}), at::zeros({3})}));
  module.define(R"(
def forward(self, x: Tensor, scale: float = 2.0) -> Tensor:
    self.big.add_(1.0)
    return x * scale + self.big[1] + self.small + self.many[0].sum()
)");
  return module;
}

diag::Diagnostic failure_of(const std::string& path) {
  try {
    load_torchscript(path);
  } catch (const diag::Failure& failure) {
    return failure.diagnostics().front();
  }
  FAIL("no failure for " << path);
  return diag::Diagnostic(diag::Code::TX0070, "");
}

TEST_CASE("large weights stay in the file") {
  const TempFolder folder;
  const std::string path = folder / "model.pt";
  small_model().save(path);
  const std::string before = bytes_of(path);
  LoadedModule loaded = load_torchscript(path);
  CHECK(loaded.lazy);
  CHECK(loaded.name == "Affine");
  CHECK(loaded.format_version >= 3);

  const at::Tensor big = loaded.module.attr("big").toTensor();
  const ir::Storage storage = storage_of(big);
  CHECK(storage.bytes == 65536 * 4);
  const auto* file = loaded.file->bytes().data();
  CHECK(storage.data > file);
  CHECK(storage.data < file + loaded.file->bytes().size());
  CHECK(at::equal(big, at::arange(65536, at::kFloat)));
  CHECK(at::equal(loaded.module.attr("many").toTensorVector()[0], at::ones({128, 256})));

  // An in-place write is seen by the model, and neither by the file nor by what is streamed out.
  const at::Tensor out = loaded.module.forward({at::ones({2})}).toTensor();
  CHECK(out[0].item<float>() == doctest::Approx(1 * 2.0 + 2.0 + 0.5 + 32768));
  CHECK(big[0].item<float>() == 1.0f);
  float pristine = -1;
  std::memcpy(&pristine, storage_of(big).data, sizeof pristine);
  CHECK(pristine == 0.0f);
  CHECK(bytes_of(path) == before);
}

TEST_CASE("tensors and storages outlive the module and its file") {
  at::Tensor big, view;
  ir::Storage storage;
  {
    const TempFolder folder;
    small_model().save(folder / "model.pt");
    const LoadedModule loaded = load_torchscript(folder / "model.pt");
    big = loaded.module.attr("big").toTensor();
    storage = storage_of(loaded.module.attr("small").toTensor());
  }
  CHECK(big[65535].item<float>() == 65535.0f);
  float first = 0;
  std::memcpy(&first, storage.data, sizeof first);
  CHECK(storage.bytes == 8);
  CHECK(first == 0.5f);
}

TEST_CASE("tied weights and views of one storage share it, as in LibTorch's own loader") {
  const TempFolder folder;
  torch::jit::Module module("Tied");
  const at::Tensor weight = at::arange(65536, at::kFloat);
  module.register_parameter("a", weight, false);
  module.register_parameter("b", weight, false);
  module.register_buffer("c", weight.slice(0, 100, 200));
  module.define("def forward(self) -> Tensor:\n    return self.a + self.b\n");
  module.save(folder / "tied.pt");
  const LoadedModule loaded = load_torchscript(folder / "tied.pt");
  const at::Tensor a = loaded.module.attr("a").toTensor(), b = loaded.module.attr("b").toTensor(),
                   c = loaded.module.attr("c").toTensor();
  CHECK(a.storage().is_alias_of(b.storage()));
  CHECK(c[0].item<float>() == 100.0f);
  CHECK(storage_of(a).data == storage_of(c).data);
  a.fill_(7);
  CHECK(b[150].item<float>() == 7.0f);
  CHECK(c[50].item<float>() == 7.0f);
}

TEST_CASE("a class with __setstate__ gets its weights while it is loaded") {
  const TempFolder folder;
  torch::jit::Module module("Packed");
  module.register_attribute("w", c10::TensorType::get(), at::arange(65536, at::kFloat));
  module.register_attribute("total", c10::TensorType::get(), at::zeros({}));
  module.define(R"(
def __getstate__(self) -> Tensor:
    return self.w
def __setstate__(self, state: Tensor) -> None:
    self.w = state
    self.total = state[:3].sum()
def forward(self) -> Tensor:
    return self.total
)");
  module.save(folder / "packed.pt");
  LoadedModule loaded = load_torchscript(folder / "packed.pt");
  CHECK_FALSE(loaded.lazy);
  CHECK(loaded.module.forward({}).toTensor().item<float>() == 3.0f);
}

TEST_CASE("files that cannot be read") {
  const TempFolder folder;
  CHECK(failure_of(folder / "no.pt").code == diag::Code::TX0002);
  CHECK(failure_of(folder / "no.pt").message == "cannot read " + folder / "no.pt" + ": no such file");
  CHECK(failure_of(folder.path.string()).message ==
        "cannot read " + folder.path.string() + ": is a directory");
  write_bytes(folder / "empty.pt", "");
  CHECK(failure_of(folder / "empty.pt").code == diag::Code::TX0002);
}

TEST_CASE("damaged archives are errors, wherever the damage is") {
  const TempFolder folder;
  const std::string path = folder / "model.pt";
  small_model().save(path);
  const std::string whole = bytes_of(path);
  for (const size_t size : {whole.size() - 1, whole.size() / 2, size_t{100}, size_t{4}}) {
    write_bytes(path, whole.substr(0, size));
    CAPTURE(size);
    CHECK(failure_of(path).code == diag::Code::TX0007);
  }
  // One flipped bit in the pickle, in the code or in a small tensor is found by its checksum.
  for (const char* record : {"/data.pkl", "/code/"}) {
    std::string broken = whole;
    broken[broken.find(record) + 100] ^= 0x10;
    write_bytes(path, broken);
    const diag::Diagnostic diagnostic = failure_of(path);
    CHECK(diagnostic.code == diag::Code::TX0007);
  }
  // Any flipped byte of the part that LibTorch reads gives an error or a module, never a crash.
  for (size_t at = 0; at < whole.size(); at += at < 8192 || at + 16384 > whole.size() ? 97 : 16411) {
    std::string broken = whole;
    broken[at] = static_cast<char>(broken[at] ^ 0xff);
    write_bytes(path, broken);
    try {
      load_torchscript(path);
    } catch (const diag::Failure& failure) {
      CHECK(diag::kind(failure.diagnostics().front().code).exit_code == 2);
    }
  }
}

TEST_CASE("an operator that is not registered is named, with its place") {
  const TempFolder folder;
  torch::jit::Module module("Custom");
  module.define("def forward(self, x: Tensor) -> Tensor:\n    return torch.atanh(x)\n");
  module.save(folder / "good.pt");
  rewrite(folder / "good.pt", folder / "bad.pt", [](const std::string& name, std::string text) {
    return name.ends_with(".py") ? replace(text, "torch.atanh", "ops.mylib.atanh") : text;
  });
  const diag::Diagnostic diagnostic = failure_of(folder / "bad.pt");
  CHECK(diagnostic.code == diag::Code::TX0008);
  CHECK(diagnostic.message ==
        folder / "bad.pt" + " uses the operator mylib::atanh, which LibTorch does not know");
  CHECK(diagnostic.fixes.front().message ==
        "load the library that registers it: --load-library FILE.so");
  CHECK(diagnostic.place.file.ends_with(".py"));
  CHECK(diagnostic.place.line > 0);
  CHECK(diagnostic.place.code.find("ops.mylib.atanh(x)") != std::string::npos);
  CHECK(diagnostic.place.code.substr(diagnostic.place.column - 1, 3) == "ops");
}

TEST_CASE("a C++ class that is not registered is named") {
  const TempFolder folder;
  torch::jit::Module module("Custom");
  module.define("def forward(self, x: Tensor) -> Optional[Tensor]:\n    return x\n");
  module.save(folder / "good.pt");
  rewrite(folder / "good.pt", folder / "bad.pt", [](const std::string& name, std::string text) {
    return name.ends_with(".py")
               ? replace(text, "Optional[Tensor]", "__torch__.torch.classes.mylib.Stack")
               : text;
  });
  const diag::Diagnostic diagnostic = failure_of(folder / "bad.pt");
  CHECK(diagnostic.code == diag::Code::TX0008);
  CHECK(diagnostic.message ==
        folder / "bad.pt" + " uses the C++ class mylib.Stack, which LibTorch does not know");
}

TEST_CASE("an archive of a newer torch") {
  const TempFolder folder;
  small_model().save(folder / "good.pt");
  rewrite(folder / "good.pt", folder / "new.pt", [](const std::string& name, std::string text) {
    return name == "version" ? "99\n" : text;
  });
  const diag::Diagnostic diagnostic = failure_of(folder / "new.pt");
  CHECK(diagnostic.code == diag::Code::TX0008);
  CHECK(diagnostic.message == folder / "new.pt" +
                                  " was written by a newer torch: its format version is 99, this "
                                  "tool reads up to 10");
}

TEST_CASE("a model saved on a GPU is loaded to the CPU, its weights in the file") {
  const TempFolder folder;
  small_model().save(folder / "cpu.pt");
  rewrite(folder / "cpu.pt", folder / "gpu.pt", [](const std::string& name, std::string text) {
    // BINUNICODE and the length of the string in four bytes.
    return name == "data.pkl" ? replace(text, {"X\x03\0\0\0cpu", 8}, {"X\x06\0\0\0cuda:0", 11})
                              : text;
  });
  const LoadedModule loaded = load_torchscript(folder / "gpu.pt");
  CHECK(loaded.lazy);
  const at::Tensor big = loaded.module.attr("big").toTensor();
  CHECK(big.device().is_cpu());
  CHECK(storage_of(big).data > loaded.file->bytes().data());
  CHECK(at::equal(big, at::arange(65536, at::kFloat)));
}

TEST_CASE("a tensor that claims more than its record has") {
  const TempFolder folder;
  small_model().save(folder / "good.pt");
  rewrite(folder / "good.pt", folder / "bad.pt", [](const std::string& name, std::string text) {
    // 65536 elements, as BININT, become 65537.
    return name == "data.pkl" ? replace(text, {"J\0\0\x01\0", 5}, {"J\x01\0\x01\0", 5}) : text;
  });
  const diag::Diagnostic diagnostic = failure_of(folder / "bad.pt");
  CHECK(diagnostic.code == diag::Code::TX0007);
  CHECK(diagnostic.message.find("data/0 is smaller than its tensor") != std::string::npos);
}

TEST_CASE("operators that LibTorch does not know have stand-ins while the module lives") {
  using Names = std::vector<std::string>;
  const std::string path = TX_TESTDATA "/models/missing_operator.pt";
  CHECK(unknown_operators(path) == Names{"my_missing_library::missing"});
  CHECK(unknown_operators(TX_TESTDATA "/models/linear.pt").empty());
  CHECK(unknown_operators(TX_TESTDATA "/archive/model.onnx").empty());
  {
    const LoadedModule loaded = load_with_stand_ins(path);
    REQUIRE(loaded.stand_ins);
    CHECK(loaded.stand_ins->names() == Names{"my_missing_library::missing"});
    int calls = 0;
    for (const torch::jit::Node* node : loaded.module.get_method("forward").graph()->nodes()) {
      calls += calls_stand_in(*node);
    }
    CHECK(calls == 1);
  }
  CHECK(unknown_operators(path) == Names{"my_missing_library::missing"});
  CHECK_FALSE(load_with_stand_ins(TX_TESTDATA "/models/linear.pt").stand_ins);
}

TEST_CASE("all archives of the corpus load, with the numbers that LibTorch's own loader gives") {
  const fs::path corpus = fs::path(TX_SOURCE_DIR) / ".." / "shared" / "corpus";
  if (!fs::exists(corpus)) {
    MESSAGE("skipped: no corpus");
    return;
  }
  int lazy = 0, all = 0;
  for (const auto& entry : fs::directory_iterator(corpus)) {
    const fs::path path = entry.path() / "model.pt";
    if (!fs::exists(path)) continue;
    CAPTURE(path);
    const LoadedModule loaded = load_torchscript(path.string());
    const torch::jit::Module expected = torch::jit::load(path.string(), c10::Device(c10::kCPU));
    auto parameters = expected.named_parameters();
    auto it = parameters.begin();
    for (const auto& parameter : loaded.module.named_parameters()) {
      CHECK(parameter.name == (*it).name);
      if (!parameter.value.is_quantized()) CHECK(at::equal(parameter.value, (*it).value));
      ++it;
    }
    lazy += loaded.lazy;
    ++all;
  }
  CHECK(all > 40);
  CHECK(lazy > 5);
}

}  // namespace
}  // namespace tx::archive
