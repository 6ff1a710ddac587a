#include "inputs/read_safetensors.h"

#include <ATen/ops/empty.h>

#include <cstring>
#include <nlohmann/json.hpp>

namespace tx::inputs {
namespace {

// Eight bytes with the length of the header, the header (a JSON object), the data.
constexpr size_t kLengthBytes = 8;

uint64_t header_length(std::string_view bytes) {
  uint64_t length = 0;
  for (size_t i = kLengthBytes; i-- > 0;) {
    length = (length << 8) | static_cast<unsigned char>(bytes[i]);
  }
  return length;
}

at::ScalarType parse_dtype(const std::string& name) {
  static const std::map<std::string, at::ScalarType> dtypes = {
      {"F64", at::kDouble}, {"F32", at::kFloat},   {"F16", at::kHalf},    {"BF16", at::kBFloat16},
      {"I64", at::kLong},   {"I32", at::kInt},     {"I16", at::kShort},   {"I8", at::kChar},
      {"U64", at::kUInt64}, {"U32", at::kUInt32},  {"U16", at::kUInt16},  {"U8", at::kByte},
      {"BOOL", at::kBool},  {"C64", at::kComplexFloat},
      {"F8_E4M3", at::kFloat8_e4m3fn},             {"F8_E5M2", at::kFloat8_e5m2}};
  const auto found = dtypes.find(name);
  if (found == dtypes.end()) throw FormatError("its dtype " + name + " is unknown");
  return found->second;
}

at::Tensor read_tensor(const std::string& name, const nlohmann::json& entry,
                       std::string_view data) {
  const at::ScalarType dtype = parse_dtype(entry.at("dtype").get<std::string>());
  const auto sizes = entry.at("shape").get<std::vector<int64_t>>();
  const auto [start, end] = entry.at("data_offsets").get<std::pair<uint64_t, uint64_t>>();
  int64_t needed = static_cast<int64_t>(c10::elementSize(dtype));
  bool possible = true;
  for (const int64_t size : sizes) {
    possible = possible && size >= 0 && !__builtin_mul_overflow(needed, size, &needed);
  }
  if (!possible || start > end || end > data.size() ||
      end - start != static_cast<uint64_t>(needed)) {
    throw FormatError("the place of `" + name + "` does not fit its shape or the file");
  }
  at::Tensor tensor = at::empty(sizes, dtype);
  if (needed > 0) std::memcpy(tensor.data_ptr(), data.data() + start, end - start);
  return tensor;
}

}  // namespace

bool is_safetensors(std::string_view bytes) {
  return bytes.size() > kLengthBytes && bytes[kLengthBytes] == '{' &&
         header_length(bytes) <= bytes.size() - kLengthBytes;
}

std::vector<std::pair<std::string, at::Tensor>> read_safetensors(std::string_view bytes) {
  const uint64_t length = header_length(bytes);
  const std::string_view data = bytes.substr(kLengthBytes + length);
  std::vector<std::pair<std::string, at::Tensor>> tensors;
  try {
    const auto header = nlohmann::json::parse(bytes.substr(kLengthBytes, length));
    for (const auto& [name, entry] : header.items()) {
      if (name != "__metadata__") tensors.emplace_back(name, read_tensor(name, entry, data));
    }
  } catch (const nlohmann::json::exception&) {
    throw FormatError("its header is damaged");
  }
  return tensors;
}

}  // namespace tx::inputs
