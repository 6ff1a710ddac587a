// GoldenFile: a test of the command line as one text file.
//
//   # What this shows.
//   === file NAME            a file to write first, as {tmp}/NAME; its text follows
//   === env NAME=VALUE       environment of the runs that follow
//   === terminal             the runs that follow have a terminal as stderr
//   === fault                an exception in the tool itself
//   === copy FROM TO [BYTES] a file, or its first bytes
//   === run ARGUMENTS        as for torch-export; {tmp} is a folder of the test's own, {libraries}
//                            the folder of the operator libraries for tests
//   === execute ARGUMENTS    the same as a process of its own, because what an operator library
//                            does to a process cannot be undone
//   === exit CODE            left out when it is 0
//   === stdout               the expected text follows; left out when there is none
//   === stderr               the same
//
// Holds: print(parse(text)) == text for a file in canonical form, which is what an update writes.
#pragma once
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace tx::cli {

struct GoldenRun {
  std::vector<std::string> setup;  ///< the env, terminal, fault and copy lines before it, as written
  bool own_process = false;
  std::string arguments;
  int exit_code = 0;
  std::string out, err;
};

struct GoldenFile {
  std::string comment;  ///< lines with their '#'
  std::vector<std::pair<std::string, std::string>> files;
  std::vector<GoldenRun> runs;
};

/// Throws std::runtime_error with the line number of a mistake.
GoldenFile parse_golden(const std::string& text);
std::string print_golden(const GoldenFile& golden);

/// Splits at blanks; '...' and "..." group.
std::vector<std::string> split_arguments(const std::string& text);

}  // namespace tx::cli
