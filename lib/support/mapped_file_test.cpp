#include "support/mapped_file.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace tx::support {
namespace {

TEST_CASE("bytes, and copies that may be written") {
  const std::string path = (std::filesystem::temp_directory_path() /
                            ("mapped_" + std::to_string(::getpid()))).string();
  const std::string text(10000, 'a');
  std::ofstream(path) << text << "end";
  const auto file = MappedFile::open(path);
  CHECK(file->path() == path);
  CHECK(file->text() == text + "end");
  const auto view = file->writable_view(9999, 4);
  CHECK(view.get()[1] == std::byte{'e'});
  view.get()[1] = std::byte{'X'};
  CHECK(file->text()[10000] == 'e');
  CHECK(file->writable_view(10000, 1).get()[0] == std::byte{'e'});
  CHECK_THROWS_AS(file->writable_view(10000, 4), FileError);
  CHECK_THROWS_AS(file->writable_view(UINT64_MAX, 2), FileError);
  std::ofstream(path, std::ios::trunc).flush();
  CHECK(MappedFile::open(path)->bytes().empty());
  std::filesystem::remove(path);
}

TEST_CASE("what is no file") {
  CHECK_THROWS_WITH_AS(MappedFile::open("/no/such/file"), "no such file", FileError);
  CHECK_THROWS_WITH_AS(MappedFile::open("/tmp"), "is a directory", FileError);
  CHECK_THROWS_WITH_AS(MappedFile::open("/dev/null"), "is not a regular file", FileError);
  const std::string pipe = (std::filesystem::temp_directory_path() /
                            ("pipe_" + std::to_string(::getpid()))).string();
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  CHECK_THROWS_WITH_AS(MappedFile::open(pipe), "is not a regular file", FileError);
  std::filesystem::remove(pipe);
}

}  // namespace
}  // namespace tx::support
