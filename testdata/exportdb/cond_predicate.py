"""A predicate made of a test of the rank and a test of a dimension."""
from _support import case, torch

case(tags=["torch.cond", "torch.dynamic-shape"], inputs=(torch.randn(6, 4, 3),), form="`if`")


class Model(torch.nn.Module):
    def forward(self, x):
        if x.dim() > 2 and x.shape[2] > 10:
            return x.cos()
        return x.sin()
