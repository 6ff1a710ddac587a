// What the rules ask of the ShapeEnv and what they refuse. The guards are those that torch 2.13
// records for the same operators.
#include <doctest/doctest.h>

#include "shapes/table_reader.h"
#include "shapes/test_run.h"

namespace tx::shapes::test {

namespace {

using ir::Argument;
using symbolic::Expr;

/// Builds calls by hand: sizes are symbols made here or constants.
struct Bench {
  symbolic::ShapeEnv env;
  std::vector<ir::Node> nodes;
  Values hints;

  Expr symbol(int64_t hint) {
    std::string source = "L['x" + std::to_string(hints.size()) + "']";
    Expr symbol = env.create_symbol(source, hint);
    hints[symbol.name()] = hint;
    return symbol;
  }
  Argument tensor(std::vector<Expr> sizes, DType dtype = DType::F32) {
    ir::Node node;
    node.type = TensorType{dtype, sizes, ir::contiguous_strides(sizes), {}};
    return add(std::move(node));
  }
  Argument tensor(const TensorType& type) {
    ir::Node node;
    node.type = type;
    return add(std::move(node));
  }
  Argument integer(const Expr& value) {
    if (value.is_constant()) return value.value();
    ir::Node node;
    node.type = ir::SymIntType{value};
    return add(std::move(node));
  }
  Argument list(std::initializer_list<Expr> values) {
    ir::ListArg list;
    for (auto& value : values) list.items.push_back(integer(value));
    return list;
  }
  ir::Type call(std::string_view op, std::vector<Argument> arguments,
                std::vector<std::string_view> names) {
    Rule rule = table().find(op);
    if (!rule) rule = &pointwise;
    return rule(Call(env, op, nodes, std::move(arguments), std::move(names)));
  }
  /// The recorded guards' texts, equal symbols and constants included.
  std::vector<std::string> guards() {
    std::vector<std::string> texts;
    env.finish();
    for (auto& guard : env.constraints().guards) texts.push_back(guard.condition.text());
    return texts;
  }
  symbolic::Range range(const Expr& e) { return env.range(e); }

 private:
  Argument add(ir::Node node) {
    nodes.push_back(std::move(node));
    return ir::NodeRef{static_cast<ir::NodeId>(nodes.size() - 1)};
  }
};

std::vector<Expr> sizes(const ir::Type& type) { return type.tensor()->sizes; }
using Texts = std::vector<std::string>;

/// The message of the refusal, with its code in front.
template <class F>
std::string refusal(F&& run) {
  try {
    run();
  } catch (const diag::Failure& failure) {
    auto& first = failure.diagnostics().front();
    return std::string(diag::kind(first.code).name) + " " + first.message;
  }
  return "no refusal";
}

}  // namespace

TEST_CASE("products make the contracted sizes equal") {
  Bench b;
  Expr m = b.symbol(4), k = b.symbol(8), other = b.symbol(8), n = b.symbol(5);
  auto type = b.call("aten.mm.default", {b.tensor({m, k}), b.tensor({other, n})}, {"self", "mat2"});
  CHECK(sizes(type) == std::vector<Expr>{m, n});
  CHECK(b.env.simplify(k) == b.env.simplify(other));
  CHECK(b.guards().empty());
}

TEST_CASE("a weight of constant size makes the size of the input constant") {
  Bench b;
  Expr n = b.symbol(4), k = b.symbol(8);
  b.call("aten.mm.default", {b.tensor({n, k}), b.tensor({8, 3})}, {"self", "mat2"});
  CHECK(b.env.simplify(k) == Expr(8));
  CHECK(b.env.simplify(n) == n);
}

TEST_CASE("weight norm has one magnitude for each slice") {
  Bench b;
  Expr n = b.symbol(4), other = b.symbol(4), m = b.symbol(3);
  auto run = [&](std::vector<Expr> magnitudes, int64_t dim) {
    b.call("aten._weight_norm_interface.default",
           {b.tensor({n, m}), b.tensor(std::move(magnitudes)), dim}, {"v", "g", "dim"});
  };
  run({other, 1}, 0);
  CHECK(b.env.simplify(n) == b.env.simplify(other));
  run({1, m}, -1);
  CHECK(refusal([&] { run({1, 5}, -1); }).starts_with("TX1008 weight_norm needs one element of g"));
}

TEST_CASE("broadcasting makes sizes equal and leaves sizes of 1 alone") {
  Bench b;
  Expr n = b.symbol(4), w = b.symbol(8), v = b.symbol(8);
  auto type = b.call("aten.add.Tensor", {b.tensor({n, w}), b.tensor({1, v}), int64_t{1}},
                     {"self", "other", "alpha"});
  CHECK(type.tensor()->sizes[0] == n);
  CHECK(b.env.simplify(w) == b.env.simplify(v));
  CHECK(b.env.simplify(n) == n);
}

TEST_CASE("slices narrow ranges as torch does") {
  Bench b;
  Expr n = b.symbol(8), m = b.symbol(8), k = b.symbol(8), l = b.symbol(8);
  auto slice = [&](const Expr& size, Argument start, Argument end) {
    return sizes(b.call("aten.slice.Tensor",
                        {b.tensor({size, 4}), int64_t{0}, start, end, int64_t{1}},
                        {"self", "dim", "start", "end", "step"}))[0];
  };
  CHECK(slice(n, Argument(), int64_t{3}) == Expr(3));
  CHECK(b.range(n).min == 3);
  CHECK(slice(m, Argument(), int64_t{20}) == m);
  CHECK(b.range(m).max == 19);
  CHECK(slice(k, int64_t{-3}, Argument()) == Expr(3));
  CHECK(b.range(k).min == 3);
  CHECK(slice(l, int64_t{2}, INT64_MAX) == l - 2);
  CHECK(b.range(l) == symbolic::Range{2, symbolic::kNoBound});
  CHECK(b.guards().empty());
}

TEST_CASE("a slice of columns asks whether it is contiguous") {
  Bench b;
  Expr n = b.symbol(16), w = b.symbol(32);
  auto type = b.call("aten.slice.Tensor",
                     {b.tensor({n, w}), int64_t{1}, int64_t{0}, int64_t{16}, int64_t{1}},
                     {"self", "dim", "start", "end", "step"});
  CHECK(sizes(type) == std::vector<Expr>{n, 16});
  CHECK(type.tensor()->strides == std::vector<Expr>{w, 1});
  CHECK(b.range(w).min == 16);
  CHECK(b.guards() == Texts{symbolic::ne(w, 16).text()});
}

TEST_CASE("sizes that depend on data are new symbols with the bounds that are known") {
  Bench b;
  Expr n = b.symbol(4);
  auto nonzero = b.call("aten.nonzero.default", {b.tensor({4, 3})}, {"self"});
  Expr u0 = sizes(nonzero)[0];
  CHECK(u0.text() == "u0");
  CHECK(sizes(nonzero) == std::vector<Expr>{u0, 2});
  CHECK(nonzero.tensor()->strides == std::vector<Expr>{1, u0});
  CHECK(b.range(u0) == symbolic::Range{0, 12});
  // A mask over the first two dimensions; the rest stays.
  ir::ListArg mask;
  mask.items.push_back(b.tensor({n, 3}, DType::Bool));
  auto index = b.call("aten.index.Tensor", {b.tensor({n, 3, 5}), mask}, {"self", "indices"});
  Expr u1 = sizes(index)[0];
  CHECK(sizes(index) == std::vector<Expr>{u1, 5});
  CHECK(b.range(u1) == symbolic::Range{0, symbolic::kNoBound});
  auto unique = b.call("aten._unique2.default", {b.tensor({2, 3}), true, false, true},
                       {"self", "sorted", "return_inverse", "return_counts"});
  Expr u2 = sizes(unique.tuple()->elements[0])[0];
  CHECK(b.range(u2) == symbolic::Range{1, 6});
  CHECK(sizes(unique.tuple()->elements[1]) == std::vector<Expr>{0});
  CHECK(sizes(unique.tuple()->elements[2]) == std::vector<Expr>{u2});
  // Along a dimension the values keep their order of dimensions, that one in front in memory.
  auto rows = b.call("aten.unique_dim.default", {b.tensor({3, 4}), int64_t{1}, true, false, false},
                     {"self", "dim", "sorted", "return_inverse", "return_counts"});
  Expr u3 = sizes(rows.tuple()->elements[0])[1];
  CHECK(rows.tuple()->elements[0].tensor()->strides == std::vector<Expr>{1, 3});
  CHECK(sizes(rows.tuple()->elements[1]) == std::vector<Expr>{4});
  CHECK(sizes(rows.tuple()->elements[2]) == std::vector<Expr>{u3});
  CHECK(b.guards().empty());
}

TEST_CASE("an index has to be inside") {
  Bench b;
  Expr n = b.symbol(8), m = b.symbol(8);
  b.call("aten.select.int", {b.tensor({n, 4}), int64_t{0}, int64_t{3}}, {"self", "dim", "index"});
  CHECK(b.range(n).min == 4);
  b.call("aten.select.int", {b.tensor({m, 4}), int64_t{0}, int64_t{-1}}, {"self", "dim", "index"});
  CHECK(b.range(m).min == 2);
}

TEST_CASE("view infers sizes and keeps divisibility as a guard") {
  Bench b;
  Expr n = b.symbol(6), m = b.symbol(6);
  auto even = b.call("aten.view.default", {b.tensor({n, 4}), b.list({-1, 2})}, {"self", "size"});
  CHECK(sizes(even) == std::vector<Expr>{n * Expr(2), 2});
  CHECK(even.tensor()->strides == std::vector<Expr>{2, 1});
  auto half = b.call("aten.view.default", {b.tensor({m}), b.list({-1, 2})}, {"self", "size"});
  CHECK(sizes(half)[0] == symbolic::floor_div(m, 2));
  CHECK(b.guards() == Texts{symbolic::eq(symbolic::mod(m, 2), 0).text()});
}

TEST_CASE("view splits and merges dimensions of symbolic size without guards") {
  Bench b;
  Expr n = b.symbol(4), t = b.symbol(9);
  auto merged =
      b.call("aten.view.default", {b.tensor({n, t, 8}), b.list({n * t, 8})}, {"self", "size"});
  CHECK(sizes(merged) == std::vector<Expr>{n * t, 8});
  auto heads =
      b.call("aten.view.default", {b.tensor({n, t, 8}), b.list({n, t, 2, 4})}, {"self", "size"});
  CHECK(heads.tensor()->strides == std::vector<Expr>{t * Expr(8), 8, 4, 1});
  // [n, heads, t, 4] of a transposed tensor, flattened over n and heads only where that is a view.
  TensorType transposed{DType::F32, {n, 2, t, 4}, {t * Expr(8), 4, 8, 1}, {}};
  auto message = refusal([&] {
    b.call("aten.view.default", {b.tensor(transposed), b.list({n * Expr(2), t, 4})},
           {"self", "size"});
  });
  CHECK(message.starts_with(
      "TX1008 view size is not compatible with input tensor's size and stride"));
  CHECK(b.guards().empty());
}

TEST_CASE("a slice with a bound that depends on data has a size of its own") {
  Bench b;
  Expr n = b.symbol(6), u = b.env.create_unbacked();
  auto slice = [&](Argument start, Argument end) {
    auto type = b.call("aten.slice.Tensor", {b.tensor({n, 3}), int64_t{0}, start, end, int64_t{1}},
                       {"self", "dim", "start", "end", "step"});
    return sizes(type)[0];
  };
  const Expr first = slice(Argument(), b.integer(u)), rest = slice(b.integer(u), Argument());
  CHECK(b.env.is_unbacked(first));
  CHECK(b.env.is_unbacked(rest));
  CHECK(first != rest);
  CHECK(b.range(first).min == 0);
  // Where ranges decide, it is known.
  Expr small = b.env.create_unbacked({0, 2});
  CHECK(slice(Argument(), b.integer(small)) == small);
  CHECK(b.guards().empty());
}

TEST_CASE("chunks of a strided dimension fill it, as in the example") {
  Bench b;
  Expr n = b.symbol(2), t = b.symbol(8), chunks = symbolic::floor_div(t, 4);
  TensorType transposed{DType::F32, {n, t, 3}, {3, n * Expr(3), 1}, {}};
  auto chunked = b.call("aten.view.default", {b.tensor(transposed), b.list({n, chunks, 4, 3})},
                        {"self", "size"});
  CHECK(sizes(chunked) == std::vector<Expr>{n, chunks, 4, 3});
  CHECK(chunked.tensor()->strides == std::vector<Expr>{3, n * Expr(12), n * Expr(3), 1});
  // What is left over would not be seen: the sizes that leave nothing are guarded.
  CHECK(b.env.statically_known(symbolic::eq(chunks * Expr(4), t)) == true);
}

TEST_CASE("a convolution with padding keeps its sizes, one without needs them large enough") {
  Bench b;
  Expr n = b.symbol(2), h = b.symbol(16), w = b.symbol(16);
  auto run = [&](int64_t stride, int64_t padding) {
    return sizes(b.call(
        "aten.convolution.default",
        {b.tensor({n, 3, h, w}), b.tensor({8, 3, 3, 3}), Argument(), b.list({stride, stride}),
         b.list({padding, padding}), b.list({1, 1}), false, b.list({0, 0}), int64_t{1}},
        {"input", "weight", "bias", "stride", "padding", "dilation", "transposed", "output_padding",
         "groups"}));
  };
  CHECK(run(1, 1) == std::vector<Expr>{n, 8, h, w});
  CHECK(b.range(h).min == 2);
  CHECK(run(2, 0) == std::vector<Expr>{n, 8, symbolic::floor_div(h - 3, 2) + 1,
                                       symbolic::floor_div(w - 3, 2) + 1});
  CHECK(b.range(h).min == 3);
  CHECK(b.range(w).min == 3);
  CHECK(b.guards().empty());
}

TEST_CASE("the number of pieces of a split is part of the program") {
  Bench b;
  Expr n = b.symbol(8), m = b.symbol(4);
  auto pieces = b.call("aten.split.Tensor", {b.tensor({n, 4}), int64_t{3}, int64_t{0}},
                       {"self", "split_size", "dim"});
  CHECK(pieces.tuple()->elements.size() == 3);
  CHECK(sizes(pieces.tuple()->elements[2])[0] == n - 6);
  CHECK(b.range(n).min >= 6);
  auto rows = b.call("aten.unbind.int", {b.tensor({m, 4}), int64_t{0}}, {"self", "dim"});
  CHECK(rows.tuple()->elements.size() == 4);
  CHECK(b.env.simplify(m) == Expr(4));
}

TEST_CASE("cat adds sizes and makes the others equal") {
  Bench b;
  Expr n = b.symbol(4), m = b.symbol(4), w = b.symbol(8), v = b.symbol(8);
  ir::ListArg tensors;
  tensors.items = {b.tensor({n, w}), b.tensor({m, v}), b.tensor({0})};
  auto type = b.call("aten.cat.default", {tensors, int64_t{0}}, {"tensors", "dim"});
  CHECK(sizes(type)[0] == n + m);
  CHECK(b.env.simplify(w) == b.env.simplify(v));
  CHECK(b.env.simplify(n) != b.env.simplify(m));
}

TEST_CASE("topk and pooling of symbolic sizes") {
  Bench b;
  Expr n = b.symbol(5), h = b.symbol(8);
  b.call("aten.topk.default", {b.tensor({2, n}), int64_t{3}, int64_t{-1}, true, true},
         {"self", "k", "dim", "largest", "sorted"});
  CHECK(b.range(n).min == 3);
  auto pooled = b.call(
      "aten.max_pool2d_with_indices.default",
      {b.tensor({1, 2, h, h}), b.list({2, 2}), b.list({}), b.list({0, 0}), b.list({1, 1}), false},
      {"self", "kernel_size", "stride", "padding", "dilation", "ceil_mode"});
  CHECK(sizes(pooled.tuple()->elements[0])[2] == symbolic::floor_div(h, 2));
  CHECK(b.range(h).min == 2);
  CHECK(b.guards().empty());
}

TEST_CASE("normalisations and attention ask nothing") {
  Bench b;
  Expr n = b.symbol(2), t = b.symbol(9);
  auto x = b.tensor({n, t, 8});
  b.call("aten.native_layer_norm.default", {x, b.list({8}), b.tensor({8}), b.tensor({8}), 1e-5},
         {"input", "normalized_shape", "weight", "bias", "eps"});
  b.call("aten._softmax.default", {x, int64_t{-1}, false}, {"self", "dim", "half_to_float"});
  b.call("aten.mean.dim", {x, b.list({1}), false, Argument()}, {"self", "dim", "keepdim", "dtype"});
  auto q = b.tensor({n, 2, t, 4});
  b.call("aten._scaled_dot_product_flash_attention_for_cpu.default",
         {q, q, q, 0.0, false, Argument(), Argument()},
         {"query", "key", "value", "dropout_p", "is_causal", "attn_mask", "scale"});
  CHECK(b.guards().empty());
  CHECK(b.range(n).min == 2);
  CHECK(b.range(t).min == 2);
}

TEST_CASE("the fast path of multi-head attention") {
  Bench b;
  Expr n = b.symbol(3), t = b.symbol(5);
  auto x = b.tensor({n, t, 8});
  auto source = b.tensor({n, 7, 8});
  auto run = [&](bool weights, bool averaged) {
    return b.call("aten._native_multi_head_attention.default",
                  {x, source, int64_t{2}, weights, averaged},
                  {"query", "key", "num_head", "need_weights", "average_attn_weights"});
  };
  CHECK(sizes(run(true, true).tuple()->elements[1]) == std::vector<Expr>{n, t, 7});
  CHECK(sizes(run(true, false).tuple()->elements[1]) == std::vector<Expr>{n, 2, t, 7});
  CHECK(run(false, true).tuple()->elements[1] == ir::Type());
  CHECK(sizes(run(false, true).tuple()->elements[0]) == std::vector<Expr>{n, t, 8});
}

TEST_CASE("sizes from scale factors") {
  Bench b;
  Expr h = b.symbol(8);
  ir::ListArg twice, half_more;
  twice.items = {2.0, 2.0};
  half_more.items = {1.5, 1.5};
  auto run = [&](const ir::ListArg& factors, const Expr& size) {
    return sizes(b.call("aten.upsample_nearest2d.vec",
                        {b.tensor({1, 3, size, 4}), Argument(), factors},
                        {"input", "output_size", "scale_factors"}));
  };
  CHECK(run(twice, h) == std::vector<Expr>{1, 3, h * Expr(2), 8});
  CHECK(run(half_more, 7) == std::vector<Expr>{1, 3, 10, 6});
  auto scaled = run(half_more, h)[2];
  CHECK(at(scaled, {{h.name(), 9}}) == Expr(13));
  CHECK(b.guards().empty());
}

TEST_CASE("constant sizes record nothing") {
  Bench b;
  b.call("aten.mm.default", {b.tensor({2, 3}), b.tensor({3, 4})}, {"self", "mat2"});
  b.call("aten.view.default", {b.tensor({2, 3}), b.list({-1, 2})}, {"self", "size"});
  b.call("aten.split.Tensor", {b.tensor({7, 4}), int64_t{3}, int64_t{0}},
         {"self", "split_size", "dim"});
  CHECK(b.guards().empty());
}

TEST_CASE("wrong sizes are the model's own errors, in torch's words") {
  Bench b;
  CHECK(refusal([&] {
          b.call("aten.mm.default", {b.tensor({8, 100}), b.tensor({10, 10})}, {"self", "mat2"});
        }) == "TX1008 mat1 and mat2 shapes cannot be multiplied (8x100 and 10x10)");
  CHECK(refusal([&] {
          b.call("aten.add.Tensor", {b.tensor({2, 4}), b.tensor({2, 3}), int64_t{1}},
                 {"self", "other", "alpha"});
        }) ==
        "TX1008 The size of tensor a (4) must match the size of tensor b (3) at non-singleton "
        "dimension 1");
  CHECK(refusal([&] {
          b.call("aten.view.default", {b.tensor({9}), b.list({2, 4})}, {"self", "size"});
        }) == "TX1008 shape '[2, 4]' is invalid for input of size 9");
  CHECK(refusal([&] {
          b.call("aten.select.int", {b.tensor({4, 3}), int64_t{0}, int64_t{5}},
                 {"self", "dim", "index"});
        }) == "TX1008 select(): index 5 out of range for tensor of size [4, 3] at dimension 0");
  ir::ListArg tensors;
  tensors.items = {b.tensor({2, 4}), b.tensor({2, 5})};
  CHECK(refusal([&] { b.call("aten.cat.default", {tensors, int64_t{0}}, {"tensors", "dim"}); }) ==
        "TX1008 Sizes of tensors must match except in dimension 0. Expected size 4 but got size 5 "
        "for tensor number 1 "
        "in the list.");
  CHECK(refusal([&] {
          b.call("aten.unsqueeze.default", {b.tensor({2}), int64_t{3}}, {"self", "dim"});
        }) == "TX1008 Dimension out of range (expected to be in range of [-2, 1], but got 3)");
}

TEST_CASE("plain numbers take part in promotion below tensors") {
  Bench b;
  auto dtype = [&](std::string_view op, DType tensor, Argument number) {
    return b.call(op, {b.tensor({2}, tensor), number, int64_t{1}}, {"self", "other", "alpha"})
        .tensor()
        ->dtype;
  };
  CHECK(dtype("aten.add.Tensor", DType::F16, 1.5) == DType::F16);
  CHECK(dtype("aten.add.Tensor", DType::I64, 1.5) == DType::F32);
  CHECK(dtype("aten.add.Tensor", DType::U8, int64_t{3}) == DType::U8);
  CHECK(dtype("aten.add.Tensor", DType::Bool, int64_t{3}) == DType::I64);
  CHECK(dtype("aten.add.Tensor", DType::F64, std::complex<double>(0, 1)) == DType::C128);
}

TEST_CASE("a rule that asks for an argument its operator lacks says so") {
  Bench b;
  CHECK(refusal([&] {
          b.call("aten.mm.default", {b.tensor({2, 2}), int64_t{1}}, {"self", "mat2"});
        }) == "TX3002 the shape rule of aten.mm.default expects a tensor as argument 'mat2'");
}

}  // namespace tx::shapes::test
