"""`round()` of a dynamic dimension as the end of a slice."""
from _support import case, torch

case(tags=["python.builtin", "torch.dynamic-shape"], level="NOT_SUPPORTED_YET",
     inputs=(torch.randn(3, 2),), options=["--dynamic", "x:0=dim0_x"], form="`int(round(...))`")


class Model(torch.nn.Module):
    def forward(self, x):
        return x[: int(round(x.shape[0] / 2))]
