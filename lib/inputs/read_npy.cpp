#include "inputs/read_npy.h"

#include <ATen/Functions.h>

#include <charconv>
#include <cstring>

namespace tx::inputs {
namespace {

constexpr std::string_view kMagic("\x93NUMPY", 6);

/// The header of a .npy file, a Python dict: {'descr': '<f4', 'fortran_order': False,
/// 'shape': (3, 4), }.
struct Header {
  std::string descr;
  bool fortran_order = false;
  std::vector<int64_t> shape;
};

class HeaderParser {
 public:
  explicit HeaderParser(std::string_view text) : text_(text) {}

  Header parse() {
    Header header;
    bool has_descr = false, has_order = false, has_shape = false;
    expect('{');
    while (!accept('}')) {
      const std::string key = quoted();
      expect(':');
      if (key == "descr") {
        skip_blanks();
        if (at_ < text_.size() && text_[at_] == '[') {
          throw FormatError("it is an array of records; save each field on its own");
        }
        header.descr = quoted();
        has_descr = true;
      } else if (key == "fortran_order") {
        header.fortran_order = boolean();
        has_order = true;
      } else if (key == "shape") {
        header.shape = shape();
        has_shape = true;
      } else {
        throw FormatError("its header has the unknown key '" + key + "'");
      }
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    if (!has_descr || !has_order || !has_shape) throw FormatError("its header is not complete");
    return header;
  }

 private:
  void skip_blanks() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
  }
  bool accept(char c) {
    skip_blanks();
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!accept(c)) throw FormatError("its header does not parse");
  }
  std::string quoted() {
    skip_blanks();
    const char quote = at_ < text_.size() ? text_[at_] : '\0';
    const size_t end = quote == '\'' || quote == '"' ? text_.find(quote, at_ + 1)
                                                     : std::string_view::npos;
    if (end == std::string_view::npos) throw FormatError("its header does not parse");
    std::string value(text_.substr(at_ + 1, end - at_ - 1));
    at_ = end + 1;
    return value;
  }
  bool boolean() {
    skip_blanks();
    for (const auto& [word, value] : {std::pair<std::string_view, bool>{"True", true},
                                      std::pair<std::string_view, bool>{"False", false}}) {
      if (text_.substr(at_).starts_with(word)) {
        at_ += word.size();
        return value;
      }
    }
    throw FormatError("its header does not parse");
  }
  std::vector<int64_t> shape() {
    std::vector<int64_t> sizes;
    expect('(');
    while (!accept(')')) {
      skip_blanks();
      int64_t size = 0;
      const char* start = text_.data() + at_;
      const auto [end, error] = std::from_chars(start, text_.data() + text_.size(), size);
      if (error != std::errc() || size < 0)
        throw FormatError("its header has a shape without sense");
      at_ += static_cast<size_t>(end - start);
      accept('L');  // Python 2 wrote long integers so
      sizes.push_back(size);
      if (!accept(',')) {
        expect(')');
        break;
      }
    }
    return sizes;
  }

  std::string_view text_;
  size_t at_ = 0;
};

at::ScalarType parse_descr(std::string_view descr) {
  static const std::map<std::string_view, at::ScalarType> dtypes = {
      {"b1", at::kBool},    {"u1", at::kByte},          {"i1", at::kChar},
      {"i2", at::kShort},   {"i4", at::kInt},           {"i8", at::kLong},
      {"u2", at::kUInt16},  {"u4", at::kUInt32},        {"u8", at::kUInt64},
      {"f2", at::kHalf},    {"f4", at::kFloat},         {"f8", at::kDouble},
      {"c8", at::kComplexFloat}, {"c16", at::kComplexDouble}};
  const bool has_order = !descr.empty() && std::string_view("<>|=").find(descr[0]) != descr.npos;
  const std::string_view name = has_order ? descr.substr(1) : descr;
  const auto found = dtypes.find(name);
  if (found != dtypes.end()) return found->second;
  const std::string dtype(descr);
  const char kind = name.empty() ? '\0' : name[0];
  if (kind == 'O') throw FormatError("it holds Python objects, not numbers");
  if (kind == 'U' || kind == 'S') throw FormatError("it holds strings (dtype " + dtype + ")");
  if (kind == 'M' || kind == 'm') throw FormatError("it holds dates (dtype " + dtype + ")");
  if (kind == 'V') {
    throw FormatError("its dtype " + dtype + " is unknown to NumPy itself (bfloat16?); save "
                      "float32, or use torch.save");
  }
  throw FormatError("torch has no dtype like " + dtype);
}

void swap_bytes(char* data, size_t bytes, size_t element) {
  for (size_t at = 0; at + element <= bytes; at += element) {
    std::reverse(data + at, data + at + element);
  }
}

}  // namespace

bool is_npy(std::string_view bytes) { return bytes.starts_with(kMagic); }

at::Tensor tensor_from_numpy(std::string_view descr, std::vector<int64_t> sizes, bool fortran_order,
                             std::string_view bytes) {
  const at::ScalarType dtype = parse_descr(descr);
  const auto element = static_cast<int64_t>(c10::elementSize(dtype));
  int64_t needed = element;
  bool empty = false;
  for (const int64_t size : sizes) {
    empty |= size == 0;
    if (size > 0 && __builtin_mul_overflow(needed, size, &needed)) {
      throw FormatError("an array of its shape is not possible");
    }
  }
  if (empty) needed = 0;
  if (bytes.size() < static_cast<uint64_t>(needed)) {
    throw FormatError("it holds " + std::to_string(bytes.size()) +
                      " bytes of data, its shape needs " + std::to_string(needed));
  }
  if (fortran_order) std::reverse(sizes.begin(), sizes.end());
  at::Tensor tensor = at::empty(sizes, dtype);
  if (needed > 0) {
    std::memcpy(tensor.data_ptr(), bytes.data(), static_cast<size_t>(needed));
    if (descr[0] == '>') {
      const auto part = static_cast<size_t>(at::isComplexType(dtype) ? element / 2 : element);
      swap_bytes(static_cast<char*>(tensor.data_ptr()), static_cast<size_t>(needed), part);
    }
  }
  if (!fortran_order) return tensor;
  std::vector<int64_t> order(sizes.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = static_cast<int64_t>(order.size() - 1 - i);
  return tensor.permute(order).contiguous();
}

at::Tensor read_npy(std::string_view bytes) {
  // Magic, version, length of the header in two bytes (version 1) or four, the header, the data.
  if (!is_npy(bytes) || bytes.size() < 10) throw FormatError("its header is cut off");
  const int version = bytes[6];
  if (version < 1 || version > 3) {
    throw FormatError("its .npy version " + std::to_string(version) + " is unknown");
  }
  const size_t length_bytes = version == 1 ? 2 : 4;
  const size_t start = 8 + length_bytes;
  if (bytes.size() < start) throw FormatError("its header is cut off");
  uint64_t length = 0;
  for (size_t i = length_bytes; i-- > 0;) {
    length = (length << 8) | static_cast<unsigned char>(bytes[8 + i]);
  }
  if (length > bytes.size() - start) throw FormatError("its header is cut off");
  const Header header = HeaderParser(bytes.substr(start, length)).parse();
  return tensor_from_numpy(header.descr, header.shape, header.fortran_order,
                           bytes.substr(start + length));
}

}  // namespace tx::inputs
