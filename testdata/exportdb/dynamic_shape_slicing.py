"""Slices whose ends and step are computed from sizes."""
from _support import case, torch

case(tags=["torch.dynamic-shape"], inputs=(torch.randn(3, 2),), form="as written")


class Model(torch.nn.Module):
    def forward(self, x):
        return x[: x.shape[0] - 2, x.shape[1] - 1 :: 2]
