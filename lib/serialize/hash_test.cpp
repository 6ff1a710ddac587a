#include "serialize/hash.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

using tx::serialize::Hash64;

namespace {

uint64_t hash(std::string_view text) {
  return Hash64().update(std::as_bytes(std::span(text))).digest();
}

}  // namespace

// Expected values: the reference implementation of XXH64, seed 0.
TEST_CASE("hashes are those of XXH64") {
  CHECK(hash("") == 0xef46db3751d8e999);
  CHECK(hash("a") == 0xd24ec4f1a98c6e5b);
  CHECK(hash("abc") == 0x44bc2cf5ad770999);
  std::string digits;
  for (int i = 0; i < 10; ++i) digits += "0123456789";
  CHECK(hash(digits) == 0xf80e7b96315afffa);
}

TEST_CASE("pieces of any size give the hash of the whole") {
  std::vector<std::byte> bytes(256);
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i);
  for (size_t piece = 1; piece < 100; ++piece) {
    Hash64 hash;
    std::span<const std::byte> rest(bytes);
    while (!rest.empty()) {
      const size_t taken = std::min(piece, rest.size());
      hash.update(rest.first(taken));
      rest = rest.subspan(taken);
    }
    CHECK(hash.digest() == 0x1facbe8406cd904b);
  }
}
