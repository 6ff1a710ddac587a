// torch-export exportdb [NAME|--tag TAG]: the catalogue of what can be exported.
#include <algorithm>
#include <set>

#include "command.h"
#include "exportdb.h"
#include "options.h"
#include "support/strings.h"

namespace tx::cli {

namespace {

bool has_tag(const ExportdbCase& row, const std::string& tag) {
  return std::find(row.tags.begin(), row.tags.end(), tag) != row.tags.end();
}

std::string padded(std::string text, size_t width) {
  text.resize(std::max(width, text.size()), ' ');
  return text + "  ";
}

std::string list_text(const std::vector<const ExportdbCase*>& rows) {
  size_t width = 4;
  for (const ExportdbCase* row : rows) width = std::max(width, row->name.size());
  std::string text = padded("case", width) + padded("in torch", 17) + padded("here", 19) + "tags\n";
  for (const ExportdbCase* row : rows) {
    const std::string line = padded(row->name, width) + padded(row->level, 17) +
                             padded(row->outcome, 19) + support::join(row->tags, ", ");
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return text;
}

std::string case_text(const ExportdbCase& row) {
  std::string text = row.name + ": " + row.title + "\n";
  if (!row.tags.empty()) text += "tags: " + support::join(row.tags, ", ") + "\n";
  text += "in torch: " + row.level + "\n";
  text += row.missing.empty() ? "TorchScript form: " + row.form + "\n"
                              : "no TorchScript form: " + row.missing + "\n";
  if (!row.missing.empty()) return text;
  text += "here: " + row.outcome;
  if (!row.options.empty()) text += " with " + support::join(row.options, " ");
  text += "\n";
  if (!row.codes.empty()) text += "codes: " + support::join(row.codes, ", ") + "\n";
  if (!row.operators.empty()) text += "operators: " + support::join(row.operators, ", ") + "\n";
  if (!row.diagnostics.empty()) text += "\n" + row.diagnostics;
  return text + "\n" + row.name + ".py:\n" + std::string(exportdb_file(row.name + ".py"));
}

class ExportdbCommand : public Command {
 public:
  void declare(CLI::App& app) override {
    add_positional(app, "NAME", name_, "a case; without it all are listed")->required(false);
    add_value(app, "--tag", tag_, "TAG", "list the cases with this tag, e.g. torch.cond");
  }

  void run(Context& context) override {
    if (!name_.empty() && !tag_.empty()) usage_error("a name and `--tag` exclude each other");
    if (!name_.empty()) {
      context.out << case_text(find());
      return;
    }
    std::vector<const ExportdbCase*> rows;
    std::set<std::string> tags;
    for (const ExportdbCase& row : exportdb()) {
      tags.insert(row.tags.begin(), row.tags.end());
      if (tag_.empty() || has_tag(row, tag_)) rows.push_back(&row);
    }
    if (rows.empty()) {
      const std::vector<std::string> known(tags.begin(), tags.end());
      usage_error("there is no tag `" + tag_ + "`" + support::did_you_mean(tag_, known),
                  "the tags are " + support::join(known, ", "));
    }
    context.out << list_text(rows);
  }

 private:
  const ExportdbCase& find() const {
    std::vector<std::string> names;
    for (const ExportdbCase& row : exportdb()) {
      if (row.name == name_) return row;
      names.push_back(row.name);
    }
    usage_error("there is no ExportDB case `" + name_ + "`" + support::did_you_mean(name_, names),
                "`torch-export exportdb` lists all cases");
  }

  std::string name_, tag_;
};

}  // namespace

const CommandInfo kExportdbCommand = {
    "exportdb",
    "exportdb [NAME | --tag TAG]",
    "list what can be exported, or show one case",
    "torch-export exportdb\n"
    "torch-export exportdb --tag torch.cond\n"
    "torch-export exportdb cond_predicate",
    []() -> std::unique_ptr<Command> { return std::make_unique<ExportdbCommand>(); },
};

}  // namespace tx::cli
