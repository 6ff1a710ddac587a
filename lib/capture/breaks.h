// Breaks: the graph breaks of one capture, one for each place.
//
// In:  diagnostics with their places, in the order in which capture meets them.
// Out: the same, grouped: a place that was reached several times is one diagnostic with a count and
//      the modules in which it was reached.
#pragma once
#include <string>
#include <vector>

#include "diag/diagnostic.h"

namespace tx::capture {

class Breaks {
 public:
  void add(diag::Diagnostic diagnostic);
  /// The same, but one that is known is not counted again.
  void add_once(diag::Diagnostic diagnostic);
  /// Takes back the counts of places that `earlier` has too, for instructions that were walked again.
  void keep_counts_of(const Breaks& earlier);
  bool empty() const { return groups_.empty(); }
  /// All of them, with the notes about other modules filled in.
  std::vector<diag::Diagnostic> diagnostics() const;

 private:
  struct Group {
    diag::Diagnostic diagnostic;
    std::vector<std::string> other_modules;
  };
  std::vector<Group> groups_;
};

}  // namespace tx::capture
