// Writes a TorchScript archive of the size of BERT-base: 12 layers, 768 wide, 12 heads, 3072 inside,
// a vocabulary of 30522. Its 109 million weights are views of one storage, so the file has a quarter
// of their bytes; for a capture only sizes and strides count.
#include <ATen/ops/arange.h>
#include <ATen/ops/rand.h>
#include <torch/csrc/jit/api/module.h>

#include <cstdio>
#include <string>

namespace {

using torch::jit::Module;

constexpr int64_t kWidth = 768, kInside = 3072, kVocabulary = 30522, kPositions = 512;
constexpr int64_t kMaxWeights = 256;
constexpr int kLayers = 12;

class Builder {
 public:
  Builder() : values_(at::rand({kVocabulary * kWidth + kMaxWeights}).sub_(0.5).mul_(0.04)) {}

  Module model() {
    Module bert("BertBase");
    weight(bert, "words", {kVocabulary, kWidth});
    weight(bert, "positions", {kPositions, kWidth});
    weight(bert, "types", {2, kWidth});
    norm(bert, "norm");
    bert.register_buffer("position_ids", at::arange(kPositions).unsqueeze(0));
    std::string calls;
    for (int i = 0; i < kLayers; ++i) {
      bert.register_module("layer" + std::to_string(i), layer());
      calls += "    x = self.layer" + std::to_string(i) + ".forward(x, mask)\n";
    }
    linear(bert, "pooler", kWidth, kWidth);
    bert.define(R"(
def forward(self, ids: Tensor, attention_mask: Tensor):
    positions = torch.slice(self.position_ids, 1, 0, ids.size(1))
    x = torch.embedding(self.words, ids, 0) + torch.embedding(self.types, torch.zeros_like(ids))
    x = x + torch.embedding(self.positions, positions)
    x = torch.layer_norm(x, [768], self.norm_weight, self.norm_bias, 1e-12)
    mask = (1.0 - attention_mask.unsqueeze(1).unsqueeze(2).to(6)) * -10000.0
)" + calls + R"(
    pooled = torch.tanh(torch.linear(torch.select(x, 1, 0), self.pooler_weight, self.pooler_bias))
    return x, pooled
)");
    return bert;
  }

 private:
  Module layer() {
    Module layer("BertLayer");
    for (const char* name : {"query", "key", "value", "out"}) linear(layer, name, kWidth, kWidth);
    linear(layer, "wide", kInside, kWidth);
    linear(layer, "narrow", kWidth, kInside);
    norm(layer, "norm1");
    norm(layer, "norm2");
    layer.define(R"(
def heads(self, x: Tensor):
    return x.view([x.size(0), x.size(1), 12, 64]).transpose(1, 2)

def forward(self, x: Tensor, mask: Tensor):
    q = self.heads(torch.linear(x, self.query_weight, self.query_bias))
    k = self.heads(torch.linear(x, self.key_weight, self.key_bias))
    v = self.heads(torch.linear(x, self.value_weight, self.value_bias))
    scores = torch.matmul(q, k.transpose(-1, -2)) / 8.0 + mask
    mixed = torch.matmul(torch.dropout(torch.softmax(scores, -1), 0.1, False), v)
    mixed = mixed.transpose(1, 2).contiguous().view([x.size(0), x.size(1), 768])
    mixed = torch.dropout(torch.linear(mixed, self.out_weight, self.out_bias), 0.1, False)
    x = torch.layer_norm(mixed + x, [768], self.norm1_weight, self.norm1_bias, 1e-12)
    inside = torch.gelu(torch.linear(x, self.wide_weight, self.wide_bias))
    inside = torch.dropout(torch.linear(inside, self.narrow_weight, self.narrow_bias), 0.1, False)
    return torch.layer_norm(inside + x, [768], self.norm2_weight, self.norm2_bias, 1e-12)
)");
    return layer;
  }

  // No two begin at the same element: they would be one weight that is used twice.
  void weight(Module& module, const std::string& name, at::IntArrayRef sizes) {
    const at::Tensor values = values_.narrow(0, count_++, c10::multiply_integers(sizes)).view(sizes);
    module.register_parameter(name, values, /*is_buffer=*/false);
  }
  void linear(Module& module, const std::string& name, int64_t out, int64_t in) {
    weight(module, name + "_weight", {out, in});
    weight(module, name + "_bias", {out});
  }
  void norm(Module& module, const std::string& name) {
    weight(module, name + "_weight", {kWidth});
    weight(module, name + "_bias", {kWidth});
  }

  at::Tensor values_;
  int64_t count_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: bert_base MODEL.pt\n");
    return 2;
  }
  Module model = Builder().model();
  model.eval();
  model.save(argv[1]);
}
