#include "serialize/schema_text.h"

#include <algorithm>
#include <cctype>

namespace tx::serialize {
namespace {

struct BaseName {
  std::string_view name;
  SchemaType::Base base;
};
constexpr BaseName kBases[] = {
    {"Tensor", SchemaType::Base::Tensor},
    {"int", SchemaType::Base::Int},
    {"SymInt", SchemaType::Base::Int},
    {"float", SchemaType::Base::Float},
    {"SymFloat", SchemaType::Base::Float},
    {"bool", SchemaType::Base::Bool},
    {"SymBool", SchemaType::Base::Bool},
    {"Scalar", SchemaType::Base::Number},
    {"number", SchemaType::Base::Number},
    {"complex", SchemaType::Base::Number},
    {"str", SchemaType::Base::String},
    {"ScalarType", SchemaType::Base::DType},
    {"Layout", SchemaType::Base::Layout},
    {"MemoryFormat", SchemaType::Base::MemoryFormat},
    {"Device", SchemaType::Base::Device},
};

bool is_name_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.';
}

class Parser {
 public:
  explicit Parser(std::string_view text) : rest_(text) {}

  std::optional<Schema> schema() {
    Schema schema;
    const size_t open = rest_.find('(');
    if (open == std::string_view::npos || !op_name(rest_.substr(0, open), schema.op)) {
      return std::nullopt;
    }
    rest_.remove_prefix(open + 1);
    bool keyword_only = false;
    for (skip_space(); !take(')'); skip_space()) {
      if (take_word("...")) {
        schema.variadic = true;
      } else if (take('*')) {
        keyword_only = true;
      } else {
        SchemaArgument argument;
        if (!this->argument(argument)) return std::nullopt;
        argument.keyword_only = keyword_only;
        schema.arguments.push_back(std::move(argument));
      }
      skip_space();
      if (!take(',') && !rest_.starts_with(')')) return std::nullopt;
    }
    skip_space();
    if (!take_word("->")) return std::nullopt;
    return schema;
  }

 private:
  void skip_space() {
    while (rest_.starts_with(' ')) rest_.remove_prefix(1);
  }
  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool take_word(std::string_view word) {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  std::string_view take_name() {
    const auto end = std::find_if_not(rest_.begin(), rest_.end(), is_name_character);
    const std::string_view name = rest_.substr(0, static_cast<size_t>(end - rest_.begin()));
    rest_.remove_prefix(name.size());
    return name;
  }

  /// "aten::add.Tensor" -> "aten.add.Tensor", "aten::relu" -> "aten.relu.default".
  static bool op_name(std::string_view text, std::string& op) {
    const size_t colons = text.find("::");
    if (colons == std::string_view::npos || colons == 0 || colons + 2 == text.size()) return false;
    const std::string_view name = text.substr(colons + 2);
    op.assign(text.substr(0, colons)).append(".").append(name);
    if (name.find('.') == std::string_view::npos) op += ".default";
    return true;
  }

  /// Steps over everything up to a ',' or a bracket that closes what was opened outside; quotes
  /// and inner brackets are stepped over whole.
  bool skip_value() {
    size_t depth = 0;
    while (!rest_.empty()) {
      const char c = rest_.front();
      if (depth == 0 && (c == ',' || c == ')')) return true;
      if (c == '(' || c == '[' || c == '{') ++depth;
      if (c == ')' || c == ']' || c == '}') {
        if (depth == 0) return false;
        --depth;
      }
      rest_.remove_prefix(1);
      if ((c == '"' || c == '\'') && !skip_quoted(c)) return false;
    }
    return false;
  }
  bool skip_quoted(char quote) {
    while (!rest_.empty()) {
      const char c = rest_.front();
      rest_.remove_prefix(c == '\\' && rest_.size() > 1 ? 2 : 1);
      if (c == quote) return true;
    }
    return false;
  }
  /// Steps over a group in brackets, the opening one taken already.
  bool skip_group() {
    for (size_t depth = 1; !rest_.empty();) {
      const char c = rest_.front();
      rest_.remove_prefix(1);
      if (c == '(') ++depth;
      if (c == ')' && --depth == 0) return true;
    }
    return false;
  }

  bool type(SchemaType& type) {
    if (take('(')) {  // a tuple
      if (!skip_group()) return false;
    } else {
      const std::string_view name = take_name();
      if (name.empty()) return false;
      for (const BaseName& base : kBases) {
        if (base.name == name) type.base = base.base;
      }
    }
    while (true) {
      if (take('(')) {  // an alias annotation, "Tensor(a!)", or parameters, "Dict(str, Tensor)"
        if (!skip_group()) return false;
      } else if (take('?')) {
        type.wrappers.push_back(SchemaType::Wrapper::Optional);
      } else if (take('[')) {
        const size_t close = rest_.find(']');
        if (close == std::string_view::npos) return false;
        type.wrappers.push_back(close == 0 ? SchemaType::Wrapper::List
                                           : SchemaType::Wrapper::SizedList);
        rest_.remove_prefix(close + 1);
      } else {
        return true;
      }
    }
  }

  bool argument(SchemaArgument& argument) {
    if (!type(argument.type)) return false;
    skip_space();
    argument.name = take_name();
    if (argument.name.empty()) return false;
    argument.has_default = take('=');
    return !argument.has_default || skip_value();
  }

  std::string_view rest_;
};

}  // namespace

std::optional<Schema> parse_schema(std::string_view text) { return Parser(text).schema(); }

}  // namespace tx::serialize
