// The JSON forms of dimensions: {"x": {"0": "batch:2..16"}}, and what
// torch._export.serde.dynamic_shapes writes.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <utility>

#include <nlohmann/json.hpp>

#include "symbolic/dim_spec.h"

namespace tx::symbolic {
namespace {

using Json = nlohmann::ordered_json;

/// Inputs are not nested deeper than this; the readers below are recursive.
constexpr int kMaxDepth = 100;

[[noreturn]] void fail_form(const std::string& origin, const std::string& where,
                            const std::string& message) {
  diag::Diagnostic diagnostic(diag::Code::TX2001,
                              origin + ": " + (where.empty() ? "" : where + ": ") + message);
  diagnostic.note(
      "the forms are {\"x\": {\"0\": \"batch:2..16\"}} and the JSON of "
      "torch._export.serde.dynamic_shapes");
  diag::fail(std::move(diagnostic));
}

std::string where_of(const std::vector<std::string>& path) {
  std::string text;
  for (const std::string& step : path) text += (text.empty() ? "" : ".") + step;
  return text;
}

bool is_leaf(const Json& value) { return !value.is_array() && !value.is_object(); }

bool is_number(std::string_view text) {
  if (text.size() > 1 && text[0] == '-') text.remove_prefix(1);
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

class Reader {
 public:
  explicit Reader(std::string origin) : origin_(std::move(origin)) {}

  std::vector<DynamicSpec> read(const Json& json) {
    if (!json.is_object()) fail_form(origin_, "", "expected an object");
    if (json.contains("dynamic_shapes") && json.contains("dims")) {
      read_dims(json["dims"]);
      torch_form_ = true;
      const Json& shapes = json["dynamic_shapes"];
      if (shapes.is_null()) return {};
      if (is_leaf(shapes)) fail_form(origin_, "dynamic_shapes", "expected a list or an object");
      walk_children(shapes, {});
    } else {
      for (const auto& [input, axes] : json.items()) read_input(input, axes);
    }
    return std::move(specs_);
  }

 private:
  // ---- {"x": {"0": "batch"}} ----

  void read_input(const std::string& input, const Json& axes) {
    DynamicSpec spec = parsed_path(input);
    if (!axes.is_object() || axes.empty()) {
      fail_form(origin_, input, "expected an object with a dimension for each axis");
    }
    for (const auto& [axis, value] : axes.items()) {
      if (!is_number(axis) || axis.size() > 9 || axis == "-0") {
        fail_form(origin_, input, "`" + axis + "` is not the number of an axis");
      }
      spec.axes.push_back({std::stoll(axis), dim(value, {input, axis}), 1});
    }
    spec.text = input + ": " + axes.dump();
    specs_.push_back(std::move(spec));
  }

  DynamicSpec parsed_path(const std::string& input) {
    // The path of --dynamic, so that both forms read the same.
    DynamicSpec spec;
    try {
      spec = parse_dynamic(input + ":0=auto");
    } catch (const diag::Failure&) {
      fail_form(origin_, "", "`" + input + "` is not the name or path of an input");
    }
    spec.axes.clear();
    spec.origin = origin_;
    return spec;
  }

  // ---- {"dynamic_shapes": ..., "dims": ...} ----

  void read_dims(const Json& dims) {
    if (!dims.is_object()) fail_form(origin_, "dims", "expected an object");
    for (const auto& [name, info] : dims.items()) {
      const std::string where = "dims." + name;
      if (!info.is_object()) fail_form(origin_, where, "expected an object with min and max");
      Range range{0, kNoBound};
      const auto bound = [&](const char* key, int64_t& value) {
        if (!info.contains(key) || info[key].is_null()) return;
        if (!info[key].is_number_integer() || info[key].template get<double>() < 0 ||
            info[key].template get<double>() >= 9.2e18) {
          fail_form(origin_, where, std::string("`") + key + "` is not a size");
        }
        value = info[key].template get<int64_t>();
      };
      bound("min", range.min);
      bound("max", range.max);
      // sys.maxsize - 1 and sys.maxsize are the infinities of older versions.
      if (range.max >= kNoBound - 1) range.max = kNoBound;
      check_dim_range(range, origin_, name, 1);
      if (dim(Json(name), {"dims", name}, /*root=*/true).name != name) {
        fail_form(origin_, where, "Dim name must be a valid identifier, got " + name);
      }
      ranges_[name] = range;
    }
  }

  void walk_children(const Json& value, const std::vector<std::string>& path) {
    size_t index = 0;
    for (const auto& [key, child] : value.items()) {
      std::vector<std::string> below = path;
      below.push_back(value.is_array() ? std::to_string(index) : key);
      ++index;
      walk(child, below);
    }
  }

  void walk(const Json& value, const std::vector<std::string>& path) {
    if (value.is_null()) return;
    if (is_leaf(value)) fail_form(origin_, where_of(path), "expected a list with the dimensions");
    const bool tensor = value.is_array() && !value.empty() &&
                        std::all_of(value.begin(), value.end(), is_leaf);
    if (!tensor) {
      walk_children(value, path);
      return;
    }
    if (std::all_of(value.begin(), value.end(), [](const Json& v) { return v.is_null(); })) return;
    DynamicSpec spec;
    spec.path = path;
    spec.origin = origin_;
    spec.text = value.dump();
    spec.rank = value.size();
    spec.rank_text = value.dump();
    for (size_t i = 0; i < value.size(); ++i) {
      std::vector<std::string> where = path;
      where.push_back(std::to_string(i));
      spec.axes.push_back({static_cast<int64_t>(i), dim(value[i], where), 1});
    }
    specs_.push_back(std::move(spec));
  }

  // ---- one dimension ----

  DimSpec dim(const Json& value, const std::vector<std::string>& path, bool root = false) {
    DimSpec spec;
    if (value.is_null()) return spec;
    if (value.is_number_integer()) {
      if (value.get<double>() < 0 || value.get<double>() >= 9.2e18) {
        fail_form(origin_, where_of(path), "a size cannot be " + value.dump());
      }
      spec.kind = DimSpec::Kind::Number;
      spec.number = value.get<int64_t>();
      return spec;
    }
    if (!value.is_string()) {
      fail_form(origin_, where_of(path),
                "a dimension is a string or a number, not " + value.dump());
    }
    std::string text = value.get<std::string>();
    if (torch_form_ && text.starts_with("_DimHint.")) {
      const std::string hint = text.substr(9);
      if (hint == "STATIC") return spec;
      if (hint == "AUTO" || hint == "DYNAMIC") {
        spec.kind = hint == "AUTO" ? DimSpec::Kind::Auto : DimSpec::Kind::Dynamic;
        return spec;
      }
      fail_form(origin_, where_of(path), "unknown hint " + text);
    }
    spec = parse_dim(text, torch_form_, origin_, text, 1);
    if (torch_form_ && !root && spec.kind == DimSpec::Kind::Named) {
      auto found = ranges_.find(spec.name);
      if (found == ranges_.end()) {
        fail_form(origin_, where_of(path), "`" + spec.name + "` is not among the dims");
      }
      spec.range = found->second;
      spec.min_written = true;
    }
    return spec;
  }

  std::string origin_;
  bool torch_form_ = false;
  std::map<std::string, Range> ranges_;
  std::vector<DynamicSpec> specs_;
};

}  // namespace

std::vector<DynamicSpec> parse_dynamic_json(std::string_view json, const std::string& origin) {
  Json parsed;
  try {
    parsed = Json::parse(json, [&](int depth, Json::parse_event_t, Json&) {
      if (depth > kMaxDepth) fail_form(origin, "", "nested too deeply");
      return true;
    });
  } catch (const nlohmann::json::out_of_range&) {
    fail_form(origin, "", "a number is too large");
  } catch (const nlohmann::json::parse_error& error) {
    diag::Diagnostic diagnostic(diag::Code::TX2001, origin + ": this is not JSON");
    const size_t at = std::min(error.byte == 0 ? 0 : error.byte - 1, json.size());
    const std::string_view before = json.substr(0, at);
    const size_t line_start = before.rfind('\n') == std::string_view::npos
                                  ? 0 : before.rfind('\n') + 1;
    diag::Place place;
    place.file = origin;
    place.line = 1 + static_cast<uint32_t>(std::count(before.begin(), before.end(), '\n'));
    place.column = 1 + static_cast<uint32_t>(at - line_start);
    place.code = json.substr(line_start, json.find('\n', line_start) - line_start);
    diag::fail(std::move(diagnostic.at(std::move(place))));
  }
  return Reader(origin).read(parsed);
}

std::vector<DynamicSpec> read_dynamic(const std::string& value) {
  if (!value.starts_with("@")) return {parse_dynamic(value)};
  const std::string path = value.substr(1);
  std::ifstream file(path, std::ios::binary);
  std::error_code error;
  if (!file || std::filesystem::is_directory(path, error)) {
    diag::fail(diag::Code::TX0002, "cannot read " + path + ", which --dynamic names");
  }
  std::ostringstream content;
  content << file.rdbuf();
  return parse_dynamic_json(content.str(), path);
}

}  // namespace tx::symbolic
