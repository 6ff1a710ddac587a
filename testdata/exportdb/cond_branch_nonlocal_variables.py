"""`cond` to which outer values are passed as operands."""
from _support import case, torch

case(tags=["torch.cond", "torch.dynamic-shape"], inputs=(torch.randn(6),), form="`if`")


class Model(torch.nn.Module):
    def forward(self, x):
        offset = x + 100
        number = 1
        if x.shape[0] > 5:
            return x + offset + number
        return x - offset - number
