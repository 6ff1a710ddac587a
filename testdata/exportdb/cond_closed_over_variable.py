"""`cond` whose branches close over a variable; the predicate is an argument."""
from _support import case, torch

case(tags=["python.closure", "torch.cond"], inputs=(torch.tensor(True), torch.randn(3, 2)),
     options=["--control-flow", "capture"], form="`if bool(pred)`")


class Model(torch.nn.Module):
    def forward(self, pred, x):
        value = x + 1
        if bool(pred):
            return value * 2
        return value - 2
