#include "decomp/operator_names.h"

#include <algorithm>

#include "capture/dispatch/convert.h"
#include "diag/diagnostic.h"
#include "support/strings.h"

namespace tx::decomp {
namespace {

constexpr size_t kMaxSuggestions = 5;

struct Name {
  std::string packet;    ///< "aten::add"
  std::string overload;  ///< "default" for the one without a name; empty: all of them
};

// Every way in which `text` can be read.
std::vector<Name> readings(std::string_view text) {
  std::string name = support::replace_all(text, "::", ".");
  if (name.starts_with("torch.ops.")) name.erase(0, 10);
  const std::vector<std::string> parts = support::split(name, '.');
  switch (parts.size()) {
    case 1: return {{"aten::" + parts[0], ""}};
    case 2: return {{parts[0] + "::" + parts[1], ""}, {"aten::" + parts[0], parts[1]}};
    case 3: return {{parts[0] + "::" + parts[1], parts[2]}};
    default: return {};
  }
}

[[noreturn]] void fail_unknown(std::string_view text) {
  const std::vector<Name> names = readings(text);
  std::vector<std::string> packets, targets;
  for (const c10::OperatorHandle& op : all_operators()) {
    packets.push_back(op.operator_name().name);
    for (const Name& name : names) {
      if (op.operator_name().name == name.packet) targets.push_back(target_of(op));
    }
  }
  diag::Diagnostic diagnostic(diag::Code::TX3004,
                              "there is no operator `" + std::string(text) + "`");
  std::sort(targets.begin(), targets.end());
  targets.erase(std::unique(targets.begin(), targets.end()), targets.end());
  if (!targets.empty()) {
    diagnostic.note("the overloads are " + support::join(targets, ", "));
  } else {
    packets.erase(std::unique(packets.begin(), packets.end()), packets.end());
    std::vector<std::string> close;
    while (!names.empty() && close.size() < kMaxSuggestions) {
      const auto next = support::closest(names.front().packet, packets);
      if (!next) break;
      close.push_back("`" + support::replace_all(*next, "::", ".") + "`");
      std::erase(packets, *next);
    }
    if (!close.empty()) diagnostic.note("close names: " + support::join(close, ", "));
  }
  diagnostic.fix("`torch-export ops` lists all operators; those of a library need --load-library");
  diag::fail(std::move(diagnostic));
}

}  // namespace

std::string qualified_name(const c10::OperatorHandle& op) {
  const c10::OperatorName& name = op.operator_name();
  return name.overload_name.empty() ? name.name : name.name + "." + name.overload_name;
}

std::string target_of(const c10::OperatorHandle& op) {
  return capture::target_of(op.operator_name());
}

std::optional<c10::OperatorHandle> operator_of(std::string_view target) {
  const size_t first = target.find('.');
  const size_t last = target.rfind('.');
  if (first == std::string_view::npos || first == last) return std::nullopt;
  const std::string overload(target.substr(last + 1));
  return c10::Dispatcher::singleton().findSchema(
      {std::string(target.substr(0, first)) + "::" +
           std::string(target.substr(first + 1, last - first - 1)),
       overload == "default" ? "" : overload});
}

std::vector<c10::OperatorHandle> all_operators() {
  std::vector<c10::OperatorHandle> result;
  for (const c10::OperatorName& name : c10::Dispatcher::singleton().getAllOpNames()) {
    if (const auto op = c10::Dispatcher::singleton().findSchema(name)) result.push_back(*op);
  }
  std::sort(result.begin(), result.end(), [](const auto& a, const auto& b) {
    return qualified_name(a) < qualified_name(b);
  });
  return result;
}

std::vector<c10::OperatorHandle> find_operators(std::string_view text) {
  const std::vector<Name> names = readings(text);
  std::vector<c10::OperatorHandle> found;
  for (const c10::OperatorHandle& op : all_operators()) {
    const std::string& overload = op.operator_name().overload_name;
    for (const Name& name : names) {
      if (op.operator_name().name != name.packet) continue;
      if (name.overload.empty() || name.overload == (overload.empty() ? "default" : overload)) {
        found.push_back(op);
        break;
      }
    }
  }
  if (found.empty()) fail_unknown(text);
  return found;
}

}  // namespace tx::decomp
