"""Models with sizes that depend on data."""
import torch


class Nonzero(torch.nn.Module):
    def forward(self, x):
        return torch.nonzero(x)


class MaskedLinear(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = torch.nn.Linear(3, 2)

    def forward(self, x):
        kept = x[x[:, 0] > 0]
        return torch.softmax(self.linear(kept), -1), kept.sum(0)


class ItemAsSize(torch.nn.Module):
    def forward(self, x, n):
        k = int(n.max())
        return x.new_ones([k + 1, 2 * k]), k


class SliceByItem(torch.nn.Module):
    def forward(self, x, n):
        return x[: int(n)] * 2


class DecidesOnSize(torch.nn.Module):
    def forward(self, x):
        y = x[x > 0]
        if y.shape[0] > 2:
            return y * 2
        return y
