"""`cond` whose branches are nested functions."""
from _support import case, torch

case(tags=["torch.cond", "torch.dynamic-shape"], inputs=(torch.randn(3),), form="`if`")


class Model(torch.nn.Module):
    def forward(self, x):
        if x.shape[0] < 10:
            return x + x
        return x - x
