#include <cctype>
#include <unordered_set>

#include "ir/rewrite.h"

namespace tx::ir {
namespace {

/// Python's builtins and keywords and the names torch.fx imports into generated code.
const std::unordered_set<std::string_view>& reserved_in_python() {
  static const std::unordered_set<std::string_view> names = {
      "ArithmeticError", "AssertionError", "AttributeError", "BaseException", "BaseExceptionGroup",
      "BlockingIOError", "BrokenPipeError", "BufferError", "BytesWarning", "ChildProcessError",
      "ConnectionAbortedError", "ConnectionError", "ConnectionRefusedError", "ConnectionResetError",
      "DeprecationWarning", "EOFError", "Ellipsis", "EncodingWarning", "EnvironmentError",
      "Exception", "ExceptionGroup", "False", "FileExistsError", "FileNotFoundError",
      "FloatingPointError", "FutureWarning", "GeneratorExit", "IOError", "ImportError",
      "ImportWarning", "IndentationError", "IndexError", "InterruptedError", "IsADirectoryError",
      "KeyError", "KeyboardInterrupt", "LookupError", "MemoryError", "ModuleNotFoundError",
      "NameError", "None", "NoneType", "NotADirectoryError", "NotImplemented",
      "NotImplementedError", "OSError", "OverflowError", "PendingDeprecationWarning",
      "PermissionError", "ProcessLookupError", "RecursionError", "ReferenceError",
      "ResourceWarning", "RuntimeError", "RuntimeWarning", "StopAsyncIteration", "StopIteration",
      "SyntaxError", "SyntaxWarning", "SystemError", "SystemExit", "TabError", "TimeoutError",
      "True", "TypeError", "UnboundLocalError", "UnicodeDecodeError", "UnicodeEncodeError",
      "UnicodeError", "UnicodeTranslateError", "UnicodeWarning", "UserWarning", "ValueError",
      "Warning", "ZeroDivisionError", "__build_class__", "__debug__", "__doc__", "__import__",
      "__loader__", "__name__", "__package__", "__spec__", "abs", "aiter", "all", "and", "anext",
      "any", "as", "ascii", "assert", "async", "await", "bin", "bool", "break", "breakpoint",
      "bytearray", "bytes", "callable", "chr", "class", "classmethod", "compile", "complex",
      "continue", "copyright", "credits", "def", "del", "delattr", "device", "dict", "dir",
      "divmod", "elif", "else", "enumerate", "eval", "except", "exec", "exit", "filter", "finally",
      "float", "for", "format", "from", "frozenset", "fx_pytree", "getattr", "global", "globals",
      "hasattr", "hash", "help", "hex", "id", "if", "import", "in", "inf", "input", "int", "is",
      "isinstance", "issubclass", "iter", "lambda", "len", "license", "list", "locals", "map",
      "max", "memoryview", "min", "nan", "next", "nonlocal", "not", "object", "oct", "open", "or",
      "ord", "pass", "pow", "print", "property", "pytree", "quit", "raise", "range", "repr",
      "return", "reversed", "round", "set", "setattr", "slice", "sorted", "staticmethod", "str",
      "sum", "super", "torch", "try", "tuple", "type", "vars", "while", "with", "yield", "zip"};
  return names;
}

/// "add_12" -> {"add", 12}; a name without such an ending has no number.
struct Numbered {
  std::string base;
  std::optional<int> number;
};
Numbered split_number(const std::string& name) {
  size_t digits = name.size();
  while (digits > 0 && std::isdigit(static_cast<unsigned char>(name[digits - 1]))) --digits;
  const size_t count = name.size() - digits;
  constexpr size_t kMostDigits = 9;  // what an int holds
  if (digits < 2 || name[digits - 1] != '_' || count == 0 || count > kMostDigits)
    return {name, std::nullopt};
  return {name.substr(0, digits - 1), std::stoi(name.substr(digits))};
}

/// What is left of `text` when everything that no Python name holds becomes "_".
std::string to_identifier(std::string_view text) {
  std::string out;
  bool replaced = false;
  for (const char c : text) {
    const bool legal = std::isalnum(static_cast<unsigned char>(c)) || c == '_';
    if (legal || !replaced) out += legal ? c : '_';
    replaced = !legal;
  }
  if (out.empty()) return "_unnamed";
  return std::isdigit(static_cast<unsigned char>(out[0])) ? "_" + out : out;
}

/// The message of a run-time assertion ends with the name of the node that it tests.
void name_tested_node(const Graph& graph, Node& node) {
  if (node.target != "aten._assert_scalar.default" || node.args.size() < 2) return;
  const auto* tested = node.args[0].get<NodeRef>();
  auto* message = std::get_if<std::string>(&node.args[1].value);
  const size_t at = tested && message ? message->rfind(" on node '") : std::string::npos;
  if (at == std::string::npos) return;
  *message = message->substr(0, at) + " on node '" + graph.nodes[tested->id].name + "'";
}

}  // namespace

std::string NameAllocator::fresh(std::string_view base) {
  std::string candidate = to_identifier(base);
  const auto [stem, given] = split_number(candidate);
  int number = given.value_or(0);
  if (!given || used_.contains(candidate)) {
    number = next_.contains(stem) ? next_[stem] : 0;
    if (reserved_in_python().contains(candidate)) candidate = stem + "_" + std::to_string(++number);
  }
  while (used_.contains(candidate)) candidate = stem + "_" + std::to_string(++number);
  used_.insert(candidate);
  next_[stem] = number;
  return candidate;
}

void NameAllocator::reserve(std::string_view name) { used_.emplace(name); }

std::string base_name(std::string_view target) {
  const size_t first = target.find('.');
  if (first == std::string_view::npos) return std::string(target);
  const size_t second = target.find('.', first + 1);
  return std::string(target.substr(first + 1, second - first - 1));
}

void rename_nodes(Graph& graph) {
  // Sub-graphs first: their names are numbered by family in the order of their first use.
  std::map<std::string, std::string> renamed;
  std::map<std::string, int> count;
  const auto rename_subgraph = [&](const std::string& old_name) {
    const auto [entry, added] = renamed.emplace(old_name, "");
    if (added) {
      const std::string stem = split_number(old_name).base;
      entry->second = stem + "_" + std::to_string(count[stem]++);
    }
    return entry->second;
  };
  for (Node& node : graph.nodes)
    if (node.kind == NodeKind::GetAttr) node.target = rename_subgraph(node.target);
  std::map<std::string, std::unique_ptr<Graph>> subgraphs;
  for (auto& [name, subgraph] : graph.subgraphs) {
    rename_nodes(*subgraph);
    subgraphs.emplace(rename_subgraph(name), std::move(subgraph));
  }
  graph.subgraphs = std::move(subgraphs);

  NameAllocator names;
  for (const Node& node : graph.nodes)
    if (node.kind == NodeKind::Placeholder) names.reserve(node.name);
  for (Node& node : graph.nodes) {
    if (node.kind == NodeKind::Call) node.name = names.fresh(base_name(node.target));
    if (node.kind == NodeKind::GetAttr) node.name = names.fresh(node.target);
    name_tested_node(graph, node);
  }
}

}  // namespace tx::ir
