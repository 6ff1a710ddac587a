#include "diag/checkout.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <fstream>

namespace fs = std::filesystem;
using tx::diag::path_in_checkout;

TEST_CASE("paths of another machine become those of the checkout, where the line is the same") {
  std::string made = (fs::temp_directory_path() / "checkout-test-XXXXXX").string();
  REQUIRE(mkdtemp(made.data()));
  const fs::path checkout = fs::canonical(made);
  fs::create_directories(checkout / "src");
  std::ofstream(checkout / "src" / "model.py") << "def forward(self, x):\n    return x.view(4)\n";
  std::ofstream(checkout / "model.py") << "def forward(self, x):\n    return x\n";
  const std::string code = "    return x.view(4)";

  CHECK(path_in_checkout("src/model.py", 2, code, checkout) == "src/model.py");
  CHECK(path_in_checkout((checkout / "src/model.py").string(), 2, "", checkout) == "src/model.py");
  CHECK(path_in_checkout((checkout / "src/../gone.py").string(), 2, "", checkout) == "gone.py");
  CHECK(path_in_checkout("/home/me/project/src/model.py", 2, code, checkout) == "src/model.py");
  // The longest end is another file than the one with the line, or none.
  CHECK(path_in_checkout("/home/me/project/model.py", 2, "    return x", checkout) == "model.py");
  CHECK(path_in_checkout("/home/me/project/model.py", 2, code, checkout) == "/home/me/project/model.py");
  CHECK(path_in_checkout("/home/me/project/src/model.py", 1, code, checkout) == "/home/me/project/src/model.py");
  CHECK(path_in_checkout("/home/me/project/src/model.py", 2, "", checkout) == "/home/me/project/src/model.py");
  CHECK(path_in_checkout("/home/me/project/src/model.py", 9, code, checkout) == "/home/me/project/src/model.py");
  fs::remove_all(made);
}
