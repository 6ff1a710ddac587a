// Reads the tables of testdata/shapes (format: scripts/make_shape_tables.py). For tests.
#pragma once
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "ir/graph.h"

namespace tx::shapes::test {

/// One line of a table: arguments (tensors refer to `nodes`) and the result.
struct Case {
  std::string op, line;
  bool pointwise = false;  ///< has torch's tag
  std::vector<std::string> names;
  std::vector<ir::Node> nodes;
  std::vector<ir::Argument> arguments;
  ir::Type result;
};

class LineReader {
 public:
  LineReader(std::string_view text, std::vector<ir::Node>& nodes) : text_(text), nodes_(nodes) {}

  bool done() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
    return at_ == text_.size();
  }
  bool skip(char wanted) {
    if (done() || text_[at_] != wanted) return false;
    ++at_;
    return true;
  }

  ir::Argument argument() {
    done();
    if (skip('{')) {
      ir::ListArg list;
      while (!skip('}')) {
        list.items.push_back(argument());
        skip(',');
      }
      return list;
    }
    if (text_[at_] == '\'') {
      auto end = text_.find('\'', at_ + 1);
      std::string value(text_.substr(at_ + 1, end - at_ - 1));
      at_ = end + 1;
      return value;
    }
    std::string word = this->word();
    if (at_ < text_.size() && text_[at_] == '[') {
      ir::Node node;
      node.type = tensor(word);
      nodes_.push_back(std::move(node));
      return ir::NodeRef{static_cast<ir::NodeId>(nodes_.size() - 1)};
    }
    return scalar(word);
  }

  ir::Type type() {
    if (skip('{')) {
      ir::TupleType tuple;
      while (!skip('}')) {
        tuple.elements.push_back(type());
        skip(',');
      }
      return tuple;
    }
    done();
    std::string word = this->word();
    if (at_ < text_.size() && text_[at_] == '[') return tensor(word);
    return ir::NoneType{};
  }

 private:
  std::string word() {
    size_t start = at_;
    while (at_ < text_.size() &&
           std::string_view(" ,{}[]").find(text_[at_]) == std::string_view::npos)
      ++at_;
    return std::string(text_.substr(start, at_ - start));
  }

  static ir::Argument scalar(const std::string& word) {
    if (word == "-") return {};
    if (word == "T" || word == "F") return word == "T";
    auto rest = word.size() > 2 && word[1] == ':' ? word.substr(2) : std::string();
    if (!rest.empty() && word[0] == 'd') return *ir::dtype_from_short_name(rest);
    if (!rest.empty() && word[0] == 'l') return ir::Layout::Strided;
    if (!rest.empty() && word[0] == 'm') return static_cast<ir::MemoryFormat>(std::stoi(rest));
    if (!rest.empty() && word[0] == 'v') return ir::Device{rest, -1};
    if (!rest.empty() && word[0] == 'c') {
      return std::complex<double>(std::stod(rest), std::stod(rest.substr(rest.find(':') + 1)));
    }
    if (word.find_first_of(".einf") != std::string::npos) return std::stod(word);
    return static_cast<int64_t>(std::stoll(word));
  }

  std::vector<ir::Expr> numbers(char end) {
    std::vector<ir::Expr> values;
    while (!skip(end)) {
      size_t length = 0;
      values.emplace_back(
          static_cast<int64_t>(std::stoll(std::string(text_.substr(at_, 20)), &length)));
      at_ += length;
      skip(',');
    }
    return values;
  }

  ir::Type tensor(const std::string& dtype) {
    auto known = ir::dtype_from_short_name(dtype);
    if (!known || !skip('[')) throw std::runtime_error("not a tensor: " + std::string(text_));
    auto sizes = numbers(':');
    auto strides = numbers(']');
    return ir::TensorType{*known, sizes, strides, {}};
  }

  std::string_view text_;
  std::vector<ir::Node>& nodes_;
  size_t at_ = 0;
};

/// All cases of one table.
inline std::vector<Case> read_table(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read " + path);
  std::vector<Case> cases;
  std::string line, op;
  bool pointwise = false;
  std::vector<std::string> names;
  while (std::getline(file, line)) {
    if (line.starts_with("op ") || line.starts_with("pointwise ")) {
      names.clear();
      pointwise = line.starts_with("pointwise ");
      size_t start = line.find(' ') + 1;
      while (start < line.size()) {
        size_t end = std::min(line.find(' ', start), line.size());
        names.push_back(line.substr(start, end - start));
        start = end + 1;
      }
      op = names.front();
      names.erase(names.begin());
      continue;
    }
    Case entry;
    entry.op = op;
    entry.line = line;
    entry.pointwise = pointwise;
    entry.names = names;
    auto equals = line.find(" = ");
    LineReader arguments(std::string_view(line).substr(0, equals), entry.nodes);
    while (!arguments.done()) entry.arguments.push_back(arguments.argument());
    entry.result = LineReader(std::string_view(line).substr(equals + 3), entry.nodes).type();
    cases.push_back(std::move(entry));
  }
  return cases;
}

/// All tables, in the order of their names.
inline std::vector<Case> read_tables(const std::string& folder) {
  std::vector<std::string> paths;
  for (auto& entry : std::filesystem::directory_iterator(folder))
    paths.push_back(entry.path().string());
  std::sort(paths.begin(), paths.end());
  std::vector<Case> all;
  for (auto& path : paths) {
    auto cases = read_table(path);
    std::move(cases.begin(), cases.end(), std::back_inserter(all));
  }
  return all;
}

/// The result as the tables write it: "f32[2,3:3,1]", "{...}".
inline std::string text(const ir::Type& type) {
  if (auto* tensor = type.tensor()) {
    std::string line = std::string(ir::short_name(tensor->dtype)) + "[";
    for (size_t i = 0; i < tensor->sizes.size(); ++i)
      line += (i ? "," : "") + tensor->sizes[i].text();
    line += ":";
    for (size_t i = 0; i < tensor->strides.size(); ++i)
      line += (i ? "," : "") + tensor->strides[i].text();
    return line + "]";
  }
  if (auto* tuple = type.tuple()) {
    std::string line = "{";
    for (auto& element : tuple->elements) line += (line.size() > 1 ? "," : "") + text(element);
    return line + "}";
  }
  return "-";
}

}  // namespace tx::shapes::test
