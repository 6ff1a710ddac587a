#include <algorithm>

#include "runtime/check_inputs.h"
#include "support/strings.h"

namespace tx::runtime {
namespace {

using diag::Code;
using ir::Tree;
using ir::TreeKind;

/// torch's shape of a call: a tuple of the positional arguments and a dict of the others.
Tree call_tree(const ir::InputTree& inputs) {
  Tree positional, keyword, call;
  positional.kind = call.kind = TreeKind::Tuple;
  positional.children = inputs.positional;
  keyword.kind = TreeKind::Dict;
  keyword.children = inputs.keyword;
  keyword.keys.assign(inputs.keyword_names.begin(), inputs.keyword_names.end());
  call.children = {std::move(positional), std::move(keyword)};
  return call;
}

std::string names_text(const std::vector<std::string>& names) {
  std::vector<std::string> quoted;
  for (const std::string& name : names) quoted.push_back(support::python_repr(name));
  return "[" + support::join(quoted, ", ") + "]";
}

/// Appends to `order`, for each leaf of `expected`, the index of its leaf in `given`, of which
/// `first` is the index of the first. False when the structures differ.
bool match(const Tree& expected, const Tree& given, size_t first, std::vector<size_t>& order) {
  if (expected.kind != given.kind || expected.children.size() != given.children.size())
    return false;
  if (expected.kind == TreeKind::Leaf) {
    order.push_back(first);
    return true;
  }
  if (expected.kind == TreeKind::NamedTuple &&
      (expected.fields != given.fields || expected.type_name != given.type_name)) {
    return false;
  }
  std::vector<size_t> starts;
  for (const Tree& child : given.children) {
    starts.push_back(first);
    first += child.num_leaves();
  }
  for (size_t i = 0; i < expected.children.size(); ++i) {
    size_t from = i;
    if (expected.kind == TreeKind::Dict) {
      const auto key = std::find(given.keys.begin(), given.keys.end(), expected.keys[i]);
      if (key == given.keys.end()) return false;
      from = key - given.keys.begin();
    }
    if (!match(expected.children[i], given.children[from], starts[from], order)) return false;
  }
  return true;
}

}  // namespace

std::vector<size_t> match_structure(const ir::InputTree& expected, const ir::InputTree& given) {
  const Tree wanted = call_tree(expected), got = call_tree(given);
  std::vector<size_t> order;
  if (match(wanted, got, 0, order)) return order;
  std::vector<std::string> wanted_names = expected.keyword_names, got_names = given.keyword_names;
  std::sort(wanted_names.begin(), wanted_names.end());
  std::sort(got_names.begin(), got_names.end());
  if (wanted_names != got_names) {
    diag::fail(Code::TX4004, "Ran into a kwarg keyword mismatch: Got the following keywords " +
                                 names_text(given.keyword_names) + " but expected " +
                                 names_text(expected.keyword_names));
  }
  diag::fail(Code::TX4004,
             "Trying to flatten user inputs with exported input tree spec: \n" + wanted.text() +
                 "\nbut actually got inputs with tree spec of: \n" + got.text() +
                 ".\nPlease check that the inputs have the same number and type of args and kwargs "
                 "as the ones you used when tracing.");
}

}  // namespace tx::runtime
