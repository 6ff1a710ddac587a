"""`map` over the first dimension."""
from typing import List

from _support import case, torch

case(tags=["torch.dynamic-shape", "torch.map"], inputs=(torch.randn(3, 2), torch.randn(2)),
     form="a `for` over the rows, and `torch.stack`")


class Model(torch.nn.Module):
    def forward(self, xs, y):
        rows: List[torch.Tensor] = []
        for i in range(xs.shape[0]):
            rows.append(xs[i] + y)
        return torch.stack(rows)
