"""`cond` with several operands and a predicate on a dynamic dimension."""
from _support import case, torch

case(tags=["torch.cond", "torch.dynamic-shape"], inputs=(torch.randn(3, 2), torch.randn(2)),
     options=["--control-flow", "capture=all", "--dynamic", "x:0=dim0_x"], form="`if`")


class Model(torch.nn.Module):
    def forward(self, x, y):
        if x.shape[0] > 2:
            return x + y
        return x - y
