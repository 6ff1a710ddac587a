// torch-export ops [NAME]: what is known of operators.
#include <nlohmann/json.hpp>

#include "command.h"
#include "driver/operators.h"
#include "job_options.h"
#include "options.h"
#include "support/strings.h"

namespace tx::cli {

namespace {

using driver::OperatorInfo;

const char* python_bool(bool value) { return value ? "True" : "False"; }

// One property a line; the names are those of the JSON form.
std::string properties(const OperatorInfo& info) {
  std::string text = "name: " + info.name + "\nschema: " + info.schema + "\n";
  const auto flag = [&text](const char* name, bool value) {
    text += std::string(name) + ": " + python_bool(value) + "\n";
  };
  flag("is_core", info.is_core);
  flag("is_pointwise", info.is_pointwise);
  flag("is_mutable", info.is_mutable);
  flag("is_composite", info.is_composite);
  text += "shapes: " + info.shapes + "\ndecomposition: " + info.decomposition + "\n";
  if (!info.decomposes_into.empty()) {
    text += "decomposes_into: " + support::join(info.decomposes_into, ", ") + "\n";
  }
  if (!info.rule.empty()) text += "rule:\n" + support::indent(info.rule, 4);
  return text;
}

// A line of the list: the name and what holds of it.
std::string line_of(const OperatorInfo& info) {
  std::vector<std::string> words;
  if (info.is_core) words.push_back("core");
  if (info.is_pointwise) words.push_back("pointwise");
  if (info.is_mutable) words.push_back("mutable");
  if (info.is_composite) words.push_back("composite");
  if (info.decomposition != "none") words.push_back("decomposes by " + info.decomposition);
  words.push_back("shapes: " + info.shapes);
  return info.schema + "  # " + support::join(words, ", ") + "\n";
}

nlohmann::ordered_json json_of(const OperatorInfo& info, bool with_rule) {
  nlohmann::ordered_json json = {{"name", info.name},
                                 {"schema", info.schema},
                                 {"is_core", info.is_core},
                                 {"is_pointwise", info.is_pointwise},
                                 {"is_mutable", info.is_mutable},
                                 {"is_composite", info.is_composite},
                                 {"shapes", info.shapes},
                                 {"decomposition", info.decomposition}};
  if (with_rule) {
    json["decomposes_into"] = info.decomposes_into;
    json["rule"] = info.rule;
  }
  return json;
}

class OpsCommand : public Command {
 public:
  void declare(CLI::App& app) override {
    add_positional(app, "NAME", request_.name,
                   "operator, with or without overload; without it all are listed")
        ->required(false);
    add_switch(app, "--core", request_.core, "Core ATen operators only");
    add_switch(app, "--pointwise", request_.pointwise, "element-wise operators only");
    add_switch(app, "--mutable", request_.is_mutable, "operators that write to an argument only");
    add_switch(app, "--composite", request_.composite, "composite operators only");
    add_switch(app, "--decomposes", request_.decomposes, "operators with a decomposition only");
    add_switch(app, "--without-shapes", request_.without_shapes,
               "operators only of which nothing tells the shape of the result");
    add_value(app, "--missing", missing_, "MODEL",
              "list what this model or program calls that is not there");
    add_switch(app, "--json", json_, "write JSON");
    declare_libraries(app, request_.libraries);
  }

  void run(Context& context) override {
    if (missing_.empty()) {
      list(context);
    } else if (!request_.name.empty()) {
      usage_error("`--missing` lists operators of a model; a name has no place beside it");
    } else {
      list_missing(context);
    }
  }

 private:
  void list(Context& context) const {
    const std::vector<OperatorInfo> found = driver::list_operators(request_);
    const bool in_full = !request_.name.empty();
    if (json_) {
      nlohmann::ordered_json array = nlohmann::ordered_json::array();
      for (const OperatorInfo& info : found) array.push_back(json_of(info, in_full));
      context.out << array.dump(2) << "\n";
      return;
    }
    for (size_t i = 0; i < found.size(); ++i) {
      if (in_full && i > 0) context.out << "\n";
      context.out << (in_full ? properties(found[i]) : line_of(found[i]));
    }
    if (!in_full) context.reporter.say(counted(found.size(), "operator"));
  }

  void list_missing(Context& context) const {
    const auto found = driver::missing_operators(missing_, request_.libraries);
    if (json_) {
      nlohmann::ordered_json array = nlohmann::ordered_json::array();
      for (const auto& each : found) array.push_back({{"name", each.name}, {"why", each.why}});
      context.out << array.dump(2) << "\n";
    } else {
      for (const auto& each : found) context.out << each.name << ": " << each.why << "\n";
    }
    if (found.empty()) context.reporter.say("nothing is missing");
  }

  driver::OperatorsRequest request_;
  std::string missing_;
  bool json_ = false;
};

}  // namespace

const CommandInfo kOpsCommand = {
    "ops",
    "ops [NAME] [--core] [--missing MODEL] [options]",
    "list operators, or say what is known of one",
    "torch-export ops aten.add.Tensor\n"
    "torch-export ops --core --json\n"
    "torch-export ops --decomposes --pointwise\n"
    "torch-export ops --missing model.pt --load-library libmy.so",
    []() -> std::unique_ptr<Command> { return std::make_unique<OpsCommand>(); },
};

}  // namespace tx::cli
