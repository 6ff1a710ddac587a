#include <algorithm>
#include <charconv>
#include <cctype>
#include <cmath>
#include <limits>

#include "diag/diagnostic.h"
#include "ir/text.h"
#include "support/strings.h"

namespace tx::ir {
namespace {

/// Reads one text from left to right; every mistake is reported where it stands.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Program program() {
    Program program;
    skip_blank();
    graph(program.graph);
    while (skip_blank(), at_ < text_.size()) {
      Graph& subgraph = subgraph_at(program.graph, word("the name of a sub-graph"));
      expect("=");
      graph(subgraph);
    }
    sign(program);
    return program;
  }

 private:
  [[noreturn]] void fail(const std::string& message) { fail_at(at_, message); }

  [[noreturn]] void fail_at(size_t at, const std::string& message) {
    diag::Place place;
    place.file = "<graph>";
    const std::string_view before = text_.substr(0, at);
    const size_t line_begin = before.rfind('\n') == before.npos ? 0 : before.rfind('\n') + 1;
    place.line = 1 + static_cast<uint32_t>(std::count(before.begin(), before.end(), '\n'));
    place.column = static_cast<uint32_t>(at - line_begin) + 1;
    place.code = text_.substr(line_begin, text_.find('\n', line_begin) - line_begin);
    throw diag::Failure(diag::Diagnostic(diag::Code::TX0070, message).at(place));
  }

  // ---- tokens ----------------------------------------------------------------------------------

  void skip_blank() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
  }
  bool accept(std::string_view token) {
    skip_blank();
    if (!text_.substr(at_).starts_with(token)) return false;
    at_ += token.size();
    return true;
  }
  void expect(std::string_view token) {
    if (!accept(token)) fail("expected `" + std::string(token) + "`");
  }
  static bool in_word(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.';
  }
  std::string word(const std::string& what) {
    skip_blank();
    const size_t begin = at_;
    while (at_ < text_.size() && in_word(text_[at_])) ++at_;
    if (at_ == begin) fail("expected " + what);
    return std::string(text_.substr(begin, at_ - begin));
  }
  int64_t integer(const std::string& what) {
    skip_blank();
    int64_t value = 0;
    const auto result = std::from_chars(text_.data() + at_, text_.data() + text_.size(), value);
    if (result.ec != std::errc()) fail("expected " + what);
    at_ = result.ptr - text_.data();
    return value;
  }

  // ---- graphs ----------------------------------------------------------------------------------

  void graph(Graph& graph) {
    std::map<std::string, NodeId> ids;
    std::map<std::string, std::pair<size_t, uint32_t>> promised_users;
    expect("graph():");
    while (accept("%")) {
      const size_t name_at = at_;
      const std::string name = word("the name of a node");
      Node node;
      node.name = name;
      if (accept(":")) {
        skip_blank();
        if (!text_.substr(at_).starts_with("[")) node.type = type();
        if (accept("[num_users=")) {
          promised_users[name] = {at_, 0};
          promised_users[name].second = static_cast<uint32_t>(integer("a number of users"));
          expect("]");
        }
      }
      expect("=");
      body(node, ids);
      if (node.kind == NodeKind::Placeholder) {
        if (graph.num_inputs != graph.nodes.size()) fail_at(name_at, "a placeholder after a call");
        ++graph.num_inputs;
      }
      if (!ids.emplace(name, static_cast<NodeId>(graph.nodes.size())).second)
        fail_at(name_at, "a second node named `" + name + "`");
      graph.nodes.push_back(std::move(node));
    }
    expect("return");
    const size_t outputs_at = at_;
    const Argument outputs = value(ids, /*bare_names=*/true);
    const ListArg* list = outputs.get<ListArg>();
    if (!list || !list->is_tuple) fail_at(outputs_at, "the outputs are no tuple");
    graph.outputs = list->items;

    const std::vector<uint32_t> users = num_users(graph);
    for (const auto& [name, promise] : promised_users)
      if (users[ids[name]] != promise.second)
        fail_at(promise.first, "`" + name + "` has " + std::to_string(users[ids[name]]) + " users");
  }

  void body(Node& node, const std::map<std::string, NodeId>& ids) {
    skip_blank();
    const size_t begin = at_;
    const std::string kind = word("`placeholder`, `get_attr` or `call_function`");
    expect("[target=");
    node.target = word("a target");
    expect("]");
    if (kind == "placeholder") {
      node.kind = NodeKind::Placeholder;
    } else if (kind == "get_attr") {
      node.kind = NodeKind::GetAttr;
      node.type = GraphType{};
    } else if (kind == "call_function") {
      constexpr std::string_view kOps = "torch.ops.";
      if (node.target.starts_with(kOps)) node.target.erase(0, kOps.size());
      arguments(node, ids);
    } else {
      fail_at(begin, "expected `placeholder`, `get_attr` or `call_function`");
    }
  }

  void arguments(Node& node, const std::map<std::string, NodeId>& ids) {
    expect("(args =");
    const size_t args_at = at_;
    const Argument args = value(ids, false);
    const ListArg* list = args.get<ListArg>();
    if (!list || !list->is_tuple) fail_at(args_at, "args are no tuple");
    node.args = list->items;
    expect(",");
    expect("kwargs = {");
    while (!accept("}")) {
      if (!node.kwargs.empty()) expect(",");
      const std::string name = word("the name of an argument");
      expect(":");
      node.kwargs.emplace_back(name, value(ids, false));
    }
    expect(")");
  }

  Graph& subgraph_at(Graph& root, const std::string& path) {
    Graph* graph = &root;
    const std::vector<std::string> parts = support::split(path, '.');
    for (size_t i = 0; i < parts.size(); ++i) {
      std::unique_ptr<Graph>& next = graph->subgraphs[parts[i]];
      const bool is_last = i + 1 == parts.size();
      if (is_last == static_cast<bool>(next))
        fail(is_last ? "a second sub-graph `" + path + "`"
                     : "the sub-graph `" + path + "` comes before the one that holds it");
      if (is_last) next = std::make_unique<Graph>();
      graph = next.get();
    }
    return *graph;
  }

  // ---- values ----------------------------------------------------------------------------------

  Argument value(const std::map<std::string, NodeId>& ids, bool bare_names) {
    skip_blank();
    const size_t begin = at_;
    if (accept("[")) return sequence(ids, bare_names, "]", false);
    if (accept("(")) {
      // A complex number is in parentheses too, and only it ends with "j)".
      const size_t close = text_.find_first_of(",)", at_);
      if (close != text_.npos && text_[close] == ')' && close > at_ && text_[close - 1] == 'j' &&
          text_.substr(at_, close - at_).find_first_of(" %'") == text_.npos)
        return complex_number(close);
      return sequence(ids, bare_names, ")", true);
    }
    if (accept("%")) return reference(begin, word("the name of a node"), ids);
    if (accept("'")) return quoted();
    const bool sign = at_ < text_.size() && text_[at_] == '-';
    if (sign || (at_ < text_.size() && std::isdigit(static_cast<unsigned char>(text_[at_]))))
      return number();
    return named(begin, word("a value"), ids, bare_names);
  }

  Argument sequence(const std::map<std::string, NodeId>& ids, bool bare_names,
                    std::string_view close, bool is_tuple) {
    ListArg list;
    list.is_tuple = is_tuple;
    while (!accept(close)) {
      if (!list.items.empty()) {
        expect(",");
        if (accept(close)) break;
      }
      list.items.push_back(value(ids, bare_names));
    }
    return list;
  }

  Argument reference(size_t begin, const std::string& name,
                     const std::map<std::string, NodeId>& ids) {
    const auto found = ids.find(name);
    if (found == ids.end()) fail_at(begin, "no node named `" + name + "` comes before this");
    return NodeRef{found->second};
  }

  Argument quoted() {
    const size_t end = text_.find('\'', at_);
    if (end == text_.npos) fail("a string without end");
    const std::string value(text_.substr(at_, end - at_));
    at_ = end + 1;
    return value;
  }

  Argument number() {
    const size_t begin = at_;
    if (accept("-inf")) return -std::numeric_limits<double>::infinity();
    size_t end = at_ + 1;
    while (end < text_.size() &&
           (in_word(text_[end]) || (text_[end - 1] == 'e' && (text_[end] == '-' || text_[end] == '+'))))
      ++end;
    const std::string_view digits = text_.substr(begin, end - begin);
    at_ = end;
    if (digits.ends_with('j')) return std::complex<double>(0, real(begin, digits.substr(0, digits.size() - 1)));
    if (digits.find_first_of(".e") != digits.npos) return real(begin, digits);
    int64_t value = 0;
    const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (result.ec != std::errc() || result.ptr != digits.data() + digits.size())
      fail_at(begin, "`" + std::string(digits) + "` is no number");
    return value;
  }

  double real(size_t begin, std::string_view digits) {
    double value = 0;
    const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (result.ec != std::errc() || result.ptr != digits.data() + digits.size())
      fail_at(begin, "`" + std::string(digits) + "` is no number");
    return value;
  }

  /// "1+2j)" after its "(": the sign in the middle is the last one that no exponent owns.
  Argument complex_number(size_t close) {
    const size_t begin = at_;
    const std::string_view text = text_.substr(begin, close - 1 - begin);
    size_t sign = text.size();
    for (size_t i = 1; i < text.size(); ++i)
      if ((text[i] == '+' || text[i] == '-') && text[i - 1] != 'e') sign = i;
    if (sign == text.size()) fail("a complex number without two parts");
    at_ = close + 1;
    const size_t imaginary = text[sign] == '+' ? sign + 1 : sign;
    return std::complex<double>(real(begin, text.substr(0, sign)), real(begin, text.substr(imaginary)));
  }

  Argument named(size_t begin, const std::string& name, const std::map<std::string, NodeId>& ids,
                 bool bare_names) {
    if (name == "None") return NoneArg{};
    if (name == "True" || name == "False") return name == "True";
    if (name == "inf") return std::numeric_limits<double>::infinity();
    if (name == "nan") return std::numeric_limits<double>::quiet_NaN();
    constexpr std::string_view kTorch = "torch.";
    if (name.starts_with(kTorch)) return torch_constant(begin, name.substr(kTorch.size()));
    if (bare_names) return reference(begin, name, ids);
    if (name == "cpu" || name == "cuda" || name == "meta") {
      Device device{name, -1};
      if (accept(":")) device.index = static_cast<int>(integer("the index of a device"));
      return device;
    }
    return name;  // the graph form writes strings without quotes
  }

  Argument torch_constant(size_t begin, const std::string& name) {
    if (const std::optional<DType> dtype = dtype_from_torch_name(name)) return *dtype;
    for (const Layout layout : {Layout::Strided, Layout::Sparse, Layout::SparseCsr, Layout::Mkldnn})
      if (torch_name(layout) == name) return layout;
    for (const MemoryFormat format : {MemoryFormat::Contiguous, MemoryFormat::Preserve,
                                      MemoryFormat::ChannelsLast, MemoryFormat::ChannelsLast3d})
      if (torch_name(format) == name) return format;
    fail_at(begin, "`torch." + name + "` is no dtype, layout or memory format");
  }

  // ---- types -----------------------------------------------------------------------------------

  Type type() {
    if (accept("(")) {
      TupleType tuple;
      while (!accept(")")) {
        if (!tuple.elements.empty()) expect(",");
        tuple.elements.push_back(type());
      }
      return tuple;
    }
    if (accept("Sym(")) {
      const Expr value = size();
      expect(")");
      return SymIntType{value};
    }
    skip_blank();
    const size_t begin = at_;
    const std::string name = word("a type");
    const std::optional<DType> dtype = dtype_from_short_name(name);
    if (!dtype) fail_at(begin, "`" + name + "` is no dtype");
    TensorType tensor;
    tensor.dtype = *dtype;
    expect("[");
    while (!accept("]")) {
      if (!tensor.sizes.empty()) expect(",");
      tensor.sizes.push_back(size());
    }
    tensor.strides = contiguous_strides(tensor.sizes);
    return tensor;
  }

  /// Sums of `3`, `s0` and `3*s0`.
  Expr size() {
    Expr sum = accept("-") ? -term() : term();
    while (true) {
      if (accept("+")) sum = sum + term();
      else if (accept("-")) sum = sum - term();
      else return sum;
    }
  }
  Expr term() {
    skip_blank();
    if (at_ < text_.size() && std::isdigit(static_cast<unsigned char>(text_[at_]))) {
      const Expr number(integer("a size"));
      return accept("*") ? number * term() : number;
    }
    return Expr::symbol(word("a size"));
  }

  // ---- signature -------------------------------------------------------------------------------

  static void sign(Program& program) {
    for (NodeId id = 0; id < program.graph.num_inputs; ++id) {
      const std::string& name = program.graph.node(id).name;
      program.inputs.push_back({InputKind::UserInput, id, "", name, name, std::nullopt});
      program.input_tree.positional_names.push_back(name);
      program.input_tree.positional.emplace_back();
    }
    program.output_tree.kind = TreeKind::Tuple;
    for (const Argument& output : program.graph.outputs) {
      program.outputs.push_back({OutputKind::UserOutput, output, ""});
      program.output_tree.children.emplace_back();
    }
  }

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace

Program parse_program(std::string_view text) { return Parser(text).program(); }

}  // namespace tx::ir
