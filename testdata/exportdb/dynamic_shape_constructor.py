"""A new tensor whose size comes from an input."""
from _support import case, torch

case(tags=["torch.dynamic-shape"], inputs=(torch.randn(3, 2),), form="as written")


class Model(torch.nn.Module):
    def forward(self, x):
        return torch.zeros(x.shape[0] * 2)
