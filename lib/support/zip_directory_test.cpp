#include "support/zip_directory.h"

#include <doctest/doctest.h>

namespace tx::support {
namespace {

// Made with Python's zipfile: a.txt stored "hello", b/c.txt deflated "x" * 100, date 1980-01-01.
std::string bytes_of(std::string_view hex) {
  std::string bytes;
  for (size_t i = 0; i < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  }
  return bytes;
}
const std::string kArchive = bytes_of(
    "504b03041400000000000000210086a61036050000000500000005000000612e74787468656c6c6f504b0304"
    "140000000800000021008f5d0e5e060000006400000007000000622f632e747874aba8a03d0000504b010214"
    "031400000000000000210086a610360500000005000000050000000000000000000000800100000000612e74"
    "7874504b01021403140000000800000021008f5d0e5e06000000640000000700000000000000000000008001"
    "28000000622f632e747874504b0506000000000200020068000000530000000000");

TEST_CASE("entries and their contents") {
  CHECK(starts_as_zip(kArchive));
  CHECK_FALSE(starts_as_zip("PK"));
  const ZipDirectory zip(kArchive);
  REQUIRE(zip.entries().size() == 2);
  CHECK(zip.entries()[0].name == "a.txt");
  CHECK(zip.entries()[0].stored());
  CHECK(zip.read(zip.entries()[0]) == "hello");
  CHECK(zip.raw(zip.entries()[0]).data() == kArchive.data() + 35);
  const ZipEntry* deflated = zip.find("b/c.txt");
  REQUIRE(deflated != nullptr);
  CHECK_FALSE(deflated->stored());
  CHECK(deflated->size == 100);
  CHECK(zip.read(*deflated) == std::string(100, 'x'));
  CHECK(zip.find("c.txt") == nullptr);
}

TEST_CASE("bytes before the end record's comment and a comment itself do not matter") {
  std::string commented = kArchive + "PK";
  commented[kArchive.size() - 2] = 2;  // the length of the comment
  CHECK(ZipDirectory(commented).entries().size() == 2);
}

TEST_CASE("damage is found") {
  const auto message = [](const std::string& bytes) -> std::string {
    try {
      const ZipDirectory zip(bytes);
      for (const ZipEntry& entry : zip.entries()) zip.read(entry);
    } catch (const ZipError& error) {
      return error.what();
    }
    return "";
  };
  CHECK(message("") == "it ends before its table of contents");
  CHECK(message(kArchive.substr(0, kArchive.size() - 1)) ==
        "the table of contents at its end is missing");
  std::string broken = kArchive;
  broken[36] ^= 1;
  CHECK(message(broken) == "the checksum of a.txt does not match its data");
  // Wherever a byte is wrong, there is an error or the contents are right: never a crash.
  for (size_t at = 0; at < kArchive.size(); ++at) {
    for (const int bit : {1, 0x80, 0xff}) {
      std::string changed = kArchive;
      changed[at] = static_cast<char>(changed[at] ^ bit);
      message(changed);
    }
    message(kArchive.substr(0, at));
    message(kArchive.substr(at));
  }
}

}  // namespace
}  // namespace tx::support
