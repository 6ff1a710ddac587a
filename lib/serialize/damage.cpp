#include "serialize/damage.h"

#include "diag/diagnostic.h"

namespace tx::serialize {

std::string Where::text() const {
  std::string text = parent ? parent->text() + ", " : "";
  text += part;
  if (index >= 0) text += " " + std::to_string(index);
  if (!name.empty()) text.append(" (`").append(name).append("`)");
  return text;
}

void Damage::fail(const Where& where, const std::string& what) const {
  diag::Diagnostic diagnostic(diag::Code::TX4002,
                              "`" + file_ + "` is damaged: " + where.text() + ": " + what);
  diagnostic.note("copy the file again from where it was written, or export the program again");
  diag::fail(std::move(diagnostic));
}

void Damage::fail_index(uint64_t index, uint64_t size, const Where& where, const char* what) const {
  fail(where, "there is no " + std::string(what) + " " + std::to_string(index) + ", only " +
                  std::to_string(size) + " of them");
}

void Damage::fail_allowance(const Where& where) const {
  fail(where, "the parts of the file repeat each other too often");
}

void fail_newer(const std::string& file, const std::string& why) {
  diag::Diagnostic diagnostic(diag::Code::TX4003,
                              "`" + file + "` needs a newer torch-export: " + why);
  diagnostic.note("read it with the version that wrote it, or a later one");
  diag::fail(std::move(diagnostic));
}

}  // namespace tx::serialize
