#include "runtime/convert.h"

#include <ATen/Functions.h>
#include <doctest/doctest.h>

#include "diag/diagnostic.h"

using namespace tx;
using namespace tx::runtime;

namespace {
ir::Program one_storage(uint64_t bytes) {
  ir::Program program;
  auto data = std::make_shared<std::vector<float>>(bytes / 4);
  for (size_t i = 0; i < data->size(); ++i) (*data)[i] = static_cast<float>(i);
  program.storages.push_back({data, reinterpret_cast<const std::byte*>(data->data()), bytes});
  return program;
}
std::string refusal(const ir::Weight& weight) {
  ir::Program program = one_storage(48);
  program.weights = {weight};
  try {
    weight_tensors(program);
  } catch (const diag::Failure& e) {
    CHECK(e.diagnostics().front().code == diag::Code::TX4002);
    return e.diagnostics().front().message;
  }
  return "ok";
}
}  // namespace

TEST_CASE("numbers of dtypes, layouts and formats") {
  CHECK((to_torch(ir::DType::F32) == at::kFloat));
  CHECK((to_torch(ir::DType::Bool) == at::kBool));
  CHECK((to_torch(ir::DType::BF16) == at::kBFloat16));
  CHECK((to_torch(ir::DType::F8E4M3FN) == at::kFloat8_e4m3fn));
  CHECK((to_torch(ir::DType::U64) == at::kUInt64));
  CHECK((from_torch(at::kLong) == ir::DType::I64));
  CHECK_FALSE(from_torch(at::ScalarType::Float8_e8m0fnu).has_value());
  CHECK((to_torch(ir::MemoryFormat::ChannelsLast) == at::MemoryFormat::ChannelsLast));
  CHECK((to_torch(ir::Layout::Mkldnn) == at::kMkldnn));
  CHECK_FALSE(from_torch(at::kSparseCsc).has_value());
  CHECK((to_torch(ir::Device{"cuda", 1}) == c10::Device(c10::kCUDA, 1)));
  CHECK((from_torch(c10::Device(c10::kCPU)) == ir::Device{"cpu", -1}));
  CHECK_THROWS_AS(to_torch(ir::Device{"abacus", 0}), diag::Failure);
}

TEST_CASE("constants go to LibTorch and back") {
  const ir::Argument constants[] = {ir::NoneArg{},
                                    int64_t{3},
                                    1.5,
                                    true,
                                    std::complex<double>(1, 2),
                                    std::string("a"),
                                    ir::Device{"cpu", 0},
                                    ir::ListArg{{int64_t{1}, int64_t{2}}, false},
                                    ir::ListArg{{1.5, ir::NoneArg{}}, true},
                                    ir::ListArg{{int64_t{1}, std::string("x")}, false}};
  for (const ir::Argument& constant : constants) {
    CHECK((to_argument(to_ivalue(constant)) == constant));
  }
  CHECK(to_ivalue(ir::DType::F64).toInt() == 7);
  CHECK(to_ivalue(ir::ListArg{{1.5, 2.5}, false}).isDoubleList());
  CHECK_FALSE(to_argument(at::ones({1})).has_value());
  CHECK_THROWS_AS(to_ivalue(ir::NodeRef{0}), diag::Failure);
}

TEST_CASE("types of values") {
  const at::Tensor x = at::ones({2, 3}, at::kHalf).t();
  const auto type = type_of(x);
  REQUIRE(type);
  CHECK((type->dtype == ir::DType::F16));
  CHECK((type->sizes == std::vector<ir::Expr>{3, 2}));
  CHECK((type->strides == std::vector<ir::Expr>{1, 3}));
  CHECK((type->device == ir::Device{"cpu", -1}));
  const auto tuple = type_of(c10::ivalue::Tuple::create(c10::IValue(x), c10::IValue(3)));
  REQUIRE(tuple);
  REQUIRE(tuple->tuple());
  CHECK((tuple->tuple()->elements[1] == ir::Type(ir::SymIntType{3})));
  CHECK_FALSE(type_of(at::ones({2}).to_sparse()).has_value());
  CHECK_FALSE(type_of(c10::IValue(std::string("a"))).has_value());
}

TEST_CASE("weights: strides, offsets, tied storages, owners") {
  ir::Program program = one_storage(48);
  program.weights = {{"whole", ir::DType::F32, {3, 4}, {4, 1}, 0, 0, true},
                     {"turned", ir::DType::F32, {2, 3}, {1, 4}, 1, 0, false},
                     {"empty", ir::DType::F32, {0, 7}, {7, 1}, 0, 0, false},
                     {"bytes", ir::DType::U8, {48}, {1}, 0, 0, false}};
  auto tensors = weight_tensors(program);
  const at::Tensor whole = at::arange(12, at::kFloat).view({3, 4});
  CHECK(at::equal(tensors.at("whole"), whole));
  CHECK(at::equal(tensors.at("turned"), whole.slice(1, 1, 3).t()));
  CHECK(tensors.at("empty").numel() == 0);
  CHECK(tensors.at("whole").storage().is_alias_of(tensors.at("turned").storage()));
  CHECK(tensors.at("whole").const_data_ptr() == program.storages[0].data);
  const std::weak_ptr<const void> owner = program.storages[0].owner;
  at::Tensor view = tensors.at("whole").select(0, 2);
  tensors.clear();
  program.storages.clear();
  CHECK_FALSE(owner.expired());
  CHECK(view[3].item<float>() == 11);
  view.reset();
  CHECK(owner.expired());
}

TEST_CASE("weights that do not lie inside their storage are refused") {
  const std::string outside = "the weight `w` does not lie inside its storage of 48 bytes";
  CHECK(refusal({"w", ir::DType::F32, {3, 4}, {4, 1}, 0, 0, false}) == "ok");
  CHECK(refusal({"w", ir::DType::F32, {3, 4}, {4, 1}, 1, 0, false}) == outside);
  CHECK(refusal({"w", ir::DType::F64, {3, 4}, {4, 1}, 0, 0, false}) == outside);
  CHECK(refusal({"w", ir::DType::F32, {3, 4}, {5, 1}, 0, 0, false}) == outside);
  CHECK(refusal({"w", ir::DType::F32, {3}, {1}, -1, 0, false}) == outside);
  CHECK(refusal({"w", ir::DType::F32, {-3}, {1}, 0, 0, false}) ==
        "the weight `w` has a negative size or stride");
  CHECK(refusal({"w", ir::DType::F32, {INT64_MAX, INT64_MAX}, {INT64_MAX, 1}, 0, 0, false}) ==
        "the weight `w` is larger than its storage");
  CHECK(refusal({"w", ir::DType::F32, {3, 4}, {1}, 0, 0, false}) ==
        "the weight `w` has 2 sizes and 1 strides");
  CHECK(refusal({"w", ir::DType::F32, {3}, {1}, 0, 5, false}) ==
        "the weight `w` names a storage that does not exist");
  CHECK(refusal({"w", ir::DType::QI8, {3}, {1}, 0, 0, false}) ==
        "the weight `w` is quantised, which a program cannot hold");
}
