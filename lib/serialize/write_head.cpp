#include "serialize/write_head.h"

#include <optional>

#include "serialize/enums.h"
#include "serialize/header.h"
#include "serialize/version.h"
#include "serialize/write_graph.h"
#include "serialize/write_pools.h"

namespace tx::serialize {
namespace {

using ir::kNone;

/// A number that a writer never leaves out, though it is the default of the field.
constexpr uint64_t kHashToCome = 1;

class HeadBuilder {
 public:
  HeadBuilder(const ir::Program& program, bool strip_debug)
      : program_(program),
        expressions_(builder_, program),
        types_(builder_, expressions_),
        operators_(builder_, program),
        strip_debug_(strip_debug) {}

  Head build() {
    const auto debug = strip_debug_ ? 0 : add_debug();
    const auto symbols = add_symbols();
    const auto graphs =
        vector(add_graphs(builder_, program_.graph, types_, operators_, locations_));
    operators_.add_uncalled();
    const auto inputs = add_inputs();
    const auto outputs = add_outputs();
    const auto input_tree = add_input_tree();
    const auto output_tree = add_tree(program_.output_tree, nullptr, nullptr, 0);
    const auto ranges = add_range_constraints();
    const auto equalities = add_equality_constraints();
    const auto guards = add_guards();
    place_storages();
    const auto weights = add_weights();
    const auto storages = add_storages();
    Offset<flatbuffers::Vector<Offset<fb::Segment>>> segments = 0;
    if (!head_.placements.empty()) {
      segments = vector(std::vector{fb::CreateSegment(builder_, 0, head_.segment_bytes)});
    }
    // The pools are complete only now.
    const auto expressions = vector(expressions_.all());
    const auto types = vector(types_.all());
    const auto operators = vector(operators_.all());
    const auto features = add_features();
    const auto version = fb::CreateVersion(builder_, kMajor, kMinor);
    const auto min_reader = fb::CreateVersion(builder_, kMajor, kMinReader);
    const auto writer = text(program_.producer);
    const auto model_name = text(program_.model_name);
    const auto torch_version = text(program_.torch_version);

    fb::ProgramBuilder root(builder_);
    root.add_version(version);
    root.add_min_reader(min_reader);
    root.add_writer(writer);
    root.add_required_features(features);
    root.add_model_name(model_name);
    root.add_opset_version(program_.opset_version);
    root.add_torch_version(torch_version);
    root.add_draft(program_.draft);
    root.add_symbols(symbols);
    root.add_expressions(expressions);
    root.add_types(types);
    root.add_operators(operators);
    root.add_graphs(graphs);
    root.add_inputs(inputs);
    root.add_outputs(outputs);
    root.add_input_tree(input_tree);
    root.add_output_tree(output_tree);
    root.add_range_constraints(ranges);
    root.add_equality_constraints(equalities);
    root.add_guards(guards);
    root.add_weights(weights);
    root.add_storages(storages);
    root.add_segments(segments);
    root.add_debug(debug);
    fb::FinishProgramBuffer(builder_, root.Finish());

    const auto* start = reinterpret_cast<const std::byte*>(builder_.GetBufferPointer());
    head_.bytes.assign(start, start + builder_.GetSize());
    insert_header(head_.bytes);
    return std::move(head_);
  }

 private:
  template <class T>
  using Rows = Offset<flatbuffers::Vector<Offset<T>>>;

  Offset<flatbuffers::String> text(const std::string& value) { return add_text(builder_, value); }
  template <class T>
  Offset<flatbuffers::Vector<T>> vector(const std::vector<T>& items) {
    return add_vector(builder_, items);
  }
  Offset<flatbuffers::Vector<Offset<flatbuffers::String>>> texts(
      const std::vector<std::string>& values) {
    std::vector<Offset<flatbuffers::String>> items;
    // A vector has no way to leave an empty string out.
    for (const std::string& value : values) items.push_back(builder_.CreateSharedString(value));
    return vector(items);
  }

  // ---- source ----

  void mark(const ir::Graph& graph, std::vector<bool>& used) const {
    for (const ir::Node& node : graph.nodes) {
      if (node.location < used.size()) used[node.location] = true;
    }
    for (const auto& [name, subgraph] : graph.subgraphs) mark(*subgraph, used);
  }

  /// Only what nodes and guards refer to: passes leave locations of removed nodes behind.
  Offset<fb::DebugInfo> add_debug() {
    const ir::SourceMap& source = program_.source;
    std::vector<bool> used(source.locations().size());
    mark(program_.graph, used);
    for (const ir::Guard& guard : program_.guards) {
      if (guard.location < used.size()) used[guard.location] = true;
    }
    locations_.assign(used.size(), kNone);
    std::vector<uint32_t> frame_rows(source.frames().size(), kNone);
    std::vector<Offset<fb::Frame>> frames;
    std::vector<Offset<fb::Location>> locations;
    for (size_t i = 0; i < used.size(); ++i) {
      if (!used[i]) continue;
      std::vector<uint32_t> stack;
      for (const uint32_t id : source.locations()[i].frames) {
        uint32_t& row = frame_rows.at(id);
        if (row == kNone) {
          row = static_cast<uint32_t>(frames.size());
          frames.push_back(add_frame(source.frames()[id]));
        }
        stack.push_back(row);
      }
      locations_[i] = static_cast<uint32_t>(locations.size());
      const auto stack_rows = vector(stack);
      const auto module_path = text(source.locations()[i].module_path);
      locations.push_back(fb::CreateLocation(builder_, stack_rows, module_path));
    }
    if (locations.empty()) return 0;
    const auto frame_vector = vector(frames);
    const auto location_vector = vector(locations);
    return fb::CreateDebugInfo(builder_, frame_vector, location_vector);
  }

  Offset<fb::Frame> add_frame(const ir::Frame& frame) {
    const auto file = text(frame.file);
    const auto function = text(frame.function);
    const auto code = text(frame.code);
    return fb::CreateFrame(builder_, file, frame.line, frame.column, function, code);
  }

  // ---- shapes ----

  Offset<fb::Range> add_range(const ir::Range& range) {
    fb::RangeBuilder row(builder_);
    row.add_min(range.min);
    if (range.max != ir::kUnbounded) row.add_max(range.max);
    return row.Finish();
  }

  Offset<fb::InputDim> add_input_dim(const ir::InputDim& dim) {
    return fb::CreateInputDim(builder_, dim.node, dim.dim);
  }

  Rows<fb::Symbol> add_symbols() {
    std::vector<Offset<fb::Symbol>> rows;
    for (const ir::SymbolInfo& symbol : program_.symbols) {
      const auto name = text(symbol.name);
      const auto dim_name = text(symbol.dim_name);
      const auto range = add_range(symbol.range);
      const Offset<fb::InputDim> origin = symbol.origin ? add_input_dim(*symbol.origin) : 0;
      fb::SymbolBuilder row(builder_);
      row.add_name(name);
      row.add_dim_name(dim_name);
      row.add_range(range);
      if (symbol.hint) row.add_hint(*symbol.hint);
      row.add_origin(origin);
      row.add_needs_at_least_2(symbol.needs_at_least_2);
      rows.push_back(row.Finish());
    }
    return vector(rows);
  }

  Rows<fb::RangeConstraint> add_range_constraints() {
    std::vector<Offset<fb::RangeConstraint>> rows;
    for (const auto& [expression, range] : program_.range_constraints) {
      const uint32_t row = expressions_.row(expression);
      rows.push_back(fb::CreateRangeConstraint(builder_, row, add_range(range)));
    }
    return vector(rows);
  }

  Rows<fb::EqualityConstraint> add_equality_constraints() {
    std::vector<Offset<fb::EqualityConstraint>> rows;
    for (const std::vector<ir::InputDim>& group : program_.equality_constraints) {
      std::vector<Offset<fb::InputDim>> dims;
      for (const ir::InputDim& dim : group) dims.push_back(add_input_dim(dim));
      rows.push_back(fb::CreateEqualityConstraint(builder_, vector(dims)));
    }
    return vector(rows);
  }

  Rows<fb::Guard> add_guards() {
    std::vector<Offset<fb::Guard>> rows;
    for (const ir::Guard& guard : program_.guards) {
      const uint32_t condition = expressions_.row(guard.condition);
      const auto reason = text(guard.reason);
      fb::GuardBuilder row(builder_);
      row.add_condition(condition);
      if (guard.location < locations_.size() && locations_[guard.location] != kNone) {
        row.add_location(locations_[guard.location]);
      }
      row.add_reason(reason);
      rows.push_back(row.Finish());
    }
    return vector(rows);
  }

  // ---- signature ----

  Rows<fb::Input> add_inputs() {
    std::vector<Offset<fb::Input>> rows;
    for (const ir::InputSpec& input : program_.inputs) {
      const auto target = text(input.target);
      const auto qualified_name = text(input.qualified_name);
      const auto path = text(input.path);
      const Offset<fb::Argument> constant =
          input.constant ? add_argument(builder_, *input.constant) : 0;
      rows.push_back(fb::CreateInput(builder_, to_file(kInputKindPairs, input.kind), target,
                                     qualified_name, path, constant));
    }
    return vector(rows);
  }

  Rows<fb::Output> add_outputs() {
    std::vector<Offset<fb::Output>> rows;
    for (const ir::OutputSpec& output : program_.outputs) {
      rows.push_back(fb::CreateOutput(builder_, to_file(kOutputKindPairs, output.kind),
                                      text(output.target)));
    }
    return vector(rows);
  }

  Offset<fb::TreeKey> add_key(const ir::TreeKey& key) {
    const auto* string = std::get_if<std::string>(&key);
    const Offset<flatbuffers::String> key_text = string ? text(*string) : 0;
    fb::TreeKeyBuilder row(builder_);
    if (string) {
      row.add_kind(fb::TreeKeyKind::String);
      row.add_text(key_text);
    } else if (const auto* integer = std::get_if<int64_t>(&key)) {
      row.add_kind(fb::TreeKeyKind::Int);
      row.add_int_value(*integer);
    } else if (const auto* real = std::get_if<double>(&key)) {
      row.add_kind(fb::TreeKeyKind::Float);
      row.add_float_value(*real);
    } else {
      row.add_kind(fb::TreeKeyKind::Bool);
      row.add_bool_value(std::get<bool>(key));
    }
    return row.Finish();
  }

  Offset<fb::Tree> add_tree(const ir::Tree& tree, const ir::TreeKey* key, const std::string* field,
                            uint32_t nesting) {
    check_nesting(nesting, "a tree of inputs or outputs");
    std::vector<Offset<fb::Tree>> children;
    for (size_t i = 0; i < tree.children.size(); ++i) {
      const bool is_dict = tree.kind == ir::TreeKind::Dict;
      const bool is_named = tree.kind == ir::TreeKind::NamedTuple;
      children.push_back(add_tree(tree.children[i], is_dict ? &tree.keys.at(i) : nullptr,
                                  is_named ? &tree.fields.at(i) : nullptr, nesting + 1));
    }
    const auto child_vector = vector(children);
    const Offset<fb::TreeKey> key_row = key ? add_key(*key) : 0;
    const Offset<flatbuffers::String> field_text = field ? text(*field) : 0;
    const auto type_name = text(tree.type_name);
    const auto element_type = text(tree.element_type);
    return fb::CreateTree(builder_, to_file(kTreeKindPairs, tree.kind), child_vector, key_row,
                          field_text, type_name, element_type);
  }

  Rows<fb::Tree> add_trees(const std::vector<ir::Tree>& trees) {
    std::vector<Offset<fb::Tree>> rows;
    for (const ir::Tree& tree : trees) rows.push_back(add_tree(tree, nullptr, nullptr, 0));
    return vector(rows);
  }

  Offset<fb::InputTree> add_input_tree() {
    const ir::InputTree& tree = program_.input_tree;
    const auto positional_names = texts(tree.positional_names);
    const auto positional = add_trees(tree.positional);
    const auto keyword_names = texts(tree.keyword_names);
    const auto keyword = add_trees(tree.keyword);
    return fb::CreateInputTree(builder_, positional_names, positional, keyword_names, keyword);
  }

  // ---- weights ----

  /// Storages that no weight refers to are left out.
  void place_storages() {
    storage_rows_.assign(program_.storages.size(), kNone);
    for (const ir::Weight& weight : program_.weights) storage_rows_.at(weight.storage) = 0;
    for (size_t i = 0; i < storage_rows_.size(); ++i) {
      if (storage_rows_[i] == kNone) continue;
      storage_rows_[i] = static_cast<uint32_t>(head_.placements.size());
      const uint64_t bytes = program_.storages[i].bytes;
      const uint64_t offset = bytes == 0 ? 0 : align_up(head_.segment_bytes, kStorageAlignment);
      head_.placements.push_back({&program_.storages[i], offset});
      if (bytes > 0) head_.segment_bytes = offset + bytes;
    }
  }

  Rows<fb::Weight> add_weights() {
    std::vector<Offset<fb::Weight>> rows;
    for (const ir::Weight& weight : program_.weights) {
      const auto name = text(weight.name);
      const auto sizes = vector(weight.sizes);
      const auto strides = vector(weight.strides);
      rows.push_back(fb::CreateWeight(builder_, name, to_file(kDTypePairs, weight.dtype), sizes,
                                      strides, weight.offset, storage_rows_[weight.storage],
                                      weight.requires_grad));
    }
    return vector(rows);
  }

  Rows<fb::Storage> add_storages() {
    std::vector<Offset<fb::Storage>> rows;
    for (const Placement& placement : head_.placements) {
      rows.push_back(fb::CreateStorage(builder_, 0, placement.offset, placement.storage->bytes,
                                       kHashToCome));
    }
    return vector(rows);
  }

  // ---- root ----

  Offset<flatbuffers::Vector<Offset<flatbuffers::String>>> add_features() {
    std::vector<std::string> features;
    if (!program_.graph.subgraphs.empty()) features.emplace_back(kFeatureControlFlow);
    if (program_.draft) features.emplace_back(kFeatureDraft);
    return texts(features);
  }

  const ir::Program& program_;
  FlatBufferBuilder builder_;
  ExpressionPool expressions_;
  TypePool types_;
  OperatorPool operators_;
  bool strip_debug_;
  std::vector<uint32_t> locations_;     ///< of SourceMap -> of the file
  std::vector<uint32_t> storage_rows_;  ///< of Program::storages -> of the file
  Head head_;
};

}  // namespace

Head build_head(const ir::Program& program, bool strip_debug) {
  return HeadBuilder(program, strip_debug).build();
}

void set_storage_hash(Head& head, size_t index, uint64_t hash) {
  fb::Program* root = fb::GetMutableProgram(head.bytes.data());
  root->mutable_storages()->GetMutableObject(static_cast<uint32_t>(index))->mutate_hash(hash);
}

}  // namespace tx::serialize
