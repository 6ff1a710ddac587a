"""A dict that is built, updated and returned."""
from typing import Dict

from _support import case, torch

case(tags=["python.data-structure"], inputs=(torch.randn(3, 2), torch.tensor(4)), form="as written")


class Model(torch.nn.Module):
    def forward(self, x, y):
        elements: Dict[str, torch.Tensor] = {}
        elements["x2"] = x * x
        y = y * elements["x2"]
        elements["y"] = y
        return elements
