// A strict check of SARIF 2.1.0 for tests: the objects that a report of ours may hold, each with the
// properties that the format allows in it, their types, and those that it requires (source: OASIS
// SARIF 2.1.0, section 3). An object or property that is not listed here is a mistake.
#pragma once
#include <map>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace tx::test {

class SarifCheck {
 public:
  using Json = nlohmann::json;

  /// What is wrong with a log, each with its place ("runs[0].results[2].level: ..."); empty: valid.
  static std::vector<std::string> problems(const Json& log) {
    SarifCheck check;
    check.object("sarifLog", log, "log");
    return check.problems_;
  }

 private:
  /// A property's type: "string", "uri", "bag", "count" (from 1), "index" (from -1), "bool", an
  /// enumeration "a|b|c", an object's name, or "[]" and the type of the items of an array.
  struct Shape {
    std::map<std::string, std::string> properties;
    std::set<std::string> required;
  };
  static const std::map<std::string, Shape>& shapes() {
    static const std::map<std::string, Shape> all = {
        {"sarifLog",
         {{{"$schema", "uri"}, {"version", "2.1.0"}, {"runs", "[]run"}, {"properties", "bag"}},
          {"version", "runs"}}},
        {"run",
         {{{"tool", "tool"},
           {"results", "[]result"},
           {"columnKind", "utf16CodeUnits|unicodeCodePoints"},
           {"properties", "bag"}},
          {"tool"}}},
        {"tool", {{{"driver", "toolComponent"}, {"properties", "bag"}}, {"driver"}}},
        {"toolComponent",
         {{{"name", "string"},
           {"version", "string"},
           {"informationUri", "uri"},
           {"rules", "[]reportingDescriptor"},
           {"properties", "bag"}},
          {"name"}}},
        {"reportingDescriptor",
         {{{"id", "string"},
           {"name", "string"},
           {"shortDescription", "multiformatMessageString"},
           {"fullDescription", "multiformatMessageString"},
           {"help", "multiformatMessageString"},
           {"helpUri", "uri"},
           {"defaultConfiguration", "reportingConfiguration"},
           {"properties", "bag"}},
          {"id"}}},
        {"multiformatMessageString", {{{"text", "string"}, {"markdown", "string"}}, {"text"}}},
        {"reportingConfiguration",
         {{{"enabled", "bool"}, {"level", "none|note|warning|error"}}, {}}},
        {"result",
         {{{"ruleId", "string"},
           {"ruleIndex", "index"},
           {"level", "none|note|warning|error"},
           {"message", "message"},
           {"locations", "[]location"},
           {"relatedLocations", "[]location"},
           {"stacks", "[]stack"},
           {"occurrenceCount", "count"},
           {"properties", "bag"}},
          {"message"}}},
        {"message", {{{"text", "string"}, {"markdown", "string"}}, {"text"}}},
        {"location",
         {{{"physicalLocation", "physicalLocation"},
           {"logicalLocations", "[]logicalLocation"},
           {"message", "message"},
           {"properties", "bag"}},
          {}}},
        {"physicalLocation",
         {{{"artifactLocation", "artifactLocation"}, {"region", "region"}}, {"artifactLocation"}}},
        {"artifactLocation", {{{"uri", "uri"}, {"uriBaseId", "string"}, {"index", "index"}}, {}}},
        {"region",
         {{{"startLine", "count"},
           {"startColumn", "count"},
           {"endLine", "count"},
           {"endColumn", "count"},
           {"snippet", "artifactContent"}},
          {}}},
        {"artifactContent", {{{"text", "string"}}, {}}},
        {"logicalLocation",
         {{{"name", "string"}, {"fullyQualifiedName", "string"}, {"kind", "string"}}, {}}},
        {"stack", {{{"message", "message"}, {"frames", "[]stackFrame"}}, {"frames"}}},
        {"stackFrame", {{{"location", "location"}, {"module", "string"}}, {}}},
    };
    return all;
  }

  void problem(const std::string& place, const std::string& text) {
    problems_.push_back(place + ": " + text);
  }

  void object(const std::string& name, const Json& json, const std::string& place) {
    if (!json.is_object()) return problem(place, "no object");
    const Shape& shape = shapes().at(name);
    for (const std::string& key : shape.required) {
      if (!json.contains(key)) problem(place, "`" + key + "` is missing");
    }
    for (const auto& [key, value] : json.items()) {
      const auto found = shape.properties.find(key);
      if (found == shape.properties.end()) {
        problem(place, "a " + name + " has no `" + key + "`");
      } else {
        property(found->second, value, place + "." + key);
      }
    }
    if (name == "region" && json.contains("endColumn") && !json.contains("endLine") &&
        json["endColumn"] < json.value("startColumn", 1)) {
      problem(place, "it ends before it starts");
    }
    if (name == "run") rule_indices(json, place);
  }

  /// Each result's rule is the one of its index.
  void rule_indices(const Json& run, const std::string& place) {
    const Json rules = run.value("/tool/driver/rules"_json_pointer, Json::array());
    for (const Json& result : run.value("results", Json::array())) {
      if (!result.contains("ruleIndex")) continue;
      const int index = result["ruleIndex"];
      if (index >= static_cast<int>(rules.size()) ||
          (index >= 0 && rules[static_cast<size_t>(index)]["id"] != result.value("ruleId", ""))) {
        problem(place, "the rule index " + std::to_string(index) + " is not that of its rule");
      }
    }
  }

  void property(const std::string& type, const Json& json, const std::string& place) {
    if (type.starts_with("[]")) {
      if (!json.is_array()) return problem(place, "no array");
      for (size_t i = 0; i < json.size(); ++i) {
        property(type.substr(2), json[i], place + "[" + std::to_string(i) + "]");
      }
    } else if (type == "string" || type == "uri") {
      if (!json.is_string()) return problem(place, "no string");
      if (type == "uri") uri(json.get<std::string>(), place);
    } else if (type == "bag") {
      if (!json.is_object()) problem(place, "no property bag");
    } else if (type == "bool") {
      if (!json.is_boolean()) problem(place, "no boolean");
    } else if (type == "count" || type == "index") {
      if (!json.is_number_integer() || json.get<int64_t>() < (type == "count" ? 1 : -1)) {
        problem(place, "no number from " + std::string(type == "count" ? "1" : "-1"));
      }
    } else if (shapes().contains(type)) {
      object(type, json, place);
    } else if (!json.is_string() ||
               ("|" + type + "|").find("|" + json.get<std::string>() + "|") == std::string::npos) {
      problem(place, "none of " + type);
    }
  }

  /// Only characters of URIs, and a percent sign is followed by two hexadecimal digits.
  void uri(const std::string& text, const std::string& place) {
    static const std::string kOther = "-._~:/?#[]@!$&'()*+,;=";
    for (size_t i = 0; i < text.size(); ++i) {
      const auto c = static_cast<unsigned char>(text[i]);
      const bool escape = c == '%' && i + 2 < text.size() &&
                          std::isxdigit(static_cast<unsigned char>(text[i + 1])) &&
                          std::isxdigit(static_cast<unsigned char>(text[i + 2]));
      if (std::isalnum(c) || kOther.find(text[i]) != std::string::npos || escape) continue;
      return problem(place, "`" + text + "` is no URI");
    }
  }

  std::vector<std::string> problems_;
};

}  // namespace tx::test
