// Runs every command line of testdata/golden in this process and compares what it prints.
// TX_UPDATE_GOLDEN=1 writes the files anew from what is printed now; TX_GOLDEN=part runs only the
// files whose path holds `part`.
#include "golden_file.h"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "cli.h"
#include "diag/diagnostic.h"
#include "diagnostic_pages.h"
#include "support/strings.h"

namespace fs = std::filesystem;

namespace tx::cli {

namespace {

const fs::path kGolden = fs::path(TX_TESTDATA) / "golden";

std::string read_text(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  REQUIRE_MESSAGE(stream.good(), path.string());
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

std::vector<fs::path> golden_files() {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(kGolden)) {
    if (entry.path().extension() == ".txt") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

// A new, empty folder that goes away with the object.
struct TemporaryFolder {
  fs::path path;
  TemporaryFolder() {
    std::string name = (fs::temp_directory_path() / "torch-export-golden-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()));
    path = name;
  }
  ~TemporaryFolder() { fs::remove_all(path); }
};

// Replaces what differs from run to run and from machine to machine.
std::string mask(std::string text, const fs::path& folder) {
  text = support::replace_all(text, folder.string(), "{tmp}");
  text = support::replace_all(text, TX_LIBRARIES, "{libraries}");
  text = support::replace_all(text, TX_SOURCE_DIR, "{source}");
  static const std::pair<std::regex, std::string> kMasks[] = {
      {std::regex(R"(\d+\.\d{3} s\b)"), "#.### s"},
      {std::regex(R"(\d+ MB\b)"), "# MB"},
      {std::regex(R"(largest difference [0-9.e+-]+)"), "largest difference #"},
  };
  for (const auto& [pattern, replacement] : kMasks) {
    text = std::regex_replace(text, pattern, replacement);
  }
  return text;
}

// The state of a golden file's runs.
class Runner {
 public:
  Runner() {
    environment_.variable = [this](const std::string& name) -> std::optional<std::string> {
      const auto found = variables_.find(name);
      return found == variables_.end() ? std::nullopt : std::optional(found->second);
    };
  }

  void write_file(const std::string& name, const std::string& content) {
    std::ofstream(folder_.path / name, std::ios::binary) << content;
  }

  void run(GoldenRun& run) {
    for (const std::string& line : run.setup) set_up(split_arguments(fill_in(line)));
    std::ostringstream out, err;
    if (run.own_process) {
      run.exit_code = execute(fill_in(run.arguments), out, err);
    } else {
      run.exit_code = run_cli(split_arguments(fill_in(run.arguments)), out, err, environment_);
    }
    run.out = mask(out.str(), folder_.path);
    run.err = mask(err.str(), folder_.path);
    // Whatever fails leaves no half of a file.
    for (const auto& entry : fs::directory_iterator(folder_.path)) {
      CHECK_MESSAGE(entry.path().extension() != ".tmp", entry.path().filename().string());
    }
  }

 private:
  std::string fill_in(const std::string& text) const {
    return support::replace_all(support::replace_all(text, "{tmp}", folder_.path.string()),
                                "{libraries}", TX_LIBRARIES);
  }

  void set_up(const std::vector<std::string>& words) {
    if (words.at(0) == "terminal") {
      environment_.stderr_is_terminal = true;
    } else if (words[0] == "fault") {
      environment_.variable = [](const std::string& name) -> std::optional<std::string> {
        if (name == "TORCH_EXPORT_LOG") throw std::logic_error("something that cannot be");
        return std::nullopt;
      };
    } else if (words[0] == "env") {
      const size_t equals = words.at(1).find('=');
      variables_[words[1].substr(0, equals)] = words[1].substr(equals + 1);
    } else {
      fs::copy_file(words.at(1), words.at(2), fs::copy_options::overwrite_existing);
      if (words.size() > 3) fs::resize_file(words[2], std::stoul(words[3]));
    }
  }

  int execute(const std::string& arguments, std::ostream& out, std::ostream& err) const {
    const fs::path out_file = folder_.path / "stdout", err_file = folder_.path / "stderr";
    const std::string command = TX_TOOL " " + arguments + " >" + out_file.string() + " 2>" +
                                err_file.string();
    const int status = std::system(command.c_str());
    out << read_text(out_file);
    err << read_text(err_file);
    fs::remove(out_file);
    fs::remove(err_file);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  TemporaryFolder folder_;
  Environment environment_;
  std::map<std::string, std::string> variables_;
};

// What a golden file would be if what is printed now were right.
GoldenFile run_golden(GoldenFile golden) {
  Runner runner;
  for (const auto& [name, content] : golden.files) runner.write_file(name, content);
  for (GoldenRun& run : golden.runs) runner.run(run);
  return golden;
}

// The first line in which two texts differ, for the message of a failure.
std::string difference(const std::string& expected, const std::string& actual) {
  std::istringstream left(expected), right(actual);
  std::string a, b;
  for (int number = 1;; ++number) {
    const bool more_left = bool(std::getline(left, a)), more_right = bool(std::getline(right, b));
    if (!more_left && !more_right) return "";
    if (more_left && more_right && a == b) continue;
    return "line " + std::to_string(number) + "\n  expected: " + (more_left ? a : "(end)") +
           "\n  printed:  " + (more_right ? b : "(end)");
  }
}

}  // namespace

TEST_CASE("golden files") {
  const bool update = std::getenv("TX_UPDATE_GOLDEN") != nullptr;
  const char* part = std::getenv("TX_GOLDEN");
  for (const fs::path& path : golden_files()) {
    const std::string name = fs::relative(path, kGolden).string();
    if (part && name.find(part) == std::string::npos) continue;
    CAPTURE(name);
    const std::string text = read_text(path);
    const std::string printed = print_golden(run_golden(parse_golden(text)));
    if (update && printed != text) {
      std::ofstream(path, std::ios::binary) << printed;
      MESSAGE("updated ", name);
    } else {
      CHECK_MESSAGE(printed == text, difference(text, printed));
    }
  }
}

// No command line leads to TX3002: it is a mistake of the tool's own tables, which the tests of
// lib/shapes look for.
const std::set<std::string> kUnreachable = {"TX3002"};

TEST_CASE("every diagnostic code is printed by a golden file and has a page") {
  std::set<std::string> printed;
  static const std::regex kCode(R"((?:error|warning|note)\[(TX\d{4})\]|"code":\s*"(TX\d{4})\")");
  for (const fs::path& path : golden_files()) {
    for (const GoldenRun& run : parse_golden(read_text(path)).runs) {
      for (std::sregex_iterator it(run.err.begin(), run.err.end(), kCode), end; it != end; ++it) {
        printed.insert((*it)[1].matched ? (*it)[1].str() : (*it)[2].str());
      }
    }
  }
  for (const diag::Kind& kind : diag::all_kinds()) {
    CHECK_MESSAGE(!page(kind.name).empty(), kind.name, " has no page in docs/diagnostics");
    if (kUnreachable.contains(std::string(kind.name))) {
      CHECK_MESSAGE(!printed.contains(std::string(kind.name)), kind.name, " can be printed now");
      continue;
    }
    CHECK_MESSAGE(printed.contains(std::string(kind.name)), kind.name, " is in no golden file");
  }
}

TEST_CASE("a golden file is read and written without loss") {
  const std::string text =
      "# Shows something.\n=== file a.txt\none\ntwo\n=== env NO_COLOR=1\n"
      "=== execute show 'a b' --x\n=== exit 2\n=== stdout\nhello\n=== no newline\n=== stderr\nerror\n";
  const GoldenFile golden = parse_golden(text);
  CHECK(golden.comment == "# Shows something.\n");
  CHECK(golden.files.at(0).second == "one\ntwo\n");
  CHECK(golden.runs.at(0).exit_code == 2);
  CHECK(golden.runs.at(0).out == "hello");
  CHECK(print_golden(golden) == text);
  CHECK(split_arguments("show 'a b' --x=\"c d\" ''") ==
        std::vector<std::string>{"show", "a b", "--x=c d", ""});
  CHECK_THROWS_WITH(parse_golden("=== exit 1\n"), "line 1: `exit` before the first run");
  CHECK_THROWS_WITH(parse_golden("=== run\n=== nonsense\n"), "line 2: unknown directive `nonsense`");
}

}  // namespace tx::cli
