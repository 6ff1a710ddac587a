#include "support/atomic_file.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

using namespace tx::support;
namespace fs = std::filesystem;

namespace {

struct Folder {
  fs::path path;
  Folder() {
    std::string name = (fs::temp_directory_path() / "atomic-file-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()));
    path = name;
  }
  ~Folder() { fs::remove_all(path); }
  std::string file(const std::string& name) const { return (path / name).string(); }
  size_t size() const {
    return static_cast<size_t>(std::distance(fs::directory_iterator(path), fs::directory_iterator()));
  }
};

std::string content(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("the file appears with commit, and replaces an older one") {
  const Folder folder;
  {
    AtomicFile file(folder.file("a"));
    file.write("one ");
    file.write("two");
    CHECK_FALSE(fs::exists(folder.file("a")));
    file.commit();
  }
  CHECK(content(folder.file("a")) == "one two");
  write_file_atomically(folder.file("a"), "three");
  CHECK(content(folder.file("a")) == "three");
  CHECK(folder.size() == 1);
}

TEST_CASE("pieces may come in any order, gaps are zero") {
  const Folder folder;
  AtomicFile file(folder.file("a"));
  file.write_at(6, "end");
  file.write("head");
  file.write_at(0, "H");
  file.commit();
  CHECK(content(folder.file("a")) == std::string("Head\0\0end", 9));
}

TEST_CASE("without commit nothing is left and an older file stays") {
  const Folder folder;
  write_file_atomically(folder.file("a"), "old");
  {
    AtomicFile file(folder.file("a"));
    file.write("new");
  }
  CHECK(content(folder.file("a")) == "old");
  CHECK(folder.size() == 1);
}

TEST_CASE("mode and symbolic links are kept") {
  const Folder folder;
  write_file_atomically(folder.file("a"), "old");
  ::chmod(folder.file("a").c_str(), 0640);
  fs::create_symlink("a", folder.path / "link");
  write_file_atomically(folder.file("link"), "new");
  CHECK(fs::is_symlink(folder.path / "link"));
  CHECK(content(folder.file("a")) == "new");
  struct stat status;
  REQUIRE(::stat(folder.file("a").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0640);
}

TEST_CASE("places where no file can be are refused") {
  const Folder folder;
  CHECK_THROWS_WITH_AS(AtomicFile(folder.path.string()), "Is a directory", FileError);
  CHECK_THROWS_WITH_AS(AtomicFile(folder.file("none/a")), "No such file or directory", FileError);
}
