#include <cmath>
#include <nlohmann/json.hpp>

#include "render/forms.h"
#include "support/strings.h"

namespace tx::render {
namespace {

using Json = nlohmann::ordered_json;
using ir::Graph;
using ir::Node;
using ir::NodeId;
using ir::NodeKind;

/// A number, or a string where the value holds a symbol.
Json size_json(const ir::Expr& size) {
  const std::optional<int64_t> number = size.constant();
  return number ? Json(*number) : Json(size.text());
}

Json sizes_json(const std::vector<ir::Expr>& sizes) {
  Json list = Json::array();
  for (const ir::Expr& size : sizes) list.push_back(size_json(size));
  return list;
}

/// Infinities and NaN, which JSON's numbers lack, are Python's texts.
Json real_json(double value) {
  return std::isfinite(value) ? Json(value) : Json(support::python_repr(value));
}

/// The keys that describe a value: of a tensor `dtype`, `shape` and `strides`.
void describe(Json& json, const ir::Type& type) {
  if (const ir::TensorType* tensor = type.tensor()) {
    json["dtype"] = short_name(tensor->dtype);
    json["shape"] = sizes_json(tensor->sizes);
    json["strides"] = sizes_json(tensor->strides);
    if (tensor->device.type != "cpu") json["device"] = tensor->device.text();
  } else if (const auto* integer = std::get_if<ir::SymIntType>(&type.kind)) {
    json["sym_int"] = size_json(integer->value);
  } else if (const auto* real = std::get_if<ir::SymFloatType>(&type.kind)) {
    json["sym_float"] = real->value.text();
  } else if (const auto* boolean = std::get_if<ir::SymBoolType>(&type.kind)) {
    json["sym_bool"] = boolean->value.text();
  }
}

/// One entry for each result of a call.
Json results_json(const ir::Type& type) {
  Json list = Json::array();
  if (const ir::TupleType* tuple = type.tuple()) {
    for (const ir::Type& element : tuple->elements) {
      Json entry = Json::object();
      describe(entry, element);
      list.push_back(entry);
    }
    return list;
  }
  Json entry = Json::object();
  describe(entry, type);
  if (!entry.empty()) list.push_back(entry);
  return list;
}

/// Writes one graph; every reference to a node is its printed name.
class GraphWriter {
 public:
  GraphWriter(const ir::Program& program, const Graph& graph, const Naming& naming)
      : program_(program), graph_(graph), naming_(naming) {}

  Json nodes() const {
    Json list = Json::array();
    for (NodeId id = graph_.num_inputs; id < graph_.nodes.size(); ++id)
      if (graph_.node(id).kind == NodeKind::Call) list.push_back(node(id));
    return list;
  }

  Json subgraphs() const {
    Json json = Json::object();
    for (const std::string& name : subgraphs_in_order(graph_)) {
      const Graph& subgraph = *graph_.subgraphs.at(name);
      const GraphWriter writer(program_, subgraph, naming_);
      Json entry = {{"inputs", writer.inputs()},
                    {"nodes", writer.nodes()},
                    {"outputs", writer.outputs()}};
      if (!subgraph.subgraphs.empty()) entry["subgraphs"] = writer.subgraphs();
      json[name] = entry;
    }
    return json;
  }

  Json outputs() const {
    Json list = Json::array();
    for (const ir::Argument& output : graph_.outputs) list.push_back(argument(output));
    return list;
  }

  /// Kinds that JSON lacks are objects with one key that names the kind.
  Json argument(const ir::Argument& argument) const {
    return std::visit([&](const auto& value) { return value_json(value); }, argument.value);
  }

 private:
  Json value_json(const ir::NoneArg&) const { return nullptr; }
  Json value_json(const ir::NodeRef& ref) const {
    const Node& node = graph_.node(ref.id);
    if (node.kind == NodeKind::GetAttr) return {{"subgraph", node.target}};
    return {{"node", naming_.name(graph_, ref.id)}};
  }
  Json value_json(int64_t value) const { return value; }
  Json value_json(bool value) const { return value; }
  Json value_json(double value) const {
    return std::isfinite(value) ? Json(value) : Json({{"float", support::python_repr(value)}});
  }
  Json value_json(const std::complex<double>& value) const {
    return {{"complex", Json::array({real_json(value.real()), real_json(value.imag())})}};
  }
  Json value_json(const std::string& value) const { return value; }
  Json value_json(ir::DType value) const { return {{"dtype", short_name(value)}}; }
  Json value_json(ir::Layout value) const { return {{"layout", torch_name(value)}}; }
  Json value_json(ir::MemoryFormat value) const { return {{"memory_format", torch_name(value)}}; }
  Json value_json(const ir::Device& value) const { return {{"device", value.text()}}; }
  Json value_json(const ir::ListArg& value) const {
    Json list = Json::array();
    for (const ir::Argument& item : value.items) list.push_back(argument(item));
    return list;
  }

  Json inputs() const {
    Json list = Json::array();
    for (NodeId id = 0; id < graph_.num_inputs; ++id) {
      Json entry = {{"name", naming_.name(graph_, id)}};
      describe(entry, graph_.node(id).type);
      list.push_back(entry);
    }
    return list;
  }

  Json node(NodeId id) const {
    const Node& node = graph_.node(id);
    Json args = Json::array();
    for (const ir::Argument& value : node.args) args.push_back(argument(value));
    Json kwargs = Json::object();
    for (const auto& [name, value] : node.kwargs) kwargs[name] = argument(value);
    return {{"name", naming_.name(graph_, id)},
            {"op", node.target},
            {"args", args},
            {"kwargs", kwargs},
            {"outputs", results_json(node.type)},
            {"source", source(node.location)}};
  }

  Json source(uint32_t location) const {
    if (location >= program_.source.locations().size()) return nullptr;
    Json json = {{"file", nullptr}, {"line", nullptr}, {"column", nullptr}, {"code", nullptr}};
    if (const ir::Frame* frame = shown_frame(program_.source, location)) {
      json["file"] = frame->file;
      if (frame->line > 0) json["line"] = frame->line;
      if (frame->column > 0) json["column"] = frame->column;
      if (!frame->code.empty()) json["code"] = frame->code;
    }
    json["module_path"] = program_.source.locations()[location].module_path;
    return json;
  }

  const ir::Program& program_;
  const Graph& graph_;
  const Naming& naming_;
};

Json signature_json(const ir::Program& program, const Naming& naming) {
  const GraphWriter writer(program, program.graph, naming);
  Json inputs = Json::array();
  for (const ir::InputSpec& input : program.inputs) {
    Json entry = {{"name", naming.name(program.graph, input.node)},
                  {"kind", torch_name(input.kind)},
                  {"target", input.target.empty() ? Json() : Json(input.target)}};
    describe(entry, program.graph.node(input.node).type);
    if (input.constant) entry["value"] = writer.argument(*input.constant);
    if (!input.path.empty()) entry["path"] = input.path;
    inputs.push_back(entry);
  }
  Json outputs = Json::array();
  for (const ir::OutputSpec& output : program.outputs) {
    const ir::NodeRef* ref = output.value.get<ir::NodeRef>();
    const std::string target = printed_target(program, output, naming);
    Json entry = {{"name", ref ? Json(naming.name(program.graph, ref->id)) : Json()},
                  {"kind", torch_name(output.kind)},
                  {"target", target.empty() ? Json() : Json(target)}};
    if (ref) describe(entry, program.graph.node(ref->id).type);
    if (!ref) entry["value"] = writer.argument(output.value);
    outputs.push_back(entry);
  }
  return {{"inputs", inputs}, {"outputs", outputs}};
}

Json range_json(const ir::Range& range) {
  return Json::array({range.min, range.max == ir::kUnbounded ? Json() : Json(range.max)});
}

Json dim_json(const ir::Program& program, const ir::InputDim& dim, const Naming& naming) {
  return Json::array({naming.name(program.graph, dim.node), dim.dim});
}

Json guards_json(const ir::Program& program) {
  Json list = Json::array();
  for (const ir::Guard& guard : program.guards) {
    const ir::Frame* frame = shown_frame(program.source, guard.location);
    list.push_back({{"text", guard.condition.text()},
                    {"file", frame ? Json(frame->file) : Json()},
                    {"line", frame ? Json(frame->line) : Json()},
                    {"reason", guard.reason}});
  }
  return list;
}

Json symbols_json(const ir::Program& program, const Naming& naming) {
  Json list = Json::array();
  for (const ir::SymbolInfo& symbol : program.symbols)
    list.push_back({{"name", symbol.name},
                    {"dim", symbol.dim_name.empty() ? Json() : Json(symbol.dim_name)},
                    {"range", range_json(symbol.range)},
                    {"hint", symbol.hint ? Json(*symbol.hint) : Json()},
                    {"origin", symbol.origin ? dim_json(program, *symbol.origin, naming) : Json()}});
  return list;
}

Json weights_json(const ir::Program& program) {
  Json list = Json::array();
  for (const ir::Weight& weight : program.weights)
    list.push_back({{"name", weight.name},
                    {"dtype", short_name(weight.dtype)},
                    {"shape", weight.sizes},
                    {"strides", weight.strides},
                    {"offset", weight.offset},
                    {"storage", weight.storage},
                    {"requires_grad", weight.requires_grad}});
  return list;
}

Json structure_json(const ir::InputTree& tree) {
  Json positional = Json::array(), keyword = Json::object();
  for (size_t i = 0; i < tree.positional.size(); ++i) {
    const bool has_name = i < tree.positional_names.size();
    positional.push_back({{"name", has_name ? Json(tree.positional_names[i]) : Json()},
                          {"structure", tree.positional[i].text()}});
  }
  for (size_t i = 0; i < tree.keyword.size() && i < tree.keyword_names.size(); ++i)
    keyword[tree.keyword_names[i]] = tree.keyword[i].text();
  return {{"positional", positional}, {"keyword", keyword}};
}

}  // namespace

std::string json_text(const ir::Program& program, const Naming& naming) {
  const GraphWriter writer(program, program.graph, naming);
  Json ranges = Json::object();
  for (const auto& [expression, range] : program.range_constraints)
    ranges[expression.text()] = range_json(range);
  Json equalities = Json::array();
  for (const std::vector<ir::InputDim>& group : program.equality_constraints) {
    Json dims = Json::array();
    for (const ir::InputDim& dim : group) dims.push_back(dim_json(program, dim, naming));
    equalities.push_back(dims);
  }
  const Json json = {{"producer", program.producer},
                     {"torch", program.torch_version},
                     {"opset", program.opset_version},
                     {"model", program.model_name},
                     {"draft", program.draft},
                     {"nodes", writer.nodes()},
                     {"subgraphs", writer.subgraphs()},
                     {"outputs", writer.outputs()},
                     {"signature", signature_json(program, naming)},
                     {"input_structure", structure_json(program.input_tree)},
                     {"output_structure", program.output_tree.text()},
                     {"range_constraints", ranges},
                     {"equality_constraints", equalities},
                     {"guards", guards_json(program)},
                     {"symbols", symbols_json(program, naming)},
                     {"weights", weights_json(program)}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace tx::render
