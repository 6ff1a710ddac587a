"""Layers as models are made of: weights, buffers, attention, recurrence."""
from typing import Optional, Tuple

import torch
import torch.nn.functional as F


class ConvBatchNorm(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = torch.nn.Conv2d(3, 8, 3, stride=2, padding=1)
        self.bn = torch.nn.BatchNorm2d(8)
        self.pool = torch.nn.AdaptiveAvgPool2d(1)

    def forward(self, x):
        x = F.relu(self.bn(self.conv(x)))
        return torch.flatten(self.pool(x), 1)


class TiedWeights(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = torch.nn.Embedding(20, 8)
        self.head = torch.nn.Linear(8, 20, bias=False)
        self.head.weight = self.embed.weight

    def forward(self, tokens):
        return self.head(torch.tanh(self.embed(tokens)))


class Tagger(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = torch.nn.LSTM(6, 5, num_layers=2, batch_first=True, bidirectional=True)
        self.out = torch.nn.Linear(10, 3)

    def forward(self, x):
        y, state = self.lstm(x)
        return self.out(y), state[0]


class Gru(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = torch.nn.GRU(4, 6)

    def forward(self, x, h0: Optional[torch.Tensor] = None):
        y, hn = self.gru(x, h0)
        return y[-1] + hn[0]


class Attention(torch.nn.Module):
    def __init__(self, dim: int, heads: int):
        super().__init__()
        self.heads = heads
        self.qkv = torch.nn.Linear(dim, 3 * dim)
        self.proj = torch.nn.Linear(dim, dim)

    def forward(self, x, mask: Optional[torch.Tensor] = None):
        b, n, c = x.shape
        qkv = self.qkv(x).reshape(b, n, 3, self.heads, c // self.heads).permute(2, 0, 3, 1, 4)
        q, k, v = qkv.unbind(0)
        y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        return self.proj(y.transpose(1, 2).reshape(b, n, c))


class Block(torch.nn.Module):
    def __init__(self, dim: int, heads: int):
        super().__init__()
        self.norm1 = torch.nn.LayerNorm(dim)
        self.attn = Attention(dim, heads)
        self.norm2 = torch.nn.LayerNorm(dim)
        self.mlp = torch.nn.Sequential(torch.nn.Linear(dim, 2 * dim), torch.nn.GELU(),
                                       torch.nn.Dropout(0.1), torch.nn.Linear(2 * dim, dim))

    def forward(self, x, mask: Optional[torch.Tensor] = None):
        x = x + self.attn(self.norm1(x), mask)
        return x + self.mlp(self.norm2(x))


class Transformer(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = torch.nn.Embedding(50, 16)
        self.position = torch.nn.Parameter(torch.randn(32, 16) * 0.1)
        self.blocks = torch.nn.ModuleList([Block(16, 4) for _ in range(2)])
        self.norm = torch.nn.LayerNorm(16)
        self.head = torch.nn.Linear(16, 50)

    def forward(self, tokens, mask: Optional[torch.Tensor] = None):
        x = self.embed(tokens) + self.position[: tokens.size(1)]
        for block in self.blocks:
            x = block(x, mask)
        return self.head(self.norm(x))


class Upsample(torch.nn.Module):
    def forward(self, x):
        y = F.interpolate(x, scale_factor=2.0, mode="nearest")
        h, w = y.shape[-2:]
        return F.interpolate(y, size=(h + 1, w + 1), mode="bilinear", align_corners=False)


class Counter(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("steps", torch.zeros(1))
        self.register_buffer("average", torch.ones(3))

    def forward(self, x):
        self.steps.add_(1)
        self.average = 0.9 * self.average + 0.1 * x.mean(0)
        return x * self.steps + self.average


class TrainingBatchNorm(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.bn = torch.nn.BatchNorm1d(4)

    def forward(self, x):
        return self.bn(x)


class InplaceViews(torch.nn.Module):
    def forward(self, x):
        y = x.clone()
        y[:, 0] = 5.0
        y[1:, 1:].mul_(2.0)
        y.t().add_(1.0)
        z = y.view(-1)
        z[3:6].fill_(0.25)
        return y, z.sum(), y.unsqueeze(0).squeeze_()


class UnusedWeights(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.used = torch.nn.Linear(3, 3)
        self.unused = torch.nn.Linear(3, 7)
        self.register_buffer("ballast", torch.arange(5))

    def forward(self, x):
        return self.used(x)


class Mixed(torch.nn.Module):
    """Several dtypes, a constant made in forward, integer and boolean arithmetic."""

    def forward(self, x, index, flag):
        scale = torch.tensor([0.5, 2.0, 1.0])
        y = torch.where(flag, x.double() * 2, x.double()).to(torch.float32) * scale
        return y[index], (index + 1) // 2, flag.logical_not(), y.to(torch.bfloat16)


class TracedShapes(torch.nn.Module):
    """Written so that a trace holds arithmetic on sizes as tensors."""

    def forward(self, x):
        b, t, c = x.shape
        y = x.view(b * t, c // 2, 2).transpose(0, 1)
        y = y.reshape(c // 2, b, t * 2).mean(-1)
        ramp = torch.arange(t, device=x.device)
        return y.new_zeros(b, t) + ramp + y.sum(0).unsqueeze(1)


class TracedMany(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.first = torch.nn.Linear(4, 8)
        self.second = torch.nn.Sequential(torch.nn.ReLU(), torch.nn.Linear(8, 2))

    def forward(self, x, y) -> Tuple[torch.Tensor, torch.Tensor]:
        z = self.second(self.first(x))
        return z.softmax(-1), z.chunk(2, dim=-1)[0] + y


class Frozen(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = 3
        self.lin = torch.nn.Linear(4, 4)

    def forward(self, x):
        if self.scale > 2:
            x = x * self.scale
        return self.lin(x)


class SparseBlock(torch.nn.Module):
    def forward(self, x):
        return x.to_sparse().to_dense() + 1


class TracedSparse(torch.nn.Module):
    """A trace with an operation that no graph has, in two submodules."""

    def __init__(self):
        super().__init__()
        self.blocks = torch.nn.Sequential(SparseBlock(), torch.nn.Sequential(SparseBlock()))

    def forward(self, x):
        return self.blocks(x)
