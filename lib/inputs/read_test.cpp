#include "inputs/read.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "diag/diagnostic.h"
#include "inputs/write.h"
#include "support/mapped_file.h"
#include "support/zip_directory.h"

namespace tx::inputs {
namespace {

using c10::IValue;

// Tests run in testdata/; its files are made by scripts/make_testdata_inputs.py.
Content read(const std::string& text, uint64_t seed = 0) {
  return read_source(parse_source(text), seed);
}
at::Tensor tensor(const std::string& text) { return read(text).value.toTensor(); }

diag::Diagnostic failure_of(const std::string& text) {
  try {
    read(text);
  } catch (const diag::Failure& failure) {
    return failure.diagnostics().front();
  }
  FAIL("no failure for " << text);
  return {diag::Code::TX0070, ""};
}

at::Tensor x() { return at::arange(6, at::kFloat).view({2, 3}); }
at::Tensor ids() { return at::tensor({3, 1, 4, 1}, at::kLong).view({2, 2}); }

void check_same(const at::Tensor& a, const at::Tensor& b) {
  CHECK((a.scalar_type() == b.scalar_type()));
  CHECK(a.sizes() == b.sizes());
  CHECK(at::equal(a, b));
}

TEST_CASE("torch.save: tensors, tuples, lists and dicts") {
  check_same(tensor("inputs/tensor.pt"), x());
  const auto tuple = read("inputs/tuple.pt").value.toTuple();
  CHECK(tuple->elements().size() == 2);
  check_same(tuple->elements()[1].toTensor(), ids());
  CHECK(read("inputs/empty_tuple.pt").value.toTuple()->elements().empty());
  CHECK(read("inputs/list.pt").value.toListRef().size() == 2);
  for (const char* file : {"inputs/dict.pt", "inputs/ordered_dict.pt"}) {
    const auto dict = read(file).value.toGenericDict();
    check_same(dict.at("x").toTensor(), x());
    check_same(dict.at("ids").toTensor(), ids());
  }
  const auto nested = read("inputs/nested.pt").value.toTuple();
  check_same(nested->elements()[1].toListRef()[1].toTensor(), ids() + 1);
  const auto n = nested->elements()[2].toGenericDict().at("n").toTuple()->elements().vec();
  CHECK(n[0].toInt() == 1);
  CHECK(n[1].toDouble() == 2.5);
  CHECK(n[2].toStringRef() == "text");
  CHECK(n[3].isNone());
  CHECK(n[4].toBool());
  CHECK(read("inputs/int_keys.pt").value.toGenericDict().at(2).isTensor());
}

TEST_CASE("torch.save: what makes plain data") {
  check_same(tensor("inputs/parameter.pt"), x());
  CHECK_FALSE(tensor("inputs/parameter.pt").requires_grad());
  check_same(tensor("inputs/transposed.pt"), x().t());
  CHECK(tensor("inputs/transposed.pt").strides() == at::IntArrayRef({1, 3}));
  CHECK(tensor("inputs/conjugated.pt")[0].item().toComplexDouble() == c10::complex<double>(1, -2));
  const auto shared = read("inputs/shared.pt").value.toTuple();
  const at::Tensor tail = shared->elements()[0].toTensor();
  tail.fill_(9);
  CHECK(shared->elements()[1].toTensor()[1].item<double>() == 9);
  CHECK(shared->elements()[2].toTensor()[0].item<double>() == 0);
  const auto point = read("inputs/named_tuple.pt").value.toListRef()[0].toTuple();
  check_same(point->elements()[0].toTensor(), x());
  CHECK(point->elements()[1].toInt() == 2);

  const auto plain = read("inputs/plain.pt").value.toListRef().vec();
  CHECK(plain[0].toTuple()->elements()[1].toInt() == 3);
  CHECK(plain[1].toInt() == static_cast<int64_t>(at::kFloat));
  CHECK(plain[2].toDevice() == at::Device(at::kCPU));
  CHECK(plain[3].toComplexDouble() == c10::complex<double>(1, 2));
  CHECK(plain[4].toInt() == int64_t{1} << 40);
  CHECK(plain[5].toInt() == -1);

  const auto numpy = read("inputs/numpy.pt").value.toListRef().vec();
  CHECK(numpy[0].toDouble() == 1.5);
  CHECK(numpy[1].toInt() == 7);
  CHECK(numpy[2].toBool());
  check_same(numpy[3].toTensor(), at::arange(3, at::kShort));
  check_same(numpy[4].toTensor(), x());

  const auto dtypes = read("inputs/dtypes.pt").value.toListRef().vec();
  check_same(dtypes[0].toTensor().to(at::kInt), at::tensor({1, 65535}, at::kInt));
  CHECK((dtypes[0].toTensor().scalar_type() == at::kUInt16));
  check_same(dtypes[1].toTensor(), at::tensor({0.5, -2.0}).to(at::kBFloat16));
  CHECK((dtypes[2].toTensor().scalar_type() == at::kFloat8_e4m3fn));
  CHECK(dtypes[2].toTensor().to(at::kFloat).item<float>() == 0.5f);
  check_same(dtypes[3].toTensor(), at::tensor({1, 0}).to(at::kBool));
  CHECK((dtypes[4].toTensor().scalar_type() == at::kUInt64));
  CHECK(dtypes[5].toTensor().dim() == 0);
}

TEST_CASE("torch.save: what is refused, by its name") {
  const std::pair<const char*, const char*> cases[] = {
      {"class", "it holds an object of class __main__.Batch; save plain tensors, numbers, tuples, "
                "lists and dicts"},
      {"set", "it holds a set; save a list instead"},
      {"bytes", "it holds bytes; save a tensor of uint8 instead"},
      {"big_int", "it holds an integer of more than 64 bits"},
      {"loop", "it holds a value that contains itself"},
      {"mixed_keys", "it holds a dict with keys of different types"},
      {"sparse", "it holds a sparse tensor"},
      {"module", "it holds an object of class torch.nn.modules.linear.Linear; save plain tensors, "
                 "numbers, tuples, lists and dicts"},
      {"legacy", "it is in the format of torch.save before torch 1.6; load it in Python and save "
                 "it again"},
  };
  for (const auto& [name, why] : cases) {
    const std::string path = "inputs/" + std::string(name) + ".pt";
    const diag::Diagnostic diagnostic = failure_of(path);
    CHECK(diagnostic.code == diag::Code::TX0011);
    CHECK(diagnostic.message == path + " cannot be read as input values: " + why);
  }
}

TEST_CASE(".npy") {
  for (const char* name : {"f32", "fortran", "big_endian", "version2", "version3"}) {
    CAPTURE(name);
    check_same(tensor("inputs/" + std::string(name) + ".npy"), x());
  }
  CHECK(tensor("inputs/big_endian_c64.npy")[0].item().toComplexDouble() ==
        c10::complex<double>(1, 2));
  CHECK(tensor("inputs/scalar.npy").item<int64_t>() == 7);
  CHECK(tensor("inputs/empty.npy").sizes() == at::IntArrayRef({0, 3}));
  CHECK((tensor("inputs/empty.npy").scalar_type() == at::kHalf));
  check_same(tensor("inputs/bool.npy"), at::tensor({1, 0}).to(at::kBool));
  CHECK((tensor("inputs/u16.npy").scalar_type() == at::kUInt16));
  check_same(tensor("inputs/f16.npy"), at::tensor({0.5, -2.0}).to(at::kHalf));
  const std::pair<const char*, const char*> refused[] = {
      {"strings", "it holds strings (dtype <U2)"},
      {"objects", "it holds Python objects, not numbers"},
      {"dates", "it holds dates (dtype <M8[D])"},
      {"records", "it is an array of records; save each field on its own"}};
  for (const auto& [name, why] : refused) {
    const std::string path = "inputs/" + std::string(name) + ".npy";
    CHECK(failure_of(path).code == diag::Code::TX0011);
    CHECK(failure_of(path).message == path + " cannot be read as input values: " + why);
  }
}

TEST_CASE(".npz") {
  for (const std::string path : {"inputs/named.npz", "inputs/deflated.npz"}) {
    const Content content = read(path);
    CHECK(content.named.size() == 2);
    CHECK(content.named[0].first == "x");
    check_same(content.named[1].second.toTensor(), ids());
    check_same(tensor(path + "#x"), x());
    CHECK(failure_of(path + "#idx").message ==
          path + " has no entry `idx`; it has x, ids; did you mean `ids`?");
  }
  CHECK(failure_of("inputs/objects.npz").message ==
        "inputs/objects.npz cannot be read as input values: in `x`, it holds Python objects, not "
        "numbers");
  check_same(tensor("inputs/dict.pt#ids"), ids());
  CHECK(failure_of("inputs/tensor.pt#x").message ==
        "inputs/tensor.pt cannot be read as input values: it has no named entries to take `x` from");
}

TEST_CASE(".safetensors") {
  const Content content = read("inputs/named.safetensors");
  CHECK(content.named.size() == 2);
  check_same(tensor("inputs/named.safetensors#x"), x());
  check_same(content.value.toGenericDict().at("ids").toTensor(), ids());
  CHECK(failure_of("archive/weights.safetensors#v").message ==
        "archive/weights.safetensors has no entry `v`; it has w");
}

TEST_CASE("TorchScript containers") {
  const Content content = read("inputs/container.pt");
  CHECK(content.named.size() == 3);
  check_same(content.value.toGenericDict().at("ids").toTensor(), ids());
  CHECK(content.value.toGenericDict().at("scale").toDouble() == 2.0);
  const std::string path = (std::filesystem::temp_directory_path() /
                            ("container_" + std::to_string(::getpid()) + ".pt")).string();
  torch::jit::Module numbered("Numbered");
  numbered.register_buffer("0", x());
  numbered.save(path);
  check_same(tensor(path), x());
  numbered.register_buffer("1", ids());
  numbered.save(path);
  CHECK(read(path).value.toTuple()->elements().size() == 2);
  torch::jit::Module model("Model");
  model.define("def forward(self, x: Tensor) -> Tensor:\n    return x\n");
  model.save(path);
  CHECK(failure_of(path).message ==
        path + " cannot be read as input values: it is a TorchScript model, not a container of "
               "tensors");
  std::filesystem::remove(path);
}

TEST_CASE("raw bytes") {
  check_same(tensor("f32[2,3]@inputs/raw.bin"), x());
  CHECK((tensor("i64[3]@inputs/raw.bin").scalar_type() == at::kLong));
  const diag::Diagnostic wrong = failure_of("f32[2,4]@inputs/raw.bin");
  CHECK(wrong.code == diag::Code::TX0011);
  CHECK(wrong.message == "inputs/raw.bin has 24 bytes, its shape needs 32");
  CHECK(wrong.notes.front() == "what would fit: f32[6], f64[3], f16[12], i64[3], i32[6], u8[24] and "
                               "any shape with as many elements");
  CHECK(failure_of("inputs/raw.bin").message ==
        "inputs/raw.bin cannot be read as input values: its 24 bytes are in no known format; if "
        "they are raw, say of which shape, such as f32[6], f64[3], f16[12], i64[3], i32[6], u8[24] "
        "before @inputs/raw.bin");
  CHECK(failure_of("inputs/no.bin").code == diag::Code::TX0002);
  CHECK(failure_of("inputs").message == "cannot read inputs: is a directory");
}

TEST_CASE("made-up data is the same for the same seed, and in its range") {
  const at::Tensor ids = tensor("i64[1000]:3..5");
  CHECK(ids.min().item<int64_t>() == 3);
  CHECK(ids.max().item<int64_t>() == 5);
  CHECK(at::equal(ids, tensor("i64[1000]:3..5")));
  CHECK_FALSE(at::equal(ids, read("i64[1000]:3..5", 1).value.toTensor()));
  const at::Tensor normal = tensor("f32[10000]");
  CHECK(normal.mean().item<float>() == doctest::Approx(0).epsilon(0.05));
  CHECK(normal.std().item<float>() == doctest::Approx(1).epsilon(0.05));
  const at::Tensor uniform = tensor("f64[1000]:-2..-1");
  CHECK(uniform.min().item<double>() >= -2);
  CHECK(uniform.max().item<double>() <= -1);
  CHECK(tensor("i32[100]").max().item<int>() == 1);
  CHECK((tensor("bool[100]").scalar_type() == at::kBool));
  CHECK((tensor("bf16[2,3]").scalar_type() == at::kBFloat16));
  CHECK(tensor("c64[3]").is_complex());
  CHECK((tensor("u16[3]").scalar_type() == at::kUInt16));
  CHECK(tensor("i64[4]:9223372036854775807..9223372036854775807")[0].item<int64_t>() == INT64_MAX);
  check_same(tensor("zeros:f32[2,3]"), at::zeros({2, 3}));
  check_same(tensor("ones:i64[]"), at::ones({}, at::kLong));
  CHECK(failure_of("f32[1000000000,1000000000]").code == diag::Code::TX0009);
}

TEST_CASE("damaged files are errors, wherever the damage is") {
  const std::string path = (std::filesystem::temp_directory_path() /
                            ("damaged_" + std::to_string(::getpid()) + ".pt")).string();
  for (const char* file : {"inputs/nested.pt", "inputs/numpy.pt", "inputs/f32.npy",
                           "inputs/deflated.npz", "inputs/dtypes.pt", "inputs/named.safetensors"}) {
    const auto whole = support::MappedFile::open(file);
    for (size_t at = 0; at < whole->bytes().size(); ++at) {
      std::string broken(whole->text());
      broken[at] = static_cast<char>(broken[at] ^ 0xff);
      if (at % 3 == 0) broken.resize(at);
      std::ofstream(path, std::ios::binary) << broken;
      try {
        read(path);
      } catch (const diag::Failure& failure) {
        CHECK(failure.diagnostics().front().code == diag::Code::TX0011);
      }
    }
  }
  std::filesystem::remove(path);
}

TEST_CASE("what is written is read back") {
  const std::string path = (std::filesystem::temp_directory_path() /
                            ("written_" + std::to_string(::getpid()) + ".pt")).string();
  c10::impl::GenericDict dict(c10::StringType::get(), c10::AnyType::get());
  dict.insert("k", c10::IValue(int64_t{1} << 40));
  dict.insert("f", -0.25);
  const at::Tensor base = at::arange(8, at::kDouble);
  const IValue value = c10::ivalue::Tuple::create(
      {x(), x().t(), base, base.slice(0, 2, 4), at::tensor({7}, at::kLong).to(at::kUInt16),
       c10::List<at::Tensor>({ids()}), dict, IValue(), true, "text", -5,
       c10::complex<double>(1, 2), c10::List<int64_t>(), at::zeros({0, 3})});
  write_values(value, path);
  const auto back = read(path).value.toTuple()->elements().vec();
  check_same(back[0].toTensor(), x());
  check_same(back[1].toTensor(), x().t());
  CHECK(back[1].toTensor().strides() == at::IntArrayRef({1, 3}));
  check_same(back[3].toTensor(), base.slice(0, 2, 4));
  CHECK((back[4].toTensor().scalar_type() == at::kUInt16));
  check_same(back[5].toListRef()[0].toTensor(), ids());
  CHECK(back[6].toGenericDict().at("k").toInt() == int64_t{1} << 40);
  CHECK(back[6].toGenericDict().at("f").toDouble() == -0.25);
  CHECK(back[7].isNone());
  CHECK(back[8].toBool());
  CHECK(back[9].toStringRef() == "text");
  CHECK(back[10].toInt() == -5);
  CHECK(back[11].toComplexDouble() == c10::complex<double>(1, 2));
  CHECK(back[12].toListRef().empty());
  CHECK(back[13].toTensor().sizes() == at::IntArrayRef({0, 3}));

  // The records are those of torch.save, and no name of a class is needed to load them.
  const auto file = support::MappedFile::open(path);
  const support::ZipDirectory zip(file->text());
  CHECK(zip.find("archive/byteorder") != nullptr);
  CHECK(zip.read(*zip.find("archive/version")) == "3\n");
  CHECK(zip.read(*zip.find("archive/data.pkl")).find("restore_type_tag") == std::string::npos);

  const at::Tensor sparse = at::eye(2).to_sparse();
  try {
    write_values(sparse, path);
    FAIL("a sparse tensor was written");
  } catch (const diag::Failure& failure) {
    CHECK(failure.diagnostics().front().code == diag::Code::TX0014);
  }
  check_same(read(path).value.toTuple()->elements()[0].toTensor(), x());  // left as it was
  std::filesystem::remove(path);
  try {
    write_values(x(), "no/such/folder/out.pt");
    FAIL("a file in no folder was written");
  } catch (const diag::Failure& failure) {
    CHECK(failure.diagnostics().front().message ==
          "cannot write no/such/folder/out.pt: No such file or directory");
  }
}

}  // namespace
}  // namespace tx::inputs
