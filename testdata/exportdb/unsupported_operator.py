"""The smaller of a dimension and a constant."""
from _support import case, torch

case(tags=["torch.operator"], inputs=(torch.randn(3, 2),), form="`min`")


class Model(torch.nn.Module):
    def forward(self, x):
        return x.sum() + min(x.size(0), 100)
